"""From rows to the facts that the rules take, and to the content of a published version."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any

from grants.calls.eligibility import LIMITS, UNNAMED, Rule, with_implied
from grants.calls.models import Call, Criterion, Topic
from grants.calls.parta.definition import form_of
from grants.calls.rules import CallFacts, CriterionFacts, TopicFacts, is_blind, is_first_stage
from grants.calls.states import Blind, Naming
from grants.calls.templates import country_groups
from grants.documents.queries import documents_of

#: The kind of document that a call publishes.
PAPER = "call_document"
_TOPIC_FIELDS = (
    "identifier", "title", "description", "conditions", "keywords", "type_of_action", "opens_at", "budget",
    "min_grant", "max_grant", "expected_grants", "page_limit", "min_font_pt", "min_margin_mm", "min_months",
    "max_months", "funding_rate", "nonprofit_rate", "indirect_rate", "overall_threshold", "experts_per_proposal",
    "shortest_comment", "questions", "on_misfit", "reserve_size", "tie_break", "area_field",
    "portfolio",
    "period_months", "report_days", "deadline_model", "cost_model", "eligibility", "form", "annexes",
    "no_profit", "invited_only", "batch_months", "first_stage_page_limit", "first_stage_threshold", "inform_months",
    "grant_months", "first_stage_inform_months", "deemed_days", "redress_days",
    "redress_members", "redress_answer_days",
    "employment_years", "collaboration_years", "declaration_months", "newcomer_share", "expert_terms", "training",
    "blind", "naming",
    "panel_nationality", "panel_organisation", "panel_years", "hearing_characters",
    "quality_short", "quality_high", "quality_low", "quality_alike",
)  # fmt: skip
_CRITERION_FIELDS = (
    "code", "name", "description", "aspects", "maximum", "step", "weight", "threshold", "first_stage",
    "first_stage_threshold",
)  # fmt: skip
_CATEGORY_FIELDS = ("code", "name", "indirect_base", "unit", "unit_cost", "justify")
#: What a template does not say: texts, dates and money of the topic itself.
_OWN = frozenset({
    "identifier", "title", "description", "conditions", "keywords", "opens_at", "budget", "expected_grants",
    "deadlines",
})  # fmt: skip


def criteria_facts(topic: Topic, *, stage: int | None = None) -> tuple[CriterionFacts, ...]:
    """The topic's award criteria in their order; where ``stage`` is a first one, those of it with its thresholds."""
    short = stage is not None and is_first_stage(topic.deadline_model, stage)
    return tuple(
        CriterionFacts(
            code=each.code, name=each.name, maximum=each.maximum, step=each.step, weight=each.weight,
            threshold=each.first_stage_threshold if short else each.threshold,
        )
        for each in criteria_of(topic, stage=stage)
    )  # fmt: skip


def criteria_of(topic: Topic, *, stage: int | None = None) -> list[Criterion]:
    """The rows of the criteria that proposals of this stage are judged by; all where none is marked for the first."""
    if stage is None or not is_first_stage(topic.deadline_model, stage):
        return list(topic.criteria)
    return [each for each in topic.criteria if each.first_stage] or list(topic.criteria)


def topic_facts(topic: Topic) -> TopicFacts:
    """What the rules of publication look at."""
    return TopicFacts(
        identifier=topic.identifier, title=topic.title, type_of_action=topic.type_of_action, opens_at=topic.opens_at,
        deadlines=tuple(each.at for each in topic.deadlines),
        criteria=criteria_facts(topic),
        categories=tuple(each.code for each in topic.categories), deadline_model=topic.deadline_model,
        description=topic.description, overall_threshold=topic.overall_threshold, budget=topic.budget,
        min_grant=topic.min_grant, max_grant=topic.max_grant, min_months=topic.min_months,
        max_months=topic.max_months, funding_rate=topic.funding_rate, nonprofit_rate=topic.nonprofit_rate,
        indirect_rate=topic.indirect_rate, page_limit=topic.page_limit, form=form_of(topic.form),
        eligibility=tuple(topic.eligibility), annexes=frozenset(each["code"] for each in topic.annexes),
        groups=frozenset(country_groups()), batch_months=topic.batch_months, area_field=topic.area_field,
        portfolio=tuple(topic.portfolio),
        blind=topic.blind, naming=naming_of(topic), quality_low=topic.quality_low, quality_high=topic.quality_high,
    )  # fmt: skip


def rules_for(topic: Topic, *, stage: int | None = None) -> tuple[Rule, ...]:
    """The eligibility rules that proposals to the topic are judged by; of one ``stage``, or all."""
    rules = with_implied(topic.eligibility, limits_of(topic))
    if stage is None or is_blind(topic.blind, topic.deadline_model, stage):
        return rules
    return tuple(each for each in rules if each.kind.key != UNNAMED)


def limits_of(topic: Topic) -> dict[str, Any]:
    """The limits that the topic sets, by name."""
    values = {name: getattr(topic, name) for name in LIMITS} | {"naming": naming_of(topic)}
    return {name: value for name, value in values.items() if value is not None}


def naming_of(topic: Topic) -> str | None:
    """What happens where a blind proposal names a participant; None where that is not looked for."""
    return None if topic.blind is Blind.NO or topic.naming is Naming.OFF else topic.naming.value


def call_facts(call: Call) -> CallFacts:
    """What the rules of publication look at."""
    return CallFacts(
        identifier=call.identifier, title=call.title, contact=call.contact, budget=call.budget,
        topics=tuple(topic_facts(topic) for topic in call.topics), summary=call.summary,
    )  # fmt: skip


def content(call: Call) -> dict[str, Any]:
    """Everything that applicants rely on, as JSON: what a version keeps and what changes are computed from."""
    papers = documents_of(call.papers(), kind=PAPER)
    return {
        **({"documents": [f"{each.name} (SHA-256 {each.sha256})" for each in papers]} if papers else {}),
        "title": call.title, "summary": call.summary, "contact": call.contact, "zone": call.zone,
        "budget": _plain(call.budget), "questions_until": _plain(call.questions_until),
        "topics": [_topic(topic) for topic in call.topics],
    }  # fmt: skip


def template_part(topic: Topic) -> dict[str, Any]:
    """What a template says about a topic, as it stands now: compared with what it said at first."""
    return {name: value for name, value in _topic(topic).items() if name not in _OWN}


def _topic(topic: Topic) -> dict[str, Any]:
    plain = {name: _plain(getattr(topic, name)) for name in _TOPIC_FIELDS}
    return {
        **plain,
        "deadlines": [each.at.isoformat() for each in topic.deadlines],
        "criteria": [{name: _plain(getattr(each, name)) for name in _CRITERION_FIELDS} for each in topic.criteria],
        "categories": [{name: _plain(getattr(each, name)) for name in _CATEGORY_FIELDS} for each in topic.categories],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if hasattr(value, "isoformat") else value
