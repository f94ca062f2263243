"""What was typed into a section: as values for expressions, and what is missing or wrong with it. Pure.

Answers are kept as typed: a text; a list of texts for several choices; a list of rows (column to text) for a table.
Source: domain.md 6 (lengths, mandatory fields block).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from grants.calls.parta.definition import Check, Field, FieldKind, Form, Scope, Section, known_names
from grants.calls.parta.expressions import Value, condition, evaluate, names_in
from grants.kernel.findings import Finding, Severity
from grants.kernel.money import parse_amount

Typed = Any
_YES_NO = {"yes": True, "no": False}


def value_of(field: Field, typed: Typed) -> Value:
    """The value of an answer; None where there is none, or what was typed is none of its kind."""
    if field.kind is FieldKind.TABLE:
        rows = typed if isinstance(typed, list) else []
        return tuple({column.key: value_of(column, row.get(column.key)) for column in field.columns} for row in rows)
    if field.kind is FieldKind.CHOICES:
        return tuple(typed) if isinstance(typed, list) else ()
    text = typed.strip() if isinstance(typed, str) else ""
    if not text:
        return None
    match field.kind:
        case FieldKind.NUMBER:
            return _number(text)
        case FieldKind.YES_NO | FieldKind.FILE:
            return _YES_NO.get(text)
        case FieldKind.DATE:
            return _date(text)
    return text


def _number(text: str) -> Decimal | None:
    sign = -1 if text.startswith(("-", "−")) else 1
    try:
        return sign * parse_amount(text.lstrip("-−"))
    except ValueError:
        return None


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def values_of(form: Form, answers: Mapping[str, Mapping[str, Typed]], facts: Mapping[str, Value]) -> dict[str, Value]:
    """Everything that expressions may name: facts, and the answers that are given once, by section and field."""
    values: dict[str, Value] = dict(facts)
    for section in form.of_scope(Scope.PROPOSAL):
        typed = answers.get(section.key, {})
        values |= {field.key: value_of(field, typed.get(field.key)) for field in section.fields}
    return values


def section_values(section: Section, typed: Mapping[str, Typed], common: Mapping[str, Value]) -> dict[str, Value]:
    """As ``values_of``, with the answers of one participant's section."""
    return {**common, **{field.key: value_of(field, typed.get(field.key)) for field in section.fields}}


def is_asked(form: Form, section: Section, values: Mapping[str, Value], field: Field | None = None) -> bool:
    """Whether the section, and the field in it, is asked: its condition holds. Unknown is no."""
    known = known_names(form, section)
    conditions = [section.when, field.when if field else ""]
    return all(evaluate(condition(text, known), values) is True for text in conditions if text)


def section_findings(
    form: Form, section: Section, typed: Mapping[str, Typed], values: Mapping[str, Value], *, place: str
) -> list[Finding]:
    """What is missing or wrong in one section's answers. ``values``: as for expressions."""
    if not is_asked(form, section, values):
        return []
    found: list[Finding] = []
    for field in section.fields:
        if is_asked(form, section, values, field):
            found += _field_findings(field, typed.get(field.key), f"{place}.{field.key}")
    return [*found, *_failed(form, section, values, place)]


def _failed(form: Form, section: Section, values: Mapping[str, Value], place: str) -> Iterator[Finding]:
    known = known_names(form, section)
    for check in section.checks:
        if evaluate(condition(check.holds, known), values) is False:
            yield _checked(check, section, place)


def _checked(check: Check, section: Section, place: str) -> Finding:
    named = names_in(check.holds)
    where = next((field.key for field in section.fields if field.key in named), "")
    return Finding(f"check-{check.key}", check.message, f"{place}.{where}".rstrip("."), check.severity, "domain.md 6")


def _field_findings(field: Field, typed: Typed, place: str) -> Iterator[Finding]:
    if field.kind is FieldKind.TABLE:
        yield from _table_findings(field, typed if isinstance(typed, list) else [], place)
        return
    value = value_of(field, typed)
    empty = not typed or (isinstance(typed, str) and not typed.strip())
    if empty:
        if field.required:
            yield _blocks("missing", _of(field, f"{_asks(field)}."), place)
        return
    if value is None:
        yield _blocks("not-of-its-kind", _of(field, f"{_KIND_HELP[field.kind]}."), place)
        return
    yield from _limits(field, value, place)


def _of(field: Field, message: str) -> str:
    """The message after the words of its field; a question ends by itself."""
    if field.label.endswith(("?", "!", ".")):
        return f"{field.label} {message[0].upper()}{message[1:]}"
    return f"{field.label}: {message}"


def _asks(field: Field) -> str:
    if field.kind is FieldKind.FILE:
        return "upload the file"
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES, FieldKind.YES_NO):
        return "choose an answer"
    return "this is needed"


_KIND_HELP = {
    FieldKind.NUMBER: "use a number, for example 24 or 48500.50",
    FieldKind.DATE: "use a date such as 2027-01-31",
    FieldKind.YES_NO: "choose yes or no",
}


def _limits(field: Field, value: Value, place: str) -> Iterator[Finding]:
    if isinstance(value, str) and field.limit is not None and len(value) > field.limit:
        message = f"{field.label} has {len(value):,} characters; {field.limit:,} are allowed."
        yield _blocks("too-long", message, place)
    if isinstance(value, Decimal):
        if field.minimum is not None and value < field.minimum:
            yield _blocks("too-small", f"{field.label} must be at least {field.minimum:f}.", place)
        if field.maximum is not None and value > field.maximum:
            yield _blocks("too-large", f"{field.label} must be at most {field.maximum:f}.", place)
    chosen = value if isinstance(value, tuple) else (value,)
    allowed = {choice.value for choice in field.choices}
    if field.choices and not allowed.issuperset(chosen):
        yield _blocks("no-such-choice", _of(field, "this answer is no longer offered, choose again."), place)


def _table_findings(field: Field, rows: Sequence[Mapping[str, Typed]], place: str) -> Iterator[Finding]:
    if field.required and not rows:
        yield _blocks("missing", _of(field, "add at least one row."), place)
    if len(rows) > field.max_rows:
        yield _blocks("too-many-rows", f"{field.label} takes at most {field.max_rows} rows.", place)
    for number, row in enumerate(rows, 1):
        for column in field.columns:
            for finding in _field_findings(column, row.get(column.key), f"{place}.{number - 1}.{column.key}"):
                yield Finding(
                    finding.code, f"{field.label}, row {number}: {finding.message}", finding.place, finding.severity,
                    finding.source,
                )  # fmt: skip


def left_over(form: Form, answers: Mapping[str, Mapping[str, Typed]]) -> list[tuple[str, str, Typed]]:
    """Answers that the form no longer asks for, as section, field and what was typed: shown, never dropped."""
    asked = {(section.key, field.key) for section, field in form.fields()}
    return [
        (section, key, typed)
        for section, typed_fields in answers.items()
        for key, typed in typed_fields.items()
        if (section, key) not in asked and typed
    ]


def _blocks(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, Severity.BLOCKS, "domain.md 6")
