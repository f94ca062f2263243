"""Reading a template's file: YAML with numbers as Decimal, the line of every part, and what it takes from others.

``extends: KEY`` begins with another template: members are merged, lists replaced. A section ``{use: KEY}`` is taken
from ``sections.yaml``, members given beside ``use`` replace its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

MAX_SIZE = 1 << 20  # bytes


class Unreadable(Exception):
    """The file is no YAML of the kind we take. ``line`` counts from 1; 0 for the whole."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.message, self.line = message, line


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says, and on which line each part of it stands (by its path of keys)."""

    data: dict[str, Any]
    lines: Mapping[str, int]


class _Loader(yaml.SafeLoader):
    """Plain data only: numbers with a point are Decimal, since money and scores are never floats; only ``true`` and
    ``false`` are truths, since NO is Norway; dates stay what was written."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """References to other parts are not taken: they could be without end."""
        if self.check_event(yaml.AliasEvent):
            event = self.get_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "references are not taken", event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        return node


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    try:
        return Decimal(str(loader.construct_scalar(node)).replace("_", ""))
    except ArithmeticError:
        raise yaml.constructor.ConstructorError(None, None, "not a number", node.start_mark) from None


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def read(text: str) -> Source:
    """What a file says. Raises Unreadable."""
    if len(text) > MAX_SIZE:
        raise Unreadable(f"it is larger than {MAX_SIZE >> 20} MiB")
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        data = loader.construct_document(node) if node is not None else None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark
        raise Unreadable(problem.problem or "it is no YAML", mark.line + 1 if mark else 0) from problem
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise Unreadable("it is no YAML") from problem
    if node is None or not isinstance(data, dict):
        raise Unreadable("it must hold members such as “key: …”", 1)
    return Source(data, dict(_lines(node, "")))


def _lines(node: yaml.Node, place: str) -> Iterator[tuple[str, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, f"{place}.{key.value}".lstrip("."))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, f"{place}.{index}".lstrip("."))


def read_file(path: Path) -> Source:
    """What a file says. Raises Unreadable."""
    try:
        return read(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as problem:
        raise Unreadable("it is not in UTF-8") from problem
    except OSError as problem:
        raise Unreadable(problem.strerror or "it cannot be opened") from problem


def completed(
    data: Mapping[str, Any], *, others: Mapping[str, Mapping[str, Any]], sections: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """The template with what it extends and the shared sections that it uses. ``others`` are complete themselves.

    Raises Unreadable where it names what is not there.
    """
    plain = {name: value for name, value in data.items() if name != "extends"}
    if base := data.get("extends"):
        if base not in others:
            raise Unreadable(f"it extends “{base}”, which is no template")
        plain = _merged(others[base], plain)
    form = plain.get("form")
    if isinstance(form, Mapping) and isinstance(form.get("sections"), list):
        used = [_section(each, sections) for each in form["sections"]]
        plain["form"] = {**form, "sections": used}
    return plain


def _merged(base: Any, over: Any) -> Any:
    if isinstance(base, Mapping) and isinstance(over, Mapping):
        return {**base, **{key: _merged(base.get(key), value) for key, value in over.items()}}
    return over


def _section(data: Any, sections: Mapping[str, Mapping[str, Any]]) -> Any:
    if not isinstance(data, Mapping) or "use" not in data:
        return data
    if data["use"] not in sections:
        raise Unreadable(f"it uses the section “{data['use']}”, which is not among the shared ones")
    return {"key": data["use"], **sections[data["use"]], **{k: v for k, v in data.items() if k != "use"}}
