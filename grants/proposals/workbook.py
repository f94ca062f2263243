"""Budgets as XLSX files, by openpyxl, whose 21 MB only the worker should carry: no page imports this.

Headings, identifiers and sums are protected (without a password: it is a help, not a lock; ``sheets.read`` checks).
Text that people typed is written as text and marked as such, so that none of it ever becomes a formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from grants.kernel.money import parse_amount
from grants.proposals.rules import TopicRules
from grants.proposals.sheets import (
    ABOUT,
    BUDGET,
    FIRST,
    FORMAT,
    HEADINGS,
    KEYS,
    NAMES,
    REASON_KEYS,
    REASONS,
    TOTALS,
    Cell,
    Layout,
    unit_costs,
)

#: Rows that are looked at beyond those that were written: lines that somebody added are reported, not overlooked.
MORE_ROWS = 200
_AMOUNT, _INPUT = "#,##0.00", PatternFill("solid", fgColor="FFF7DB")
_HEAD = Font(bold=True)
_OPEN = Protection(locked=False)
_WORDS = (
    "How to fill this in",
    "Yellow cells take what you enter; all others are protected and are not read.",
    "Amounts are in euro with at most two decimals. Person-months and other units are numbers.",
    "On the sheet Justifications, say why the costs are needed where the call asks for it.",
    "Do not move, add or remove rows and columns: each is found by its identifier.",
    "A formula counts by the result that your program saved with it.",
    "Send the file back on the budget's page. Nothing is taken over unless every cell is right;"
    " wrong cells are listed by their address.",
    "If the budget is changed on the page after this file was made, make a new one.",
)


class Unreadable(Exception):
    """The file is no workbook that can be read."""


def write(made: Layout, topic: TopicRules) -> bytes:
    """The spreadsheet with what the budget holds now."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = BUDGET
    _budget(sheet, made, topic)
    _reasons(book.create_sheet(REASONS), made)
    _about(book.create_sheet(ABOUT), made)
    for each in book.worksheets:
        each.protection.sheet = True
        each.protection.formatColumns = False  # widths may be changed
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _budget(sheet: Any, made: Layout, topic: TopicRules) -> None:
    sums = _Formulas(made, topic)
    heads = ["PIC", "Participant", "Version", *(words for _, words in made.fields), *sums.headings]
    for column, words in enumerate(heads, 1):
        text_cell(sheet.cell(HEADINGS, column), words).font = _HEAD
        sheet.cell(HEADINGS, column).alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(column)].width = 34 if column == 2 else 15
    for column, (name, _) in enumerate(made.fields, KEYS + 1):
        text_cell(sheet.cell(NAMES, column), name)
    for number, row in enumerate(made.rows, FIRST):
        text_cell(sheet.cell(number, 1), row.pic)
        text_cell(sheet.cell(number, 2), row.name)
        sheet.cell(number, KEYS, row.version)
        for column, (name, _) in enumerate(made.fields, KEYS + 1):
            _input(sheet.cell(number, column), row.texts.get(name, ""))
        for column, formula in enumerate(sums.of_row(number), KEYS + len(made.fields) + 1):
            sheet.cell(number, column, formula).number_format = _AMOUNT
    last = FIRST + len(made.rows)
    text_cell(sheet.cell(last, 1), TOTALS).font = _HEAD
    for column in range(KEYS + 1, len(heads) + 1):
        if heads[column - 1] != "Funding rate, %" and made.rows:
            letter = get_column_letter(column)
            sheet.cell(last, column, f"=SUM({letter}{FIRST}:{letter}{last - 1})").number_format = _AMOUNT
    sheet.row_dimensions[NAMES].hidden = True
    sheet.column_dimensions[get_column_letter(KEYS)].hidden = True
    sheet.freeze_panes = sheet.cell(FIRST, KEYS + 1)


class _Formulas:
    """Sums that the spreadsheet program shows while somebody fills it in. Made of cells and the topic's numbers only;
    what counts is computed by the server."""

    headings = ("Direct costs", "Indirect costs", "Total costs")

    def __init__(self, made: Layout, topic: TopicRules) -> None:
        places = {name: get_column_letter(column) for column, (name, _) in enumerate(made.fields, KEYS + 1)}
        priced = unit_costs(topic)
        self.terms = {each.code: f"{places[each.code]}{{row}}" for each in topic.categories if each.code in places}
        for each in topic.categories:
            field = f"{each.code}.quantity"
            if field in priced and field in places:
                self.terms[each.code] = f"ROUND({places[field]}{{row}}*{priced[field]},2)"
        self.base = [term for code, term in self.terms.items() if code in topic.indirect_base]
        self.rate = topic.indirect_rate
        self.direct = get_column_letter(KEYS + len(made.fields) + 1)
        self.indirect = get_column_letter(KEYS + len(made.fields) + 2)

    def of_row(self, number: int) -> tuple[str, str, str]:
        """Direct, indirect and total costs of one row."""
        direct = "+".join(self.terms.values()).format(row=number) or "0"
        base = "+".join(self.base).format(row=number) or "0"
        return (
            f"={direct}",
            f"=ROUND(({base})*{self.rate}/100,2)",
            f"={self.direct}{number}+{self.indirect}{number}",
        )


def _reasons(sheet: Any, made: Layout) -> None:
    for column, (words, width) in enumerate(
        (("PIC", 12), ("Participant", 34), ("Field", 12), ("Category", 28), ("Why the costs are needed", 80)), 1
    ):
        text_cell(sheet.cell(HEADINGS, column), words).font = _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, (row, name, label) in enumerate(made.justifications, FIRST):
        for column, words in enumerate((row.pic, row.name, name, label), 1):
            text_cell(sheet.cell(number, column), words)
        cell = text_cell(sheet.cell(number, REASON_KEYS + 1), row.texts.get(name, ""))
        cell.protection, cell.fill = _OPEN, _INPUT
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["C"].hidden = True
    sheet.freeze_panes = sheet.cell(FIRST, 1)


def _about(sheet: Any, made: Layout) -> None:
    text_cell(sheet.cell(1, 1), FORMAT)
    sheet.cell(1, 2, made.number)
    sheet.row_dimensions[1].hidden = True
    sheet.column_dimensions["A"].width = 110
    for number, words in enumerate((f"Budget of proposal {made.number}", *_WORDS), 2):
        text_cell(sheet.cell(number, 1), words)
    sheet.cell(2, 1).font = _HEAD


def text_cell(cell: Any, words: str) -> Any:
    """Text stays text, whatever it begins with."""
    cell.value = _printable(words)
    if words:
        cell.data_type = "s"
    if words[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        cell.quotePrefix = True
    return cell


def _printable(words: str) -> str:
    """Without signs that XML cannot hold."""
    return "".join(sign for sign in words if sign >= " " or sign in "\n\t")


def _input(cell: Any, words: str) -> None:
    cell.protection, cell.fill, cell.number_format = _OPEN, _INPUT, _AMOUNT
    try:
        amount: Decimal | None = parse_amount(words) if words else None
    except ValueError:
        text_cell(cell, words)
    else:
        cell.value = amount


def read(content: bytes, made: Layout) -> Mapping[str, Mapping[tuple[int, int], Cell]]:
    """The cells of a file, as a stream: a file of a million rows costs no more than its first ones. Raises
    Unreadable."""
    rows = FIRST + max(len(made.rows), len(made.justifications)) + MORE_ROWS
    columns = KEYS + len(made.fields) + REASON_KEYS
    try:
        results = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        formulas = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        return {
            name: _cells(results[name], formulas[name], rows, columns)
            for name in (BUDGET, REASONS, ABOUT)
            if name in results.sheetnames and isinstance(results[name], ReadOnlyWorksheet)
        }
    except Exception as problem:  # a damaged workbook makes the library raise almost anything
        raise Unreadable(str(problem)) from problem


def _cells(results: Any, formulas: Any, rows: int, columns: int) -> dict[tuple[int, int], Cell]:
    cells: dict[tuple[int, int], Cell] = {}
    for sheet in (results, formulas):
        sheet.reset_dimensions()  # what a file says of its own size need not be true
    limits = {"min_row": 1, "max_row": rows, "max_col": columns}
    both = zip(formulas.iter_rows(**limits), results.iter_rows(**limits), strict=False)
    for row, (written, kept) in enumerate(both, 1):
        for column, (one, other) in enumerate(zip(written, kept, strict=False), 1):
            if one.value is not None:
                cells[row, column] = Cell(other.value, one.data_type == "f", other.data_type == "e")
    return cells
