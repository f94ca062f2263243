"""A budget as a spreadsheet that goes out and comes back: all of it, or every wrong cell by its address."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from grants.db import db
from grants.documents.services import keep_generated, sweep, take_whole
from grants.proposals import budgeting, facts, queries, sheet_jobs, sheets, workbook
from grants.proposals.models import BudgetSheet
from grants.proposals.sheets import Cell
from grants.proposals.states import SheetKind, SheetState
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import draft

pytestmark = pytest.mark.usefixtures("app")


class Scene:
    """A draft of three partners, its contact, and its spreadsheet as an open workbook."""

    def __init__(self, app, template: str = "HE-RIA") -> None:
        self.store = app.extensions["store"]
        self.contact = person("Ana Ferreira")
        self.actor = actor_of(self.contact)
        self.proposal = draft(topic(template=template), main_contact=self.contact)
        self.rows = self.proposal.participants

    def opened(self) -> queries.Opened:
        db.session.flush()
        db.session.expire_all()
        return queries.open_proposal(self.actor, self.proposal.number, now=NOW)

    def save(self, place: int, **values: str) -> None:
        opened = self.opened()
        row = opened.proposal.participants[place]
        texts = {name.replace("__", "."): text for name, text in values.items()}
        budgeting.save_budget_row(opened, row.id, texts, seen=row.version, actor=self.actor, now=NOW)

    def exported(self) -> Workbook:
        made = budgeting.ask_for_sheet(self.opened(), actor=self.actor, now=NOW)
        sheet_jobs.export(made.id, store=self.store, now=NOW)
        with self.store.storage.open(made.document.object_key) as source:
            return load_workbook(BytesIO(source.read()))

    def sent(self, book: Workbook, *, now=NOW) -> BudgetSheet:
        content = BytesIO()
        book.save(content)
        take_whole(
            self.proposal.ref(), "budget_import", name="mine.xlsx", content=content, actor=self.actor, now=NOW,
            store=self.store,
        )  # fmt: skip
        sheet = queries.last_sheets(self.proposal.id, since=NOW - timedelta(days=1))["import"]
        assert (sheet.kind, sheet.state) == (SheetKind.IMPORT, SheetState.WAITING)
        db.session.flush()
        db.session.expire_all()  # the worker has a session of its own
        sheet_jobs.take_over(sheet.id, store=self.store, now=now)
        return sheet

    def texts(self) -> list[dict[str, str]]:
        proposal = self.opened().proposal
        return [budgeting.budget_texts(row, proposal.topic) for row in proposal.participants]


@pytest.fixture
def scene(app) -> Scene:
    return Scene(app)


def said(sheet: BudgetSheet) -> list[str]:
    return [each["message"] for each in sheet.findings]


def test_what_goes_out_and_comes_back_unchanged_changes_nothing(scene):
    scene.save(0, A="12 000,50", B="300", B__justification="Interpreters.", own_contribution="5", A__quantity="2.5")
    before, versions = scene.texts(), [row.version for row in scene.opened().proposal.participants]

    sheet = scene.sent(scene.exported())

    assert (sheet.state, said(sheet)) == (SheetState.DONE, ["Nothing differed from what is here."])
    assert (scene.texts(), [row.version for row in scene.opened().proposal.participants]) == (before, versions)


def test_changed_cells_are_taken_over_and_only_their_rows_move_on(scene):
    book = scene.exported()
    book["Budget"]["D3"], book["Budget"]["F4"] = 1234.5, "2 500"
    book["Justifications"]["E3"] = "An outside laboratory."

    sheet = scene.sent(book)

    first, second, third = scene.texts()
    assert sheet.state is SheetState.DONE
    assert (first["A"], first["B.justification"], second["B"]) == ("1234.5", "An outside laboratory.", "2500")
    assert [row.version for row in scene.opened().proposal.participants] == [2, 2, 1]
    assert third["A"] == "100000"


def test_every_wrong_cell_is_named_by_its_address_and_nothing_is_taken_over(scene):
    book, before = scene.exported(), scene.texts()
    sheet = book["Budget"]
    sheet["D3"], sheet["F3"], sheet["G3"] = "12k", -5, 1.234
    sheet["H4"], sheet["D4"], sheet["F4"] = 10**13, True, "=SUM(G4:H4)"
    sheet["A5"], sheet["G5"] = "999999999", 7

    found = scene.sent(book)

    assert found.state is SheetState.REFUSED
    assert said(found) == [
        "Budget!D3: “12k” is not an amount.", "Budget!F3: “-5” is negative.",
        "Budget!G3: “1.234” has more than two decimals.", "Budget!D4: “True” is not an amount.",
        "Budget!F4: holds a formula without a result: save it with a spreadsheet program, or type the value.",
        "Budget!H4: the amount is too large.", "Budget!A5: there is no participant with the PIC “999999999”.",
        f"Budget: the row of {scene.rows[2].organisation.legal_name} ({scene.rows[2].organisation.pic}) is missing.",
    ]  # fmt: skip
    assert scene.texts() == before


def test_a_formula_counts_by_the_result_that_was_kept_with_it():
    made = sheets.amount_text(Cell(100.1, formula=True))

    assert made == "100.1"
    with pytest.raises(ValueError, match="error of the spreadsheet"):
        sheets.amount_text(Cell("#DIV/0!", formula=True, error=True))


def test_a_row_that_was_changed_meanwhile_is_reported_and_not_put_over(scene):
    book = scene.exported()
    scene.save(1, A="77")
    book["Budget"]["D4"] = 99

    found = scene.sent(book)

    name = scene.rows[1].organisation.legal_name
    assert said(found) == [f"Budget!B4: {name} was changed here after this spreadsheet was made; make a new one."]
    assert scene.texts()[1]["A"] == "77"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda book: book.remove(book["Justifications"]), "The sheet Justifications is missing"),
        (
            lambda book: book["Budget"].__setitem__("D2", "Salaries"),
            "Budget!D2: the heading was “A. Pers",
        ),
        (lambda book: book["Budget"].delete_cols(5), "Budget!E1: “A. Personnel, person-months” is not in its column"),
        (lambda book: book["About"].__setitem__("B1", 5), "About!B1: this is the budget of proposal 5, not of"),
        (lambda book: book["About"].__setitem__("A1", "x"), "About!A1: this is no budget made here"),
        (lambda book: book["Budget"].__setitem__("A4", book["Budget"]["A3"].value), "is there twice"),
        (lambda book: book["Justifications"].__setitem__("C3", "Q"), "Justifications!C3: there is no category “Q”"),
        (lambda book: book["Budget"].__setitem__("N3", 101), "Budget!N3: the topic pays at most 100 %"),
    ],
)
def test_a_spreadsheet_that_was_rebuilt_is_refused_where_it_was(scene, change, words):
    book = scene.exported()
    change(book)

    found = scene.sent(book)

    assert found.state is SheetState.REFUSED
    assert words in said(found)[0]


def test_only_input_cells_are_open_and_identifiers_are_hidden(scene):
    book = scene.exported()
    sheet = book["Budget"]

    open_cells = {cell.coordinate for line in sheet.iter_rows() for cell in line if not cell.protection.locked}
    assert all(each.protection.sheet and not each.protection.password for each in book.worksheets)
    assert open_cells == {f"{column}{number}" for column in "DEFGHIJKLMN" for number in (3, 4, 5)}
    assert sheet.row_dimensions[1].hidden
    assert sheet.column_dimensions["C"].hidden
    assert sheet["D3"].number_format == "#,##0.00"


def test_what_people_typed_is_never_a_formula(scene):
    scene.rows[0].organisation.legal_name = '=HYPERLINK("http://evil.example","x")'
    scene.save(0, B__justification="@SUM(1+1)", C1="=1+1")
    book = scene.exported()

    for sheet, place in (("Budget", "B3"), ("Justifications", "E3"), ("Budget", "G3")):
        cell = book[sheet][place]
        assert (cell.data_type, cell.quotePrefix) == ("s", True), place
    formulas = {cell.value for line in book["Budget"].iter_rows() for cell in line if cell.data_type == "f"}
    assert formulas
    assert not any("HYPERLINK" in text or "SUM(1" in text for text in formulas)


def test_a_file_that_is_no_workbook_is_refused_before_anybody_reads_it(scene):
    made = take_whole(
        scene.proposal.ref(), "budget_import", name="mine.xlsx", content=BytesIO(b"A,B"), actor=scene.actor, now=NOW,
        store=scene.store,
    )  # fmt: skip

    assert made.state.value == "refused"
    assert queries.last_sheets(scene.proposal.id, since=NOW - timedelta(days=1)) == {}


def test_after_the_deadline_nothing_is_taken_over(scene):
    book = scene.exported()
    book["Budget"]["D3"] = 5

    found = scene.sent(book, now=NOW + timedelta(days=31))

    assert found.state is SheetState.REFUSED
    assert scene.texts()[0]["A"] == "100000"


def test_repeating_a_task_changes_nothing(scene):
    sheet = scene.sent(scene.exported())
    done = sheet.done_at

    sheet_jobs.take_over(sheet.id, store=scene.store, now=NOW + timedelta(hours=1))

    assert sheet.done_at == done


def test_after_its_day_a_spreadsheet_is_gone_and_bytes_that_others_need_stay(scene):
    made = budgeting.ask_for_sheet(scene.opened(), actor=scene.actor, now=NOW)
    sheet_jobs.export(made.id, store=scene.store, now=NOW)
    key = made.document.object_key
    with scene.store.storage.open(key) as source:
        content = source.read()
    same = keep_generated(
        scene.proposal.ref(), "annex", name="same.xlsx", content=content, now=NOW, store=scene.store
    )

    assert sweep(store=scene.store, now=NOW + timedelta(hours=23))["discarded"] == 0
    assert sweep(store=scene.store, now=NOW + timedelta(hours=25))["discarded"] == 1
    assert (made.document.state.value, made.document.object_key) == ("discarded", None)
    assert scene.store.storage.head(key) is not None

    same.kind, same.created_at = "budget_export", NOW
    db.session.flush()
    assert sweep(store=scene.store, now=NOW + timedelta(hours=26))["discarded"] == 1
    assert scene.store.storage.head(key) is None


def test_a_lump_sum_goes_out_and_comes_back_by_work_package(app):
    scene = Scene(app, "HE-LUMP-SUM")
    book = scene.exported()
    heads = [cell.value for cell in book["Budget"][1]]
    share = heads.index("share.1") + 1
    book["Budget"].cell(3, share, 4000)

    sheet = scene.sent(book)

    assert sheet.state is SheetState.DONE
    assert scene.texts()[0]["share.1"] == "4000"
    sums = facts.sums(scene.opened().proposal)
    assert (sums.requested, sums.lump_sum.by_package) == (Decimal(4000), {1: Decimal(4000)})


def test_unit_costs_ask_for_units_only(app):
    scene = Scene(app, "HE-FELLOWSHIP")
    names = [cell.value for cell in scene.exported()["Budget"][1]]

    assert "LIVING.quantity" in names
    assert "LIVING" not in names


@pytest.mark.slow
def test_pages_do_not_carry_the_library_that_reads_workbooks():
    code = "import sys, grants.app; sys.exit('openpyxl' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.decimals(0, 999_999_999, places=2))
def test_an_amount_survives_the_binary_fraction_of_a_spreadsheet(amount):
    assert Decimal(sheets.amount_text(Cell(float(amount)))) == amount


@given(st.none() | st.booleans() | st.text() | st.floats() | st.integers())
def test_any_value_is_an_amount_or_said_not_to_be(value):
    with suppress(ValueError):  # with words; anything else is a bug
        text = sheets.amount_text(Cell(value))
        assert text == "" or Decimal(text) >= 0


def test_the_page_tells_how_a_spreadsheet_stands(scene, client, app):
    browser = signed_in(client, scene.contact)
    address = f"/proposals/{scene.proposal.number}/budget"
    browser.post(f"{address}/sheet")
    assert "The spreadsheet is being made" in browser.get(address).text

    waiting = queries.waiting_sheet(scene.proposal.id)
    sheet_jobs.export(waiting.id, store=scene.store, now=NOW)
    page = browser.get(address).text
    assert f"Budget {scene.proposal.number}.xlsx" in page
    with scene.store.storage.open(waiting.document.object_key) as source:
        content = source.read()
    browser.post(f"{address}/import", data={"file": (BytesIO(content), "mine.xlsx")})
    assert "waits to be read" in browser.get(address).text
    book = load_workbook(BytesIO(content))
    book["Budget"]["D3"] = "<b>12k</b>"
    scene.sent(book)
    assert "Budget!D3: “&lt;b&gt;12k&lt;/b&gt;” is not an amount." in browser.get(address).text


def test_a_workbook_that_is_damaged_inside_is_said_to_be_unreadable(scene):
    made = sheet_jobs.layout_of(scene.opened().proposal)

    with pytest.raises(workbook.Unreadable):
        workbook.read(b"PK\x03\x04 nothing", made)


def test_a_workbook_whose_entities_swell_is_given_up(scene):
    made = sheet_jobs.layout_of(scene.opened().proposal)
    swelling = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    source = BytesIO(workbook.write(made, facts.rules_of(scene.proposal)))
    content = BytesIO()
    with ZipFile(source) as before, ZipFile(content, "w") as after:
        for name in before.namelist():
            part = before.read(name).decode()
            if name == "xl/worksheets/sheet1.xml":
                part = f'<!DOCTYPE x [<!ENTITY e0 "aaaaaaaaaa">{swelling}]>' + part.replace("<v>", "<v>&e9;", 1)
            after.writestr(name, part)

    with pytest.raises(workbook.Unreadable, match="limit"):
        workbook.read(content.getvalue(), made)
