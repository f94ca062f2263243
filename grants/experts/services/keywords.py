"""Keywords of the tree: chosen by experts for themselves, by managers for a topic; taken over from a file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select

from grants.audit.services import record
from grants.calls.models import Topic
from grants.db import db
from grants.experts import access, texts
from grants.experts.models import Expert, TopicConcept
from grants.experts.services.indexing import index, index_chosen
from grants.experts.services.versions import next_version
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid, NotFound
from grants.kernel.findings import Finding
from grants.vocabulary import services as vocabulary
from grants.vocabulary.models import Concept


def choose_concepts(
    expert: Expert, chosen: Collection[int], *, seen: int | None = None, actor: Actor, now: datetime
) -> None:
    """The expert's keywords from now on. Raises NotFound for others, Invalid for what is not in the tree, Stale."""
    if actor.id != expert.account_id:
        raise NotFound
    found = _concepts(chosen)
    next_version(expert, "concepts", texts.concepts, seen=seen)
    expert.concepts = list(found)
    expert.changed_at = now
    db.session.flush()
    index(expert)
    record(expert.ref(), "expert.keywords_changed", actor=actor, now=now, facts=_codes(found))


def choose_topic_concepts(topic: Topic, chosen: Collection[int], *, actor: Actor, now: datetime) -> None:
    """By what the topic's experts are looked for. Raises Refused, Invalid."""
    access.may_invite(actor, programme=topic.call.programme.code).require()
    found = _concepts(chosen)
    db.session.execute(delete(TopicConcept).where(TopicConcept.topic_id == topic.id))
    db.session.add_all(TopicConcept(topic_id=topic.id, concept_id=each.id) for each in found)
    db.session.flush()
    record(topic.ref(), "topic.keywords_changed", actor=actor, now=now, facts=_codes(found))


def import_keywords(text: str, *, as_json: bool = False, actor: Actor, now: datetime) -> dict[str, int]:
    """As ``vocabulary.import_keywords``; experts are found by the new labels. Raises Invalid."""
    counts = vocabulary.import_keywords(text, as_json=as_json, actor=actor, now=now)
    if counts["updated"]:
        index_chosen()
    return counts


def _concepts(chosen: Collection[int]) -> Sequence[Concept]:
    found = db.session.scalars(select(Concept).where(Concept.id.in_(set(chosen))).order_by(Concept.label)).all()
    if len(found) != len(set(chosen)):
        message = "A keyword is not in the tree any more. Reload the page and choose again."
        raise Invalid(Finding("no-such-keyword", message, place="concepts"))
    return found


def _codes(found: Sequence[Concept]) -> dict[str, list[str]]:
    return {"keywords": sorted(each.code for each in found)}
