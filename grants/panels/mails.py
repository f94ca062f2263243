"""Letters about panels, hearings and observers. None to members names a proposal, none to applicants a member."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, or_

from grants.accounts.models import Account
from grants.accounts.queries import managers_of
from grants.calls.models import Topic
from grants.db import db
from grants.notifications import letters
from grants.notifications.models import Letter
from grants.panels.models import CrossReading, Hearing, Meeting, Observer, Outcome, Panel, PanelMember
from grants.proposals.models import Proposal
from grants.proposals.queries import main_contacts


def invited(meeting: Meeting, *, now: datetime, only: Account | None = None) -> None:
    """Invites all members and the chair to a meeting; ``only`` one, who was named after the others were invited."""
    _to_panel("panel_invitation", meeting, now=now, only=only)


def changed(meeting: Meeting, *, now: datetime) -> None:
    """Tells them that the time or the place is another one."""
    _to_panel("panel_meeting_changed", meeting, now=now)


def cancelled(meeting: Meeting, *, now: datetime) -> None:
    """Tells them that it does not take place."""
    _to_panel("panel_meeting_cancelled", meeting, now=now)


def _to_panel(kind: str, meeting: Meeting, *, now: datetime, only: Account | None = None) -> None:
    panel = meeting.panel
    people = {each.expert.account_id: each.expert.account for each in panel.members}
    if only is not None:
        people = {only.id: only}
    elif panel.chair is not None:
        people.setdefault(panel.chair.id, panel.chair)
    for to in people.values():
        letters.write(
            kind, key=f"{kind}:{meeting.id}:{meeting.version}:{to.id}", address=to.email, about=meeting.ref(),
            now=now, account_id=to.id, name=to.name, meeting=meeting, panel=panel,
            place=meeting.place or panel.place, zone=panel.topic.call.zone,
        )  # fmt: skip


def cross_reading(panel: Panel, member: PanelMember, reading: CrossReading, *, now: datetime) -> None:
    """Asks a member to cross-read; which proposal it is, is read after signing in."""
    to = member.expert.account
    letters.write(
        "panel_cross_reading", key=f"panel_cross_reading:{reading.id}", address=to.email, about=reading.ref(),
        now=now, account_id=to.id, name=to.name, panel=panel,
    )  # fmt: skip


def to_confirm(outcome: Outcome, panel: Panel, number: int, *, by: str, now: datetime) -> None:
    """Asks the other managers to confirm changed scores; the scores are read after signing in."""
    for manager in managers_of(panel.topic.call.programme.code):
        if manager.id != outcome.recorded_by_id:
            letters.write(
                "panel_change_to_confirm", key=f"panel_change_to_confirm:{outcome.id}:{manager.id}",
                address=manager.email, about=outcome.ref(), now=now, account_id=manager.id, name=manager.name,
                panel=panel, number=number, by=by,
            )  # fmt: skip


def hearing(sent: Hearing, proposal: Proposal, *, now: datetime) -> None:
    """Tells the main contact of questions or of an interview, at the time that the hearing says."""
    _to_contact("hearing", sent, proposal, now=now, due_at=sent.send_at)


def hearing_changed(sent: Hearing, proposal: Proposal, *, now: datetime) -> None:
    """Tells the main contact that the interview is at another time or place, or that there is more time to answer;
    where they were not told of the hearing yet, the letter that waits is written anew."""
    if sent.send_at is not None and sent.send_at > now:
        _take_back(sent)
        hearing(sent, proposal, now=now)
        return
    _to_contact("hearing_changed", sent, proposal, now=now)


def _take_back(sent: Hearing) -> None:
    """Letters about a hearing that did not go out yet."""
    kinds = or_(*(Letter.key.startswith(f"{kind}:{sent.id}:") for kind in ("hearing", "hearing_changed")))
    waiting = delete(Letter).where(kinds, Letter.sent_at.is_(None))
    db.session.execute(waiting.execution_options(synchronize_session=False))


def hearing_cancelled(sent: Hearing, proposal: Proposal, *, now: datetime) -> None:
    """Tells the main contact that there is no hearing; where they were not told of it yet, takes that letter back."""
    if sent.send_at is not None and sent.send_at > now:
        _take_back(sent)
        return
    _to_contact("hearing_cancelled", sent, proposal, now=now)


def _to_contact(
    kind: str, sent: Hearing, proposal: Proposal, *, now: datetime, due_at: datetime | None = None
) -> None:
    to = main_contacts([proposal.id])[proposal.id]
    letters.write(
        kind, key=f"{kind}:{sent.id}:{sent.version}:{to.id}", address=to.email, about=proposal.ref(), now=now,
        account_id=to.id, due_at=due_at, name=to.name, hearing=sent, proposal=proposal,
        zone=proposal.topic.call.zone,
    )  # fmt: skip


def hearing_answered(answered: Hearing, proposal: Proposal, *, now: datetime) -> None:
    """Tells the managers that the applicants answered, or confirmed the interview."""
    for manager in managers_of(proposal.topic.call.programme.code):
        letters.write(
            "hearing_answered", key=f"hearing_answered:{answered.id}:{manager.id}", address=manager.email,
            about=proposal.ref(), now=now, account_id=manager.id, name=manager.name, hearing=answered,
            proposal=proposal,
        )  # fmt: skip


def observer_named(observer: Observer, topic: Topic, to: Account, *, now: datetime) -> None:
    """Tells somebody that they observe a topic."""
    letters.write(
        "observer_named", key=f"observer_named:{observer.id}:{now.isoformat()}", address=to.email,
        about=observer.ref(), now=now, account_id=to.id, name=to.name, topic=topic,
    )  # fmt: skip


def observer_reported(observer: Observer, managers: Iterable[Account], *, now: datetime) -> None:
    """Tells the managers that an observer's report is in."""
    for manager in managers:
        letters.write(
            "observer_reported", key=f"observer_reported:{observer.id}:{manager.id}", address=manager.email,
            about=observer.ref(), now=now, account_id=manager.id, name=manager.name, topic=observer.topic,
        )  # fmt: skip
