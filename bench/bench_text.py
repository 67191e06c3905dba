"""Speed of the text steps, as ratios to what one would use instead: python bench/bench_text.py [PAGE.html …]

Text is made from the project's own words; pages given on the command line are decoded as well. Each step is
timed five times in turn with its peers and its fastest run counts; MB are of UTF-8.
"""

from __future__ import annotations

import random
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import ftfy

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pipelines.decode import decode
from pipelines.text import clean, fold, language, normalise, syllable_validity, text_flags

WORDS = (
    "Đảng ủy xã tổ chức kết nạp đảng viên mới tại bản biên giới chiều Thường trực Huyện làm việc với các "
    "chi bộ về công tác "
    "phát triển những kết quả nổi bật trong kiểm tra giám sát quý hội nghị được đánh giá cao hoà uỷ khoẻ "
    "Nguyễn Trần Lê và "
    "của cho nhân dân đồng chí Bí thư lãnh đạo cơ sở 2019 12/3 UBND internet"
)
ROUNDS = 5


def articles(count: int) -> list[str]:
    """Texts of about 3 kB: 12 paragraphs of 50 words."""
    chance = random.Random(7)  # noqa: S311 - the same text in every run
    words = WORDS.split()
    return ["\n".join(" ".join(chance.choices(words, k=50)) + "." for _ in range(12)) for _ in range(count)]


def fastest(steps: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of the fastest run of each step; the steps take turns."""
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(ROUNDS):
        for name, step in steps.items():
            start = time.perf_counter()
            step()
            best[name] = min(best[name], time.perf_counter() - start)
    return best


def table(title: str, megabytes: float, base: str, steps: dict[str, Callable[[], object]]) -> None:
    """Print MB/s and the time as a multiple of the base step's."""
    times = fastest(steps)
    print(f"\n{title} ({megabytes:.2f} MB)")
    for name, seconds in times.items():
        print(f"  {name:34} {megabytes / seconds:8.1f} MB/s   x {seconds / times[base]:.2f}")


def strip_marks(text: str) -> str:
    """What is mostly written for `fold`."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return bare.replace("đ", "d")


def main(paths: list[str]) -> None:
    """Print the tables."""
    texts = articles(300)
    decomposed = [unicodedata.normalize("NFD", text) for text in texts]
    size = sum(len(text.encode()) for text in texts) / 1e6

    def over(step: Callable[[str], object], among: list[str] = texts) -> Callable[[], object]:
        return lambda: [step(text) for text in among]

    table(
        "stored text",
        size,
        "NFC + split/join",
        {
            "NFC + split/join": over(lambda text: " ".join(unicodedata.normalize("NFC", text).split())),
            "clean": over(clean),
            "clean, decomposed input": over(clean, decomposed),
            "normalise": over(normalise),
            "ftfy.fix_encoding": over(ftfy.fix_encoding),
            "ftfy.fix_text": over(ftfy.fix_text),
        },
    )
    table(
        "search forms and judgements",
        size,
        "NFD without marks",
        {
            "NFD without marks": over(strip_marks),
            "fold": over(fold),
            "syllable_validity": over(syllable_validity),
            "language": over(language),
            "text_flags": over(text_flags),
        },
    )
    pages = [Path(path).read_bytes() for path in paths] or [
        ("<html><meta charset=utf-8>" + "<p class='text' style='margin:0'>".join(texts[i : i + 20])).encode()
        for i in range(0, 100, 20)
    ]
    table(
        f"{len(pages)} pages",
        sum(map(len, pages)) / 1e6,
        "bytes.decode",
        {
            "bytes.decode": lambda: [page.decode("utf-8", "replace") for page in pages],
            "decode": lambda: [decode(page) for page in pages],
        },
    )


if __name__ == "__main__":
    main(sys.argv[1:])
