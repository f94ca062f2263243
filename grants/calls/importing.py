"""Bringing the portal's topics in: creates, updates what changed, leaves the rest, lists what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import select

from grants.audit.services import record
from grants.calls import facts, portal
from grants.calls.eligibility import KINDS
from grants.calls.models import Call, CallVersion, Programme, Topic, TopicDeadline
from grants.calls.states import CALL, CallState, DeadlineModel
from grants.calls.templates.prefill import prefill
from grants.db import db, transaction
from grants.kernel.actor import Actor

SOURCE = "portal"
#: Which of our templates fits a type of action of the portal, by a part of its name.
_TEMPLATES = (
    ("ISF", "ISF-PJG"), ("Innovation Actions", "HE-IA"), ("Coordination and Support", "HE-CSA"), ("", "HE-RIA"),
)  # fmt: skip
#: Records between two transactions: a broken run keeps what it did.
_BATCH = 100


def import_topics(
    file: Path, *, actor: Actor, now: datetime, refused: Callable[[str], None], progress: Callable[[int], None]
) -> dict[str, int]:
    """Read the file; counts of read, created, updated, unchanged and refused. Commits in batches."""
    counts = {"read": 0, "created": 0, "updated": 0, "unchanged": 0, "refused": 0}
    batch: list[portal.TopicRecord] = []
    for found in portal.read(file):
        counts["read"] += 1
        if isinstance(found, portal.Refusal):
            counts["refused"] += 1
            refused(f"object {found.position}, {found.identifier or 'no identifier'}: {found.reason}")
            continue
        batch.append(found)
        if len(batch) >= _BATCH:
            _take_batch(batch, counts, actor=actor, now=now, refused=refused)
            batch = []
            progress(counts["read"])
    _take_batch(batch, counts, actor=actor, now=now, refused=refused)
    return counts


def _take_batch(
    batch: list[portal.TopicRecord],
    counts: dict[str, int],
    *,
    actor: Actor,
    now: datetime,
    refused: Callable[[str], None],
) -> None:
    with transaction():
        for topic_record in batch:
            outcome = _take(topic_record, actor=actor, now=now)
            counts["refused" if outcome.startswith("refused") else outcome] += 1
            if outcome.startswith("refused"):
                refused(f"{topic_record.identifier}: {outcome.removeprefix('refused: ')}")


def _take(found: portal.TopicRecord, *, actor: Actor, now: datetime) -> str:
    digest = found.fingerprint
    topic = db.session.scalar(select(Topic).where(Topic.identifier == found.identifier))
    if topic is not None and topic.source_hash == digest:
        return "unchanged"
    if topic is not None and topic.call.source != SOURCE:
        return "refused: a topic of this identifier was made here and is not overwritten"
    call = _call(found, actor=actor, now=now)
    created = topic is None
    if topic is None:
        topic = Topic(identifier=found.identifier, call_id=call.id, lottery_seed=token_hex(16))
        prefill(topic, next(key for part, key in _TEMPLATES if part in found.type_of_action))
        topic.page_limit = None  # the portal's rules stand in its text, not in a field
    _fill(topic, found, digest, now=now)
    db.session.add(topic)
    db.session.flush()
    record(topic.ref(), "topic.imported", actor=actor, now=now, facts={"created": created, "repairs": found.repairs})
    return "created" if created else "updated"


def _fill(topic: Topic, found: portal.TopicRecord, digest: str, *, now: datetime) -> None:
    topic.title, topic.keywords = found.title[:1000], list(found.keywords)
    topic.description = "\n\n".join(part for part in (found.objectives, found.description) if part)
    topic.conditions, topic.type_of_action = found.conditions, found.type_of_action[:120] or "Not stated"
    topic.deadline_model = found.deadline_model or DeadlineModel.SINGLE_STAGE
    topic.opens_at, topic.deadline = portal.assumed_opening(found, seen_at=now), found.deadlines[-1]
    known = {each.at: each for each in topic.deadlines}
    topic.deadlines = [known.get(at) or TopicDeadline(at=at) for at in found.deadlines]
    topic.first_deadline = min(found.deadlines)
    topic.budget, topic.min_grant, topic.max_grant = found.budget or None, found.min_grant, found.max_grant
    if topic.min_grant is not None and topic.max_grant is not None and topic.min_grant > topic.max_grant:
        topic.min_grant = None
    limits = facts.limits_of(topic)
    topic.eligibility = [
        each for each in topic.eligibility if all(need in limits for need in KINDS[each["rule"]].needs)
    ]
    topic.expected_grants, topic.source_url, topic.source_hash = found.expected_grants, found.url[:500], digest


def _call(found: portal.TopicRecord, *, actor: Actor, now: datetime) -> Call:
    """The record's call; made and published when it is new, for the portal published it already."""
    call = db.session.scalar(select(Call).where(Call.identifier == found.call_identifier))
    if call is not None:
        return call
    programme = db.session.scalar(select(Programme).where(Programme.code == found.programme))
    if programme is None:
        programme = Programme(code=found.programme, title=found.programme_name or found.programme)
        db.session.add(programme)
    call = Call(
        identifier=found.call_identifier, programme=programme, title=found.call_title or found.call_identifier,
        source=SOURCE, created_at=now, published_at=None, state=CallState.DRAFT,
    )  # fmt: skip
    db.session.add(call)
    db.session.flush()
    call.published_at = now
    CALL.go(call, "publish", actor=actor, now=now, reason="imported")
    db.session.add(
        CallVersion(
            call_id=call.id,
            number=1,
            published_at=now,
            published_by_id=actor.id,
            reason="Imported",
            content=facts.content(call),
            changes=[],
        )
    )
    db.session.flush()
    return call
