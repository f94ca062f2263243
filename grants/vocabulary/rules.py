"""Reading a file of keywords, and what is wrong with it. Pure. In the manner of EuroSciVoc: id, broader, label."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from grants.kernel.findings import Finding

COLUMNS = ("id", "label", "broader")
#: What a code and a label may hold, see ``models.Concept``.
LONGEST = {"id": 200, "label": 300}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the file. ``broader``: empty for a root."""

    line: int
    code: str
    label: str
    broader: str


@dataclass(slots=True)
class Node:
    """A concept with those below it, in the order of their labels."""

    id: int
    label: str
    narrower: list[Node] = field(default_factory=list)


def read_csv(text: str) -> tuple[list[Entry], list[Finding]]:
    """
    >>> read_csv("id,label,broader\\nlaw,Law,\\n")[0]
    [Entry(line=2, code='law', label='Law', broader='')]
    """
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff")))
    if not set(COLUMNS) <= set(rows.fieldnames or ()):
        return [], [Finding("columns", f"line 1: name the columns {', '.join(COLUMNS)}.")]
    return [_entry(rows.line_num, row) for row in rows], []


def read_json(text: str) -> tuple[list[Entry], list[Finding]]:
    """A list of objects with ``id``, ``label`` and ``broader``; lines are counted by entries.

    >>> read_json('[{"id": "law", "label": "Law"}]')[0]
    [Entry(line=1, code='law', label='Law', broader='')]
    """
    try:
        rows = json.loads(text)
    except ValueError as problem:
        return [], [Finding("json", f"This is no JSON: {problem}.")]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return [], [Finding("json", "The file must be a list of objects with id, label and broader.")]
    return [_entry(number, row) for number, row in enumerate(rows, 1)], []


def _entry(line: int, row: Mapping[str, Any]) -> Entry:
    code, label, broader = (str(row.get(name) or "").strip() for name in COLUMNS)
    return Entry(line, code, " ".join(label.split()), broader)


def problems(entries: Sequence[Entry], known: Mapping[str, str]) -> list[Finding]:
    """What stands against taking them over, each with its line. ``known``: broader codes by code of the concepts that
    are here already; the file may speak of some of them and leave others alone.

    >>> problems([Entry(2, "a", "A", "b"), Entry(3, "b", "B", "a")], {})[0].message
    'line 2: a is broader than itself, by a, b, a.'
    """
    found: list[Finding] = []
    seen: dict[str, int] = {}
    for each in entries:
        if not each.code or not each.label:
            found.append(_at(each, "empty", "id and label must not be empty."))
        for name, value in (("id", each.code), ("label", each.label)):
            if len(value) > LONGEST[name]:
                found.append(_at(each, "long", f"the {name} is longer than {LONGEST[name]} characters."))
        if each.code in seen:
            found.append(_at(each, "double", f"{each.code} stands in line {seen[each.code]} already."))
        seen.setdefault(each.code, each.line)
    parents = {**known, **{each.code: each.broader for each in entries}}
    found += [
        _at(each, "broader", f"the broader {each.broader} is not in the file and not known here.")
        for each in entries
        if each.broader and each.broader not in parents
    ]
    return found + _cycles(entries, parents)


def _cycles(entries: Sequence[Entry], parents: Mapping[str, str]) -> list[Finding]:
    found: list[Finding] = []
    told: set[str] = set()
    for each in entries:
        path = [each.code]
        while (above := parents.get(path[-1], "")) and above not in path:
            path.append(above)
        if above == each.code and each.code not in told:
            told.update(path)
            found.append(_at(each, "cycle", f"{each.code} is broader than itself, by {', '.join([*path, above])}."))
    return found


def _at(entry: Entry, code: str, message: str) -> Finding:
    return Finding(code, f"line {entry.line}: {message}", place=str(entry.line))


def tree(concepts: Iterable[tuple[int, str, int | None]]) -> list[Node]:
    """Identity, label and broader identity as a tree, labels in their order.

    >>> [each.narrower[0].label for each in tree([(2, "criminal law", 1), (1, "law", None)])]
    ['criminal law']
    """
    rows = sorted(concepts, key=lambda row: (row[1].casefold(), row[0]))
    nodes = {identity: Node(identity, label) for identity, label, _ in rows}
    roots: list[Node] = []
    for identity, _, broader in rows:
        (nodes[broader].narrower if broader in nodes else roots).append(nodes[identity])
    return roots


def paths(nodes: Sequence[Node], above: str = "") -> list[tuple[Node, str]]:
    """Each concept with its label after those of the broader ones."""
    found = []
    for node in nodes:
        path = f"{above} › {node.label}" if above else node.label
        found += [(node, path), *paths(node.narrower, path)]
    return found


def holds(node: Node, chosen: Collection[int]) -> int:
    """How many of the chosen concepts are this one or below it."""
    return (node.id in chosen) + sum(holds(each, chosen) for each in node.narrower)


def outline(nodes: Sequence[Node], depth: int = 0) -> list[tuple[int, str, int]]:
    """Identity, label and depth, each before those below it."""
    return [row for node in nodes for row in ((node.id, node.label, depth), *outline(node.narrower, depth + 1))]
