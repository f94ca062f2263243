"""Twenty real topics of the portal, set up through templates alone: no code, only what the call itself says."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from grants.calls import facts, rules, services
from grants.calls.models import Topic
from grants.calls.portal import Refusal, TopicRecord, assumed_opening, read
from grants.calls.states import CallState, DeadlineModel
from grants.db import db
from grants.kernel.actor import Role
from grants.kernel.findings import blocking
from tests.calls.test_portal import real_topics
from tests.conftest import NOW
from tests.factories.calls import programme
from tests.factories.people import actor_of, person

BRUSSELS = ZoneInfo("Europe/Brussels")
#: Which of our templates a type of action begins with, and how many topics of it are taken.
WANTED = (
    ("ISF Project Grants", None, "ISF-PJG", 2),
    ("HORIZON TMA MSCA Postdoctoral Fellowships", None, "HE-FELLOWSHIP", 1),
    ("HORIZON EIC Grants", None, "HE-ACCELERATOR", 1),
    ("CERV Lump Sum Grants", None, "HE-LUMP-SUM", 1),
    ("HORIZON Research and Innovation Actions", DeadlineModel.TWO_STAGE, "HE-RIA", 3),
    ("HORIZON Research and Innovation Actions", DeadlineModel.SINGLE_STAGE, "HE-RIA", 5),
    ("HORIZON Innovation Actions", DeadlineModel.SINGLE_STAGE, "HE-IA", 4),
    ("HORIZON Coordination and Support Actions", DeadlineModel.SINGLE_STAGE, "HE-CSA", 3),
)
#: What a topic says itself; everything else stays as its template has it.
OWN = {"type_of_action", "deadline_model", "min_grant", "max_grant"}


def chosen() -> list[tuple[TopicRecord, str]]:
    records = [one for one in read(real_topics()) if not isinstance(one, Refusal)]
    found: list[tuple[TopicRecord, str]] = []
    for words, model, template, count in WANTED:
        fitting = [
            each for each in records
            if each.type_of_action.startswith(words) and model in (None, each.deadline_model)
            and each.deadlines[-1] > NOW + timedelta(days=1) and each not in [record for record, _ in found]
        ]  # fmt: skip
        found += [(each, template) for each in fitting[:count]]
    return found


def values_of(topic: Topic, record: TopicRecord) -> dict[str, object]:
    """The topic's own form, filled as a manager fills it: dates in the call's zone, money, the deadline model."""
    local = [each.astimezone(BRUSSELS).replace(tzinfo=None) for each in record.deadlines]
    names = (
        "page_limit", "first_stage_page_limit", "min_months", "max_months", "experts_per_proposal", "evaluation_days",
        "employment_years", "collaboration_years", "declaration_months", "newcomer_share",
        "panel_nationality", "panel_organisation", "panel_years", "hearing_characters",
        "quality_short", "quality_high", "quality_low", "quality_alike",
        "period_months", "report_days", "cost_model", "invited_only", "batch_months", "inform_months", "grant_months",
        "funding_rate", "nonprofit_rate", "indirect_rate", "overall_threshold", "first_stage_threshold",
        "spread_limit", "min_font_pt", "min_margin_mm", "tie_break",
    )  # fmt: skip
    small, large = record.min_grant, record.max_grant
    return {name: getattr(topic, name) for name in names} | {
        "identifier": record.identifier, "title": record.title, "description": record.description or record.title,
        "conditions": record.conditions, "keywords": list(record.keywords),
        "type_of_action": record.type_of_action[:120], "expected_grants": record.expected_grants,
        "deadline_model": record.deadline_model or DeadlineModel.SINGLE_STAGE, "budget": record.budget or None,
        "min_grant": small if small is None or large is None or small <= large else None, "max_grant": large,
        "opens_at": assumed_opening(record, seen_at=NOW).astimezone(BRUSSELS).replace(tzinfo=None),
        "deadline": local[-1], "cut_offs": [each.strftime("%Y-%m-%d %H:%M") for each in local[:-1]],
    }  # fmt: skip


def rows_of(rows, names) -> list[dict[str, object]]:
    return [{name: getattr(each, name) for name in names} for each in rows]


@pytest.mark.slow
def test_twenty_real_topics_are_set_up_and_published_through_templates_only(app):
    of = programme()
    manager = actor_of(person("", Role.MANAGER, programme=of.code), Role.MANAGER, programme=of.code)
    records = chosen()
    assert len(records) == 20
    for number, (record, template) in enumerate(records):
        values = {
            "identifier": f"REAL-{number}", "title": record.call_title or record.call_identifier, "summary": "Real.",
            "contact": "call@example.org", "zone": "Europe/Brussels", "budget": record.budget or 1_000_000,
            "questions_until": None,
        }  # fmt: skip
        call = services.create_call(of, values=values, actor=manager, now=NOW)
        topic = services.add_topic(call, template=template, actor=manager, now=NOW)
        criterion = (
            "code", "name", "description", "maximum", "step", "weight", "threshold", "first_stage",
            "first_stage_threshold",
        )  # fmt: skip
        category = ("code", "name", "indirect_base", "unit", "unit_cost", "justify")
        services.change_topic(
            topic, values=values_of(topic, record), criteria=rows_of(topic.criteria, criterion),
            categories=rows_of(topic.categories, category), seen=1, reason="", actor=manager, now=NOW,
        )  # fmt: skip
        services.publish(call, actor=manager, now=NOW)
        db.session.flush()

        assert call.state is CallState.PUBLISHED
        assert blocking(rules.publication_findings(facts.call_facts(call), now=NOW)) == []
        assert topic.deadline == record.deadlines[-1]
        assert [each.at for each in topic.deadlines] == sorted(record.deadlines)
        changed = rules.changes(topic.template_content, facts.template_part(topic))
        assert {each.place.partition(".")[0] for each in changed} <= OWN


@pytest.mark.slow
def test_the_types_of_action_of_the_twenty_cover_every_stage(app):
    records = [record for record, _ in chosen()]
    assert {record.deadline_model for record in records} >= {DeadlineModel.SINGLE_STAGE, DeadlineModel.TWO_STAGE}
    assert len({template for _, template in chosen()}) == 7


@pytest.mark.parametrize("record", ["ISF"])
def test_a_template_that_is_not_there_is_no_topic(app, record):
    of = programme()
    manager = actor_of(person("", Role.MANAGER, programme=of.code), Role.MANAGER, programme=of.code)
    values = {
        "identifier": record, "title": "T", "summary": "", "contact": "", "zone": "Europe/Brussels", "budget": None,
        "questions_until": None,
    }  # fmt: skip
    call = services.create_call(of, values=values, actor=manager, now=NOW)
    with pytest.raises(KeyError):
        services.add_topic(call, template="NOTHING", actor=manager, now=NOW)
