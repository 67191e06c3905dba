"""metadata.yml: what every table and column means, in Vietnamese and English."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
SEPARATOR = " | "
"""Between the Vietnamese and the English text of a description."""


def metadata_file() -> Path:
    """Inside an installed package beside this module; in a checkout at its top level."""
    installed = HERE / "metadata.yml"
    return installed if installed.is_file() else HERE.parents[1] / "metadata.yml"


def load_metadata() -> dict[str, Any]:
    """metadata.yml as Datasette takes it. Each text is `tiếng Việt | English`."""
    loaded: dict[str, Any] = yaml.safe_load(metadata_file().read_text(encoding="utf-8"))
    return loaded


@cache
def described() -> dict[str, Any]:
    """The same, read once a process, for our own pages: reading takes 40 ms. Not to be changed."""
    return load_metadata()


def in_language(text: str, language: str) -> str:
    """One half of a bilingual text: `vi` the first, `en` the second; the whole if it has only one."""
    vietnamese, _, english = text.partition(SEPARATOR)
    return english if language == "en" and english else vietnamese
