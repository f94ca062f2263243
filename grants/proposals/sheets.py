"""A budget as a spreadsheet: which cell holds what, and what is wrong in one that comes back. Pure.

The layout knows no file format: ``workbook`` writes and reads files. A field's column carries its name (see
``budget``) in a hidden row, a participant's row its PIC and the version that it was written from, so an import finds
its place and never puts anything over what was changed meanwhile. Nothing here is ever evaluated: formulas count by
the result that the spreadsheet program kept. Source: domain.md 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from grants.calls.states import CostModel
from grants.kernel.findings import Finding
from grants.kernel.money import LARGEST, cents, parse_amount
from grants.proposals.budget import quantity_field, reason_field, row_labels
from grants.proposals.rules import TopicRules

#: What the first cell of the explaining sheet says; another number is another layout.
FORMAT = "grants-budget-1"
BUDGET, REASONS, ABOUT = "Budget", "Justifications", "About"
#: Rows of the sheets: hidden names of fields, headings, the first participant.
NAMES, HEADINGS, FIRST = 1, 2, 3
#: Columns before the fields of the budget: PIC, name, version; of the justifications: PIC, name, field, category.
KEYS, REASON_KEYS = 3, 4
#: What stands instead of a PIC in the row of sums.
TOTALS = "All"
_NOT_OF_LUMP_SUMS = frozenset({"requested", "own_contribution", "income"})
_MOST_SHOWN = 40
#: Spreadsheet programs keep 15 digits; what is behind them is noise of binary fractions.
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Row:
    """One participant as it is written, or must be met again. ``texts``: by field, as its page shows them."""

    pic: str
    name: str
    version: int
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """The spreadsheet of one proposal. ``fields``: name and heading of each input column of the budget; ``reasons``:
    field and category of each justification that the topic asks for."""

    number: int
    fields: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    most_rate: Decimal

    @property
    def justifications(self) -> list[tuple[Row, str, str]]:
        """The lines of the second sheet: participant, field, category."""
        return [(row, name, label) for row in self.rows for name, label in self.reasons]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it came back. ``value``: of a formula, the result that was kept with it, None for none."""

    value: object = None
    formula: bool = False
    error: bool = False


Cells = Mapping[str, Mapping[tuple[int, int], Cell]]
_EMPTY = Cell()


@dataclass(frozen=True, slots=True)
class Read:
    """What a spreadsheet says: by PIC, the version that it was written from and texts by field; or what is wrong."""

    rows: Mapping[str, tuple[int, Mapping[str, str]]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def layout(number: int, topic: TopicRules, rows: Sequence[Row], *, most_rate: Decimal) -> Layout:
    """The spreadsheet of a proposal to a topic of these rules."""
    labels = row_labels(topic)
    if topic.cost_model is CostModel.LUMP_SUM:
        labels = {
            name: words for name, words in labels.items() if name not in {"requested", "own_contribution", "income"}
        }
    fields = [(name, words[0].upper() + words[1:]) for name, words in labels.items()]
    return Layout(
        number=number, fields=(*fields, ("rate", "Funding rate, %")), rows=tuple(rows), most_rate=most_rate,
        reasons=tuple(
            (reason_field(each.code), f"{each.code}. {each.name}") for each in topic.categories if each.justify
        ),
    )  # fmt: skip


def address(sheet: str, row: int, column: int) -> str:
    """How people call a cell.

    >>> address("Budget", 7, 4), address("Budget", 1, 28)
    ('Budget!D7', 'Budget!AB1')
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{sheet}!{letters}{row}"


def read(cells: Cells, made: Layout) -> Read:
    """What is in the cells of a spreadsheet that was made as ``made`` would be now; every wrong cell is reported."""
    if frame := [*_wrong_frame(cells, made)]:
        return Read(findings=tuple(frame))
    found: list[Finding] = []
    texts: dict[str, dict[str, str]] = {}
    versions: dict[str, int] = {}
    by_pic = {row.pic: row for row in made.rows}
    for number in _used_rows(cells[BUDGET], KEYS + len(made.fields)):
        row = _row_at(cells, BUDGET, number, by_pic, found)
        if row is None:
            continue
        if row.pic in texts:
            found.append(wrong(BUDGET, number, 1, f"{row.name} is there twice"))
            continue
        texts[row.pic] = _fields(cells, number, made, found)
        versions[row.pic] = _version(cells, number, row, found)
    found += [
        Finding("row-missing", f"{BUDGET}: the row of {row.name} ({row.pic}) is missing.", BUDGET)
        for row in made.rows if row.pic not in texts
    ]  # fmt: skip
    _reasons(cells, made, texts, found)
    if found:
        return Read(findings=tuple(found))
    return Read(rows={pic: (versions[pic], texts[pic]) for pic in texts})


def _wrong_frame(cells: Cells, made: Layout) -> Iterator[Finding]:
    """The sheets, whose they are, and their headings."""
    for name in (BUDGET, REASONS, ABOUT):
        if name not in cells:
            yield Finding("sheet-missing", f"The sheet {name} is missing: start from a spreadsheet made here.", name)
            return
    about = cells[ABOUT]
    if about.get((1, 1), _EMPTY).value != FORMAT:
        yield wrong(ABOUT, 1, 1, "this is no budget made here; make a new spreadsheet and fill that in")
        return
    if str(about.get((1, 2), _EMPTY).value) != str(made.number):
        number = about.get((1, 2), _EMPTY).value
        yield wrong(ABOUT, 1, 2, f"this is the budget of proposal {shown(number)}, not of {made.number}")
        return
    for column, (name, words) in enumerate(made.fields, KEYS + 1):
        if cells[BUDGET].get((NAMES, column), _EMPTY).value != name:
            yield wrong(BUDGET, NAMES, column, f"“{words}” is not in its column; make a new spreadsheet")
        elif cells[BUDGET].get((HEADINGS, column), _EMPTY).value != words:
            got = cells[BUDGET].get((HEADINGS, column), _EMPTY).value
            yield wrong(BUDGET, HEADINGS, column, f"the heading was “{words}” and is “{shown(got)}” now")


def _used_rows(sheet: Mapping[tuple[int, int], Cell], columns: int) -> list[int]:
    """Numbers of the rows under the headings in which something stands."""
    used = {row for (row, column), cell in sheet.items() if column <= columns and cell.value not in {None, ""}}
    return sorted(number for number in used if number >= FIRST)


def _row_at(cells: Cells, sheet: str, number: int, by_pic: Mapping[str, Row], found: list[Finding]) -> Row | None:
    pic = plain(cells[sheet].get((number, 1), _EMPTY).value)
    if pic == TOTALS:
        return None
    row = by_pic.get(pic)
    if row is None:
        found.append(wrong(sheet, number, 1, f"there is no participant with the PIC “{shown(pic)}”"))
    return row


def _version(cells: Cells, number: int, row: Row, found: list[Finding]) -> int:
    text = plain(cells[BUDGET].get((number, KEYS), _EMPTY).value)
    version = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if version != row.version:
        message = f"{row.name} was changed here after this spreadsheet was made; make a new one"
        found.append(wrong(BUDGET, number, 2, message, code="changed-meanwhile"))
    return version


def _fields(cells: Cells, number: int, made: Layout, found: list[Finding]) -> dict[str, str]:
    texts = {}
    for column, (name, _) in enumerate(made.fields, KEYS + 1):
        cell = cells[BUDGET].get((number, column), _EMPTY)
        try:
            texts[name] = amount_text(cell)
            if name == "rate" and Decimal(texts[name] or 0) > made.most_rate:
                raise ValueError(f"the topic pays at most {made.most_rate.normalize():f} %")
        except ValueError as problem:
            found.append(wrong(BUDGET, number, column, str(problem)))
    return texts


def amount_text(cell: Cell) -> str:
    """An amount in a cell as its field's text; empty for nothing. Raises ValueError with what is wrong.

    >>> amount_text(Cell(48500.5)), amount_text(Cell("48 500,50")), amount_text(Cell())
    ('48500.5', '48500.5', '')
    """
    value = cell.value
    if cell.error:
        raise ValueError(f"“{shown(value)}” is an error of the spreadsheet, not an amount")
    if cell.formula and value is None:
        raise ValueError("holds a formula without a result: save it with a spreadsheet program, or type the value")
    if value is None or (isinstance(value, str) and not value.strip()):
        return ""
    if isinstance(value, str):
        if value.strip().startswith("-"):
            raise ValueError(f"“{shown(value)}” is negative")
        try:
            return _text_of(parse_amount(value))
        except ValueError:
            raise ValueError(f"“{shown(value)}” is not an amount") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"“{shown(value)}” is not an amount")
    amount = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_DIGITS}g}")
    return _text_of(_checked(amount))


def _checked(amount: Decimal) -> Decimal:
    if not amount.is_finite() or amount > LARGEST:
        raise ValueError("the amount is too large")
    if amount < 0:
        raise ValueError(f"“{amount:f}” is negative")
    if amount != cents(amount):
        raise ValueError(f"“{amount:f}” has more than two decimals")
    return amount


def _text_of(amount: Decimal) -> str:
    text = f"{cents(amount):f}"
    return text.rstrip("0").rstrip(".")


def _reasons(cells: Cells, made: Layout, texts: dict[str, dict[str, str]], found: list[Finding]) -> None:
    """Justifications, each by PIC and category."""
    by_pic, known = {row.pic: row for row in made.rows}, {name for name, _ in made.reasons}
    for number in _used_rows(cells[REASONS], REASON_KEYS + 1):
        row = _row_at(cells, REASONS, number, by_pic, found)
        name = plain(cells[REASONS].get((number, 3), _EMPTY).value)
        if row is None:
            continue
        if name not in known:
            found.append(wrong(REASONS, number, 3, f"there is no category “{shown(name)}” that asks for reasons"))
            continue
        cell = cells[REASONS].get((number, REASON_KEYS + 1), _EMPTY)
        if cell.error or (cell.formula and cell.value is None):
            found.append(wrong(REASONS, number, REASON_KEYS + 1, "holds a formula without a result: type the text"))
        texts.setdefault(row.pic, {})[name] = plain(cell.value)


def plain(value: object) -> str:
    """A cell's value as text; whole numbers without decimals, since programs turn a PIC into one."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def shown(value: object) -> str:
    """A cell's value in a sentence, not too long."""
    text = " ".join(plain(value).split())
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"


def wrong(sheet: str, row: int, column: int, words: str, *, code: str = "wrong-cell") -> Finding:
    """A wrong cell, by its address."""
    place = address(sheet, row, column)
    return Finding(code, f"{place}: {words}.", place, source="domain.md 7")


def unit_costs(topic: TopicRules) -> dict[str, Decimal]:
    """Fields that hold a number of units, with what one of them costs."""
    return {quantity_field(each.code): each.unit_cost for each in topic.categories if each.unit_cost is not None}
