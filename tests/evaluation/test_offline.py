"""Reports as an offline form: out, filled in, back; nothing counts before all is right, seen and confirmed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import event, select

from grants.audit.models import AuditEvent
from grants.calls.rules import CriterionFacts
from grants.calls.states import Blind
from grants.db import db
from grants.documents import services as documents
from grants.documents.models import Document
from grants.documents.states import DocumentState
from grants.evaluation import facts, offline, offline_book, offline_facts, offline_jobs, queries, services
from grants.evaluation.models import ReportForm, form_owner
from grants.evaluation.offline import Field, Filled, Form, Kind, fields_of, normal
from grants.evaluation.states import FormKind, FormState
from grants.experts.models import Employment
from grants.kernel.errors import NotFound, Refused, Stale
from grants.proposals.sheets import Cell
from grants.worker import tasks_of
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, expert_actor, handed_in, manager_of
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once
from tests.hostile.make import lying_archive

SCORE, REASONS = "scores.excellence.score", "scores.excellence.comment"


class Desk:
    """An expert with two open reports in a topic with a question, another expert, and the manager."""

    def __init__(self, app, *, topic, manager, pool, proposals, made) -> None:
        self.store, self.topic, self.manager = app.extensions["store"], topic, manager
        self.pool, self.proposals = pool, proposals
        self.own = [each[0] for each in made]
        self.others = [each[1] for each in made]
        self.account = self.own[0].expert.account
        self.actor = expert_actor(self.account)
        self.page = f"/evaluation/topics/{self.topic.identifier}/offline"

    def opened(self):
        db.session.flush()
        db.session.expire_all()
        return queries.open_reports(self.actor, self.topic.identifier, now=LATER)

    def save(self, place: int, **values: str) -> None:
        opened = self.opened()[place]
        texts = {name.replace("__", "."): text for name, text in values.items()}
        services.save_report(opened, texts, seen=opened.assignment.report.version, actor=self.actor, now=LATER)

    def texts(self, place: int) -> dict[str, str]:
        return {SCORE: "", REASONS: ""} | facts.texts(self.opened()[place].assignment.report)

    def exported(self) -> Workbook:
        made = services.ask_for_form(self.opened(), actor=self.actor, now=LATER)
        offline_jobs.export(made.id, store=self.store, now=LATER)
        with self.store.storage.open(made.document.object_key) as source:
            return load_workbook(BytesIO(source.read()))

    def sent(self, book: Workbook, *, now=LATER) -> ReportForm:
        content = BytesIO()
        book.save(content)
        return self.sent_file(content, now=now)

    def sent_file(self, content: BytesIO, *, now=LATER) -> ReportForm:
        owner = form_owner(self.topic.id, self.own[0].expert_id)
        documents.take_whole(
            owner, "report_import", name="mine.xlsx", content=content, actor=self.actor, now=now, store=self.store
        )
        form = db.session.scalars(select(ReportForm).order_by(ReportForm.id.desc()).limit(1)).one()
        assert (form.kind, form.state) == (FormKind.IMPORT, FormState.WAITING)
        db.session.flush()
        db.session.expire_all()  # the worker has a session of its own
        offline_jobs.take_in(form.id, store=self.store, now=now)
        return form

    def confirm(self, form: ReportForm, *places: str, at: int = 0, seen: int | None = None) -> int:
        opened = self.opened()
        key = opened[at].assignment.id
        version = opened[at].assignment.report.version if seen is None else seen
        return services.take_over_form(
            form, opened, {key: set(places)}, seen={key: version}, actor=self.actor, now=LATER
        )


@once
def scene(clock) -> dict[str, object]:
    """What a desk stands on."""
    clock.instant = LATER
    of = topic()
    of.questions = [{"code": "q1", "text": "In scope?"}]
    _, manager = manager_of(of)
    pool = accepted(of, *(expert() for _ in range(2)), manager=manager)
    proposals = [submitted(of), submitted(of)]
    made = [assigned(each, *pool, manager=manager) for each in proposals]
    return {"topic": of, "manager": manager, "pool": pool, "proposals": proposals, "made": made}


@pytest.fixture
def desk(app, scene) -> Desk:
    return Desk(app, **scene)


def row_of(sheet, place: str) -> int:
    return next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, offline.NAME).value == place)


def put(book: Workbook, number: int, place: str, value: object) -> str:
    sheet = book[str(number)]
    row = row_of(sheet, place)
    sheet.cell(row, offline.INPUT).value = value
    return f"{number}!C{row}"


def said(form: ReportForm) -> list[str]:
    return [each["message"] for each in form.findings]


def test_the_form_has_a_sheet_for_each_open_report_with_what_is_there_and_what_is_allowed(desk):
    desk.save(0, scores__excellence__score="3.5", scores__excellence__comment="Sound.\r\nNearly.")
    desk.save(0, questions__q1__answer="no")
    book = desk.exported()
    numbers = [str(each.number) for each in desk.proposals]
    assert book.sheetnames == [offline.ABOUT, *numbers]
    sheet = book[numbers[0]]
    score = sheet.cell(row_of(sheet, SCORE), offline.INPUT)
    assert (score.value, score.protection.locked) == (3.5, False)
    assert sheet.cell(row_of(sheet, REASONS), offline.INPUT).value == "Sound.\nNearly."
    assert sheet.cell(row_of(sheet, "questions.q1.answer"), offline.INPUT).value == "no"
    assert sheet.protection.sheet
    assert sheet.cell(row_of(sheet, SCORE), offline.LABEL).protection.locked
    rules = {rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert {'"yes,no"', '"0,0.5,1,1.5,2,2.5,3,3.5,4,4.5,5"'} <= rules
    places = {sheet.cell(row, offline.NAME).value for row in range(offline.FIRST, sheet.max_row + 1)}
    assert {"overall", "panel_note", "questions.q1.remark", "scores.impact.weaknesses"} <= places


def test_what_comes_back_unchanged_changes_nothing(desk):
    desk.save(0, scores__excellence__score="3.5", scores__excellence__comment=" A\r\n- B \x07", overall="=1+1")
    form = desk.sent(desk.exported())
    assert form.state is FormState.READ
    forms = offline_facts.forms_of(desk.opened())
    assert [offline.changes(forms[key], filled) for key, filled in offline.reports_of(form.given)] == [[], []]


def test_nothing_counts_before_the_expert_confirms_and_then_the_ticked_fields_do(desk, client):
    desk.save(0, scores__excellence__score="3", scores__excellence__comment="Old words")
    book, (first, second) = desk.exported(), [each.number for each in desk.proposals]
    put(book, first, SCORE, 4.5)
    put(book, first, REASONS, "New words")
    put(book, second, "questions.q1.answer", "yes")
    form = desk.sent(book)
    assert (form.state, desk.texts(0)[SCORE], desk.texts(0)[REASONS]) == (FormState.READ, "3", "Old words")

    client = signed_in(client, desk.account, now=LATER)
    page = client.get(f"{desk.page}/uploads/{form.id}").text
    for words in ("Old words", "New words", "4.5", f'value="{desk.own[1].id}:questions.q1.answer"'):
        assert words in page
    answer = client.post(f"{desk.page}/uploads/{form.id}", data={
        "take": [f"{desk.own[0].id}:{SCORE}", f"{desk.own[1].id}:questions.q1.answer"],
        f"version.{desk.own[0].id}": "2", f"version.{desk.own[1].id}": "1",
    })  # fmt: skip

    assert answer.status_code == 302
    assert (desk.texts(0)[SCORE], desk.texts(0)[REASONS]) == ("4.5", "Old words")
    assert desk.texts(1)["questions.q1.answer"] == "yes"
    assert (form.state, form.given) == (FormState.TAKEN, {})
    assert client.get(f"{desk.page}/uploads/{form.id}").status_code == 404


def test_every_wrong_cell_is_told_by_its_address_and_nothing_is_read(desk):
    book, number = desk.exported(), desk.proposals[0].number
    wrong = {
        put(book, number, SCORE, 3.3): "Scores go in steps of 0.5",
        put(book, number, "scores.impact.score", "four"): "Enter a number from 0 to 5",
        put(book, number, "scores.implementation.score", 7): "must lie between 0 and 5",
        put(book, number, "questions.q1.answer", "perhaps"): "neither yes nor no",
        put(book, number, REASONS, "=A1"): "holds a formula",
        put(book, number, "overall", LATER.replace(tzinfo=None)): "was made a date",
        put(book, number, "panel_note", "x" * (offline.LONGEST + 1)): "characters",
    }
    form = desk.sent(book)
    assert form.state is FormState.REFUSED
    assert len(said(form)) == len(wrong)
    for address, words in wrong.items():
        [message] = [each for each in said(form) if each.startswith(f"{address}:")]
        assert words in message
    assert form.given == {}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda sheet: sheet.delete_rows(row_of(sheet, SCORE)), "is missing; make a new form"),
        (lambda sheet: sheet.cell(row_of(sheet, SCORE), offline.NAME, REASONS), "is there twice"),
        (lambda sheet: sheet.cell(row_of(sheet, SCORE), offline.NAME, "luck"), "nothing is asked in this row"),
        (lambda sheet: sheet.cell(40, offline.INPUT, "A remark"), "nothing is asked in this row"),
        (lambda sheet: sheet.cell(offline.MARKS, offline.NAME, "grants-report-0"), "was not made here"),
        (lambda sheet: sheet.cell(offline.MARKS, offline.LABEL, 999_999), "none of your open reports"),
    ],
)  # fmt: skip
def test_a_form_whose_frame_was_changed_is_refused_in_words(desk, spoil, words):
    book = desk.exported()
    spoil(book[str(desk.proposals[0].number)])
    form = desk.sent(book)
    assert form.state is FormState.REFUSED
    assert any(words in each for each in said(form))


def test_a_report_of_another_expert_is_refused_as_one_that_is_not_there(desk):
    book = desk.exported()
    sheet = book[str(desk.proposals[0].number)]
    told = []
    for identity in (desk.others[0].id, 999_999):
        sheet.cell(offline.MARKS, offline.LABEL).value = identity
        told.append(said(desk.sent(book)))
    assert told[0] == told[1]


def test_a_sheet_twice_is_refused_and_a_missing_one_changes_nothing(desk):
    book, (first, second) = desk.exported(), [str(each.number) for each in desk.proposals]
    book.copy_worksheet(book[first]).title = "again"
    assert "this report is there twice" in said(desk.sent(book))[0]
    del book["again"], book[first]
    form = desk.sent(book)
    assert (form.state, list(form.given)) == (FormState.READ, [str(desk.own[1].id)])
    assert second in book.sheetnames


def test_a_file_without_a_report_is_refused(desk):
    book = Workbook()
    book.active.title = offline.ABOUT
    assert said(desk.sent(book)) == ["There is no report in this file: start from a form made here."]


def test_a_report_that_was_changed_here_meanwhile_shows_both_texts_and_nothing_is_ticked(desk, client):
    book, number = desk.exported(), desk.proposals[0].number
    desk.save(0, scores__excellence__comment="Written here meanwhile")
    put(book, number, REASONS, "Written offline")
    form = desk.sent(book)
    client = signed_in(client, desk.account, now=LATER)
    page = client.get(f"{desk.page}/uploads/{form.id}").text
    assert "was changed here after the form was made" in page
    assert "Written here meanwhile" in page
    assert "Written offline" in page
    assert "checked" not in page
    desk.confirm(form, REASONS)
    assert desk.texts(0)[REASONS] == "Written offline"


def test_a_report_that_changes_between_the_look_and_the_word_is_looked_at_again(desk, client):
    book = desk.exported()
    put(book, desk.proposals[0].number, REASONS, "Written offline")
    form = desk.sent(book)
    desk.save(0, overall="Meanwhile")
    with pytest.raises(Stale):
        desk.confirm(form, REASONS, seen=1)
    client = signed_in(client, desk.account, now=LATER)
    data = {"take": f"{desk.own[0].id}:{REASONS}", f"version.{desk.own[0].id}": "1"}
    answer = client.post(f"{desk.page}/uploads/{form.id}", data=data)
    assert (answer.status_code, answer.location) == (302, f"{desk.page}/uploads/{form.id}")
    assert (form.state, desk.texts(0)[REASONS]) == (FormState.READ, "")


def test_one_report_that_cannot_be_saved_keeps_all_others_as_they_are(desk, client):
    book = desk.exported()
    for each in desk.proposals:
        put(book, each.number, REASONS, "Written offline")
    form = desk.sent(book)
    client = signed_in(client, desk.account, now=LATER)
    client.post(f"{desk.page}/uploads/{form.id}", data={
        "take": [f"{each.id}:{REASONS}" for each in desk.own],
        f"version.{desk.own[0].id}": "1", f"version.{desk.own[1].id}": "7",
    })  # fmt: skip
    assert (desk.texts(0)[REASONS], desk.texts(1)[REASONS]) == ("", "")


def test_a_report_that_was_handed_in_is_not_touched(desk, client):
    book = desk.exported()
    for each in desk.proposals:
        put(book, each.number, REASONS, "Written offline")
    handed_in(desk.own[0])
    before = desk.texts(0)
    form = desk.sent(book)
    assert list(form.given) == [str(desk.own[1].id)]
    client = signed_in(client, desk.account, now=LATER)
    page = client.get(f"{desk.page}/uploads/{form.id}").text
    assert "1 report in this file is handed in" in page
    with pytest.raises(NotFound):
        desk.confirm(form, REASONS, at=0)
    assert desk.texts(0) == before
    handed_in(desk.own[1])
    with pytest.raises(Refused) as refused:
        desk.confirm(form, REASONS, at=1)
    assert refused.value.code == "report-submitted"


def test_a_confirmation_needs_a_tick_and_a_dropped_form_is_gone(desk, client):
    book = desk.exported()
    put(book, desk.proposals[0].number, REASONS, "Written offline")
    form = desk.sent(book)
    client = signed_in(client, desk.account, now=LATER)
    assert client.post(f"{desk.page}/uploads/{form.id}").status_code == 422
    assert client.post(f"{desk.page}/uploads/{form.id}/drop").status_code == 302
    assert (form.state, form.given, desk.texts(0)[REASONS]) == (FormState.DROPPED, {}, "")
    with pytest.raises(Refused):
        desk.confirm(form, REASONS)


def test_a_second_file_replaces_one_that_waits_and_nobody_waits_for_ever(desk):
    book = desk.exported()
    first, second = desk.sent(book), desk.sent(book)
    assert (first.state, second.state) == (FormState.DROPPED, FormState.READ)
    late = LATER + timedelta(days=1)
    assert services.drop_forgotten_forms(now=late - timedelta(seconds=1)) == {"dropped": 0}
    assert services.drop_forgotten_forms(now=late) == {"dropped": 1}
    assert (second.state, second.given) == (FormState.DROPPED, {})


def test_files_of_forms_are_kept_for_a_day(desk):
    desk.sent(desk.exported())
    documents.sweep(store=desk.store, now=LATER + timedelta(days=1, seconds=1))
    rows = db.session.scalars(select(Document).where(Document.owner_kind == "report_form")).all()
    assert {each.state for each in rows} == {DocumentState.DISCARDED}
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("text", "kind"), [("=cmd|' /C calc'!A0", "s"), ("+1", "s"), ("-1", "s"), ("@SUM(A1)", "s"), ("\t=1", "s")]
)
def test_what_looks_like_a_formula_is_written_as_text(desk, text, kind):
    desk.save(0, scores__excellence__comment=text)
    book = desk.exported()
    sheet = book[str(desk.proposals[0].number)]
    cell = sheet.cell(row_of(sheet, REASONS), offline.INPUT)
    assert (cell.data_type, cell.value, cell.number_format) == (kind, text, "@")
    assert desk.sent(book).state is FormState.READ


def test_a_text_that_no_cell_holds_is_left_to_the_page(desk):
    desk.save(0, scores__excellence__comment="x" * (offline.LONGEST + 1), overall="Short")
    book = desk.exported()
    sheet = book[str(desk.proposals[0].number)]
    assert REASONS not in {sheet.cell(row, offline.NAME).value for row in range(1, sheet.max_row + 1)}
    put(book, desk.proposals[0].number, "overall", "Longer")
    form = desk.sent(book)
    desk.confirm(form, "overall")
    assert (desk.texts(0)["overall"], len(desk.texts(0)[REASONS])) == ("Longer", offline.LONGEST + 1)


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"no workbook at all", lying_archive()])
def test_what_is_no_workbook_or_a_bomb_is_refused_by_the_checks_of_files(desk, content):
    owner = form_owner(desk.topic.id, desk.own[0].expert_id)
    made = documents.take_whole(
        owner, "report_import", name="mine.xlsx", content=BytesIO(content), actor=desk.actor, now=LATER,
        store=desk.store,
    )  # fmt: skip
    assert made.state is DocumentState.REFUSED
    assert db.session.query(ReportForm).count() == 0


def test_rows_and_sheets_without_end_cost_no_more_than_the_first(desk):
    book = desk.exported()
    for number in range(30):
        book.create_sheet(f"more {number}")
    sheet = book[str(desk.proposals[0].number)]
    sheet.cell(1_000_000, offline.INPUT, "far away")
    form = desk.sent(book)
    assert form.state is FormState.REFUSED
    assert len(said(form)) <= offline_book.MORE_SHEETS + 2


def test_a_blind_form_names_no_applicant(desk):
    desk.topic.blind = Blind.ALL
    book = desk.exported()
    content = BytesIO()
    book.save(content)
    words = " ".join(
        str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value
    )
    assert "SAFEKIDS" not in words
    assert "A safer net" in words
    names = [row.organisation.legal_name for row in desk.proposals[0].participants]
    assert [each for each in names if each in words] == []


def client_of(client, desk):
    return signed_in(client, desk.account, now=LATER)


def test_the_pages_of_the_whole_way(desk, client):
    client = client_of(client, desk)
    page = client.get(desk.page).text
    assert "Make one form for all 2 reports" in page
    assert desk.page in client.get(f"/evaluation/{desk.own[0].id}").text
    assert desk.page in client.get("/evaluation").text
    assert client.post(f"{desk.page}/forms").status_code == 302
    assert "The form is being made" in client.get(desk.page).text
    made = db.session.query(ReportForm).one()
    offline_jobs.export(made.id, store=desk.store, now=LATER)
    assert made.document.name == f"Reports {desk.topic.identifier}.xlsx"
    assert made.document.name in client.get(desk.page).text
    answer = client.get(f"{desk.page}/forms/{made.id}")
    with client.get(answer.location) as file:
        content = file.data
    sent = client.post(f"{desk.page}/uploads", data={"file": (BytesIO(content), "mine.xlsx")})
    assert sent.status_code == 302
    assert "waits to be read" in client.get(desk.page).text
    form = db.session.query(ReportForm).filter_by(kind=FormKind.IMPORT).one()
    offline_jobs.take_in(form.id, store=desk.store, now=LATER)
    assert "Look at what would change" in client.get(desk.page).text
    assert "Nothing differs" in client.get(f"{desk.page}/uploads/{form.id}").text


def test_one_report_makes_a_form_of_its_own(desk, client):
    client_of(client, desk).post(f"{desk.page}/forms", data={"assignment_id": desk.own[1].id})
    made = db.session.query(ReportForm).one()
    offline_jobs.export(made.id, store=desk.store, now=LATER)
    assert made.assignments == [desk.own[1].id]
    assert made.document.name == f"Report {desk.proposals[1].number}.xlsx"


def test_asking_again_while_one_is_made_gives_that_one(desk):
    first = services.ask_for_form(desk.opened(), actor=desk.actor, now=LATER)
    assert services.ask_for_form(desk.opened(), actor=desk.actor, now=LATER).id == first.id


def test_others_find_no_form_and_no_file_has_a_common_address(desk, client):
    book = desk.exported()
    made, form = db.session.query(ReportForm).one(), desk.sent(book)
    stranger = accepted(desk.topic, expert(), manager=desk.manager)[0].account
    for account in (desk.others[0].expert.account, stranger, manager_of(desk.topic)[0]):
        client = signed_in(client, account, now=LATER)
        for path in (f"forms/{made.id}", f"uploads/{form.id}"):
            assert client.get(f"{desk.page}/{path}").status_code == 404, path
        assert client.post(f"{desk.page}/uploads/{form.id}").status_code == 404
    client = client_of(client, desk)
    assert client.get(f"{desk.page}/forms/{made.id}").status_code == 302
    assert client.get(f"/files/{made.document.public_id}").status_code == 404


def test_a_conflict_found_later_closes_the_form_with_the_proposal(desk, client):
    book = desk.exported()
    made = db.session.query(ReportForm).one()
    for each in desk.proposals:
        put(book, each.number, REASONS, "Written offline")
    form = desk.sent(book)
    job = Employment(name="X", began_on=LATER.date())
    job.organisation_id = desk.proposals[0].participants[0].organisation_id
    desk.own[0].expert.jobs.append(job)
    db.session.flush()
    client = client_of(client, desk)
    page = client.get(desk.page).text
    assert str(desk.proposals[0].number) not in page
    assert str(desk.proposals[1].number) in page
    assert client.get(f"{desk.page}/forms/{made.id}").status_code == 404
    assert str(desk.proposals[0].number) not in client.get(f"{desk.page}/uploads/{form.id}").text
    data = {"take": f"{desk.own[0].id}:{REASONS}", f"version.{desk.own[0].id}": "1"}
    assert client.post(f"{desk.page}/uploads/{form.id}", data=data).status_code == 404


def test_the_worker_looks_at_rights_again(desk):
    made = services.ask_for_form(desk.opened(), actor=desk.actor, now=LATER)
    handed_in(desk.own[0])
    handed_in(desk.own[1])
    db.session.expire_all()
    offline_jobs.export(made.id, store=desk.store, now=LATER)
    assert (made.state, made.document_id) == (FormState.REFUSED, None)
    offline_jobs.export(made.id, store=desk.store, now=LATER)
    assert made.state is FormState.REFUSED


def test_the_trail_tells_of_forms_after_the_decision_only(desk, client):
    from tests.factories.people import person

    from grants.kernel.actor import Role  # isort: skip

    desk.sent(desk.exported())
    db.session.commit()
    auditor = person("", Role.AUDITOR)
    key = f"{desk.topic.id}.{desk.own[0].expert_id}"
    assert db.session.query(AuditEvent).filter_by(object_kind="report_form", object_key=key).count() >= 2
    client = signed_in(client, auditor, now=LATER)
    assert key not in client.get("/audit").text


def test_the_jobs_are_ones_that_the_worker_knows(app, settings):
    assert {"export_reports", "import_reports"} <= set(tasks_of(app, settings).tasks)


def test_pages_take_as_many_statements_for_two_reports_as_for_one(desk, client):
    form = desk.sent(desk.exported())
    client = client_of(client, desk)
    paths = ("", f"/uploads/{form.id}")
    two = [statements(client, f"{desk.page}{path}") for path in paths]
    handed_in(desk.own[1])
    assert [statements(client, f"{desk.page}{path}") for path in paths] == two
    assert max(two) <= 8


def statements(client, address) -> int:
    asked = []

    def count(*_):
        asked.append(1)

    db.session.flush()
    db.session.expire_all()
    connection = db.session.connection()
    event.listen(connection, "before_cursor_execute", count)
    try:
        assert client.get(address).status_code == 200
    finally:
        event.remove(connection, "before_cursor_execute", count)
    return len(asked)


EXCELLENCE = CriterionFacts("excellence", "Excellence", Decimal(5), Decimal("0.5"))
FIELDS = fields_of([EXCELLENCE], [{"code": "q1", "text": "In scope?"}])
texts = st.text(max_size=40)
filled_in = st.fixed_dictionaries({
    "scores.excellence.score": st.sampled_from(["", "0", "0.5", "5"]), "scores.excellence.comment": texts,
    "scores.excellence.weaknesses": texts, "questions.q1.answer": st.sampled_from(["", "yes", "no"]),
    "questions.q1.remark": texts, "overall": texts, "panel_note": texts,
})  # fmt: skip


@pytest.mark.slow
@given(filled_in)
def test_whatever_a_report_holds_comes_back_as_it_went_out(held):
    form = Form(7, 3, 101_000_001, "101000001", "A title", FIELDS, held)
    cells = offline_book.read(offline_book.write([form]), sheets=1, rows=len(FIELDS))
    found = offline.read(cells, {7: form})
    assert found.findings == ()
    assert found.reports[7].version == 3
    assert offline.changes(form, found.reports[7]) == []


@given(texts)
def test_line_ends_of_browsers_and_spreadsheets_are_the_same(text):
    typed = text.replace("\r", "")
    assert normal(typed.replace("\n", "\r\n")) == normal(typed)
    assert normal(normal(text)) == normal(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (3.5, "3.5"), ("3,5", "3.5"), (" 4 ", "4"), (None, ""), (0, "0"), (0.0, "0"), ("", "")],
)
def test_scores_are_read_as_people_type_them(value, text):
    assert offline.value_of(Cell(value), FIELDS[0]) == text


@pytest.mark.parametrize(("most", "step", "chosen"), [("5", "0.1", 51), ("5", "0.05", 0), ("100", "0.1", 0)])
def test_scores_are_chosen_where_a_list_holds_them_and_typed_where_not(most, step, chosen):
    criterion = CriterionFacts("merit", "Merit", Decimal(most), Decimal(step))
    asked = fields_of([criterion], [])[0]
    assert len(asked.choices) == chosen
    assert len(",".join(asked.choices)) <= 255
    form = Form(7, 1, 1, "1", "A title", (asked,), {})
    [rule] = load_workbook(BytesIO(offline_book.write([form])))["1"].data_validations.dataValidation
    assert rule.type == ("list" if chosen else "decimal")


@pytest.mark.parametrize("value", [True, 5.5, -1, "1e3", 10**40, float("inf"), "three"])
def test_what_is_no_score_is_told(value):
    with pytest.raises(ValueError, match=r"\w"):
        offline.value_of(Cell(value), FIELDS[0])


@pytest.mark.parametrize(("value", "text"), [(True, "yes"), ("YES", "yes"), (False, "no"), (" no", "no"), (None, "")])
def test_answers_are_read_as_spreadsheets_give_them(value, text):
    assert offline.value_of(Cell(value), Field("questions.q1.answer", "?", Kind.ANSWER)) == text


def test_an_error_of_the_spreadsheet_is_told():
    with pytest.raises(ValueError, match="error of the spreadsheet"):
        offline.value_of(Cell("#REF!", error=True), FIELDS[1])


def test_what_is_kept_until_the_word_is_read_back():
    kept = {7: Filled(3, {"overall": "Good"})}
    assert dict(offline.reports_of(offline.reports_json(kept))) == kept
