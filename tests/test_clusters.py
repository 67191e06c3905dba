"""The same story on several sites."""

import random
from array import array
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storing import NOW, T0, full_page, new_store, rows, save

from pipelines.publish import publish
from pipelines.publish.clusters import BANDS, ROWS, find_clusters, shingles, signature, similarity

SYLLABLES = (  # noqa: SIM905  # a list of words is easier to read as a line
    "đảng chi bộ xã phường hội nghị bàn việc công tác cán kiểm tra sinh hoạt nhân dân thôn bản xây dựng mới "
    "đồng chí bí thư trưởng tổ kế hoạch tháng năm quý thực hiện nghị quyết chương trình đề án phong trào"
).split()


def story(number: int, words: int = 220) -> str:
    """An invented text of its own."""
    chosen = random.Random(number)  # noqa: S311  # the same text for the same number
    return " ".join(chosen.choice(SYLLABLES) for _ in range(words))


def packed(*texts: str) -> array:
    found = array("H")
    for text in texts:
        numbers = signature(text)
        assert numbers is not None
        found.extend(numbers)
    return found


def test_spelling_marks_case_and_punctuation_are_not_compared():
    text = story(1)
    other = "Hoà giải: " + text.upper().replace(" ", ", ") + "!"
    assert signature("hòa giải " + text) == signature(other.replace("Hoà", "Hòa"))
    assert shingles("hòa giải " + text) == shingles(other)


def test_a_text_too_short_to_compare_has_no_signature():
    assert signature("Thông báo nghỉ lễ Quốc khánh năm nay") is None
    assert signature("") is None


def test_the_estimate_is_near_the_share_of_common_runs():
    one = story(2, 600)
    for cut in (0, 60, 150, 300):
        other = " ".join([*one.split()[cut:], *story(3, cut).split()])
        a, b = shingles(one), shingles(other)
        assert abs(similarity(signature(one), signature(other)) - len(a & b) / len(a | b)) < 0.2


def test_copies_meet_and_other_stories_do_not():
    first, other = story(4), story(5)
    copy = "Bản tin của trang. " + first.rsplit(" ", 12)[0]
    assert find_clusters(packed(first, other, copy, first)) == {
        2: (0, pytest.approx(0.9, abs=0.1)),
        3: (0, 1.0),
    }


@given(st.lists(st.integers(0, 6), min_size=2, max_size=12))
def test_each_article_is_with_the_first_that_has_its_text(numbers):
    found = find_clusters(packed(*(story(10 + number) for number in numbers)))
    assert found == {
        place: (numbers.index(number), 1.0) for place, number in enumerate(numbers) if numbers.index(number) != place
    }


def test_no_chain_of_small_changes_joins_two_stories():
    # Each text is near the one before it; the last has nothing in common with the first.
    start, end = story(30, 400).split(), story(31, 400).split()
    chain = [" ".join(end[:cut] + start[cut:]) for cut in range(0, 401, 60)]
    found = find_clusters(packed(*chain))
    sizes = {place: first for place, (first, _) in found.items()}
    assert all(similarity(signature(chain[place]), signature(chain[first])) >= 0.6 for place, first in sizes.items())
    assert sizes.get(len(chain) - 1) != 0


def test_a_signature_has_the_length_that_the_bands_need():
    assert len(signature(story(6))) == BANDS * ROWS
    assert all(a != b for a, b in combinations([tuple(signature(story(n))) for n in range(20)], 2))


def test_publishing_notes_stories_of_several_sites_only(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    shared_story, own_story = story(40), story(41)
    with new_store(archive) as store:
        save(store, full_page("a", shared_story, day="2026-01-03"), T0)
        save(store, full_page("b", shared_story + " thêm một câu", site="ha-giang", day="2026-01-01"), T0,
             site="ha-giang")  # fmt: skip
        save(store, full_page("c", own_story, day="2026-01-02"), T0)
        save(store, full_page("d", own_story, day="2026-01-04"), T0)
        save(store, full_page("e", story(42), day="2026-01-05"), T0)
    report = publish(archive, tmp_path / "public.db", now=NOW)
    found = rows(
        tmp_path / "public.db",
        "SELECT substr(a.canonical_url, -1) AS page, a.site, c.cluster FROM clusters c"
        " JOIN articles a ON a.id = c.article_id ORDER BY a.id",
    )
    assert found == [
        {"page": "b", "site": "ha-giang", "cluster": 1},
        {"page": "a", "site": "thu-do", "cluster": 1},
    ]
    assert report.rows["clusters"] == 2
