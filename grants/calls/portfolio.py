"""Rules of a selection that looks at the portfolio, one a line in plain words, read and checked. Pure.

``at most 1 from each area``, ``at least 2 from prevention, training``, ``at least 20 % for prevention`` (of the
budget), ``at most 3000000 euro for training``. Areas are the answers of one question of Part A.
Source: domain.md 8.3 and evaluation.md 2.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from grants.calls.parta.definition import Field, FieldKind, Form, Scope
from grants.kernel.findings import Finding

_EACH = "each area"
_LINE = re.compile(
    r"at (?P<bound>least|most) (?P<amount>\d{1,12}(?:\.\d{1,2})?) ?"
    r"(?:(?P<count>(?:proposals? )?(?:from|of))|(?P<unit>%|euro) (?:for|of)) (?P<areas>.+)",
    re.IGNORECASE,
)
_HOW = (
    "Write for example “at most 1 from each area”, “at least 2 from prevention, training”, “at least 20 % for "
    "prevention” or “at most 3000000 euro for training”."
)


class Unit(StrEnum):
    """What a rule counts: proposals, per cent of the budget, or euro."""

    PROPOSALS = "proposals"
    SHARE = "share"
    EURO = "euro"


@dataclass(frozen=True, slots=True)
class PortfolioRule:
    """``least``: a minimum, otherwise a maximum. ``areas``: a proposal that names one of them counts.

    ``text``: as the manager wrote it, with the area where it was written for each.
    """

    text: str
    least: bool
    amount: Decimal
    unit: Unit
    areas: frozenset[str]


def read_rules(lines: Iterable[str], areas: Sequence[str]) -> list[PortfolioRule]:
    """The rules of these lines; one for each area becomes one per area. Raises ValueError with a sentence.

    >>> [rule.text for rule in read_rules(["at most 1 from each area"], ["prevention", "training"])]
    ['at most 1 from each area (prevention)', 'at most 1 from each area (training)']
    """
    found: list[PortfolioRule] = []
    for line in lines:
        found += _read(" ".join(line.split()), areas)
    return found


def _read(line: str, areas: Sequence[str]) -> list[PortfolioRule]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise ValueError(f"“{line}” is no rule. {_HOW}")
    amount, unit = Decimal(match["amount"]), _unit(match)
    if unit is Unit.PROPOSALS and amount != amount.to_integral_value():
        raise ValueError(f"“{line}”: proposals are counted in whole numbers.")
    if unit is Unit.SHARE and amount > 100:
        raise ValueError(f"“{line}”: a share is at most 100 %.")
    rule = PortfolioRule(line, match["bound"].lower() == "least", amount, unit, frozenset())
    if match["areas"].lower() == _EACH:
        return [replace(rule, text=f"{line} ({area})", areas=frozenset([area])) for area in areas]
    return [replace(rule, areas=_named(line, match["areas"], areas))]


def _unit(match: re.Match[str]) -> Unit:
    if match["count"]:
        return Unit.PROPOSALS
    return Unit.SHARE if match["unit"] == "%" else Unit.EURO


def _named(line: str, text: str, areas: Sequence[str]) -> frozenset[str]:
    known = {area.casefold(): area for area in areas}
    named = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [part for part in named if part.casefold() not in known]
    if unknown or not named:
        there = ", ".join(areas) or "none"
        raise ValueError(f"“{line}”: no area is called {', '.join(unknown) or 'so'}. The areas are: {there}.")
    return frozenset(known[part.casefold()] for part in named)


def area_fields(form: Form) -> list[Field]:
    """Questions of Part A that may say which areas of the topic a proposal addresses: choices, answered once."""
    return [
        field for section, field in form.fields()
        if section.scope is Scope.PROPOSAL and field.kind in {FieldKind.CHOICE, FieldKind.CHOICES}
    ]  # fmt: skip


def areas_of(form: Form, key: str) -> tuple[str, ...]:
    """The areas: what the question of this key offers; none where no question is named."""
    return next((tuple(each.value for each in field.choices) for field in area_fields(form) if field.key == key), ())


def portfolio_findings(lines: Sequence[str], key: str, form: Form) -> list[Finding]:
    """What is wrong with the question of the areas and with the rules, at ``area_field`` and ``portfolio``."""
    if key and key not in {field.key for field in area_fields(form)}:
        message = f"Part A has no question “{key}” with choices that is answered once for the proposal."
        return [Finding("no-area-field", message, place="area_field")]
    try:
        read_rules(lines, areas_of(form, key))
    except ValueError as problem:
        return [Finding("portfolio-rule", str(problem), place="portfolio")]
    return []
