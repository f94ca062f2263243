"""What a form is: sections with fields, conditions and checks, read from the JSON that a topic keeps. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from grants.calls.parta.expressions import Kind
from grants.kernel.findings import Severity


class FieldKind(StrEnum):
    """How a field is answered."""

    TEXT = "text"
    LONG_TEXT = "long text"
    NUMBER = "number"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes or no"
    DATE = "date"
    TABLE = "table"
    FILE = "file"


class Scope(StrEnum):
    """Whether a section is answered once, or by each participant."""

    PROPOSAL = "proposal"
    PARTICIPANT = "participant"


#: Facts of the proposal that expressions may name besides the form's own fields.
FACTS: Mapping[str, Kind] = {
    "duration_months": Kind.NUMBER,
    "participant_count": Kind.NUMBER,
    "total_costs": Kind.NUMBER,
    "requested": Kind.NUMBER,
}
_KINDS: Mapping[FieldKind, Kind] = {
    FieldKind.TEXT: Kind.TEXT,
    FieldKind.LONG_TEXT: Kind.TEXT,
    FieldKind.NUMBER: Kind.NUMBER,
    FieldKind.CHOICE: Kind.TEXT,
    FieldKind.CHOICES: Kind.LIST,
    FieldKind.YES_NO: Kind.TRUTH,
    FieldKind.DATE: Kind.DATE,
    FieldKind.TABLE: Kind.TABLE,
    FieldKind.FILE: Kind.TRUTH,
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose. ``value`` is kept, ``label`` is shown."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question. ``limit``: characters; ``minimum`` and ``maximum``: of a number; ``columns`` and ``max_rows``: of
    a table; ``when``: a condition, without which it is always asked."""

    key: str
    label: str
    kind: FieldKind
    hint: str = ""
    required: bool = False
    limit: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[Choice, ...] = ()
    columns: tuple[Field, ...] = ()
    max_rows: int = 20
    when: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that must hold between answers, with what is said where it does not."""

    key: str
    holds: str
    message: str
    severity: Severity = Severity.BLOCKS


@dataclass(frozen=True, slots=True)
class Section:
    """A page of the form."""

    key: str
    title: str
    scope: Scope = Scope.PROPOSAL
    intro: str = ""
    when: str = ""
    fields: tuple[Field, ...] = ()
    checks: tuple[Check, ...] = ()

    def field(self, key: str) -> Field | None:
        """The field of this key."""
        return next((each for each in self.fields if each.key == key), None)


@dataclass(frozen=True, slots=True)
class Form:
    """All sections in their order."""

    sections: tuple[Section, ...] = ()

    def section(self, key: str) -> Section | None:
        """The section of this key."""
        return next((each for each in self.sections if each.key == key), None)

    def fields(self) -> Iterator[tuple[Section, Field]]:
        """Every field with its section."""
        for section in self.sections:
            for field in section.fields:
                yield section, field

    def of_scope(self, scope: Scope) -> tuple[Section, ...]:
        """The sections that are answered once, or by each participant."""
        return tuple(each for each in self.sections if each.scope is scope)


def common_names(form: Form) -> dict[str, Kind]:
    """What every expression may name: facts of the proposal and the fields that are answered once."""
    known = dict(FACTS)
    for section in form.of_scope(Scope.PROPOSAL):
        known |= _names_of(section)
    return known


def known_names(form: Form, section: Section) -> dict[str, Kind]:
    """What expressions of a section may name: the common names, and its own where each participant answers it."""
    return common_names(form) | _names_of(section)


def _names_of(section: Section) -> dict[str, Kind]:
    known: dict[str, Kind] = {}
    for field in section.fields:
        known[field.key] = _KINDS[field.kind]
        known |= {f"{field.key}.{column.key}": _KINDS[column.kind] for column in field.columns}
    return known


def form_of(data: Mapping[str, Any]) -> Form:
    """The form of its JSON, whose shape was checked when it was kept."""
    return Form(tuple(section_of(each) for each in data.get("sections", ())))


def section_of(data: Mapping[str, Any]) -> Section:
    """One section of its JSON."""
    return Section(
        key=data["key"], title=data["title"], scope=Scope(data.get("scope", "proposal")), intro=data.get("intro", ""),
        when=data.get("when", ""), fields=tuple(field_of(each) for each in data.get("fields", ())),
        checks=tuple(_check(each) for each in data.get("checks", ())),
    )  # fmt: skip


def field_of(data: Mapping[str, Any]) -> Field:
    """One field of its JSON; choices may be plain texts."""
    return Field(
        key=data["key"], label=data["label"], kind=FieldKind(data["kind"]), hint=data.get("hint", ""),
        required=bool(data.get("required", False)), limit=data.get("limit"), minimum=_decimal(data.get("minimum")),
        maximum=_decimal(data.get("maximum")), choices=tuple(_choice(each) for each in data.get("choices", ())),
        columns=tuple(field_of(each) for each in data.get("columns", ())), max_rows=data.get("max_rows", 20),
        when=data.get("when", ""),
    )  # fmt: skip


def _check(data: Mapping[str, Any]) -> Check:
    severity = Severity(data.get("severity", "blocks"))
    return Check(key=data["key"], holds=data["holds"], message=data["message"], severity=severity)


def _choice(data: str | Mapping[str, str]) -> Choice:
    return Choice(data, data) if isinstance(data, str) else Choice(data["value"], data["label"])


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))
