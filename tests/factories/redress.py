"""Requests for a review for tests, made through the services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import db
from grants.experts.models import Expert
from grants.kernel.actor import Actor, Role
from grants.proposals.models import Proposal
from grants.proposals.states import MemberRole
from grants.redress import desk_queries, desks, queries, round_queries, rounds, services
from grants.redress.models import Request
from grants.redress.states import DeskState, Says
from tests.factories.evaluation import expert_actor
from tests.factories.people import actor_of, person

TEXT = {"subject": "step", "criterion": "", "text": "One expert left before the consensus."}


def contact_of(proposal: Proposal) -> tuple[Account, Actor]:
    """The main contact."""
    account = next(each.account for each in proposal.members if each.role is MemberRole.MAIN_CONTACT)
    return account, actor_of(account)


def manager_for(topic: Topic) -> Actor:
    """A manager of the topic's programme who had no part in anything yet."""
    code = topic.call.programme.code
    return actor_of(person("", Role.MANAGER, programme=code), Role.MANAGER, programme=code)


def asked(proposal: Proposal, *, now: datetime) -> Request:
    """A request that is sent."""
    _, actor = contact_of(proposal)
    own = queries.own(actor, proposal.number, now=now)
    seen = own.request.version if own.request else 0
    return services.send_request(own, TEXT, seen=seen, actor=actor, now=now)


def ruled(proposal: Proposal, says: Says, *, now: datetime, criteria: tuple[str, ...] = ()) -> None:
    """Proposed by one manager, confirmed by another."""
    first, second = manager_for(proposal.topic), manager_for(proposal.topic)
    services.propose_ruling(
        queries.opened(first, proposal.number), says, criteria=criteria, reason="As the committee found.",
        actor=first, now=now,
    )  # fmt: skip
    services.confirm_ruling(queries.opened(second, proposal.number), actor=second, now=now)


def with_committee(proposal: Proposal, *, now: datetime) -> list[Actor]:
    """Two members, with their opinion."""
    manager = manager_for(proposal.topic)
    members = [manager_for(proposal.topic) for _ in range(2)]
    for each in members:
        assert each.id is not None
        services.name_member(queries.opened(manager, proposal.number), each.id, actor=manager, now=now)
    opened = queries.opened(members[0], proposal.number)
    services.note_opinion(opened, "The step was left out.", seen=opened.request.version, actor=members[0], now=now)
    db.session.flush()
    return members


def reported(desk_id: int, named: Expert, scores: Mapping[str, str], *, now: datetime) -> None:
    """An expert of a new round declares no conflict and hands in a report with these scores."""
    who = expert_actor(named.account)
    desks.accept(desk_queries.open_desk(who, desk_id), declared=True, actor=who, now=now)
    desk = desk_queries.open_desk(who, desk_id, locked=True)
    given = {f"scores.{each.code}.score": scores.get(each.code, "4") for each in desk.judged}
    given |= {f"scores.{each.code}.comment": "Judged from the text alone." for each in desk.judged}
    desks.save(desk, given, seen=desk.row.version, actor=who, now=now)
    desks.hand_in(desk_queries.open_desk(who, desk_id, locked=True), actor=who, now=now)


def judged(
    proposal: Proposal, pool: Sequence[Expert], scores: Mapping[str, str], *, now: datetime, name: bool = True
) -> Actor:
    """New experts and the scores they agreed on, written down but not proposed; the manager who did."""
    manager = manager_for(proposal.topic)
    for each in pool if name else ():
        rounds.name_expert(
            round_queries.opened_round(manager, proposal.number, locked=True), each.id, actor=manager, now=now
        )
    for each in list(round_queries.opened_round(manager, proposal.number).round.experts):
        if each.state is DeskState.ASKED:
            reported(each.id, each.expert, scores, now=now)
    opened = round_queries.opened_round(manager, proposal.number, locked=True)
    texts = {code: (score, "Judged anew by people who had not seen it.") for code, score in scores.items()}
    rounds.save_scores(opened, texts, agreement="In a meeting.", seen=opened.round.version, actor=manager, now=now)
    return manager
