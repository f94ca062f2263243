"""Proving a decided list from what was kept with the decision: for ``grants ranking verify``, at any time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from grants.audit import queries as audit
from grants.calls.models import Call, Topic
from grants.db import db
from grants.kernel.money import ZERO
from grants.proposals.queries import certificates
from grants.ranking import queries, rules
from grants.ranking.models import Placement, Ranking
from grants.ranking.states import RankingState
from grants.signing import statements
from grants.signing.keys import pem

#: How many differences are told of one list.
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Proof:
    """What came out for one topic. ``proven``: nothing differs. ``says``: every difference, in words."""

    topic: str
    cut_off: str  # of its batch, empty where the topic has one list
    state: str
    proposals: int
    inputs_sha256: str
    signed: bool
    proven: bool
    says: tuple[str, ...]

    @property
    def list(self) -> str:
        """The topic, with the cut-off of the batch where there is one."""
        return f"{self.topic} ({self.cut_off})" if self.cut_off else self.topic

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def verify(identifier: str) -> list[Proof]:
    """Prove the decided lists of a call, or of one topic; none where nothing is decided."""
    found = db.session.scalars(
        select(Ranking)
        .join(Ranking.topic)
        .join(Topic.call)
        .where(Topic.identifier.in_([identifier]) | (Call.identifier == identifier))
        .where(Ranking.state.in_((RankingState.DECIDED, RankingState.INFORMED)))
        .order_by(Topic.identifier, Ranking.cut_off)
    ).all()
    return [_proof(each) for each in found]


def _proof(ranking: Ranking) -> Proof:
    rows = queries.all_placements(ranking.id)
    says = [*_of_inputs(ranking, rows), *_of_audit(ranking, rows), *_of_signature(ranking)]
    shown = says[:_SHOWN] + ([f"and {len(says) - _SHOWN} more"] if len(says) > _SHOWN else [])
    return Proof(
        topic=ranking.topic.identifier, cut_off=ranking.cut_off.isoformat() if ranking.cut_off else "",
        state=ranking.state.value, proposals=len(rows),
        inputs_sha256=ranking.inputs_sha256, signed=bool(ranking.statement), proven=not says, says=tuple(shown),
    )  # fmt: skip


def _of_inputs(ranking: Ranking, rows: Sequence[Placement]) -> Iterator[str]:
    """The kept inputs are those that were decided on, and give this list again."""
    if not ranking.inputs:
        yield "no inputs were kept with this decision, which is older than that"
        return
    if sha256(ranking.inputs.encode()).hexdigest() != ranking.inputs_sha256:
        yield "the inputs that are kept are not those whose hash was decided on"
    try:
        placed = rules.rank(*rules.read_inputs(ranking.inputs), ranking.selection.get("chosen", ()))
    except (ValueError, KeyError, TypeError) as problem:
        yield f"the inputs that are kept cannot be read: {problem}"
        return
    if ranking.selection:
        yield from _of_selection(ranking)
    if len(placed) != len(rows):
        yield f"the inputs give {len(placed)} places, the list has {len(rows)}"
    for computed, row in zip(placed, rows, strict=False):
        yield from _of_row(computed, row)


def _of_selection(ranking: Ranking) -> Iterator[str]:
    """The set is the best that the kept inputs allow."""
    from grants.ranking import selecting  # noqa: PLC0415 a hundred megabytes that only portfolios need

    try:
        chosen = sorted(selecting.select(*rules.competitors(*rules.read_inputs(ranking.inputs))).chosen)
    except (selecting.NoSelection, ValueError) as problem:
        if ranking.selection.get("says") != str(problem):
            yield f"no selection comes out of the kept inputs: {problem}"
        return
    if chosen != ranking.selection.get("chosen"):
        yield f"the best selection is computed as {chosen}, the list has {ranking.selection.get('chosen')}"


def _of_row(computed: rules.Placement, row: Placement) -> Iterator[str]:
    offered = computed.offered if ZERO < computed.offered < computed.requested else None
    pairs = {
        "proposal": (computed.number, row.proposal.number), "place": (computed.place, row.place),
        "total": (computed.total, row.total), "ranking score": (computed.ranking_score, row.ranking_score),
        "request": (computed.requested, row.requested), "offer": (offered, row.offered),
        "suggestion": (computed.outcome.value, row.outcome),
        "deciding key": (computed.key, row.decided_by_key),
    }  # fmt: skip
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            yield f"place {computed.place}: {name} is computed as {ours}, the list says {theirs}"


def _of_audit(ranking: Ranking, rows: Sequence[Placement]) -> Iterator[str]:
    """The audit trail has the same decision."""
    event = audit.event_with(ranking.ref(), "ranking.decide", name="inputs_sha256", value=ranking.inputs_sha256)
    if event is None:
        yield "the audit trail has no decision on these inputs"
        return
    decisions = {str(row.proposal.number): str(row.decision) for row in rows}
    for number, decision in event.facts.get("decisions", {}).items():
        if decisions.get(number) != decision:
            yield f"{number} was decided as {decision}, the list says {decisions.get(number)}"


def _of_signature(ranking: Ranking) -> Iterator[str]:
    """The signed statement, where it is there already, says the same and is ours."""
    if not ranking.statement:
        return
    try:
        signed = statements.read(ranking.statement.encode(), form=statements.RANKING)
    except statements.Unreadable as problem:
        yield f"the signed statement: {problem}"
        return
    if not signed.intact:
        yield "the signed statement was changed after it was signed"
    if pem(signed.certificate) not in {each.pem for each in certificates()}:
        yield "the statement is not signed with a certificate of this funder"
    for name, value in content(ranking).items():
        if signed.content.get(name) != value:
            yield f"the statement says {name} {signed.content.get(name)}, the list {value}"


def content(ranking: Ranking) -> dict[str, Any]:
    """What is signed: the topic, when it was decided, the hash of all inputs and the hash of the list."""
    assert ranking.decided_at is not None
    batch = {"cut_off": ranking.cut_off.isoformat()} if ranking.cut_off else {}
    return batch | {
        "topic": ranking.topic.identifier, "decided": ranking.decided_at.isoformat(timespec="milliseconds"),
        "budget": f"{ranking.budget:.2f}", "inputs_sha256": ranking.inputs_sha256,
        "list_sha256": list_hash(ranking.id), "proposals": queries.summary(ranking).proposals,
    }  # fmt: skip


def list_hash(ranking_id: int) -> str:
    """SHA-256 of places and decisions as JSON, one row for each proposal in order."""
    rows = [
        [each.place, each.proposal.number, f"{each.total.normalize():f}", f"{each.ranking_score.normalize():f}",
         f"{each.requested:.2f}", each.outcome, str(each.decision or ""), each.decision_reason]
        for each in queries.all_placements(ranking_id)
    ]  # fmt: skip
    return sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()
