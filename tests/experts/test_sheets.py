"""Experts as a table: written with what the officer may see, taken over whole or not at all, once."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from sqlalchemy import select, text

from grants import cli
from grants.accounts import services as accounts
from grants.accounts.models import Account
from grants.accounts.tokens import Tokens
from grants.db import db
from grants.experts import queries, services, sheet_jobs, workbook
from grants.experts.models import ExpertSheet
from grants.experts.rules import sheet
from grants.experts.states import ProfileState, SheetState
from grants.kernel.actor import SYSTEM, Role
from grants.kernel.errors import Invalid, Refused
from grants.notifications.models import Letter
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, expert, expert_actor, manager_of
from tests.factories.people import actor_of, organisation, person, signed_in

TABLE = [
    ["E-mail", "Name", "Employer", "Country", "Expertise", "Keywords", "Languages", "Sector", "ORCID"],
    ["new@example.org", "Nia New", "Lab", "BE", "hotlines; law", "Oceans", "en; fr", "academia", "0000000218250097"],
]  # fmt: skip


@pytest.fixture
def admin(app):
    services.import_keywords("id,label,broader\nseas,Oceans,\n", actor=SYSTEM, now=NOW)
    return person("Root", Role.ADMINISTRATOR)


def actor(admin):
    return actor_of(admin, Role.ADMINISTRATOR)


def take(grid, admin):
    return services.import_experts(grid, actor=actor(admin), now=LATER)


def test_a_new_expert_gets_an_account_without_password_a_letter_and_signs_in_by_a_reset(admin):
    assert take(TABLE, admin) == {"read": 1, "created": 1, "updated": 0, "unchanged": 0}
    account = db.session.scalar(select(Account).where(Account.email == "new@example.org"))
    found = queries.own_profile(account.id)
    assert (found.employer_name, found.expertise, found.languages) == ("Lab", ["hotlines", "law"], ["en", "fr"])
    assert (found.sector, found.orcid) == ("academia", "0000-0002-1825-0097")
    assert [each.label for each in found.concepts] == ["Oceans"]
    assert found.state is ProfileState.ENTERED
    assert account.confirmed_at is None
    letter = db.session.scalar(select(Letter).where(Letter.kind == "expert_registered"))
    assert letter.address == "new@example.org"
    with pytest.raises(Invalid):
        accounts.sign_in(email="new@example.org", password="!", now=LATER, address=None, browser="")
    tokens = Tokens("a secret")
    token = tokens.make("reset", [account.id, accounts._mark(account)])
    accounts.reset_password(token, "a long enough pass phrase", now=LATER, tokens=tokens)
    assert accounts.sign_in(
        email="new@example.org", password="a long enough pass phrase", now=LATER, address=None, browser=""
    )
    assert [each.id for each in db.session.scalars(queries.registry(queries.Wanted(text="nia ocean")))] == [found.id]


def test_a_second_run_changes_nothing_and_writes_no_letter(admin):
    take(TABLE, admin)
    found = db.session.scalar(select(Account).where(Account.email == "new@example.org"))
    version = queries.own_profile(found.id).profile_version
    assert take(TABLE, admin) == {"read": 1, "created": 0, "updated": 0, "unchanged": 1}
    assert queries.own_profile(found.id).profile_version == version
    assert db.session.query(Letter).filter_by(kind="expert_registered").count() == 1


def test_a_known_expert_changes_in_the_named_columns_only_and_a_new_employer_is_checked_again(admin):
    known = expert("Zoe Simic")
    services.validate_profile(known, actor=actor(admin), now=NOW)
    one = organisation("Institute of Tides")
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    grid = [["e-mail", "Sector", "PIC"], [known.account.email.upper(), "industry", one.pic]]
    assert take(grid, admin)["updated"] == 1
    assert (known.sector, known.employer_id, known.employer_name) == ("industry", one.id, one.legal_name)
    assert (known.country, known.expertise, known.languages) == ("BE", ["hotlines"], ["en"])
    assert known.state is ProfileState.ENTERED
    asked = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'recheck_conflicts'"
    assert db.session.execute(text(asked)).scalar() == 1
    assert take([["E-mail", "Sector"], [known.account.email, ""]], admin)["updated"] == 1
    assert known.sector == ""


def test_somebody_with_an_account_becomes_an_expert_and_keeps_name_and_password(admin):
    other = person("Eva Novak")
    grid = [["E-mail", "Name", "Employer"], [other.email, "Somebody Else", "Lab"]]
    assert take(grid, admin)["created"] == 1
    assert other.name == "Eva Novak"
    assert [each.account.name for each in db.session.scalars(queries.registry(queries.Wanted()))] == ["Eva Novak"]
    assert db.session.query(Letter).filter_by(kind="expert_registered").count() == 0


@pytest.mark.parametrize(("column", "value", "says"), [
    ("E-mail", "nobody", "A3: This is no e-mail address."),
    ("E-mail", "new@example.org", "A3: new@example.org stands in row 2 already."),
    ("Name", "", "B3: A new expert needs a name."),
    ("Employer", "", "C3: Name the employer: conflicts of interest are found by it."),
    ("Country", "Belgium", "D3: Write the country as two capital letters, such as BE."),
    ("Keywords", "Moons", "F3: “Moons” is no keyword of the tree."),
    ("Languages", "xx", "G3: xx is none of the languages"),
    ("Sector", "church", "H3: Write one of: academia"),
    ("ORCID", "1234", "I3: This is no ORCID"),
])  # fmt: skip
def test_one_wrong_cell_is_named_and_nothing_at_all_is_imported(admin, column, value, says):
    wrong = ["other@example.org", "Odd Other", "Lab", "BE", "", "", "", "", ""]
    wrong[TABLE[0].index(column)] = value
    with pytest.raises(Invalid) as problem:
        take([*TABLE, wrong], admin)
    assert [each.message.startswith(says) for each in problem.value.findings] == [True]
    assert db.session.query(Account).filter_by(email="new@example.org").count() == 0


@pytest.mark.parametrize("head", [["Name"], ["E-mail", "E-Mail"], ["E-mail", "Salary"], []])
def test_headings_are_known_and_stand_once(admin, head):
    assert sheet.read([head, ["x@example.org"] * len(head)])[1]


def test_only_administrators_import_and_nobody_gives_themselves_the_role(admin):
    for who in (manager_of(topic())[1], expert_actor(expert().account)):
        with pytest.raises(Refused):
            services.plan_import(TABLE, actor=who)
    plan = services.plan_import([["E-mail", "Employer"], [admin.email, "Lab"]], actor=actor(admin))
    assert [each.place for each in plan.findings] == ["A2"]


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8), min_size=2, max_size=2))
)
def test_no_cell_is_a_formula_and_every_cell_comes_back_as_it_was(rows):
    grid = [["E-mail", "Name"], *rows]
    written = sheet.to_csv(grid)
    cells = list(csv.reader(StringIO(written.removeprefix("\ufeff"))))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in cells for cell in row)
    back = [[sheet.as_typed(cell) for cell in row] for row in sheet.from_csv(written)]
    assert back == grid or any(cell.startswith("'") for row in grid for cell in row)


def test_a_workbook_holds_no_formula_and_reads_numbers_as_their_digits():
    content = workbook.write([["E-mail", "PIC"], ["=1+1", "999999999"]])
    cell = load_workbook(BytesIO(content)).active["A2"]
    assert (cell.data_type, cell.value) == ("s", "=1+1")
    assert workbook.read(content, as_csv=False) == [["E-mail", "PIC"], ["=1+1", "999999999"]]
    with pytest.raises(Invalid):
        workbook.read(b"PK no workbook", as_csv=False)
    assert workbook.read(b"a;b\n1;2\n", as_csv=True) == [["a", "b"], ["1", "2"]]


def test_a_manager_exports_what_the_page_shows_and_no_address_which_only_administrators_get(admin):
    found = expert("=Zoe Simic")
    services.choose_concepts(
        found, [each.id for each in db.session.scalars(select(services.keywords.Concept))],
        actor=expert_actor(found.account), now=NOW,
    )  # fmt: skip
    expert("Ana Petrov")
    wanted = queries.Wanted(text="zoe")
    for who, headings in ((manager_of(topic())[1], ["Name", "Employer"]), (actor(admin), ["E-mail", "Name"])):
        grid = sheet_jobs.table_of(wanted, who)
        assert grid[0][:2] == headings
        assert len(grid) == 2
        assert "Oceans" in grid[1]
        assert (found.account.email in grid[1]) is ("E-mail" in headings)
        assert "Gender" not in grid[0]
    assert queries.Wanted.of(json.loads(json.dumps(wanted.as_json()))) == wanted
    assert take(sheet_jobs.table_of(queries.Wanted(), actor(admin)), admin)["unchanged"] == 2


def work(app, *tasks):
    for task in tasks:
        asked = db.session.execute(
            text("DELETE FROM procrastinate_jobs WHERE task_name = :name RETURNING args"), {"name": task}
        ).scalar()
        act = {"export_experts": sheet_jobs.export, "read_experts": sheet_jobs.read}.get(task, sheet_jobs.take_over)
        act(**asked, store=app.extensions["store"], now=LATER)
        db.session.commit()


def test_the_pages_export_what_is_filtered_and_only_the_officer_who_asked_gets_it(app, client, clock, admin):
    account, _ = manager_of(topic())
    other, _ = manager_of(topic())
    expert("Zoe Simic"), expert("Ana Petrov")
    db.session.commit()
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    assert 'name="q" value="zoe"' in client.get("/manage/experts?q=zoe").text
    for kind in ("csv", "xlsx"):
        client.post("/manage/experts/export", data={"format": kind, "q": "zoe"})
        assert "is being written" in client.get("/manage/experts/tables").text
        work(app, "export_experts")
        made = db.session.scalar(select(ExpertSheet).order_by(ExpertSheet.id.desc()))
        assert (made.state, made.counts, made.document.name) == (SheetState.DONE, {"rows": 1}, f"Experts.{kind}")
        with app.extensions["store"].storage.open(made.document.object_key) as source:
            rows = workbook.read(source.read(), as_csv=kind == "csv")
        assert [row[0] for row in rows] == ["Name", "Zoe Simic"]
    address = f"/files/{made.document.public_id}"
    assert client.get(address).status_code == 302
    signed_in(client, other, now=LATER)
    assert client.get(address).status_code == 404
    assert "Send the table" not in client.get("/manage/experts/tables").text


def test_the_pages_show_what_a_table_would_change_before_it_is_taken_over(app, client, clock, admin):
    db.session.commit()
    clock.instant = LATER
    signed_in(client, admin, now=LATER)

    def send(grid):
        file = {"file": (BytesIO(workbook.write(grid)), "people.xlsx")}
        client.post("/manage/experts/import", data=file)
        work(app, "read_experts")
        return client.get("/manage/experts/tables").text

    assert "B2: A new expert needs a name." in send([["E-mail", "Name", "Employer"], ["a@example.org", "", "Lab"]])
    page = send(TABLE)
    assert "new@example.org" in page
    assert "Nothing is changed yet" in page
    assert db.session.query(Account).filter_by(email="new@example.org").count() == 0
    sent = db.session.scalar(select(ExpertSheet.id).order_by(ExpertSheet.id.desc()))
    assert client.post(f"/manage/experts/import/{sent}/take-over").status_code == 302
    assert client.post(f"/manage/experts/import/{sent}/take-over").status_code == 409
    work(app, "import_experts")
    assert "1 new, 0 changed" in client.get("/manage/experts/tables").text
    assert db.session.query(Account).filter_by(email="new@example.org").count() == 1


def test_what_was_right_when_it_was_looked_at_is_checked_again_when_it_is_taken_over(app, client, clock, admin):
    db.session.commit()
    clock.instant = LATER
    signed_in(client, admin, now=LATER)
    file = {"file": (BytesIO(sheet.to_csv(TABLE).encode()), "people.csv")}
    client.post("/manage/experts/import", data=file)
    work(app, "read_experts")
    sent = db.session.scalar(select(ExpertSheet))
    assert sent.state is SheetState.CHECKED
    db.session.execute(text("DELETE FROM concept"))
    client.post(f"/manage/experts/import/{sent.id}/take-over")
    work(app, "import_experts")
    db.session.refresh(sent)
    assert sent.state is SheetState.REFUSED
    assert "F2: “Oceans” is no keyword of the tree." in client.get("/manage/experts/tables").text


@pytest.fixture
def command(migrated, tmp_path, monkeypatch):
    """The command line on a database of its own: what it does is committed."""
    url = migrated()
    given = {
        "DATABASE_URL": url, "DATA_DIR": str(tmp_path), "SECRET_KEY": "a secret of the tests, long enough to sign",
        "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(cli.main, ["import", *words, "--json"])


@pytest.mark.slow
def test_the_commands_print_counts_change_nothing_twice_and_name_what_is_wrong(command, tmp_path):
    people, tree = tmp_path / "people.xlsx", tmp_path / "tree.csv"
    people.write_bytes(workbook.write([*TABLE[:1], [*TABLE[1][:5], "ethics", *TABLE[1][6:]]]))
    for words in (["keywords"], ["experts", str(people)]):
        first, second = (json.loads(command(*words).stdout.splitlines()[-1]) for _ in range(2))
        assert first["created"] == first["read"] == second["unchanged"] > 0
        assert second["created"] == second["updated"] == 0
    people.write_bytes(workbook.write([["E-mail", "Country"], ["nobody", "BE"]]))
    wrong = command("experts", str(people))
    assert wrong.exit_code == 1
    assert "refused: A2: This is no e-mail address." in wrong.output
    tree.write_text("id,label,broader\na,A,b\n")
    wrong = command("keywords", str(tree))
    assert wrong.exit_code == 1
    assert "refused: line 2: the broader b is not in the file and not known here." in wrong.output


def test_an_empty_pic_beside_the_same_employer_keeps_the_link_to_the_registry(admin):
    employer = organisation()
    known = expert("Known", employer)
    assert known.employer_id == employer.id
    take([["E-mail", "Employer", "PIC"], [known.account.email, known.employer_name, ""]], admin)
    assert known.employer_id == employer.id
