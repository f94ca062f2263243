"""Experts as XLSX files, by openpyxl, which only the worker and commands load: no page imports this."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from grants.experts.rules.sheet import MOST_ROWS, Grid, from_csv
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.proposals.workbook import text_cell

#: Columns that are looked at; more are no table of experts.
_MOST_COLUMNS = 40
_WIDTH = 24


def write(grid: Grid) -> bytes:
    """One sheet. All cells are text, so that none of it ever becomes a formula."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "Experts"
    for number, row in enumerate(grid, 1):
        for column, words in enumerate(row, 1):
            text_cell(sheet.cell(number, column), words)
    for column in range(1, len(grid[0]) + 1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTH
    sheet.freeze_panes = "A2"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def read(content: bytes, *, as_csv: bool) -> list[list[str]]:
    """The cells of a file, as text. Raises Invalid where it cannot be read."""
    try:
        return from_csv(content.decode()) if as_csv else _cells(content)
    except Exception as problem:  # a damaged file makes the libraries raise almost anything
        words = "Save the table as CSV in UTF-8." if as_csv else "Save the workbook again as XLSX."
        raise Invalid(Finding("unreadable", f"This file cannot be read. {words}")) from problem


def _cells(content: bytes) -> list[list[str]]:
    """The first sheet as a stream: a file of a million rows costs no more than its first ones."""
    sheet: Any = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False).worksheets[0]
    sheet.reset_dimensions()  # what a file says of its own size need not be true
    rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=_MOST_COLUMNS, values_only=True)
    return [_trimmed([_words(value) for value in row]) for row in rows]


def _trimmed(cells: list[str]) -> list[str]:
    """Without the empty cells at the end."""
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _words(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a PIC that the program took for a number
    return value.isoformat() if isinstance(value, date) else str(value)
