"""Giving a topic what its template says. A manager adjusts all of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from grants.calls.models import CostCategory, Criterion, Topic
from grants.calls.rules import question_rows
from grants.calls.states import Blind, CostModel, DeadlineModel, Misfit, Naming
from grants.calls.templates import catalogue

_COUNTS = ("page_limit", "first_stage_page_limit", "min_months", "max_months")
_AMOUNTS = ("min_grant", "max_grant")
_LAYOUT = ("min_font_pt", "min_margin_mm")


def prefill(topic: Topic, key: str) -> None:
    """Everything but texts, dates and the budget of the topic itself. Raises KeyError for an unknown template."""
    template = catalogue().template(key)
    topic.template, topic.type_of_action = key, template["type_of_action"]
    _proposal(topic, template["proposal"])
    _budget(topic, template["budget"])
    _evaluation(topic, template["evaluation"])
    topic.form, topic.form_number = plain(template["form"]), 1
    topic.eligibility = plain(template["eligibility"])
    deadlines = template["deadlines"]
    topic.deadline_model = DeadlineModel(deadlines["model"])
    topic.invited_only, topic.batch_months = deadlines.get("invited_only", False), deadlines.get("batch_months")
    clocks = template["clocks"]
    topic.inform_months, topic.grant_months = clocks["inform_months"], clocks["grant_months"]
    topic.first_stage_inform_months = clocks.get("first_stage_inform_months", 3)
    topic.deemed_days, topic.redress_days = clocks.get("deemed_days", 10), clocks.get("redress_days", 30)
    topic.redress_members = clocks.get("redress_members", 2)
    topic.redress_answer_days = clocks.get("redress_answer_days", 60)
    topic.period_months = template["reporting"]["period_months"]
    topic.report_days = template["reporting"]["report_days"]


def _proposal(topic: Topic, given: Mapping[str, Any]) -> None:
    for name in _COUNTS:
        setattr(topic, name, given.get(name))
    for name in (*_AMOUNTS, *_LAYOUT):
        setattr(topic, name, _decimal(given.get(name)))
    topic.annexes = plain(given.get("annexes", []))


def _budget(topic: Topic, given: Mapping[str, Any]) -> None:
    topic.cost_model = CostModel(given["model"])
    topic.funding_rate = Decimal(str(given["funding_rate"]))
    topic.nonprofit_rate = _decimal(given.get("nonprofit_rate"))
    topic.indirect_rate = Decimal(str(given["indirect_rate"]))
    topic.no_profit = given.get("no_profit", False)
    topic.categories = [
        CostCategory(
            position=position, code=row["code"], name=row["name"], indirect_base=row.get("indirect_base", False),
            unit=row.get("unit", ""), unit_cost=_decimal(row.get("unit_cost")), justify=row.get("justify", False),
        )
        for position, row in enumerate(given["categories"], 1)
    ]  # fmt: skip


def _evaluation(topic: Topic, given: Mapping[str, Any]) -> None:
    for name in ("overall_threshold", "first_stage_threshold", "spread_limit"):
        setattr(topic, name, _decimal(given.get(name)))
    topic.experts_per_proposal = given.get("experts_per_proposal", 3)
    topic.employment_years = given.get("employment_years", 3)
    topic.collaboration_years = given.get("collaboration_years", 5)
    topic.declaration_months = given.get("declaration_months", 12)
    topic.newcomer_share = given.get("newcomer_share", 25)
    topic.panel_nationality = given.get("panel_nationality", 2)
    topic.panel_organisation = given.get("panel_organisation", 2)
    topic.panel_years = given.get("panel_years", 3)
    topic.hearing_characters = given.get("hearing_characters", 4000)
    topic.quality_short = given.get("quality_short", 100)
    topic.quality_high = given.get("quality_high", 80)
    topic.quality_low = given.get("quality_low", 50)
    topic.quality_alike = given.get("quality_alike", 90)
    topic.evaluation_days = given.get("evaluation_days", 42)
    topic.shortest_comment = given.get("shortest_comment", 1)
    topic.expert_terms, topic.training = given.get("expert_terms", ""), given.get("training", "")
    topic.blind, topic.naming = Blind(given.get("blind", "no")), Naming(given.get("naming", "warn"))
    topic.questions = question_rows(given.get("questions", []), [])
    topic.on_misfit, topic.reserve_size = Misfit(given.get("on_misfit", "stop")), given.get("reserve_size")
    topic.area_field, topic.portfolio = given.get("area_field", ""), list(given.get("portfolio", []))
    topic.tie_break = list(given["tie_break"])
    topic.criteria = [_criterion(position, row) for position, row in enumerate(given["criteria"], 1)]


def _criterion(position: int, row: Mapping[str, Any]) -> Criterion:
    return Criterion(
        position=position, code=row["code"], name=row["name"], description=row.get("description", ""),
        aspects=list(row.get("aspects", [])),
        maximum=Decimal(str(row["maximum"])), step=Decimal(str(row["step"])),
        weight=Decimal(str(row.get("weight", 1))), threshold=_decimal(row.get("threshold")),
        first_stage=row.get("first_stage", False), first_stage_threshold=_decimal(row.get("first_stage_threshold")),
    )  # fmt: skip


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def plain(value: Any) -> Any:
    """As JSON keeps it: whole numbers stay numbers, others become text."""
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return f"{value:f}" if isinstance(value, Decimal) else value
