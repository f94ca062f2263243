"""Changing Part A and the eligibility rules of a topic. What refers to a field keeps it from being removed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from grants.calls import access, facts
from grants.calls.eligibility import fields_used, rule_findings
from grants.calls.models import Topic
from grants.calls.parta.checking import dependencies, form_findings, removal_findings
from grants.calls.parta.definition import form_of
from grants.calls.services.changing import begin_change, end_change
from grants.kernel.actor import Actor
from grants.kernel.errors import Invalid


def change_form(
    topic: Topic, definition: dict[str, Any], *, seen: int, reason: str, actor: Actor, now: datetime
) -> None:
    """Replace the topic's Part A. Raises Stale, and Invalid with everything that is wrong: a field that a condition,
    a check or a rule needs cannot be removed."""
    _may(topic, actor=actor, now=now)
    begin_change(topic.call, seen=seen, reason=reason, actor=actor)
    before, after = form_of(topic.form), form_of(definition)
    uses = dependencies(after)
    for name, rules in fields_used(topic.eligibility).items():
        uses[name] = [*uses.get(name, []), *rules]
    if found := removal_findings(before, after, uses) or form_findings(after):
        raise Invalid(found)
    topic.form = definition
    end_change(topic.call, reason=reason, actor=actor, now=now)


def change_eligibility(
    topic: Topic, rules: list[dict[str, Any]], *, seen: int, reason: str, actor: Actor, now: datetime
) -> None:
    """Replace the topic's rules. Raises Stale, and Invalid naming each rule that is wrong."""
    _may(topic, actor=actor, now=now)
    begin_change(topic.call, seen=seen, reason=reason, actor=actor)
    if found := rule_findings(rules, facts.topic_facts(topic).surroundings):
        raise Invalid(found)
    topic.eligibility = rules
    end_change(topic.call, reason=reason, actor=actor, now=now)


def _may(topic: Topic, *, actor: Actor, now: datetime) -> None:
    closed = topic.deadline <= now
    access.may_change_topic(
        actor, programme=topic.call.programme.code, state=topic.call.state, closed=closed
    ).require()
