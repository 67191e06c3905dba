"""Makes the bundled sample: `python data/sample/make_sample.py [FOLDER]`.

Writes night-1/, night-2/ and expected.json into the folder (default: the one this file is in). The same
texts always give the same bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from make import nights, warcs  # noqa: E402  (the package beside this file)
from make.expected import expected  # noqa: E402
from make.plan import plans  # noqa: E402

MINUTES_BETWEEN_SITES = 7


def make(folder: Path) -> None:
    """Writes the whole sample into a folder, which is made where it is missing."""
    sites = plans()
    exchanges = {
        (plan.layout.id, night): nights.exchanges(plan, night, number * MINUTES_BETWEEN_SITES)
        for number, plan in enumerate(sites)
        for night in nights.STARTS
    }
    for (site, night), found in exchanges.items():
        title = f"Sample of khotin: {site}, night {night}. All texts are made up."
        warcs.write(folder / f"night-{night}" / f"{site}.warc.gz", found, title=title)
    truth = json.dumps(expected(sites, exchanges), ensure_ascii=False, indent=1)
    (folder / "expected.json").write_text(truth + "\n", encoding="utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
