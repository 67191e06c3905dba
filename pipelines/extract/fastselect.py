"""Simple CSS selectors answered from an index of classes and ids.

Most selectors of the families are a tag with a class, perhaps inside another one. A whole-tree XPath for
each costs as much as parsing a tenth of the page; the index is built once a page. What is not simple goes
to lxml's own engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from lxml.html import HtmlElement

_COMPOUND = re.compile(
    r"""(?P<tag>[a-z][a-z0-9]*)?
    (?P<marks>(?:[.#]-?[A-Za-z_][\w-]*)*)
    (?P<attributes>(?:\[[a-z-]+(?:[\^*]?=(?:"[^"\]]*"|'[^'\]]*'|[\w-]+))?\])*)
    (?P<negated>(?::not\([.#]-?[A-Za-z_][\w-]*\))?)""",
    re.VERBOSE,
)
_MARK = re.compile(r"([.#])(-?[A-Za-z_][\w-]*)")
_ATTRIBUTE = re.compile(r"""\[([a-z-]+)(?:([\^*]?=)(?:"([^"]*)"|'([^']*)'|([\w-]+)))?\]""")


@dataclass(frozen=True, slots=True)
class Compound:
    """One step of a selector: `div.detail-content[data-role="content"]`."""

    tag: str
    classes: tuple[str, ...]
    ident: str
    attributes: tuple[tuple[str, str, str], ...]
    not_class: str
    not_ident: str
    child: bool
    """Whether the step before it must be the parent (`>`), not any ancestor."""

    def fits(self, node: HtmlElement) -> bool:
        """Whether an element satisfies this step alone."""
        if (self.tag and node.tag != self.tag) or (self.ident and node.get("id") != self.ident):
            return False
        own = node.get("class")
        if self.classes:
            names = own.split() if own else ()
            if any(c not in names for c in self.classes):
                return False
        if self.not_ident and node.get("id") == self.not_ident:
            return False
        if self.not_class and own and self.not_class in own.split():
            return False
        return all(_attribute_fits(node.get(name), operator, value) for name, operator, value in self.attributes)


def _attribute_fits(have: str | None, operator: str, value: str) -> bool:
    if have is None:
        return False
    if operator == "=":
        return have == value
    if operator == "^=":
        return bool(value) and have.startswith(value)
    return value in have if operator == "*=" and value else not operator


@lru_cache(maxsize=4096)
def simple_steps(css: str) -> tuple[Compound, ...] | None:
    """The steps of a simple selector, the last one first; None for one that is not simple."""
    if "," in css or "+" in css or "~" in css:
        return None
    steps: list[Compound] = []
    child = False
    for step in re.sub(r"\s*>\s*", " > ", css.strip()).split(" "):
        if step == ">":
            child = True
            continue
        found = _COMPOUND.fullmatch(step)
        if not step or found is None:
            return None
        marks = _MARK.findall(found["marks"])
        negated = _MARK.findall(found["negated"])
        steps.append(
            Compound(
                found["tag"] or "",
                tuple(name for sign, name in marks if sign == "."),
                next((name for sign, name in marks if sign == "#"), ""),
                tuple((m[0], m[1], m[2] or m[3] or m[4]) for m in _ATTRIBUTE.findall(found["attributes"])),
                next((name for sign, name in negated if sign == "."), ""),
                next((name for sign, name in negated if sign == "#"), ""),
                child,
            )
        )
        child = False
    steps.reverse()
    # without a class or an id to start from, lxml's engine is faster
    return tuple(steps) if steps and not child and any(s.classes or s.ident for s in steps[:2]) else None


@lru_cache(maxsize=20_000)
def _names(classes: str) -> tuple[str, ...]:
    """The class names of an attribute, each once. Pages of a site repeat their attributes."""
    return tuple(dict.fromkeys(classes.split()))


class Index:
    """Elements of one tree by class and id, in document order."""

    __slots__ = ("_attributes", "_classes", "_ids", "_merged", "_places", "_tree")

    def __init__(self, tree: HtmlElement) -> None:
        attributes: dict[str, list[HtmlElement]] = {}
        ids: dict[str, list[HtmlElement]] = {}
        # whole attributes first: they are far fewer than the elements that bear them
        for node in tree.getroottree().iter():
            classes = node.get("class")
            if classes:
                if classes in attributes:
                    attributes[classes].append(node)
                else:
                    attributes[classes] = [node]
            ident = node.get("id")
            if ident is not None:
                ids.setdefault(ident, []).append(node)
        self._tree, self._attributes, self._ids = tree, attributes, ids
        self._classes: dict[str, list[str]] = {}
        for value in attributes:
            for name in _names(value):
                self._classes.setdefault(name, []).append(value)
        self._places: dict[HtmlElement, int] | None = None
        self._merged: dict[str, list[HtmlElement]] = {}

    def _of_class(self, name: str) -> list[HtmlElement]:
        found = self._merged.get(name)
        if found is None:
            groups = [self._attributes[value] for value in self._classes.get(name, ())]
            found = self._merged[name] = groups[0] if len(groups) == 1 else self._in_order(groups)
        return found

    def _in_order(self, groups: list[list[HtmlElement]]) -> list[HtmlElement]:
        """The elements of several groups in document order."""
        nodes = [node for group in groups for node in group]
        if len(nodes) < 2:
            return nodes
        if self._places is None:
            self._places = {node: at for at, node in enumerate(self._tree.getroottree().iter()) if node.get("class")}
        return sorted(nodes, key=self._places.__getitem__)

    def find(self, steps: tuple[Compound, ...], scope: HtmlElement | None = None) -> list[HtmlElement]:
        """Elements that match the steps; with `scope` only those in it (itself included)."""
        last = steps[0]
        if last.ident:
            candidates = self._ids.get(last.ident, [])
        elif last.classes:
            candidates = min((self._of_class(c) for c in last.classes), key=len)
        else:  # `.crumbs a`: what is in the elements of the step before
            parents = self.find((replace(steps[1], child=False), *steps[2:]))
            within = (node for parent in parents for node in parent.iter(last.tag or "*") if node is not parent)
            candidates = list(dict.fromkeys(within))
        return [
            node
            for node in candidates
            if last.fits(node) and (scope is None or _within(node, scope)) and _path_fits(node, steps)
        ]

    def tokens(self) -> frozenset[str]:
        """All class names and ids."""
        return frozenset((*self._classes, *self._ids))

    def named(self, part: str) -> list[HtmlElement]:
        """Elements with a class or an id that contains `part`."""
        groups = [self._of_class(name) for name in self._classes if part in name]
        groups.extend(nodes for name, nodes in self._ids.items() if part in name)
        return [node for nodes in groups for node in nodes]


def _within(node: HtmlElement, scope: HtmlElement) -> bool:
    while node is not None:
        if node is scope:
            return True
        node = node.getparent()
    return False


def _path_fits(node: HtmlElement, steps: tuple[Compound, ...]) -> bool:
    """Whether the steps before the last one are satisfied above an element.

    Greedy from below, which is exact for descendant steps; a `>` step looks only at the parent.
    """
    current = node.getparent()
    needs_parent = steps[0].child
    for step in steps[1:]:
        while current is not None and not step.fits(current):
            if needs_parent:
                return False
            current = current.getparent()
        if current is None:
            return False
        needs_parent = step.child
        current = current.getparent()
    return True
