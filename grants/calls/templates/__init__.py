"""Call templates: what a topic of a type of action starts with, as files that need no programmer.

``files/`` holds one for each type of action, ``sections.yaml`` the sections of Part A that they share and
``countries.yaml`` the groups of countries that rules name; ``schema.json`` is the shape of a template. A funder's own
templates lie in the folder of the setting TEMPLATES_DIR, read the same way; one with a key of ours replaces it.
Here is what the running program reads; ``checking`` finds mistakes, ``prefill`` gives a topic what a template says.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from grants.calls.templates.reading import Unreadable, completed, read_file

_HERE = Path(__file__).parent
FILES = _HERE / "files"


class Catalogue:
    """All templates by key, complete; read once. ``folder``: more of them, or None."""

    def __init__(self, folder: Path | None = None) -> None:
        files = [*sorted(FILES.glob("*.yaml")), *(sorted(folder.glob("*.yaml")) if folder else [])]
        self._raw: dict[str, dict[str, Any]] = {}
        for file in files:
            data = read_file(file).data
            self._raw[str(data.get("key") or file.stem)] = data
        self._complete: dict[str, dict[str, Any]] = {}

    def by_title(self) -> list[str]:
        """Keys in the order of programmes and titles."""
        return sorted(self._raw, key=lambda key: (self.template(key)["programme"], self.template(key)["title"]))

    def template(self, key: str) -> dict[str, Any]:
        """One template with all that it extends and uses. Raises KeyError for an unknown one, Unreadable."""
        if key not in self._complete:
            self._complete[key] = self.complete(self._raw[key], seen=(key,))
        return self._complete[key]

    def complete(self, data: Mapping[str, Any], *, seen: tuple[str, ...] = ()) -> dict[str, Any]:
        """A template that need not be in the catalogue itself. Raises Unreadable."""
        base = data.get("extends")
        if base in seen:
            raise Unreadable(f"it extends itself through “{base}”")
        others = {}
        if base in self._raw:
            raw = self._raw[str(base)]
            others = {base: self.complete(raw, seen=(*seen, str(base)))}
        return completed(data, others=others, sections=sections())


@cache
def sections() -> dict[str, dict[str, Any]]:
    """Sections that templates share, by key."""
    return read_file(_HERE / "sections.yaml").data


@cache
def country_groups() -> Mapping[str, frozenset[str]]:
    """Groups of countries that rules name: ISO 3166-1 alpha-2 codes by name of the group."""
    return {name: frozenset(codes) for name, codes in read_file(_HERE / "countries.yaml").data.items()}


class _Chosen:
    """Which folder the program was started with."""

    folder: Path | None = None


def also_from(folder: Path | None) -> None:
    """Read a funder's own templates from ``folder`` too. Called once, when the program starts."""
    _Chosen.folder = folder
    catalogue.cache_clear()


@cache
def catalogue() -> Catalogue:
    """The catalogue of this installation."""
    return Catalogue(_Chosen.folder)


def choices() -> list[tuple[str, str]]:
    """Keys with titles, for a list to choose from."""
    return [(key, catalogue().template(key)["title"]) for key in catalogue().by_title()]
