"""Rules of budget and consortium. Source: domain.md 4, 6, 7, 15."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grants.calls.states import DeadlineModel
from grants.proposals.rules import (
    Limits,
    ParticipantFacts,
    ProposalFacts,
    TopicRules,
    budget_row,
    closing,
    draft_findings,
)
from grants.proposals.states import ParticipantRole as Role

HORIZON = TopicRules(Decimal(25), frozenset({"A", "C1"}))
MONEY = st.decimals(0, 10_000_000, places=2)


def participant(number: int, country: str = "BE", role: Role = Role.BENEFICIARY, **more) -> ParticipantFacts:
    given_ = {"funding_rate": Decimal(100), "amounts": {"A": Decimal(1000)}, **more}
    return ParticipantFacts(number, number, f"P{number}", country, role, **given_)


def draft(**more) -> ProposalFacts:
    people = (participant(1, "BE", Role.COORDINATOR), participant(2, "PT"), participant(3, "PL"))
    whole = {
        "topic": HORIZON, "acronym": "A", "title": "T", "abstract": "X", "duration_months": 24,
        "participants": people, "part_b": True,
    }  # fmt: skip
    return ProposalFacts(**{**whole, **more})


def codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def test_a_complete_draft_has_no_findings():
    assert draft_findings(draft()) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"acronym": " "}, "no-acronym"),
        ({"acronym": "A" * (Limits().acronym + 1)}, "acronym-long"),
        ({"title": ""}, "no-title"),
        ({"abstract": "x" * 2001}, "abstract-long"),
        ({"duration_months": None}, "no-duration"),
        ({"part_b": False}, "no-part-b"),
        ({"participants": ()}, "no-coordinator"),
    ],
)
def test_what_is_missing_or_too_long_blocks(change, code):
    assert code in [finding.code for finding in draft_findings(draft(**change)) if finding.blocks]


SEVENTEEN = datetime(2026, 9, 23, 15, tzinfo=UTC)
LATER = SEVENTEEN + timedelta(days=90)
EARLIER = SEVENTEEN - timedelta(days=30)


@pytest.mark.parametrize(
    ("model", "stage", "cut_off", "expected"),
    [
        (DeadlineModel.SINGLE_STAGE, 1, None, LATER),
        (DeadlineModel.TWO_STAGE, 1, None, SEVENTEEN),
        (DeadlineModel.TWO_STAGE, 2, None, LATER),
        (DeadlineModel.CUT_OFFS, 1, None, LATER),
        (DeadlineModel.CUT_OFFS, 1, SEVENTEEN, SEVENTEEN),
        (DeadlineModel.ALWAYS_OPEN, 1, SEVENTEEN, SEVENTEEN),
    ],
)
def test_when_a_proposal_is_late_follows_from_stage_and_cut_off(model, stage, cut_off, expected):
    assert closing(model, first=SEVENTEEN, last=LATER, stage=stage, cut_off=cut_off, extended_until=None) == expected


@pytest.mark.parametrize(("until", "expected"), [(EARLIER, SEVENTEEN), (LATER, LATER)])
def test_an_extension_only_ever_gives_more_time(until, expected):
    found = closing(
        DeadlineModel.SINGLE_STAGE, first=SEVENTEEN, last=SEVENTEEN, stage=1, cut_off=None, extended_until=until
    )
    assert found == expected


def test_seven_per_cent_of_everything_in_isf_and_twenty_five_without_subcontracting_in_horizon():
    amounts = {"A": Decimal("1000.10"), "B": Decimal(500), "C1": Decimal("0.03")}
    isf = TopicRules(Decimal(7), frozenset({"A", "B", "C1"}))
    assert budget_row(participant(1, amounts=amounts), isf).indirect == Decimal("105.01")
    assert budget_row(participant(1, amounts=amounts), HORIZON).indirect == Decimal("250.03")


def test_half_a_cent_rounds_up():
    row = budget_row(participant(1, amounts={"A": Decimal("0.02")}), HORIZON)
    assert row.indirect == Decimal("0.01")


def test_an_associated_partner_gets_nothing():
    assert budget_row(participant(1, role=Role.ASSOCIATED), HORIZON).requested == 0


@given(
    amounts=st.dictionaries(st.sampled_from(["A", "B", "C1"]), MONEY),
    rate=st.decimals(0, 100, places=1),
    asked=st.none() | MONEY,
)
def test_the_contribution_never_exceeds_rate_times_costs_nor_what_was_asked(amounts, rate, asked):
    row = budget_row(participant(1, amounts=amounts, funding_rate=rate, requested=asked), HORIZON)
    assert row.total == row.direct + row.indirect
    assert 0 <= row.requested <= row.ceiling <= row.total
    assert asked is None or row.requested <= asked
    assert row.requested == row.requested.quantize(Decimal("0.01"))
