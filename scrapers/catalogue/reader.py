"""A YAML card to a dataclass: every wrong thing in it told at once, each with its line.

The dataclass is the schema: its fields are the keys (but for those with the metadata `card: False`), their
types say what may stand there, a field without a default must be given. What types cannot say (a selector
compiles, a host is a host) stands in `scrapers.catalogue.checks`.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import re
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import yaml

T = TypeVar("T")
Place = tuple[str | int, ...]
"""Where in a card: ("sections", 1, "url")."""
Check = Callable[[Any], str]
"""Gives what was expected instead, or "" for a value that is right."""
Checks = Mapping[type, Mapping[str, Check]]
"""Dataclass -> field -> check of each single value in it."""

_FAILED: Any = object()
_KINDS = {
    "tag:yaml.org,2002:int": "the number",
    "tag:yaml.org,2002:float": "the number",
    "tag:yaml.org,2002:bool": "the truth value",
    "tag:yaml.org,2002:timestamp": "the date",
    "tag:yaml.org,2002:null": "nothing",
}

_BUT = re.compile(r"expected (?P<expected>.+?),? but (?:found|got) (?P<found>.+)")
_SYNTAX = (
    ("but found another document", "a second document", "one card a file, without a line ---"),
    ("could not find expected ':'", "a line without ': '", "key: value"),
    ("mapping values are not allowed", "': ' where no key stands", "quotes around a text with ': ' in it"),
    ("sequence entries are not allowed", "'- ' where no list can stand", "a list in lines of its own"),
)
"""Beginning of what the parser says, what was found, what was expected."""
_TOKENS = {
    "the node content": "a value",
    "'<stream end>'": "the end of the file",
    "'<document start>'": "a line ---",
    "<document start>": "the beginning of a card",
    "'<block mapping start>'": "a key that is set in further than the others",
    "'<block sequence start>'": "a list that is set in further",
    "'<block end>'": "a line that is set in less",
    "<block end>": "a line set in like the others",
    "'<scalar>'": "a text",
}
"""Names of the parser's tokens, in the order in which they are replaced."""


class Card:
    """One YAML file, and what is wrong with it."""

    def __init__(self, path: Path, checks: Checks) -> None:
        self.path = path
        self.checks = checks
        self.problems: list[tuple[int, str]] = []
        self.given: dict[str, Any] = {}
        """Keys of the card that were read and are right, even where the card as a whole is not."""
        self._lines: dict[Place, int] = {(): 1}

    def read(self, schema: type[T]) -> T | None:
        """The card as `schema`, or None where it has problems (see `told`)."""
        node = self._compose()
        value = self._value(node, schema, (), None) if node else None
        return None if self.problems else cast("T | None", value)

    def tell(self, place: Place, found: str, expected: str) -> None:
        """Note a problem. A place that is not in the file is told at the nearest one around it."""
        known = place
        while known not in self._lines:
            known = known[:-1]
        self._tell(self._lines[known], found, expected)

    @property
    def told(self) -> tuple[str, ...]:
        """All problems, by line: `scrapers/sites/x.yml:7: found X, expected Y`."""
        shown = _shown(self.path)
        return tuple(f"{shown}:{line}: {text}" for line, text in sorted(self.problems))

    def _tell(self, line: int, found: str, expected: str) -> None:
        self.problems.append((line, f"found {found}, expected {expected}"))

    def _compose(self) -> yaml.Node | None:
        data = self.path.read_bytes()
        try:
            text = data.decode("utf-8-sig")
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._tell(line, f"the byte 0x{data[error.start]:02X}", "text in UTF-8")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            self._tell(mark.line + 1 if mark else 1, *_syntax(str(error.problem)))
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            self._tell(line, f"the character U+{ord(text[error.position]):04X}", "printable text")
        else:
            if node is None:
                self._tell(1, "an empty file", "keys and values")
            return node
        return None

    def _value(self, node: yaml.Node, kind: Any, place: Place, check: Check | None) -> Any:
        """The node as `kind`, or `_FAILED` after telling why not."""
        self._lines[place] = node.start_mark.line + 1
        origin = get_origin(kind)
        if origin in {types.UnionType, Union}:
            if _is_null(node):
                return None
            return self._value(node, next(k for k in get_args(kind) if k is not types.NoneType), place, check)
        if origin is tuple:
            return self._tuple(node, get_args(kind), place, check)
        if dataclasses.is_dataclass(kind):
            return self._struct(node, cast("type", kind), place)
        value = self._scalar(node, kind, place)
        if value is not _FAILED and check and (expected := check(value)):
            self.tell(place, f"{value!r} for {_key(place)}", expected)
            return _FAILED
        return value

    def _struct(self, node: yaml.Node, schema: type, place: Place) -> Any:
        fields = {f.name: f for f in dataclasses.fields(schema) if f.metadata.get("card", True)}
        if not isinstance(node, yaml.MappingNode):
            self.tell(place, f"{_seen(node)} for {_key(place)}", f"keys and values ({', '.join(fields)})")
            return _FAILED
        hints = get_type_hints(schema)
        checks = self.checks.get(schema, {})
        values: dict[str, Any] = {}
        meant: set[str] = set()
        for key_node, value_node in node.value:
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key not in fields:
                near = difflib.get_close_matches(key, fields, n=1, cutoff=0.0)
                meant.add(near[0])
                self._tell(line, f"the unknown key {key!r}", f"perhaps {near[0]!r} (of: {', '.join(fields)})")
            elif key in values:
                self._tell(line, f"the key {key!r} a second time", "each key once")
            else:
                values[key] = self._value(value_node, hints[key], (*place, key), checks.get(key))
        if not place:
            self.given = {key: value for key, value in values.items() if value is not _FAILED}
        missing = [name for name, f in fields.items() if name not in values and _required(f)]
        for name in set(missing) - meant:
            self.tell(place, f"no key {name!r}{_of(place)}", f"{name}: {_wanted(hints[name])}")
        if missing or any(value is _FAILED for value in values.values()):
            return _FAILED
        return schema(**values)

    def _tuple(self, node: yaml.Node, args: tuple[Any, ...], place: Place, check: Check | None) -> Any:
        fixed = len(args) if Ellipsis not in args else None
        if isinstance(node, yaml.ScalarNode) and fixed is None and not _is_null(node) and args[0] is str:
            value = self._value(node, args[0], place, check)
            return value if value is _FAILED else (value,)
        if isinstance(node, yaml.SequenceNode) and fixed in {None, len(node.value)}:
            values = [self._value(item, args[0], (*place, i), check) for i, item in enumerate(node.value)]
            return _FAILED if any(value is _FAILED for value in values) else tuple(values)
        wanted = f"a list of {fixed} numbers" if fixed else f"a list of {_wanted(args[0])}"
        self.tell(place, f"{_seen(node)} for {_key(place)}", wanted)
        return _FAILED

    def _scalar(self, node: yaml.Node, kind: Any, place: Place) -> Any:
        tag = node.tag.rpartition(":")[2]
        if isinstance(node, yaml.ScalarNode):
            if kind is str and tag == "str" and node.value.strip():
                return node.value.strip()
            if kind is str and not node.value and node.style:
                return ""  # written as "" on purpose
            if kind is int and tag == "int":
                return yaml.SafeLoader("").construct_yaml_int(node)
            if kind is datetime.date and tag == "timestamp":
                try:
                    return datetime.date.fromisoformat(node.value)
                except ValueError:
                    pass  # told below: "2024-02-30", or a date with a time
            if get_origin(kind) is Literal and (choice := {str(c): c for c in get_args(kind)}.get(node.value)):
                return choice
        expected = _wanted(kind)
        if kind is str and isinstance(node, yaml.ScalarNode) and not _is_null(node):
            expected += f'; put it in quotes: "{node.value}"'
        elif kind is str and isinstance(node, yaml.MappingNode):
            expected += " (a text with ': ' wants quotes)"
        self.tell(place, f"{_seen(node)} for {_key(place)}", expected)
        return _FAILED


def _syntax(problem: str) -> tuple[str, str]:
    """What the YAML parser found and what it expected, of its own words:
    "expected the node content, but found '<stream end>'", "expected ',' or ']', but got ':'".
    """
    for told, found, expected in _SYNTAX:
        if problem.startswith(told):
            return found, expected
    match = _BUT.fullmatch(problem)
    found, expected = (match["found"], match["expected"]) if match else (problem.removeprefix("found "), "YAML")
    for token, name in _TOKENS.items():
        found, expected = found.replace(token, name), expected.replace(token, name)
    return found, f"{expected} (a text with ': ' or '#' wants quotes)"


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd().resolve()).as_posix()
    except ValueError:
        return str(path)


def _is_null(node: yaml.Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _seen(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "keys and values"
    if isinstance(node, yaml.SequenceNode):
        return f"a list of {len(node.value)}"
    if _is_null(node):
        return "nothing"
    shown = node.value if len(node.value) <= 60 else node.value[:57] + "…"
    return f"{_KINDS.get(node.tag, 'the text')} {shown!r}"


def _wanted(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(kind))
    if get_origin(kind) is tuple:
        args = get_args(kind)
        return f"a list of {_wanted(args[0]) if Ellipsis in args else f'{len(args)} numbers'}"
    if dataclasses.is_dataclass(kind):
        return f"keys and values ({', '.join(f.name for f in dataclasses.fields(kind))})"
    return {str: "a text", int: "a whole number", datetime.date: "a date like 2025-07-01"}.get(kind, "a value")


def _key(place: Place) -> str:
    return ".".join(str(part) if isinstance(part, str) else str(part + 1) for part in place) or "the card"


def _of(place: Place) -> str:
    return f" in {_key(place)}" if place else ""
