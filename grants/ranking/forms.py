"""Forms of a ranked list. Decisions are read row by row: ``decision-<placement>`` and ``reason-<placement>``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from grants.calls.rules import CriterionFacts
from grants.calls.states import Misfit
from grants.kernel.numbers import whole
from grants.ranking.rules import Changes
from grants.ranking.states import Decision
from grants.web.forms import DecimalText, Form, MoneyField, Versioned, stripped


class ListForm(Versioned):
    """Everything that changes the list carries the version it was made from."""


def what_if_form(criteria: Iterable[CriterionFacts]) -> type[Form]:
    """What might be different: budget, overall threshold, and weight and threshold of each criterion."""
    fields: dict[str, Any] = {
        "budget": MoneyField("Budget"), "overall": DecimalText("Overall threshold"),
        "on_misfit": SelectField(
            "Where a proposal asks for more than is left",
            choices=[("", "As the topic says"), *((m.value, m.label) for m in Misfit if m is not Misfit.PORTFOLIO)],
        ),
        "name": StringField("Keep it under this name", [Length(max=80)], filters=[stripped]),
    }  # fmt: skip
    for each in criteria:
        fields[f"weight-{each.code}"] = DecimalText(f"{each.name}: weight")
        fields[f"threshold-{each.code}"] = DecimalText(f"{each.name}: threshold")
    return type("WhatIfForm", (Form,), fields)


class BudgetForm(Form):
    """What a batch may spend; empty: what the earlier ones left."""

    budget = MoneyField("Budget of this batch")


class ReopenForm(Form):
    """Why a decided list is opened again."""

    reason = TextAreaField("Reason", [Length(max=2000)])


class SendForm(Form):
    """Sending all letters: how many the person saw, and that they looked at them."""

    count = HiddenField()
    checked = BooleanField("I have looked at the letters and at the list of numbers")


def decisions(sent: Mapping[str, str]) -> dict[int, tuple[Decision | None, str]]:
    """What the form says for each placement on the page; an empty choice takes the suggestion."""
    found: dict[int, tuple[Decision | None, str]] = {}
    for name, text in sent.items():
        head, _, identity = name.partition("-")
        if head == "decision" and (number := whole(identity)):
            chosen = Decision(text) if text in set(Decision) else None
            found[number] = (chosen, sent.get(f"reason-{identity}", "")[:2000])
    return found


def changes(form: Any, criteria: Iterable[CriterionFacts]) -> Changes:
    """What the form says is different; empty fields say nothing."""
    weights, thresholds = {}, {}
    for each in criteria:
        if (weight := form[f"weight-{each.code}"].number) is not None:
            weights[each.code] = weight
        if (threshold := form[f"threshold-{each.code}"].number) is not None:
            thresholds[each.code] = threshold
    return Changes(
        budget=form["budget"].amount, overall=form["overall"].number, weights=weights, thresholds=thresholds,
        on_misfit=Misfit(form["on_misfit"].data) if form["on_misfit"].data else None,
    )  # fmt: skip
