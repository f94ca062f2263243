"""From rows to what the solver takes: who competes, who accepted, who may not, who is there already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import distinct_on

from grants.admission.queries import competes_in
from grants.assigning.models import PairNote
from grants.assigning.rules import fits, profile
from grants.calls.models import Topic
from grants.db import db
from grants.evaluation.models import Assignment, Consensus
from grants.evaluation.queries import Load, loads
from grants.evaluation.states import AssignmentState
from grants.experts import queries as experts_read
from grants.experts.facts import Weighing
from grants.experts.models import Expert
from grants.experts.rules import away_throughout, declaration_is_valid
from grants.proposals.models import Proposal, Submission

#: The best experts of a proposal, of whom conflicts are looked for.
CONSIDERED = 200
#: Proposals whose texts are in memory at a time.
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Pool:
    """What a run is computed from. ``proposals``: identities of those whose consensus is not opened; ``numbers``.

    By proposal and expert (places in ``loads``): ``fit``, -1 for a pair that must not be; ``kept``: asked already and
    not begun; ``fixed``: accepted, or handed in.
    """

    proposals: list[int]
    numbers: list[int]
    loads: list[Load]
    fit: list[list[int]]
    kept: set[tuple[int, int]]
    fixed: set[tuple[int, int]]


def pool(topic: Topic, *, now: datetime) -> Pool:
    """Everything of one topic, its proposals in parts."""
    rows = _competing(topic, now)
    desks = loads(topic.id)
    places = {load.expert.id: place for place, load in enumerate(desks)}
    texts = [proposal_words(content) for _, _, content in rows]
    fit = fits(texts, expert_words([load.expert for load in desks]))
    at = {proposal_id: place for place, (proposal_id, _, _) in enumerate(rows)}
    _without_conflicts(fit, rows, desks, topic, now=now)
    _with_notes(fit, at, places)
    kept, fixed = _present(fit, at, places)
    return Pool([row[0] for row in rows], [row[1] for row in rows], desks, fit, kept, fixed)


def _competing(topic: Topic, now: datetime) -> list[tuple[int, int, dict[str, object]]]:
    """Those whose consensus is not opened."""
    return received(competes_in(topic, now), Proposal.id.not_in(select(Consensus.proposal_id)))


def received(*where: ColumnElement[bool]) -> list[tuple[int, int, dict[str, object]]]:
    """Identity, number and last version of proposals."""
    rows = db.session.execute(
        select(Proposal.id, Proposal.number, Submission.content)
        .join(Submission, Submission.proposal_id == Proposal.id)
        .where(*where)
        .ext(distinct_on(Proposal.id))
        .order_by(Proposal.id, Submission.number.desc())
    )
    return [(row[0], row[1], row[2]) for row in rows]


def proposal_words(content: Mapping[str, object]) -> dict[str, int]:
    """The words of a submitted version: its keywords, title and abstract."""
    keywords = content.get("keywords") or []
    listed = [str(each) for each in keywords] if isinstance(keywords, list) else [str(keywords)]
    return profile(listed, f"{content.get('title', '')} {content.get('abstract', '')}")


def expert_words(experts: Sequence[Expert]) -> list[dict[str, int]]:
    """The words of these experts, in their order: their own, and their keywords of the tree. One statement."""
    labels = experts_read.labels_of(each.id for each in experts)
    return [profile([*each.expertise, *labels.get(each.id, ())]) for each in experts]


def _without_conflicts(
    fit: list[list[int]],
    rows: Sequence[tuple[int, int, object]],
    desks: Sequence[Load],
    topic: Topic,
    *,
    now: datetime,
) -> None:
    """Conflicts that rule out or that no officer has allowed; experts away or with a declaration out of date."""
    months = topic.declaration_months
    late = {e for e, d in enumerate(desks) if not declaration_is_valid(d.expert.declared_at, months=months, now=now)}
    until, absences = now + timedelta(days=topic.evaluation_days), experts_read.absences(d.expert.id for d in desks)
    late |= {
        e for e, d in enumerate(desks)
        if away_throughout(absences.get(d.expert.id, ()), now.date(), until.date())
    }  # fmt: skip
    experts = [load.expert for load in desks]
    for first in range(0, len(rows), AT_ONCE):
        part = rows[first : first + AT_ONCE]
        weighing = Weighing(experts, [row[0] for row in part], topic, now=now)
        for p, row in enumerate(part, first):
            best = sorted(range(len(desks)), key=lambda e: (-fit[p][e], e))
            for e in best[CONSIDERED:]:
                fit[p][e] = -1
            for e in best[:CONSIDERED]:
                if e in late or weighing.pair(row[0], desks[e].expert.id).left:
                    fit[p][e] = -1


def _with_notes(fit: list[list[int]], at: dict[int, int], places: dict[int, int]) -> None:
    notes = select(PairNote.proposal_id, PairNote.expert_id, PairNote.fit, PairNote.forbidden)
    for proposal_id, expert_id, given, forbidden in db.session.execute(notes.where(PairNote.proposal_id.in_(at))):
        if expert_id in places and fit[at[proposal_id]][places[expert_id]] >= 0:
            fit[at[proposal_id]][places[expert_id]] = -1 if forbidden or given is None else given


def _present(
    fit: list[list[int]], at: dict[int, int], places: dict[int, int]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    kept: set[tuple[int, int]] = set()
    fixed: set[tuple[int, int]] = set()
    rows = select(Assignment.proposal_id, Assignment.expert_id, Assignment.state)
    for proposal_id, expert_id, state in db.session.execute(rows.where(Assignment.proposal_id.in_(at))):
        if expert_id not in places:
            continue
        pair = at[proposal_id], places[expert_id]
        if state is AssignmentState.CONFLICTED or state is AssignmentState.REMOVED:
            fit[pair[0]][pair[1]] = -1
        elif fit[pair[0]][pair[1]] >= 0:
            (fixed if state is AssignmentState.ACCEPTED else kept).add(pair)
    return kept, fixed
