"""Signed receipts of submitted versions: made by the worker, on the page, by the public check and the command."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text

from grants import cli
from grants.audit.models import AuditEvent
from grants.db import db
from grants.kernel.clock import FixedClock
from grants.notifications.models import Letter
from grants.proposals import queries, sealing, services
from grants.proposals.models import Proposal, Receipt, Submission
from grants.signing import checking, keys
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.people import actor_of, person, signed_in
from tests.factories.proposals import submitted

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def contact(app):
    return person("Ana Ferreira")


@pytest.fixture
def proposal(contact) -> Proposal:
    return submitted(topic(deadline=NOW + timedelta(days=30)), main_contact=contact)


def seal(app, proposal: Proposal) -> Receipt:
    """What the worker does."""
    db.session.commit()
    version = queries.last_submission(proposal.id)
    sealing.seal(
        version.id, settings=app.extensions["settings"], store=app.extensions["store"], clock=FixedClock(NOW)
    )
    return queries.receipt_of(version.id)


def content_of(app, document) -> bytes:
    with app.extensions["store"].storage.open(document.object_key) as source:
        return source.read()


def own_certificates(app):
    return [keys.known_key(app.extensions["settings"]).certificate]


def queued() -> list[int]:
    rows = text("SELECT args->>'submission_id' FROM procrastinate_jobs WHERE task_name = 'sign_receipt' ORDER BY id")
    return [int(each) for each in db.session.scalars(rows)]


def test_submitting_queues_the_signing_with_the_same_commit(proposal):
    assert queued() == [queries.last_submission(proposal.id).id]


def test_both_files_are_kept_signed_and_say_what_was_submitted(app, proposal):
    made = seal(app, proposal)

    pdf = checking.judge(content_of(app, made.pdf), own_certificates(app))
    told = checking.judge(content_of(app, made.statement), own_certificates(app))
    version = queries.last_submission(proposal.id)
    assert (pdf.genuine, told.genuine) == (True, True)
    assert told.content["content_sha256"] == version.content_sha256
    assert [each["sha256"] for each in told.content["files"]] == [each.sha256 for each in version.files]
    assert (told.content["received"], told.content["zone"]) == ("2026-09-01T10:00:00.000Z", "Europe/Brussels")
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "proposal.submit")).one()
    assert told.content["audit"] == {"number": event.number, "hash": event.hash}


def test_signing_twice_gives_one_receipt_and_one_audit_event(app, proposal):
    first, second = seal(app, proposal), seal(app, proposal)
    db.session.commit()

    assert first.id == second.id
    signed = select(AuditEvent).where(AuditEvent.action == "proposal.receipt_signed")
    assert db.session.scalars(signed).one().facts["pdf_sha256"] == first.pdf_sha256


def test_a_version_withdrawn_before_it_is_signed_gets_its_receipt_all_the_same(app, proposal, contact):
    opened = queries.open_proposal(actor_of(contact), proposal.number, now=NOW)
    services.withdraw(opened, actor=actor_of(contact), now=NOW)

    made = seal(app, proposal)

    assert checking.judge(content_of(app, made.pdf), own_certificates(app)).genuine


def test_each_version_has_a_receipt_of_its_own(app, proposal, contact):
    first = seal(app, proposal)
    opened = queries.open_proposal(actor_of(contact), proposal.number, now=NOW)
    services.submit_proposal(opened, actor=actor_of(contact), now=NOW, key=uuid4())

    second = seal(app, proposal)

    assert first.statement_sha256 != second.statement_sha256
    assert len(queries.certificates()) == 1


def test_the_page_shows_all_facts_at_once_and_the_files_when_they_are_there(app, client, proposal, contact):
    signed_in(client, contact)
    address = f"/proposals/{proposal.number}/versions/1"
    version = queries.last_submission(proposal.id)

    early = client.get(address).text
    assert version.code in early
    assert "is being made" in early
    assert client.get(f"{address}/receipt.pdf").location == address

    made = seal(app, proposal)
    later = client.get(address).text
    assert "Receipt as PDF" in later
    assert "is being made" not in later
    for ending, sha256 in (("pdf", made.pdf_sha256), ("json", made.statement_sha256)):
        moved = client.get(f"{address}/receipt.{ending}")
        with client.get(moved.location) as answer:
            assert hashlib.sha256(answer.data).hexdigest() == sha256


def test_the_letter_leads_to_the_signed_receipt(proposal):
    letter = db.session.scalars(select(Letter).where(Letter.kind == "receipt")).one()
    assert f"/proposals/{proposal.number}/versions/1" in letter.body


def test_strangers_find_no_receipt(app, client, proposal):
    made = seal(app, proposal)
    signed_in(client, person("A rival"))
    assert client.get(f"/proposals/{proposal.number}/versions/1/receipt.json").status_code == 404
    assert client.get(f"/files/{made.statement.public_id}").status_code == 404


def verified(client, content: bytes, name: str = "receipt.pdf") -> str:
    return client.post("/verify", data={"file": (BytesIO(content), name)}).text


def test_everybody_can_check_a_signed_receipt_in_both_forms(app, client, proposal):
    made = seal(app, proposal)
    pdf, told = content_of(app, made.pdf), content_of(app, made.statement)

    assert "This receipt is genuine" in verified(client, pdf)
    assert "This receipt is genuine" in verified(client, told)
    assert "This receipt is genuine" in verified(client, json.dumps(json.loads(told), indent=2).encode())
    changed = told.replace(b'"version":1', b'"version":2')
    for wrong in (pdf + b" ", pdf[:-1], changed, b"[" * 100_000, b""):
        assert "This receipt is genuine" not in verified(client, wrong)


def test_the_certificates_are_there_for_checking_offline(app, client, proposal, tmp_path):
    assert queries.certificates() == []
    made = seal(app, proposal)
    file, known = tmp_path / "receipt.pdf", tmp_path / "certificates.pem"
    file.write_bytes(content_of(app, made.pdf))
    known.write_bytes(client.get("/verify/certificates.pem").data)

    run = CliRunner().invoke(cli.main, ["receipt", "verify", str(file), "--certificate", str(known), "--json"])

    assert (run.exit_code, json.loads(run.stdout)["genuine"]) == (0, True)


def command(*arguments: str, folder: Path) -> subprocess.CompletedProcess:
    environment = {"DATA_DIR": str(folder), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "grants.cli", "receipt", "verify", *arguments]
    return subprocess.run(words, env=environment, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_command_needs_no_database_and_leaves_nothing_behind(app, proposal, tmp_path):
    made = seal(app, proposal)
    data = content_of(app, made.statement)
    whole, changed, junk = (tmp_path / name for name in ("whole.json", "changed.json", "junk.json"))
    whole.write_bytes(data)
    changed.write_bytes(data.replace(b'"version":1', b'"version":2'))
    junk.write_bytes(data[:100])
    empty, own = tmp_path / "empty", app.extensions["settings"].data_dir
    empty.mkdir()

    assert command(str(whole), folder=own).returncode == 0
    unknown = command(str(whole), folder=empty)
    assert (unknown.returncode, "--certificate" in unknown.stdout) == (1, True)
    assert command(str(changed), folder=own).returncode == 1
    broken = command(str(junk), folder=own)
    assert (broken.returncode, len(broken.stderr.splitlines())) == (2, 1)
    assert list(empty.iterdir()) == []


def test_receipts_that_are_missing_are_asked_for_again_once(app, proposal):
    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    assert services.ask_for_missing_receipts(now=NOW) == {"queued": 0}

    later, all_of_them = NOW + timedelta(hours=1), db.session.scalar(select(func.count(Submission.id)))
    assert services.ask_for_missing_receipts(now=later) == {"queued": all_of_them}
    assert services.ask_for_missing_receipts(now=later) == {"queued": 0}

    db.session.execute(text("DELETE FROM procrastinate_jobs"))
    seal(app, proposal)
    assert services.ask_for_missing_receipts(now=later) == {"queued": 0}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("grants.app", {"cryptography", "pyhanko", "asn1crypto", "alembic"}),
        ("grants.cli.processes, grants.cli.loading, grants.cli.proofs", {"pyhanko", "numpy", "datasketch"}),
    ],
)
def test_the_web_holds_no_key_and_nothing_but_the_worker_loads_what_signs(module, heavy):
    code = f"import {module}, sys; print([m for m in sys.modules if m.partition('.')[0] in {heavy}])"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("between", ["-", " ", ""])
def test_a_code_is_found_however_it_is_typed(app, client, between):
    made = submitted(topic())
    db.session.commit()
    code = db.session.query(Submission).filter_by(proposal_id=made.id).one().code
    typed = f" {code.lower().replace('-', between)} "
    assert "This receipt is genuine" in client.get("/verify", query_string={"code": typed}).text


def test_an_empty_question_is_told_what_to_enter(app, client):
    assert "Enter a code, or choose a file." in client.post("/verify", data={"code": " "}).text


def test_the_receipt_of_a_version_that_was_replaced_says_which_one_counts(app, client):
    contact = person()
    made = submitted(topic(), main_contact=contact)
    made.title, made.changed_at = "Another title", NOW
    opened = queries.open_proposal(actor_of(contact), made.number, now=NOW)
    services.submit_proposal(opened, actor=actor_of(contact), now=NOW, key=uuid4())
    db.session.commit()
    browser = signed_in(client, contact)
    assert "Version 2 counts" in browser.get(f"/proposals/{made.number}/versions/1").text
    assert "Version 2 counts" not in browser.get(f"/proposals/{made.number}/versions/2").text
