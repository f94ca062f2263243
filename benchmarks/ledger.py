"""Afterwards: what the server said is held against the database, the store and the audit trail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from benchmarks.crowd import Intent, Said
from benchmarks.place import Place
from benchmarks.runner import say
from grants.audit import queries as audit
from grants.db import db
from grants.proposals.models import BudgetLine, Proposal, Receipt, Submission
from grants.proposals.receipts import canonical_sha256
from grants.signing import checking
from grants.signing.keys import SigningKey, known_key

#: How long the worker may take to sign what was handed in, in seconds.
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Numbers of what should not be: 0 each. ``acknowledged``: submissions that an applicant was told of."""

    acknowledged: int
    lost: int
    doubled: int
    late: int
    unverified: int
    chain_breaks: int

    def figures(self) -> dict[str, float]:
        """By key of the benchmark."""
        return {
            "acknowledged": self.acknowledged, "lost": self.lost, "doubled": self.doubled,
            "taken_late": self.late, "receipts_unverified": self.unverified, "chain_breaks": self.chain_breaks,
        }  # fmt: skip


def receipts_signed(place: Place) -> float:
    """Wait until every version has its receipt; the seconds that it took. Says so where patience ends."""
    start = time.monotonic()
    with place.app.app_context():
        while time.monotonic() < start + PATIENCE:
            missing = select(func.count()).select_from(Submission).where(
                ~select(Receipt.id).where(Receipt.submission_id == Submission.id).exists(),
                Submission.proposal.has(Proposal.number.in_([each.number for each in place.seats])),
            )  # fmt: skip
            left = db.session.scalar(missing)
            db.session.rollback()
            if not left:
                break
            time.sleep(0.5)
        else:
            say(f"{left} receipts are still missing")
    return time.monotonic() - start


def judge(place: Place, crowd: list[Said], deadline: datetime) -> Verdict:
    """Everything at once, when the worker has caught up."""
    with place.app.app_context():
        mine = Proposal.number.in_([each.number for each in place.seats])
        rows = db.session.execute(select(Proposal.number, Submission).join(Submission.proposal).where(mine)).all()
        found: dict[int, list[Submission]] = {}
        for number, submission in rows:
            found.setdefault(number, []).append(submission)
        lost, doubled = _lost_saves(crowd), 0
        for said in crowd:
            versions = {each.key: each for each in found.pop(said.seat.number, [])}
            lost += sum(_lost(each, versions.get(each.key), said) for each in said.intents)
            doubled += len(versions.keys() - {each.key for each in said.intents})
            doubled += sum(max(0, len(each.versions) - 1) for each in said.intents)
            numbers = sorted(each.number for each in versions.values())
            doubled += numbers != list(range(1, len(numbers) + 1))
        late = sum(submission.submitted_at >= deadline for _, submission in rows) + sum(s.late_taken for s in crowd)
        letters = db.session.scalar(text("SELECT count(*) FROM letter WHERE kind = 'receipt'"))
        doubled += abs((letters or 0) - len(rows))
        told = [each for said in crowd for each in said.intents if each.versions]
        unverified = sum(_unverified([submission for _, submission in rows], place))
        breaks = sum(1 for _ in audit.verify())
        db.session.remove()
    return Verdict(len(told), lost, doubled, late, unverified, breaks)


def _lost(intent: Intent, stored: Submission | None, said: Said) -> int:
    """1 where an acknowledged version is not there, another one than its receipt's page showed, or lacks a save that
    was acknowledged before it was sent."""
    if not intent.versions:
        return 0
    if stored is None or intent.versions != {stored.number}:
        return 1
    shown = intent.codes.get(stored.number)
    if shown is not None and shown != (stored.code, stored.content_sha256):
        return 1
    return int(_number_in(stored.content, said) < intent.saves)


def _number_in(content: dict[str, object], said: Said) -> int:
    if said.general:
        words = str(content["title"]).split()
        return int(words[-1]) if words[0] == "Title" else 0
    costs = content["participants"][0]["costs"]  # type: ignore[index]
    return int(float(costs["A"])) - 100_000


def _lost_saves(crowd: list[Said]) -> int:
    """Acknowledged saves that are neither stored nor followed by a newer one of the same applicant."""
    titles = {row.number: row.title for row in db.session.execute(select(Proposal.number, Proposal.title))}
    wanted = BudgetLine.category == "A"
    amounts = {
        row.participant_id: int(row.amount or 0) - 100_000
        for row in db.session.execute(select(BudgetLine.participant_id, BudgetLine.amount).where(wanted))
    }
    lost = 0
    for said in crowd:
        title = titles[said.seat.number].split()
        typed = int(title[-1]) if title[0] == "Title" else 0
        stored = typed if said.general else amounts[said.seat.participant]
        lost += not said.saved <= stored <= said.sent
    return lost


def _unverified(submissions: list[Submission], place: Place) -> Iterator[bool]:
    """For each version, whether its signed receipts do not verify, or say something else than the database."""
    key = known_key(place.settings)
    receipts = {each.submission_id: each for each in db.session.scalars(select(Receipt))}
    for submission in submissions:
        receipt = receipts.get(submission.id)
        yield key is None or receipt is None or not _verifies(submission, receipt, place, key)


def _verifies(submission: Submission, receipt: Receipt, place: Place, key: SigningKey) -> bool:
    statement, pdf = _bytes(place, receipt.statement.object_key), _bytes(place, receipt.pdf.object_key)
    known = [key.certificate]
    signed, paper = checking.judge(statement, known), checking.judge(pdf, known)
    says = (signed.content["version"], signed.content["code"], signed.content["content_sha256"])
    same = says == (submission.number, submission.code, submission.content_sha256)
    return signed.genuine and paper.genuine and same and canonical_sha256(statement) == receipt.statement_sha256


def _bytes(place: Place, key: str | None) -> bytes:
    return place.app.extensions["store"].storage.path_for(key or "").read_bytes()  # type: ignore[no-any-return]
