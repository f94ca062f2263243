"""The page of one section of Part A as a form, made from its definition, and back to what was typed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import (
    Field as AnyField,
)
from wtforms import (
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm

from grants.calls.parta.definition import Field, FieldKind, Section
from grants.web.forms import Form

#: Empty rows that a table offers beside those that are filled.
EMPTY_ROWS = 2
_YES_NO = [("yes", "Yes"), ("no", "No")]


def section_form(section: Section, given: Mapping[str, Any], *, version: int, fresh: bool) -> Form:
    """The form of a section; ``fresh``: shows ``given``, else what was sent."""
    members: dict[str, Any] = {
        field.key: _field(field) for field in section.fields if field.kind is not FieldKind.FILE
    }
    kind = type("SectionForm", (Form,), {**members, "version": HiddenField()})
    form: Form = kind(formdata=None, data=_shown(section, given)) if fresh else kind()
    if fresh:
        form["version"].data = str(version)
    return form


def _field(field: Field) -> AnyField:
    label = field.label
    match field.kind:
        case FieldKind.LONG_TEXT:
            return TextAreaField(label)
        case FieldKind.CHOICE:
            choices = [("", "–"), *((each.value, each.label) for each in field.choices)]
            return SelectField(label, choices=choices, validate_choice=False)
        case FieldKind.CHOICES:
            choices = [(each.value, each.label) for each in field.choices]
            return SelectMultipleField(label, choices=choices, validate_choice=False)
        case FieldKind.YES_NO:
            return RadioField(label, choices=_YES_NO, validate_choice=False)
        case FieldKind.TABLE:
            row = type("Row", (PlainForm,), {column.key: _cell(column) for column in field.columns})
            return FieldList(FormField(row), label)
    return StringField(label)


def _cell(column: Field) -> AnyField:
    """Cells choose from a list also between yes and no: radio buttons would not fit."""
    if column.kind is FieldKind.YES_NO:
        return SelectField(column.label, choices=[("", "–"), *_YES_NO], validate_choice=False)
    return _field(column)


def _shown(section: Section, given: Mapping[str, Any]) -> dict[str, Any]:
    shown = dict(given)
    for field in section.fields:
        if field.kind is FieldKind.TABLE:
            rows = list(given.get(field.key) or [])
            empty = {column.key: "" for column in field.columns}
            shown[field.key] = [*rows, *[dict(empty) for _ in range(EMPTY_ROWS)]]
    return shown


def typed(section: Section, form: Form) -> dict[str, Any]:
    """What was typed, as it is kept: empty rows of tables are left out."""
    found: dict[str, Any] = {}
    for field in section.fields:
        if field.kind is FieldKind.FILE:
            continue
        data = form[field.key].data
        if field.kind is FieldKind.TABLE:
            rows = [{key: (cell or "").strip() for key, cell in row.items()} for row in data or []]
            found[field.key] = [row for row in rows if any(row.values())]
        elif field.kind is FieldKind.CHOICES:
            found[field.key] = list(data or [])
        else:
            found[field.key] = data or ""
    return found
