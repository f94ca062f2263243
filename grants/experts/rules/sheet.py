"""Experts as a table: what its columns mean, what is wrong with a cell, what no program takes for a formula. Pure.

Lists within a cell are written with semicolons. A wrong cell is told by its address, such as B7.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from grants.experts.rules.profile import LANGUAGES, SECTORS, read_orcid
from grants.kernel.findings import Finding

Grid = Sequence[Sequence[str]]
#: Columns by what they hold, with their headings.
HEADINGS = {
    "email": "E-mail", "name": "Name", "employer_name": "Employer", "pic": "PIC", "country": "Country",
    "nationality": "Nationality", "sector": "Sector", "expertise": "Expertise", "concepts": "Keywords",
    "languages": "Languages", "gender": "Gender", "orcid": "ORCID", "state": "Profile",
    "declared": "Interests declared",
}  # fmt: skip
#: What an officer reads on the pages of the registry; addresses are the administrators'.
EXPORTED = (
    "name", "employer_name", "country", "nationality", "sector", "expertise", "concepts", "languages", "orcid",
    "state", "declared",
)  # fmt: skip
#: Written for people, and not read again.
IGNORED = frozenset({"state", "declared"})
LISTS = frozenset({"expertise", "concepts", "languages"})
MOST_ROWS = 5000
_LONGEST = {"email": 254, "name": 200, "employer_name": 300}
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. ``cells``: text by column; only the columns that the table has."""

    number: int
    cells: Mapping[str, str]
    places: Mapping[str, str]

    def wrong(self, column: str, message: str) -> Finding:
        """What is wrong with a cell, with its address."""
        place = self.places.get(column, str(self.number))
        return Finding(f"cell-{column}", f"{place}: {message}", place=place)

    def listed(self, column: str) -> list[str]:
        """The parts of a cell that holds a list."""
        return listed(self.cells.get(column, ""))


def listed(text: str) -> list[str]:
    """
    >>> listed("hotlines; law;")
    ['hotlines', 'law']
    """
    return [each.strip() for each in text.split(";") if each.strip()]


def harmless(text: str) -> str:
    """Text that a spreadsheet program does not take for a formula.

    >>> harmless("=1+1")
    "'=1+1"
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_typed(text: str) -> str:
    """The text of a cell without what ``harmless`` put before it."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_FORMULA) else text


def to_csv(grid: Grid) -> str:
    """With a mark at the beginning, by which spreadsheet programs know that it is UTF-8."""
    written = StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([harmless(cell) for cell in row] for row in grid)
    return "\ufeff" + written.getvalue()


def from_csv(text: str) -> list[list[str]]:
    """Cells of a table with commas or semicolons between them, whichever its first line has more of."""
    text = text.removeprefix("\ufeff")
    head = text.partition("\n")[0]
    delimiter = ";" if head.count(";") > head.count(",") else ","
    return [list(row) for row in csv.reader(StringIO(text), delimiter=delimiter)]


def read(grid: Grid) -> tuple[list[Row], list[Finding]]:
    """The rows below the headings, without empty ones, and what is wrong with headings and cells."""
    if not grid or len(grid) > MOST_ROWS + 1:
        message = f"The table is empty, or has more than {MOST_ROWS} rows below its headings."
        return [], [Finding("rows", message)]
    columns, found = _columns(grid[0])
    if found:
        return [], found
    rows = []
    for number, cells in enumerate(grid[1:], 2):
        texts = [as_typed(cell.strip()) for cell in cells]
        if any(texts):
            padded = [*texts, *[""] * (len(columns) - len(texts))]
            named = {name: padded[at] for at, name in columns.items() if name not in IGNORED}
            places = {name: f"{letters(at)}{number}" for at, name in columns.items()}
            rows.append(Row(number, named, places))
    return rows, [*_twice(rows), *(wrong for row in rows for wrong in problems(row))]


def _columns(headings: Sequence[str]) -> tuple[dict[int, str], list[Finding]]:
    known = {heading.casefold(): name for name, heading in HEADINGS.items()}
    columns: dict[int, str] = {}
    found = []
    for at, heading in enumerate(headings):
        name = known.get(heading.strip().casefold(), "")
        if not heading.strip():
            continue
        if not name or name in columns.values():
            words = "stands twice" if name else "is no column. Write one of: " + ", ".join(HEADINGS.values())
            found.append(Finding("heading", f"{letters(at)}1: “{heading.strip()}” {words}.", place=f"{letters(at)}1"))
        else:
            columns[at] = name
    if "email" not in columns.values():
        found.append(Finding("no-email", "Row 1: a column E-mail is needed, by which people are known."))
    return columns, found


def letters(at: int) -> str:
    """How spreadsheet programs call a column.

    >>> [letters(at) for at in (0, 25, 26)]
    ['A', 'Z', 'AA']
    """
    return (letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


def _twice(rows: Iterable[Row]) -> list[Finding]:
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        email = row.cells["email"].lower()
        if email and email in seen:
            found.append(row.wrong("email", f"{email} stands in row {seen[email]} already."))
        seen.setdefault(email, row.number)
    return found


def problems(row: Row) -> list[Finding]:
    """What is wrong with the cells of a row by themselves."""
    given = row.cells
    found = [
        row.wrong(name, f"This is longer than {most} characters.")
        for name, most in _LONGEST.items() if len(given.get(name, "")) > most
    ]  # fmt: skip
    if not _ADDRESS.fullmatch(given["email"]):
        found.append(row.wrong("email", "This is no e-mail address."))
    found += [
        row.wrong(name, "Write the country as two capital letters, such as BE.")
        for name in ("country", "nationality")
        if given.get(name) and not re.fullmatch("[A-Z]{2}", given[name])
    ]
    for name, choices in (("sector", SECTORS), ("gender", ("woman", "man"))):
        if given.get(name) and given[name] not in choices:
            found.append(row.wrong(name, f"Write one of: {', '.join(choices)}; or leave it empty."))
    found += [
        row.wrong("languages", f"{each} is none of the languages: {', '.join(LANGUAGES)}.")
        for each in row.listed("languages")
        if each not in LANGUAGES
    ]
    try:
        read_orcid(given.get("orcid", ""))
    except ValueError:
        found.append(row.wrong("orcid", "This is no ORCID: it has 16 digits, the last may be X."))
    return found
