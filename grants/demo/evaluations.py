"""Invitations, assignments, reports and consensus of the demo, as steps in the time after a deadline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from grants.calls.facts import criteria_facts
from grants.calls.models import Topic
from grants.db import db
from grants.demo import judgements
from grants.demo.loaded import ZONE, Loaded, Step, read_anew
from grants.demo.panels import LOAD, Agreement, Panel, Seat, TopicPanels, Work, draw
from grants.evaluation import queries, services
from grants.evaluation.queries import Opened
from grants.evaluation.states import Answer
from grants.experts import services as experts
from grants.experts.models import Expert, Invitation
from grants.kernel.actor import Actor
from grants.proposals.models import Proposal

#: When an evaluation that is still going on is due, counted from the loading.
_DUE, _OVERDUE = timedelta(days=9), timedelta(days=-2)
_DAY = timedelta(days=1)


@dataclass(slots=True)
class _Desk:
    """What the steps of one topic share: their assignments by proposal and expert."""

    loaded: Loaded
    plan: TopicPanels
    manager: Actor
    deadline: datetime
    assignments: dict[tuple[str, str], int] = field(default_factory=dict)

    def topic(self) -> Topic:
        """As it is now."""
        return self.loaded.topic(self.plan.topic)

    def proposal(self, panel: Panel) -> Proposal:
        """The proposal of a panel."""
        number = self.loaded.numbers[panel.proposal.key]
        return db.session.scalars(select(Proposal).where(Proposal.number == number)).one()

    def opened(self, panel: Panel, seat: Seat, *, now: datetime) -> tuple[Opened, Actor]:
        """An expert's assignment as the expert opens it."""
        read_anew()
        who = self.loaded.evaluator(seat.email)
        return queries.open_assignment(who, self.assignments[panel.proposal.key, seat.email], now=now), who

    def values(self, panel: Panel, seat: Seat | None) -> dict[str, str]:
        """What the expert writes, or the rapporteur for all."""
        criteria = criteria_facts(self.topic())
        rng = Random(f"{panel.proposal.seed}:{seat.email if seat else 'all'}")  # noqa: S311 a demo, no secret
        given = judgements.scores(panel.proposal, criteria, steps=seat.steps if seat else 0, rng=rng)
        return judgements.values(panel.proposal, given, criteria, questions=self.topic().questions, rng=rng)


def steps(loaded: Loaded) -> Iterator[Step]:
    """Everything from the invitations to the approved consensus, in any order."""
    for topic in draw(loaded.plan):
        call, _ = loaded.place(topic.topic)
        desk = _Desk(loaded, topic, loaded.manager(call.programme), loaded.deadline(topic.topic))
        yield from _invitations(desk)
        for panel in topic.panels:
            yield from _panel_steps(desk, panel)


def _invitations(desk: _Desk) -> Iterator[Step]:
    sent = desk.deadline - 14 * _DAY
    yield sent, lambda: _invite(desk, now=sent)
    for place, email in enumerate((*desk.plan.pool, *desk.plan.declined)):
        at = sent + timedelta(hours=7 + 9 * place)
        yield at, lambda email=email, at=at: _answer(desk, email, now=at)  # type: ignore[misc]


def _invite(desk: _Desk, *, now: datetime) -> None:
    plan = desk.plan
    wanted = [desk.loaded.accounts[email].id for email in (*plan.pool, *plan.declined, *plan.silent)]
    rows = {each.account_id: each for each in db.session.scalars(select(Expert).where(Expert.account_id.in_(wanted)))}
    experts.invite(desk.topic(), [rows[identity] for identity in wanted], max_load=LOAD, actor=desk.manager, now=now)


def _answer(desk: _Desk, email: str, *, now: datetime) -> None:
    invitation = db.session.scalars(
        select(Invitation).join(Invitation.expert)
        .where(Invitation.topic_id == desk.topic().id, Expert.account_id == desk.loaded.accounts[email].id)
    ).one()  # fmt: skip
    declined = email in desk.plan.declined
    reason = judgements.DECLINED[desk.plan.declined.index(email)] if declined else ""
    who = desk.loaded.evaluator(email)
    experts.answer_invitation(invitation, accept=not declined, reason=reason, actor=who, now=now)


def _panel_steps(desk: _Desk, panel: Panel) -> Iterator[Step]:
    rng = Random(f"{panel.proposal.seed}:days")  # noqa: S311 a demo, no secret
    assigned = desk.deadline + 2 * _DAY + timedelta(minutes=rng.randint(900, 1300))
    yield assigned, lambda: _assign(desk, panel, now=assigned)
    for seat in panel.seats:
        yield from _seat_steps(desk, panel, seat, rng=rng)
    yield from _consensus_steps(desk, panel, rng=rng)


def _assign(desk: _Desk, panel: Panel, *, now: datetime) -> None:
    due = desk.loaded.now + (_OVERDUE if panel.overdue else _DUE)
    due_on = due.astimezone(ZONE).date() if desk.plan.topic.startswith("evaluation") else None
    accounts = {seat.email: desk.loaded.accounts[seat.email].id for seat in panel.seats}
    for index, seat in enumerate(panel.seats):
        expert = db.session.scalars(select(Expert).where(Expert.account_id == accounts[seat.email])).one()
        made = services.assign(
            desk.proposal(panel), expert, rapporteur=index == 0, due_on=due_on, actor=desk.manager, now=now
        )
        desk.assignments[panel.proposal.key, seat.email] = made.id


def _seat_steps(desk: _Desk, panel: Panel, seat: Seat, *, rng: Random) -> Iterator[Step]:
    if seat.work is Work.ASKED:
        return
    answered = desk.deadline + timedelta(days=rng.uniform(4, 7))
    if seat.work is Work.CONFLICT:
        yield answered, lambda: _conflict(desk, panel, seat, now=answered)
        return
    yield answered, lambda: _accept(desk, panel, seat, now=answered)
    if seat.work >= Work.DRAFT:
        written = desk.deadline + timedelta(days=rng.uniform(8, 26))
        yield written, lambda: _write(desk, panel, seat, now=written)


def _conflict(desk: _Desk, panel: Panel, seat: Seat, *, now: datetime) -> None:
    opened, who = desk.opened(panel, seat, now=now)
    reason = judgements.CONFLICT[len(seat.email) % len(judgements.CONFLICT)]
    services.declare_conflict(opened, reason=reason, actor=who, now=now)


def _accept(desk: _Desk, panel: Panel, seat: Seat, *, now: datetime) -> None:
    opened, who = desk.opened(panel, seat, now=now)
    services.accept_assignment(opened, actor=who, now=now)


def _write(desk: _Desk, panel: Panel, seat: Seat, *, now: datetime) -> None:
    opened, who = desk.opened(panel, seat, now=now)
    values = desk.values(panel, seat)
    if seat.work is Work.DRAFT:  # the last criterion and the whole are still to come
        last = criteria_facts(desk.topic())[-1].code
        values = {name: text for name, text in values.items() if not name.startswith((f"scores.{last}.", "overall"))}
    services.save_report(opened, values, seen=1, actor=who, now=now)
    if seat.work is Work.HANDED_IN:
        opened, who = desk.opened(panel, seat, now=now)
        services.submit_report(opened, actor=who, now=now)


def _consensus_steps(desk: _Desk, panel: Panel, *, rng: Random) -> Iterator[Step]:
    if panel.agreement is Agreement.NOT_OPENED:
        return
    opened = desk.deadline + 27 * _DAY + timedelta(minutes=rng.randint(60, 600))
    written = opened + timedelta(days=rng.uniform(1, 2))
    yield opened, lambda: _open(desk, panel, now=opened)
    yield written, lambda: _agree(desk, panel, now=written)
    if panel.agreement is Agreement.DRAFT:
        return
    others = panel.seats[1:2] if panel.agreement is Agreement.ASKED else panel.seats[1:]
    for seat in others:
        at = written + timedelta(days=rng.uniform(0.5, 3))
        yield at, lambda seat=seat, at=at: _opine(desk, panel, seat, now=at)  # type: ignore[misc]
    if panel.agreement is Agreement.APPROVED:
        approved = written + 3 * _DAY + timedelta(hours=2)
        yield approved, lambda: _approve(desk, panel, now=approved)


def _open(desk: _Desk, panel: Panel, *, now: datetime) -> None:
    read_anew()
    services.open_consensus(desk.proposal(panel), actor=desk.manager, now=now)


def _agree(desk: _Desk, panel: Panel, *, now: datetime) -> None:
    """The rapporteur writes for all; where the consensus is a draft, scores of the last criterion are open."""
    opened, who = desk.opened(panel, panel.seats[0], now=now)
    values = desk.values(panel, None)
    if panel.agreement is Agreement.DRAFT:
        values.pop(f"scores.{criteria_facts(desk.topic())[-1].code}.score")
    services.save_consensus(opened, values, seen=1, actor=who, now=now)
    if panel.agreement is not Agreement.DRAFT:
        opened, who = desk.opened(panel, panel.seats[0], now=now)
        services.propose_consensus(opened, actor=who, now=now)


def _opine(desk: _Desk, panel: Panel, seat: Seat, *, now: datetime) -> None:
    opened, who = desk.opened(panel, seat, now=now)
    disagrees = panel.minority and seat is panel.seats[-1]
    services.give_opinion(
        opened,
        answer=Answer.DISAGREES if disagrees else Answer.AGREES,
        text=judgements.MINORITY if disagrees else "",
        actor=who,
        now=now,
    )


def _approve(desk: _Desk, panel: Panel, *, now: datetime) -> None:
    read_anew()
    consensus = queries.consensus_of(desk.proposal(panel).id)
    if consensus is None:
        raise LookupError(panel.proposal.key)
    services.approve_consensus(consensus, actor=desk.manager, now=now)
