"""What is wrong with a form's definition, and which part depends on which field. Pure.

The shape (names and types of members) is checked by ``templates/schema.json``; here is what a shape cannot say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from grants.calls.parta.definition import FACTS, Field, FieldKind, Form, Scope, Section, known_names
from grants.calls.parta.expressions import Wrong, condition, names_in
from grants.kernel.findings import Finding

#: Words that expressions use themselves.
RESERVED = frozenset({"yes", "no", "and", "or", "not", "in", "is", "if", "else", "sum", "count", "length", "filled"})
_CELLS = frozenset({FieldKind.TEXT, FieldKind.NUMBER, FieldKind.CHOICE, FieldKind.DATE, FieldKind.YES_NO})
_CHOOSING = frozenset({FieldKind.CHOICE, FieldKind.CHOICES})


def form_findings(form: Form) -> list[Finding]:
    """Everything that is wrong; places are paths such as ``sections.2.fields.0.when``."""
    found: list[Finding] = []
    sections = Counter(section.key for section in form.sections)
    fields = Counter(field.key for _, field in form.fields())
    for index, section in enumerate(form.sections):
        place = f"sections.{index}"
        if sections[section.key] > 1:
            found.append(_wrong("key-twice", f"The section key “{section.key}” is used twice.", f"{place}.key"))
        found += _section(form, section, place)
        for number, field in enumerate(section.fields):
            at = f"{place}.fields.{number}"
            if fields[field.key] > 1:
                message = f"The field key “{field.key}” is used twice: keys are unique in the whole form."
                found.append(_wrong("key-twice", message, f"{at}.key"))
            found += _field(field, at)
    return found


def _section(form: Form, section: Section, place: str) -> Iterator[Finding]:
    known = known_names(form, section)
    for at, text, what in expressions(section, place):
        try:
            condition(text, known)
        except Wrong as problem:
            yield _wrong("expression", f"The condition of {what} {problem}.", at)
    if not section.fields:
        yield _wrong("no-fields", f"The section “{section.title}” asks nothing: add a field.", f"{place}.fields")


def expressions(section: Section, place: str = "") -> Iterator[tuple[str, str, str]]:
    """Every expression of a section: its place, its text, and whose it is in words."""
    if section.when:
        yield f"{place}.when", section.when, f"the section “{section.title}”"
    for number, field in enumerate(section.fields):
        if field.when:
            yield f"{place}.fields.{number}.when", field.when, f"the field “{field.label}”"
    for number, check in enumerate(section.checks):
        yield f"{place}.checks.{number}.holds", check.holds, f"the check “{check.key}”"


def _field(field: Field, place: str) -> Iterator[Finding]:
    if not field.key.isidentifier() or field.key in RESERVED:
        message = f"“{field.key}” cannot be a key: use small letters, digits and _, and no word that conditions use."
        yield _wrong("key", message, f"{place}.key")
    if field.kind in _CHOOSING and not field.choices:
        yield _wrong("no-choices", f"“{field.label}” has nothing to choose from.", f"{place}.choices")
    values = Counter(choice.value for choice in field.choices)
    if any(count > 1 for count in values.values()):
        yield _wrong("choice-twice", f"“{field.label}” has a choice twice.", f"{place}.choices")
    if field.minimum is not None and field.maximum is not None and field.minimum > field.maximum:
        message = f"The smallest number of “{field.label}” is above the largest."
        yield _wrong("range", message, f"{place}.minimum")
    if (field.kind is FieldKind.TABLE) != bool(field.columns):
        message = f"“{field.label}”: a table has columns, and only a table."
        yield _wrong("columns", message, f"{place}.columns")
    columns = Counter(column.key for column in field.columns)
    for number, column in enumerate(field.columns):
        at = f"{place}.columns.{number}"
        if column.kind not in _CELLS:
            yield _wrong("cell", f"A column cannot be a {column.kind.value}.", f"{at}.kind")
        if columns[column.key] > 1:
            yield _wrong("key-twice", f"The column key “{column.key}” is used twice.", f"{at}.key")
        yield from _field(column, at)


def dependencies(form: Form) -> dict[str, list[str]]:
    """By field, the places in words that name it: conditions, checks. Kept with the topic, so that a field in use is
    not removed."""
    uses: dict[str, list[str]] = {}
    for section in form.sections:
        for _, text, what in expressions(section):
            for name in sorted(names_in(text) - FACTS.keys()):
                uses.setdefault(name, []).append(what)
    return uses


def removal_findings(before: Form, after: Form, uses: Mapping[str, list[str]]) -> list[Finding]:
    """Why fields that ``after`` no longer has cannot go: something named in ``uses`` still needs them.

    ``uses``: what still refers to fields once ``after`` is kept, by field (conditions of ``after``, eligibility
    rules of the topic).
    """
    kept = {field.key for _, field in after.fields()}
    gone = [field for _, field in before.fields() if field.key not in kept and uses.get(field.key)]
    return [
        _wrong(
            "field-in-use",
            f"“{field.label}” cannot be removed: {', '.join(uses[field.key])} needs it. Change that first.",
            "form",
        )
        for field in gone
    ]


def participant_fields(form: Form) -> frozenset[str]:
    """Keys of fields that each participant answers."""
    return frozenset(field.key for section, field in form.fields() if section.scope is Scope.PARTICIPANT)


def _wrong(code: str, message: str, place: str) -> Finding:
    return Finding(code, message, place, source="domain.md 6")
