"""The provinces of Vietnam: the 63 (to 30 June 2025), the 34 (since 1 July 2025), and the way between.

A code alone says nothing: "80" was Long An and is Tây Ninh. Hence a code always travels with its scheme.
The codes are the two digits of the official list; the tables `data/provinces_34.csv`,
`data/provinces_63_to_34.csv` and `data/province_aliases.csv` are UTF-8 CSV with a header.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, cast

from pipelines.article import KhotinError

Scheme = Literal[34, 63]
SCHEMES: tuple[Scheme, ...] = (34, 63)
MERGER = date(2025, 7, 1)
"""The first day of the 34 provinces."""


class UnknownProvince(KhotinError):
    """No province has this code in this scheme."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class ProvinceRow:
    """One province of one scheme."""

    code: str
    """Two digits, with the leading zero."""
    scheme: Scheme
    name: str
    """With its kind: "Tỉnh Phú Thọ"."""
    short_name: str
    valid_from: date | None
    """None where the tables do not say (all of the 63)."""
    valid_to: date | None
    """None while it stands; 2025-06-30 for those of the 63 that were merged, divided or enlarged."""
    successor: str
    """Code in the scheme of 34 of the province that holds its land now; its own code there."""
    formed_from: tuple[str, ...] = ()
    """Codes in the scheme of 63; empty for a province of that scheme."""
    history: str = ""


@dataclass(frozen=True, slots=True)
class Provinces:
    """Both schemes and the aliases."""

    rows: Mapping[tuple[Scheme, str], ProvinceRow]
    names: Mapping[Scheme, Mapping[str, str]]
    """Scheme -> folded name or alias -> code."""

    def __iter__(self) -> Iterator[ProvinceRow]:
        """All rows, the 34 first, each scheme in the order of its codes."""
        return iter(self.rows.values())

    def get(self, code: str, scheme: int) -> ProvinceRow:
        """The province with this code. Raises `UnknownProvince`."""
        row = self.rows.get((cast("Scheme", scheme), code))
        if row is None:
            msg = f"no province has the code {code!r} in the scheme of {scheme}; see data/provinces_*.csv"
            raise UnknownProvince(msg)
        return row

    def name(self, code: str, scheme: int) -> str:
        """Short name: ("25", 34) -> "Phú Thọ". Raises `UnknownProvince`."""
        return self.get(code, scheme).short_name

    def today(self, code: str, scheme: int) -> ProvinceRow:
        """The one of the 34 that holds this one's land: ("26", 63) -> Phú Thọ. Raises `UnknownProvince`."""
        return self.rows[34, self.get(code, scheme).successor]

    def find(self, text: str, scheme: int | None = None) -> ProvinceRow | None:
        """The province of this name or alias, whatever its marks, case, hyphens and "tỉnh"/"TP" in front.

        Without a scheme the 34 are asked first, then the 63: "Vinh Phuc" is found, as a province of the 63.
        A name that fits two provinces once the marks are gone is not guessed: None.
        """
        for asked in SCHEMES if scheme is None else (cast("Scheme", scheme),):
            for key in _keys(text):
                code = self.names[asked].get(key)
                if code:
                    return self.rows[asked, code]
        return None


def table_path(name: str) -> Path:
    """Where a table of `data/` lies: inside the installed package, else in the source tree beside it."""
    installed = Path(__file__).with_name("tables") / name
    return installed if installed.is_file() else Path(__file__).parents[1] / "data" / name


@cache
def load_provinces() -> Provinces:
    """The tables of this installation, read once."""
    rows: dict[tuple[Scheme, str], ProvinceRow] = {}
    for line in _lines("provinces_34.csv"):
        rows[34, line["code"]] = ProvinceRow(
            code=line["code"],
            scheme=34,
            name=line["name"],
            short_name=line["short_name"],
            valid_from=_day(line["valid_from"]),
            valid_to=None,
            successor=line["code"],
            formed_from=tuple(line["formed_from"].split("|")),
            history=line["history"],
        )
    for line in _lines("provinces_63_to_34.csv"):
        rows[63, line["old_code"]] = ProvinceRow(
            code=line["old_code"],
            scheme=63,
            name=line["old_name"],
            short_name=line["old_short"],
            valid_from=None,
            valid_to=_day(line["old_valid_to"]),
            successor=line["new_code"],
        )
    return Provinces(rows, {scheme: _names(rows, scheme) for scheme in SCHEMES})


def _names(rows: Mapping[tuple[Scheme, str], ProvinceRow], scheme: Scheme) -> dict[str, str]:
    found: dict[str, set[str]] = {}
    for (row_scheme, code), row in rows.items():
        if row_scheme == scheme:
            for name in (row.name, row.short_name):
                folded = _fold(name)
                for spelling in {folded, folded.replace(" ", "")}:  # "Hanoi" as in English
                    found.setdefault(spelling, set()).add(code)
    for line in _lines("province_aliases.csv"):
        # An alias without a code is a name from before the 63 ("Hà Tây"): no province of either scheme.
        if line["code"] and line["scheme"] in {str(scheme), "both"}:
            found.setdefault(_fold(line["alias"]), set()).add(line["code"])
    return {name: codes.pop() for name, codes in found.items() if len(codes) == 1}


def _keys(text: str) -> Iterator[str]:
    folded = _fold(text)
    yield folded
    # "Tỉnh uỷ" is an office, not a province: only a whole word in front goes.
    yield re.sub(r"^(?:tinh|thanh pho|tp) (?=\w)", "", folded)


def _fold(text: str) -> str:
    """Lower case, no marks, đ -> d, other signs a blank: "TP. Hồ Chí Minh" -> "tp ho chi minh"."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", bare.replace("đ", "d")).strip()


def _lines(name: str) -> list[dict[str, str]]:
    with table_path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
