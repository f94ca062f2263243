"""Reports as XLSX files, by openpyxl, which only the worker should carry: no page imports this. See ``offline``.

Text that people typed is written as text, so that none of it ever becomes a formula; input cells of texts are text,
so that none is made a date or a number either.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation

from grants.evaluation import offline
from grants.evaluation.offline import (
    ABOUT,
    FIRST,
    FORMAT,
    HEADINGS,
    HINT,
    INPUT,
    LABEL,
    MARKS,
    NAME,
    PROPOSAL,
    TITLE,
    Field,
    Form,
    Kind,
)
from grants.proposals import workbook
from grants.proposals.sheets import Cell
from grants.proposals.workbook import HEAD, OPEN, Unreadable, cells_of, text_cell

#: Rows below the last field and sheets beyond the expected ones that are looked at.
MORE_ROWS, MORE_SHEETS = 50, 5
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_WIDTHS = ((LABEL, 34), (INPUT, 90), (HINT, 40))
_WORDS = (
    "Yellow cells take what you enter; all others are protected and are not read. One sheet for each proposal.",
    "Scores are numbers in the steps that stand beside them; nothing is no score, 0 is one.",
    "Start a new line inside a cell with Alt+Enter. Formulas are refused: type the value itself.",
    "Do not move, add or remove rows and columns. A sheet that you delete changes nothing.",
    "Send the file back on the page that you got it from. Every wrong cell is listed by its address, and nothing is"
    " taken over before you have seen what would change and said so.",
    "The file is as confidential as the proposals: keep it on no device that others use, and delete it afterwards.",
)


def write(forms: Sequence[Form]) -> bytes:
    """The form with what the reports hold now."""
    book = Workbook()
    book.properties.creator = "Grants"
    about: Any = book.active
    about.title = ABOUT
    about.column_dimensions["A"].width = 110
    for row, words in enumerate((ABOUT, *_WORDS), 1):
        text_cell(about.cell(row, 1), words).alignment = _WRAPPED
    about.cell(1, 1).font = HEAD
    for form in forms:
        _report(book.create_sheet(str(form.number)), form)
    for sheet in book.worksheets:
        sheet.protection.sheet = True
        sheet.protection.formatColumns = sheet.protection.formatRows = False  # sizes may be changed
    if len(book.worksheets) > 1:
        book.active = 1
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _report(sheet: Any, form: Form) -> None:
    text_cell(sheet.cell(MARKS, NAME), FORMAT)
    sheet.cell(MARKS, LABEL, form.assignment)
    sheet.cell(MARKS, INPUT, form.version)
    text_cell(sheet.cell(PROPOSAL, LABEL), f"Proposal {form.label}").font = HEAD
    text_cell(sheet.cell(TITLE, LABEL), form.title)
    for column, words in ((LABEL, "What"), (INPUT, "Your report"), (HINT, "What is allowed")):
        text_cell(sheet.cell(HEADINGS, column), words).font = HEAD
    for row, each in enumerate(form.asked(), FIRST):
        _line(sheet, row, each, form.text(each.place))
    for column, width in _WIDTHS:
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = width
    sheet.row_dimensions[MARKS].hidden = True
    sheet.column_dimensions[sheet.cell(1, NAME).column_letter].hidden = True
    sheet.freeze_panes = sheet.cell(FIRST, INPUT)


def _line(sheet: Any, row: int, asked: Field, text: str) -> None:
    text_cell(sheet.cell(row, NAME), asked.place)
    for column, words in ((LABEL, asked.label), (HINT, asked.hint)):
        text_cell(sheet.cell(row, column), words).alignment = _WRAPPED
    cell = sheet.cell(row, INPUT)
    cell.protection, cell.fill, cell.alignment = OPEN, workbook.INPUT, _WRAPPED
    if asked.kind is Kind.SCORE:
        cell.number_format = "General"
        cell.value = Decimal(text) if text else None
    else:
        cell.number_format = "@"
        text_cell(cell, text)
    if rule := _rule(asked):
        sheet.add_data_validation(rule)
        rule.add(cell)


def _rule(asked: Field) -> DataValidation | None:
    """What the spreadsheet program lets somebody enter."""
    if asked.choices:
        said = f"Choose one of {', '.join(asked.choices)}."[:255]
        return DataValidation("list", formula1=f'"{",".join(asked.choices)}"', allow_blank=True, error=said)
    if asked.criterion is not None:
        most = str(asked.criterion.maximum.normalize())
        return DataValidation("decimal", operator="between", formula1="0", formula2=most, allow_blank=True)
    return None


def read(content: bytes, *, sheets: int, rows: int) -> Mapping[str, Mapping[tuple[int, int], Cell]]:
    """The cells of a file, as a stream. ``sheets`` and ``rows``: how many of a form made here are expected.

    Raises Unreadable.
    """
    try:
        results = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        formulas = load_workbook(BytesIO(content), read_only=True, keep_links=False)
        names = results.sheetnames[: sheets + MORE_SHEETS]
        return {
            name: cells_of(results[name], formulas[name], FIRST + rows + MORE_ROWS, offline.HINT)
            for name in names if isinstance(results[name], ReadOnlyWorksheet)
        }  # fmt: skip
    except Exception as problem:  # a damaged workbook makes the library raise almost anything
        raise Unreadable(str(problem)) from problem
