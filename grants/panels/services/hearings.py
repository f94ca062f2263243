"""Hearings: questions in writing or an interview, sent at a time, answered or confirmed by the main contact.

Source: domain.md 8.1: questions in writing, never new content. Answers are text within the topic's limit, no files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from grants.audit.services import record
from grants.calls.states import Naming
from grants.db import db, refresh_locked
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.kernel.findings import Finding
from grants.panels import access, mails, rules
from grants.panels.models import Hearing, HearingQuestion
from grants.panels.queries import hearings as queries
from grants.panels.queries.hearings import OwnHearing
from grants.panels.queries.proposals import OpenedItem
from grants.panels.states import HEARING, HearingKind, HearingState
from grants.proposals import blindness

#: Questions of one hearing, and characters of one.
MOST, LONGEST = 20, 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer typed. Instants are None where nothing was said."""

    kind: HearingKind
    questions: Sequence[str] = ()
    send_at: datetime | None = None
    answer_by: datetime | None = None
    starts_at: datetime | None = None
    minutes: int | None = None
    place: str = ""


def save_hearing(opened: OpenedItem, wanted: Wanted, *, seen: int, actor: Actor, now: datetime) -> Hearing:
    """Keep a draft as typed. ``seen``: the version it was typed over, 0 for a new one.

    Raises Refused once it is sent, Stale, and Invalid for too many or too long questions.
    """
    access.may_manage(actor, programme=opened.access.panel.programme).require()
    found = queries.present(opened.proposal.id, locked=True)
    if found is not None and found.state is not HearingState.DRAFT:
        raise Refused("sent", "The hearing is sent. Change its slot, or cancel it.", status=409)
    if len(wanted.questions) > MOST or any(len(each) > LONGEST for each in wanted.questions):
        words = f"Ask at most {MOST} questions of {LONGEST} characters each."
        raise Invalid(Finding("questions", words, "questions", source=rules.SOURCE))
    if found is None:
        found = Hearing(
            panel_id=opened.panel.id, proposal=opened.proposal, version=0, state=HearingState.DRAFT, changed_at=now,
            kind=wanted.kind,
        )  # fmt: skip
        db.session.add(found)
    elif found.version != seen:
        raise Stale(current={}, yours={}, version=found.version)
    found.kind, found.send_at, found.answer_by = wanted.kind, wanted.send_at, wanted.answer_by
    found.set_slot(wanted.starts_at, wanted.minutes)
    found.place, found.version, found.changed_at = wanted.place.strip(), found.version + 1, now
    found.questions = [HearingQuestion(position=place, text=text) for place, text in enumerate(wanted.questions, 1)]
    db.session.flush()
    return found


def send_hearing(opened: OpenedItem, wanted: Wanted, *, seen: int, actor: Actor, now: datetime) -> Hearing:
    """Send it to the main contact, now or at the time it says; from then on the applicants see it.

    Raises Refused, Stale, and Invalid with everything that is missing, an overlap with another interview included.
    """
    if opened.access.frozen:
        raise Refused("frozen", "The ranked list is prepared or decided: nobody is heard any more.", status=409)
    refresh_locked(opened.panel)  # two officers at once choose slots one after the other
    found = save_hearing(opened, wanted, seen=seen, actor=actor, now=now)
    missing = rules.hearing_findings(
        wanted.kind, questions=wanted.questions, send_at=wanted.send_at, answer_by=wanted.answer_by,
        starts_at=wanted.starts_at, minutes=wanted.minutes, place=wanted.place, now=now,
    ) + _overlap(found)  # fmt: skip
    if missing:
        raise Invalid(missing)
    if found.kind is HearingKind.WRITING:
        found.set_slot(None, None)
    else:
        found.answer_by = None
    found.send_at = max(now, found.send_at or now)
    number = opened.proposal.number
    _guarded(lambda: HEARING.go(found, "send", actor=actor, now=now, proposal=number, kind=found.kind.value))
    mails.hearing(found, opened.proposal, now=now)
    return found


def _overlap(hearing: Hearing) -> list[Finding]:
    if hearing.starts_at is None or hearing.ends_at is None or hearing.kind is HearingKind.WRITING:
        return []
    for each in queries.slots(hearing.panel_id, but=hearing.id):
        if each.starts_at and each.ends_at and each.starts_at < hearing.ends_at and hearing.starts_at < each.ends_at:
            return [Finding("overlap", "The panel has another interview at that time.", "starts_at")]
    return []


def _guarded(do: Callable[[], None]) -> None:
    """PostgreSQL has the last word on overlaps: whatever got past the check is refused in the same words."""
    try:
        with db.session.begin_nested():
            do()
            db.session.flush()
    except IntegrityError:
        words = "The panel has another interview at that time."
        raise Invalid(Finding("overlap", words, "starts_at")) from None


def change_hearing(
    opened: OpenedItem, *, starts_at: datetime | None, minutes: int | None, place: str, answer_by: datetime | None,
    seen: int, actor: Actor, now: datetime,
) -> None:  # fmt: skip
    """Another slot, or more time to answer, after it was sent; the main contact is told. Raises Refused, Stale,
    Invalid."""
    access.may_manage(actor, programme=opened.access.panel.programme).require()
    refresh_locked(opened.panel)
    found = queries.present(opened.proposal.id, locked=True)
    if found is None or found.state is not HearingState.SENT:
        raise Refused("not-sent", "Only a hearing that is sent, and not answered, is changed.", status=409)
    if found.version != seen:
        raise Stale(current={}, yours={}, version=found.version)
    if found.kind is HearingKind.WRITING:
        if answer_by is None or answer_by <= max(now, found.answer_by or now):
            raise Invalid(Finding("answer-by", "Give more time than before.", "answer_by"))
        found.answer_by = answer_by
    else:
        found.set_slot(starts_at, minutes)
        found.place = place.strip()
        missing = rules.hearing_findings(
            found.kind, questions=(), send_at=found.send_at, answer_by=None, starts_at=starts_at, minutes=minutes,
            place=place, now=now,
        ) + _overlap(found)  # fmt: skip
        if missing:
            raise Invalid(missing)
    found.version += 1
    _guarded(lambda: None)
    record(found.ref(), "hearing.changed", actor=actor, now=now, facts={"proposal": opened.proposal.number})
    mails.hearing_changed(found, opened.proposal, now=now)


def cancel_hearing(opened: OpenedItem, *, reason: str, actor: Actor, now: datetime) -> None:
    """There is no hearing: who was told is told. Raises NotFound, Refused, Invalid without a reason."""
    access.may_manage(actor, programme=opened.access.panel.programme).require()
    if not reason.strip():
        raise Invalid(Finding("no-reason", "Say why: the audit trail keeps it.", "reason"))
    found = queries.present(opened.proposal.id, locked=True)
    if found is None:
        raise NotFound
    was_sent, found.closed_at, found.version = found.state is not HearingState.DRAFT, now, found.version + 1
    HEARING.go(found, "cancel", actor=actor, now=now, reason=reason.strip())
    db.session.flush()
    if was_sent:
        mails.hearing_cancelled(found, opened.proposal, now=now)


def save_answers(own: OwnHearing, answers: Mapping[int, str], *, seen: int, actor: Actor, now: datetime) -> int:
    """Keep answers as typed; the new version. ``answers``: by question. Raises Refused (late by a millisecond is
    late), Stale, Invalid for what is too long. The hearing must be opened locked."""
    access.may_answer(own.access, now=now).require()
    hearing = own.hearing
    if hearing.version != seen:
        raise Stale(current={}, yours={}, version=hearing.version)
    mine = {each.id: answers.get(each.id, each.answer) for each in hearing.questions}
    limit = own.proposal.topic.hearing_characters
    if found := rules.answer_findings(mine, limit=limit, whole=False):
        raise Invalid(found)
    for each in hearing.questions:
        each.answer = mine[each.id]
    hearing.version, hearing.changed_at = hearing.version + 1, now
    db.session.flush()
    record(hearing.ref(), "hearing.answers_saved", actor=actor, now=now, facts={"version": hearing.version})
    return hearing.version


def hand_in_answers(own: OwnHearing, answers: Mapping[int, str], *, seen: int, actor: Actor, now: datetime) -> None:
    """Answer, once. Raises as ``save_answers``, and Invalid while a question is not answered, or an answer names a
    participant in a blind evaluation whose topic refuses that."""
    save_answers(own, answers, seen=seen, actor=actor, now=now)
    hearing = own.hearing
    given = {each.id: each.answer for each in hearing.questions}
    if found := rules.answer_findings(given, limit=own.proposal.topic.hearing_characters, whole=True):
        raise Invalid(found)
    if own.proposal.topic.naming is Naming.BLOCK and (found := naming_findings(own, given)):
        raise Invalid(found)
    hearing.closed_at = now
    HEARING.go(hearing, "answer", actor=actor, now=now, proposal=own.proposal.number)
    db.session.flush()
    mails.hearing_answered(hearing, own.proposal, now=now)


def naming_findings(own: OwnHearing, answers: Mapping[int, str]) -> list[Finding]:
    """Answers that name a participant in a blind evaluation, where this is looked for."""
    return [
        Finding(
            "names-participants",
            f"This answer has {', '.join(f'“{name}”' for name in names)}. The evaluation is blind: name nobody.",
            f"answer-{question}",
        )
        for question, names in blindness.named_in(own.proposal, answers).items()
    ]


def confirm_slot(own: OwnHearing, *, seen: int, actor: Actor, now: datetime) -> None:
    """The main contact comes to the interview as it stands. Raises Refused, Stale where the slot was changed."""
    access.may_confirm_slot(own.access, now=now).require()
    hearing = own.hearing
    if hearing.version != seen:
        raise Stale(current={}, yours={}, version=hearing.version)
    hearing.closed_at, hearing.version = now, hearing.version + 1
    HEARING.go(hearing, "confirm", actor=actor, now=now, proposal=own.proposal.number)
    db.session.flush()
    mails.hearing_answered(hearing, own.proposal, now=now)
