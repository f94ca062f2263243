"""Every mistake of a template, by its place: shape, then what a shape cannot say."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from grants.calls import templates
from grants.calls.eligibility import Surroundings, rule_findings
from grants.calls.parta.checking import form_findings
from grants.calls.parta.definition import form_of
from grants.calls.portfolio import portfolio_findings
from grants.calls.rules import CriterionFacts, criterion_findings
from grants.calls.templates.reading import Source, Unreadable, read_file


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. ``line`` counts from 1; the nearest part that stands in the file itself."""

    line: int
    place: str
    message: str

    def __str__(self) -> str:
        where = f"line {self.line}, {self.place}" if self.place else f"line {self.line}"
        return f"{where}: {self.message}"


@cache
def _shape() -> Draft202012Validator:
    return Draft202012Validator(json.loads((Path(templates.__file__).parent / "schema.json").read_text("utf-8")))


def check_file(path: Path) -> list[Mistake]:
    """Everything wrong with a template's file, in the order of its lines."""
    try:
        source = read_file(path)
    except Unreadable as problem:
        return [Mistake(problem.line or 1, "", f"The file cannot be read: {problem.message}.")]
    return check(source)


def check(source: Source) -> list[Mistake]:
    """As ``check_file``, for what was read already."""
    try:
        whole = templates.catalogue().complete(source.data)
    except Unreadable as problem:
        return [Mistake(1, "", f"The template is not complete: {problem.message}.")]
    found = [(_path(error), _words(error)) for error in _shape().iter_errors(whole)]
    if not found:
        found = list(_meaning(whole))
    mistakes = {Mistake(_line(source.lines, place), place, message) for place, message in found}
    return sorted(mistakes, key=lambda each: (each.line, each.place, each.message))


def _path(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.absolute_path)


_TYPES = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "members", "null": "nothing",
}  # fmt: skip


def _words(error: ValidationError) -> str:
    """The validator's finding in a sentence."""
    given: Any = error.instance
    wanted = cast(Any, error.validator_value)
    schema = cast(Mapping[str, Any], error.schema)
    match error.validator:
        case "required":
            missing = [name for name in wanted if name not in given]
            return f"“{missing[0]}” is missing." if missing else "Something is missing."
        case "additionalProperties":
            extra = sorted(set(given) - set(schema.get("properties", {})))
            return f"“{extra[0]}” is not known here."
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            return f"It must be {' or '.join(_TYPES[kind] for kind in kinds)}, not “{given}”."
        case "enum":
            return f"It must be one of {', '.join(str(each) for each in wanted)}, not “{given}”."
        case "minimum" | "exclusiveMinimum":
            return f"It must be {'at least' if error.validator == 'minimum' else 'above'} {wanted}, not {given}."
        case "maximum":
            return f"It must be at most {wanted}, not {given}."
        case "minItems" | "minLength":
            return "It must not be empty."
        case "maxLength":
            return f"It has more than {wanted} characters."
        case "pattern":
            return f"“{given}” has signs that are not allowed here."
    return f"“{given}” does not fit here."


def _meaning(whole: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with a template of the right shape."""
    form = form_of(whole["form"])
    for finding in form_findings(form):
        yield f"form.{finding.place}", finding.message
    evaluation = whole["evaluation"]
    criteria = [_criterion(each) for each in evaluation["criteria"]]
    overall = evaluation.get("overall_threshold")
    for finding in criterion_findings(criteria, overall_threshold=None if overall is None else Decimal(str(overall))):
        yield f"evaluation.{finding.place}", finding.message
    codes = {each.code for each in criteria}
    for index, key in enumerate(evaluation["tie_break"]):
        if key.startswith("criterion:") and key.partition(":")[2] not in codes:
            yield f"evaluation.tie_break.{index}", f"“{key}” names a criterion that is not there."
    for finding in portfolio_findings(evaluation.get("portfolio", []), evaluation.get("area_field", ""), form):
        yield f"evaluation.{finding.place}", finding.message
    yield from _money(whole["budget"])
    if not form_findings(form):
        for finding in rule_findings(whole["eligibility"], surroundings(whole)):
            yield finding.place, finding.message


def _money(budget: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for index, each in enumerate(budget["categories"]):
        place = f"budget.categories.{index}"
        if each["code"] in seen:
            yield f"{place}.code", f"The code {each['code']} is used twice."
        seen.add(each["code"])
        if budget["model"] == "unit costs" and each.get("unit_cost") is None:
            yield f"{place}.unit_cost", "With unit costs, each category needs the cost of one unit."
        if each.get("unit_cost") is not None and not each.get("unit"):
            yield f"{place}.unit", "Say what one unit is."


def surroundings(whole: Mapping[str, Any]) -> Surroundings:
    """What the rules of a template may refer to."""
    proposal = whole["proposal"]
    limits = frozenset(name for name, value in proposal.items() if value is not None)
    return Surroundings(
        form=form_of(whole["form"]), categories=frozenset(each["code"] for each in whole["budget"]["categories"]),
        annexes=frozenset(each["code"] for each in proposal.get("annexes", ())),
        groups=frozenset(templates.country_groups()),
        limits=limits | _naming(whole["evaluation"]),
    )  # fmt: skip


def _naming(evaluation: Mapping[str, Any]) -> frozenset[str]:
    """Whether names of participants are looked for: then a rule may judge by them."""
    looked_for = evaluation.get("blind", "no") != "no" and evaluation.get("naming", "warn") != "off"
    return frozenset({"naming"} if looked_for else ())


def _criterion(row: Mapping[str, Any]) -> CriterionFacts:
    threshold = row.get("threshold")
    return CriterionFacts(
        code=row["code"], name=row["name"], maximum=Decimal(str(row["maximum"])), step=Decimal(str(row["step"])),
        weight=Decimal(str(row.get("weight", 1))), threshold=None if threshold is None else Decimal(str(threshold)),
    )  # fmt: skip


def _line(lines: Mapping[str, int], place: str) -> int:
    parts = place.split(".")
    while parts and ".".join(parts) not in lines:
        parts.pop()
    return lines.get(".".join(parts), 1)
