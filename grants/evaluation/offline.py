"""Reports as an offline form: which cell holds what, what is wrong in one that comes back, what it would change.

One sheet for each proposal. Its first row, hidden, says which report it is and from which version it was made; each
line carries the name of its field (see ``facts.texts``) in a hidden column, so an import finds its place. Nothing is
ever evaluated: a formula is refused. Pure. Source: domain.md 8.1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from grants.calls.rules import CriterionFacts
from grants.evaluation.rules import parse_score, plain_number
from grants.kernel.findings import Finding
from grants.proposals.sheets import Cell, Cells, address, plain, shown

#: What the first cell of each sheet says; another number is another layout.
FORMAT = "grants-report-1"
ABOUT = "How to fill this in"
#: Rows: what the sheet is (hidden), the proposal, its title, headings, the first field.
MARKS, PROPOSAL, TITLE, HEADINGS, FIRST = 1, 2, 3, 4, 5
#: Columns: the field's name (hidden), its label, what is typed, what is allowed.
NAME, LABEL, INPUT, HINT = 1, 2, 3, 4
#: Spreadsheet programs hold so many signs in a cell; a longer text is changed on the page only.
LONGEST = 32_000
#: Scores of more steps are typed, not chosen: a list of choices in a spreadsheet holds so many signs.
_LONGEST_LIST, _MOST_CHOICES = 255, 100
_ANSWERS = ("yes", "no")


class Kind(StrEnum):
    """What a field takes."""

    SCORE = "score"
    ANSWER = "answer"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """One line. ``choices``: what may be chosen, empty where it is typed; ``criterion``: of a score."""

    place: str
    label: str
    kind: Kind
    hint: str = ""
    choices: tuple[str, ...] = ()
    criterion: CriterionFacts | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """One report as it is written, or must be met again. ``texts``: by field, as its page shows them."""

    assignment: int
    version: int
    number: int
    label: str
    title: str
    fields: tuple[Field, ...]
    texts: Mapping[str, str]

    def text(self, place: str) -> str:
        """A field as it is kept, in the spelling of spreadsheets."""
        return normal(self.texts.get(place, ""))

    def asked(self) -> list[Field]:
        """The fields that a cell can hold."""
        return [each for each in self.fields if len(self.text(each.place)) <= LONGEST]


@dataclass(frozen=True, slots=True)
class Filled:
    """A report as a file has it. ``version``: that the file was made from."""

    version: int
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Read:
    """What a file says, by assignment; or what is wrong. ``skipped``: reports that were handed in meanwhile."""

    reports: Mapping[int, Filled] = field(default_factory=dict)
    skipped: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One field that a file would change."""

    place: str
    label: str
    before: str
    after: str


def fields_of(criteria: Sequence[CriterionFacts], questions: Sequence[Mapping[str, str]]) -> tuple[Field, ...]:
    """The lines of a report, in the order of its page."""
    found: list[Field] = []
    for each in criteria:
        place, name = f"scores.{each.code}", each.name
        found += [
            Field(f"{place}.score", f"{name}: score", Kind.SCORE, _range(each), _steps(each), each),
            Field(f"{place}.comment", f"{name}: reasons", Kind.TEXT),
            Field(f"{place}.weaknesses", f"{name}: weaknesses", Kind.TEXT, "Not needed."),
        ]
    for question in questions:
        place = f"questions.{question['code']}"
        found += [
            Field(f"{place}.answer", question["text"], Kind.ANSWER, "yes or no", _ANSWERS),
            Field(f"{place}.remark", f"{question['text']} Remark", Kind.TEXT, "Needed where the answer is no."),
        ]
    return (
        *found,
        Field("overall", "Overall", Kind.TEXT),
        Field("panel_note", "Note for the panel", Kind.TEXT, "For experts and funder, not for applicants."),
    )


def _range(criterion: CriterionFacts) -> str:
    said = f"0 to {plain_number(criterion.maximum)} in steps of {plain_number(criterion.step)}."
    return said if criterion.threshold is None else f"{said} Threshold {plain_number(criterion.threshold)}."


def _steps(criterion: CriterionFacts) -> tuple[str, ...]:
    count = int(criterion.maximum / criterion.step) + 1
    if count > _MOST_CHOICES:
        return ()
    steps = tuple(plain_number(criterion.step * at) for at in range(count))
    return steps if len(",".join(steps)) <= _LONGEST_LIST else ()


def normal(text: str) -> str:
    """A text as XML gives it back: line ends are one sign, and there are no signs that it cannot hold."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if (sign >= " " or sign in "\n\t") and sign not in "\ufffe\uffff")


def read(cells: Cells, forms: Mapping[int, Form], *, locked: frozenset[int] = frozenset()) -> Read:
    """What is in the sheets of a file that was made as ``forms`` would be now; every wrong cell is reported.

    ``locked``: assignments of the expert whose report is handed in: their sheets are passed over.
    """
    found: list[Finding] = []
    reports: dict[int, Filled] = {}
    skipped: list[int] = []
    for name, sheet in cells.items():
        if name == ABOUT:
            continue
        marks = [sheet.get((MARKS, column), Cell()).value for column in (NAME, LABEL, INPUT)]
        if marks[0] != FORMAT:
            found.append(_wrong(name, MARKS, NAME, "this sheet was not made here; make a new form and fill that in"))
            continue
        assignment, version = (_whole(each) for each in marks[1:])
        if assignment in locked:
            skipped.append(assignment)
        elif assignment not in forms:
            found.append(_wrong(name, MARKS, LABEL, "this is none of your open reports in this topic"))
        elif assignment in reports:
            found.append(_wrong(name, MARKS, LABEL, "this report is there twice"))
        else:
            reports[assignment] = Filled(version, _fields(name, sheet, forms[assignment], found))
    if not found and not reports and not skipped:
        found.append(Finding("no-report", "There is no report in this file: start from a form made here."))
    return Read(findings=tuple(found)) if found else Read(reports, tuple(skipped))


def _fields(name: str, sheet: Mapping[tuple[int, int], Cell], form: Form, found: list[Finding]) -> dict[str, str]:
    wanted = {each.place: each for each in form.asked()}
    texts: dict[str, str] = {}
    for row in sorted({row for row, _ in sheet if row >= FIRST}):
        place, cell = plain(sheet.get((row, NAME), Cell()).value), sheet.get((row, INPUT), Cell())
        if place not in wanted:
            if place or cell.value is not None:
                found.append(_wrong(name, row, INPUT, "nothing is asked in this row; make a new form"))
        elif place in texts:
            found.append(_wrong(name, row, INPUT, f"“{wanted[place].label}” is there twice"))
        else:
            try:
                texts[place] = value_of(cell, wanted[place])
            except ValueError as problem:
                texts[place] = ""
                found.append(_wrong(name, row, INPUT, str(problem).rstrip(".")))
    for asked in (each for each in wanted.values() if each.place not in texts):
        message = f"{name}: the row “{asked.label}” is missing; make a new form."
        found.append(Finding("row-missing", message, name))
    return texts


def value_of(cell: Cell, asked: Field) -> str:
    """What a cell says for its field, as the field's text. Raises ValueError with what is wrong.

    >>> value_of(Cell(" No "), Field("questions.q1.answer", "In scope?", Kind.ANSWER))
    'no'
    """
    if cell.formula:
        raise ValueError("holds a formula: type the value itself")
    if cell.error:
        raise ValueError(f"“{shown(cell.value)}” is an error of the spreadsheet")
    if isinstance(cell.value, datetime | date | time):
        raise ValueError("was made a date by the spreadsheet program: format the cell as text and type it again")
    if asked.kind is Kind.SCORE:
        return _score(cell, asked)
    if asked.kind is Kind.ANSWER:
        answer = {True: "yes", False: "no"}[cell.value] if isinstance(cell.value, bool) else plain(cell.value).lower()
        if answer not in {"", *_ANSWERS}:
            raise ValueError(f"“{shown(cell.value)}” is neither yes nor no")
        return answer
    text = cell.value if isinstance(cell.value, str) else plain(cell.value)
    if len(text) > LONGEST:
        raise ValueError(
            f"the text has {len(text)} characters, {LONGEST} are the most: shorten it here or on the page"
        )
    return normal(text)


def _score(cell: Cell, asked: Field) -> str:
    assert asked.criterion is not None
    value = cell.value
    if isinstance(value, bool):
        raise ValueError(f"“{shown(value)}” is no score")
    text = f"{Decimal(repr(value)):f}" if isinstance(value, int | float) else plain(value)
    score = parse_score(text, asked.criterion)
    return "" if score is None else plain_number(score)


def changes(form: Form, filled: Filled) -> list[Change]:
    """What the file would change in the report as it is now, in the order of its page."""
    return [
        Change(each.place, each.label, form.text(each.place), filled.texts[each.place])
        for each in form.fields
        if each.place in filled.texts and filled.texts[each.place] != form.text(each.place)
    ]


def _whole(value: object) -> int:
    text = plain(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def _wrong(sheet: str, row: int, column: int, words: str) -> Finding:
    place = address(sheet, row, column)
    return Finding("wrong-cell", f"{place}: {words}.", place, source="domain.md 8.1")


def reports_json(reports: Mapping[int, Filled]) -> dict[str, object]:
    """As a form is kept between preview and confirmation."""
    return {str(key): {"version": each.version, "texts": dict(each.texts)} for key, each in reports.items()}


def reports_of(stored: Mapping[str, Mapping[str, object]]) -> Iterator[tuple[int, Filled]]:
    """The same read back."""
    for key, each in stored.items():
        yield int(key), Filled(each["version"], each["texts"])  # type: ignore[arg-type]
