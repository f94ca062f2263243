"""From rows to what conflicts are found by: one statement for experts, one for proposals, one for decisions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, bindparam, case, cast, func, literal_column, null, select
from sqlalchemy.orm import aliased

from grants.accounts.models import Account
from grants.calls.models import Topic
from grants.db import db
from grants.experts.models import ConflictDecision, DeclaredTie, Employment, Expert, Publication
from grants.experts.rules import (
    Conflict,
    Decided,
    ExpertFacts,
    Job,
    Named,
    ProposalParties,
    Remembered,
    Windows,
    conflicts,
    standing,
)
from grants.experts.states import DecisionState
from grants.organisations.models import Organisation, Representative
from grants.proposals.models import Member, Participant, Proposal, Submission
from grants.similarity.models import SubmissionText
from grants.similarity.queries import PART_B


def _rows(*columns: Any) -> Any:
    """Rows of a correlated statement as one JSON list, so that one statement reads several tables."""
    return select(func.coalesce(func.json_agg(func.json_build_array(*columns)), literal_column("'[]'::json")))


@cache
def _of_experts() -> Select[Any]:
    """Made once: putting it together takes longer than PostgreSQL needs to answer it."""
    mine, other = aliased(Member), aliased(Member)
    represented = _rows(Representative.organisation_id).where(Representative.account_id == Expert.account_id)
    works_on = (
        _rows(Member.proposal_id).select_from(Member).join(Proposal, Proposal.id == Member.proposal_id)
        .where(Member.account_id == Expert.account_id, Proposal.topic_id == bindparam("topic"))
    )  # fmt: skip
    jobs = _rows(Employment.name, Employment.organisation_id, Employment.department, Employment.ended_on)
    authors = _rows(Publication.authors, Publication.year)
    ties = _rows(DeclaredTie.kind, DeclaredTie.name)
    applied = (
        _rows(other.account_id, cast(Submission.submitted_at, Date)).select_from(mine)
        .join(other, other.proposal_id == mine.proposal_id)
        .join(Submission, Submission.proposal_id == mine.proposal_id)
        .where(mine.account_id == Expert.account_id, other.account_id != Expert.account_id)
    )  # fmt: skip
    parts = [
        represented, works_on, jobs.where(Employment.expert_id == Expert.id),
        authors.where(Publication.expert_id == Expert.id), ties.where(DeclaredTie.expert_id == Expert.id), applied,
    ]  # fmt: skip
    return (
        select(Expert, Account.name, *(each.correlate(Expert).scalar_subquery() for each in parts))
        .join(Account, Account.id == Expert.account_id)
        .where(Expert.id.in_(bindparam("experts", expanding=True)))
    )


def expert_facts(experts: Sequence[Expert], topic_id: int) -> dict[int, ExpertFacts]:
    """What conflicts look at, by expert: one statement, however many experts."""
    found = db.session.execute(_of_experts(), {"experts": [each.id for each in experts], "topic": topic_id})
    return {row[0].id: _expert(row[0], row[1], *row[2:]) for row in found}


def _expert(expert: Expert, name: str, own: Any, works_on: Any, jobs: Any, written: Any, ties: Any, applied: Any) -> (
    ExpertFacts
):  # fmt: skip
    employers = [Job(each[0], each[1], each[2], _day(each[3])) for each in jobs]
    authors: dict[str, int] = {}
    for names, year in written:
        for each in names:
            authors[each] = max(year, authors.get(each, 0))
    with_whom: dict[int, date] = {}
    for account, day in applied:
        with_whom[account] = max(date.fromisoformat(day), with_whom.get(account, date.min))
    return ExpertFacts(
        account=expert.account_id, employer_name=expert.employer_name, name=name, jobs=employers,
        organisations=frozenset({each[0] for each in own} | ({expert.employer_id} if expert.employer_id else set())),
        own_proposals=frozenset(each[0] for each in works_on), applied_with=with_whom, authors=authors,
        ties=[(each[0], each[1]) for each in ties],
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


#: By proposal, the version whose Part B was read, and which names were found in it: a version never changes, and
#: reading a long text again takes as long as a page may. Each process has its own.
_READ: OrderedDict[int, tuple[int, dict[str, bool]]] = OrderedDict()
#: Proposals that are remembered, and pairs of proposals and names beyond which nothing is.
_MOST, _MOST_PAIRS = 1000, 400_000


@cache
def _of_proposals() -> Select[Any]:
    """Made once, as ``_of_experts``. Texts of the versions in ``known`` stay where they are."""
    called = (Organisation.legal_name, Organisation.short_name, Organisation.original_name, Organisation.former_names)
    organisations = (
        _rows(Organisation.id, Organisation.pic, *called).select_from(Participant)
        .join(Organisation, Organisation.id == Participant.organisation_id)
        .where(Participant.proposal_id == Proposal.id)
    )  # fmt: skip
    members = (
        _rows(Member.account_id, Account.name).select_from(Member).join(Account, Account.id == Member.account_id)
        .where(Member.proposal_id == Proposal.id)
    )  # fmt: skip
    last = select(Submission.content).where(Submission.proposal_id == Proposal.id)
    known = SubmissionText.submission_id.in_(bindparam("known", expanding=True))
    version, text = (
        select(column).select_from(SubmissionText).join(Submission, Submission.id == SubmissionText.submission_id)
        .where(Submission.proposal_id == Proposal.id, SubmissionText.kind == PART_B)
        for column in (SubmissionText.submission_id, case((known, null()), else_=SubmissionText.text))
    )  # fmt: skip
    latest = (each.order_by(Submission.number.desc()).limit(1) for each in (last, version, text))
    parts = [organisations, members, *latest]
    return select(Proposal.id, *(each.correlate(Proposal).scalar_subquery() for each in parts)).where(
        Proposal.id.in_(bindparam("proposals", expanding=True))
    )


def parties(proposal_ids: Sequence[int], *, names: frozenset[str] = frozenset()) -> dict[int, ProposalParties]:
    """Who takes part in proposals and whom they name: one statement, however many proposals.

    Part B is looked at where its text is kept. With ``names``, for these alone: where they were looked for before,
    the text is not read again.
    """
    remembers = bool(names) and len(names) * len(proposal_ids) <= _MOST_PAIRS
    known = {
        _READ[each][0] for each in proposal_ids if each in _READ and names <= _READ[each][1].keys()
    } if remembers else set()  # fmt: skip
    found: Any = db.session.execute(_of_proposals(), {"proposals": list(proposal_ids), "known": list(known)})
    return {
        row[0]: _parties(
            row[0], row[1], row[2], row[3], _part_b(row[0], row[4], row[5], names if remembers else None)
        )
        for row in found
    }


def _part_b(proposal_id: int, version: int | None, text: str | None, names: frozenset[str] | None) -> Named:
    """Which names stand in the text, remembered where ``names`` are looked for."""
    if version is None or names is None:
        return Named([text] if text else [])
    read, found = _READ.get(proposal_id, (version, {}))
    found = found if read == version else {}
    if text is not None:
        named = Named([text])
        found = found | {each: each in named for each in names}
        _READ[proposal_id] = (version, found)
        while len(_READ) > _MOST:
            _READ.popitem(last=False)
    return Remembered(found)


def _parties(identity: int, organisations: Any, members: Any, content: Any, part_b: Named) -> ProposalParties:
    content = content or {}
    by_pic = {pic: organisation for organisation, pic, *_ in organisations}
    rows = content.get("participants") or []
    departments = {by_pic[each["pic"]]: _department(each) for each in rows if each.get("pic") in by_pic}
    named = [*(name for _, name in members), *_texts([content.get("part_a"), *(each.get("part_a") for each in rows)])]
    return ProposalParties(
        identity,
        {
            each: (name, *filter(None, (short, original, *former)))
            for each, _, name, short, original, former in organisations
        },
        frozenset(account for account, _ in members),
        departments,
        Named(named),
        part_b,
    )


def _department(participant: dict[str, Any]) -> str:
    """What the participant said does the work; empty where nothing asks for it."""
    sections = (participant.get("part_a") or {}).values()
    return next(
        (str(each["department"]) for each in sections if isinstance(each, dict) and each.get("department")), ""
    )


def _texts(value: Any) -> Iterator[str]:
    """Everything written in an answer. The cells of a row are read together: first and last name stand in two."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        yield " ".join(each for each in value.values() if isinstance(each, str))
        yield from _texts(list(value.values()))


@dataclass(frozen=True, slots=True)
class Weighed:
    """One pair: what was ``found``, what is ``left`` of it after the officer's ``decision``."""

    found: list[Conflict]
    left: list[Conflict]
    decision: ConflictDecision | None

    @property
    def rules_out(self) -> list[Conflict]:
        """What closes the proposal to the expert."""
        return [each for each in self.left if each.disqualifying]


class Weighing:
    """The conflicts of some experts with some proposals of a topic; pairs are compared when they are asked for."""

    def __init__(
        self, experts: Sequence[Expert], proposal_ids: Iterable[int], topic: Topic, *, now: datetime
    ) -> None:
        wanted = list(proposal_ids)
        self._experts = expert_facts(experts, topic.id)
        self._parties = parties(wanted, names=_names_of(self._experts.values()))
        self._decisions = _decisions(list(self._experts), wanted)
        self._windows = Windows(now.date(), topic.employment_years, topic.collaboration_years)

    def pair(self, proposal_id: int, expert_id: int) -> Weighed:
        """What ties this expert to this proposal."""
        found = conflicts(self._experts[expert_id], self._parties[proposal_id], self._windows)
        decision = self._decisions.get((proposal_id, expert_id))
        decided = Decided(frozenset(decision.codes), decision.state is DecisionState.ALLOWED) if decision else None
        return Weighed(found, standing(found, decided), decision)


def _names_of(experts: Iterable[ExpertFacts]) -> frozenset[str]:
    """All names that conflicts look for in a Part B."""
    found: set[str] = set()
    for each in experts:
        found |= {each.name, *each.authors, *(name for _, name in each.ties)}
    return frozenset(found)


def _decisions(experts: Sequence[int], proposals: Sequence[int]) -> dict[tuple[int, int], ConflictDecision]:
    where: list[ColumnElement[bool]] = [
        ConflictDecision.expert_id.in_(experts), ConflictDecision.proposal_id.in_(proposals),
        ConflictDecision.state != DecisionState.OPEN,
    ]  # fmt: skip
    rows = db.session.scalars(select(ConflictDecision).where(*where))
    return {(each.proposal_id, each.expert_id): each for each in rows}
