"""Signed receipts, documents and alike texts in a real browser, made by a real worker."""

from __future__ import annotations

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from grants.accounts.models import Account
from grants.db import db, transaction
from grants.proposals.models import Member, Proposal, Submission
from grants.signing import checking, keys
from grants.similarity.models import SimilarPair, SubmissionText
from tests.journeys.conftest import Site, enter_as, look

pytestmark = pytest.mark.browser


def downloaded(page: Page, name: str, role: str = "button") -> Path:
    with page.expect_download() as file:
        page.get_by_role(role, name=name).click()
    return Path(file.value.path())


def submitted_by(site: Site, email: str) -> Submission:
    """A version of somebody's own."""

    rows = (
        select(Submission)
        .join(Proposal, Proposal.id == Submission.proposal_id)
        .join(Member, Member.proposal_id == Proposal.id)
        .join(Account, Account.id == Member.account_id)
        .where(Account.email == email)
        .order_by(Submission.id)
    )
    return db.session.scalars(rows).first()


def test_a_receipt_and_all_documents_come_by_themselves_and_are_genuine(page: Page, site: Site, var: Path):
    with site.app.app_context():
        version = submitted_by(site, "jonas@demo.example")
        address = f"/proposals/{version.proposal.number}/versions/{version.number}"
    enter_as(page, "Jonas Lindqvist")
    page.goto(address)
    page.get_by_role("button", name="Make Part A and the whole proposal").click()
    expect(page.get_by_role("link", name="Part A, PDF")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Receipt as JSON")).to_be_visible(timeout=30_000)
    look(page, var, "receipt-signed")

    known = [keys.known_key(site.app.extensions["settings"]).certificate]
    told = downloaded(page, "Receipt as JSON")
    for file in (told, downloaded(page, "Receipt as PDF")):
        with ThreadPoolExecutor() as outside:  # of the browser's event loop
            assert outside.submit(checking.judge_file, file, known).result().genuine
    with zipfile.ZipFile(downloaded(page, "All files with the data", "link")) as packed:
        assert (
            json.loads(packed.read("proposal.json"))["number"] == json.loads(told.read_bytes())["receipt"]["proposal"]
        )

    page.goto("/verify")
    page.set_input_files("#file", told)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("heading", name="This receipt is genuine")).to_be_visible()
    look(page, var, "verify-signed")


def test_a_manager_looks_at_alike_texts(page: Page, site: Site, var: Path):
    shared = "The three hotlines keep one queue and measure the time from a report to the removal of the material. "
    two = select(Submission).where(Submission.number == 1).order_by(Submission.id).limit(2)
    with site.app.app_context(), transaction():
        one, other = db.session.scalars(two).all()
        for place, side in enumerate((one, other)):
            side.proposal.topic.deadline = min(side.proposal.topic.deadline, datetime.now(UTC))
            text = f"{shared * 3} Words of number {place}."
            db.session.add(SubmissionText(submission_id=side.id, kind="abstract", text=text, minhash=b""))
        pair = SimilarPair(
            kind="abstract", first_id=one.id, second_id=other.id, share=Decimal(90), found_at=datetime.now(UTC)
        )
        db.session.add(pair)
        db.session.flush()
        address, topic = f"/manage/similarity/{pair.id}", one.proposal.topic.identifier
        pair_id = pair.id
    try:
        enter_as(page, "Marie Lambert")
        page.goto(f"/manage/topics/{topic}/similarity")
        look(page, var, "alike-list")
        page.goto(address)
        look(page, var, "alike-pair")
        page.get_by_label("What you found").fill("One consortium, two calls.")
        page.get_by_role("button", name="Note that I looked at it").click()
        expect(page.get_by_role("heading", name="Looked at")).to_be_visible()
    finally:
        with site.app.app_context(), transaction():
            db.session.delete(db.session.get_one(SimilarPair, pair_id))
            for text in db.session.scalars(select(SubmissionText).where(SubmissionText.minhash == b"")):
                db.session.delete(text)
