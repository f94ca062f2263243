"""The plan of the demo, without a database: reproducible, of the right size, inside the rules of its topics."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from grants.calls.eligibility import with_implied
from grants.calls.parta.definition import Scope, form_of
from grants.calls.rules import CriterionFacts
from grants.calls.templates import catalogue, country_groups
from grants.demo import part_a, partb
from grants.demo.people import ANA, EVALUATORS, JONAS, ORGANISATIONS, SIGN_INS
from grants.demo.plan import ProposalPlan, build, topic_key
from grants.demo.texts import CALLS
from grants.evaluation.rules import score_problem, threshold_failures, totals
from grants.kernel.actor import Role
from grants.organisations.states import OrganisationKind
from grants.proposals import budget
from grants.proposals.eligibility import Case, Party, eligibility_findings
from grants.proposals.rules import Category, ParticipantFacts, ProposalFacts, TopicRules, budget_row, draft_findings
from uploads.checks import Policy, check
from uploads.kinds import PDF

SEED = 2026
PLAN = build(SEED)
TOPICS = {topic_key(call, topic): topic for call in CALLS for topic in call.topics}
SUBMITTED = [each for each in PLAN.proposals if each.times.submitted]
JUDGED = [each for each in PLAN.proposals if each.quality]


def of_stage(stage: str) -> list[ProposalPlan]:
    return [each for each in PLAN.proposals if each.topic.startswith(stage)]


def facts_of(plan: ProposalPlan) -> ProposalFacts:
    """What the checks of a submission would see."""
    values = catalogue().template(plan.template)["budget"]
    rules = TopicRules(
        indirect_rate=Decimal(values["indirect_rate"]),
        indirect_base=frozenset(each["code"] for each in values["categories"] if each.get("indirect_base")),
        categories=tuple(
            Category(each["code"], each["name"], each.get("unit", ""), justify=each.get("justify", False))
            for each in values["categories"]
        ),
    )
    participants = []
    for index, each in enumerate(plan.partners):
        nonprofit = values["nonprofit_rate"] if each.row.kind is not OrganisationKind.PRC else None
        rate = Decimal(nonprofit or values["funding_rate"])
        participants.append(
            ParticipantFacts(index, index, each.organisation, each.row.country, each.role, rate, dict(each.costs),
                             each.requested, **_behind(dict(each.behind)))
        )  # fmt: skip
    return ProposalFacts(
        topic=rules, acronym=plan.idea.acronym, title=plan.idea.title, abstract=plan.abstract,
        duration_months=plan.months, participants=tuple(participants), part_b=True,
    )  # fmt: skip


def _behind(fields: dict[str, str]) -> dict[str, object]:
    """Fields of the budget as the facts that they become."""
    own = fields.pop("own_contribution", None)
    months = {name.removesuffix(".quantity"): Decimal(text) for name, text in fields.items() if "quantity" in name}
    return {
        "own_contribution": Decimal(own) if own else None, "quantities": months,
        "justifications": {n.removesuffix(".justification"): text for n, text in fields.items() if "just" in n},
    }  # fmt: skip


def case_of(plan: ProposalPlan) -> Case:
    """The same for the template's eligibility rules."""
    template, facts = catalogue().template(plan.template), facts_of(plan)
    rows = [budget_row(each, facts.topic) for each in facts.participants]
    costs: Counter[str] = Counter()
    for each in facts.participants:
        costs.update(each.amounts)
    form = form_of(template["form"])
    return Case(
        parties=tuple(
            Party(index, each.organisation, "", each.row.country, each.row.kind, each.role)
            for index, each in enumerate(plan.partners)
        ),
        groups=country_groups(), limits={**template["proposal"], "max_grant": TOPICS[plan.topic].largest}, form=form,
        answers={section.key: part_a.answers(plan, section, None) for section in form.of_scope(Scope.PROPOSAL)},
        costs=dict(costs), total=sum(row.total for row in rows), requested=sum(row.requested for row in rows),
        duration_months=plan.months, part_b_pages=None, annexes=frozenset(),
    )  # fmt: skip


def criteria_of(plan: ProposalPlan) -> list[CriterionFacts]:
    return [
        CriterionFacts(
            row["code"], row["name"], Decimal(row["maximum"]), Decimal(row["step"]), Decimal(row.get("weight", 1)),
            Decimal(row["threshold"]) if row.get("threshold") else None,
        ) for row in catalogue().template(plan.template)["evaluation"]["criteria"]
    ]  # fmt: skip


@pytest.mark.parametrize("size", ["full", "small"])
def test_the_same_seed_gives_the_same_plan(size):
    assert build(7, size) == build(7, size)
    assert build(7, size) != build(8, size)


def test_the_demo_has_the_promised_size():
    assert len(TOPICS) == 12
    assert len(PLAN.proposals) == pytest.approx(60, abs=8)
    evaluators = {each.email for each in EVALUATORS}
    assert len(evaluators) == pytest.approx(30, abs=4)
    assert len(ORGANISATIONS) == pytest.approx(40, abs=4)
    assert {each.email for each in SIGN_INS if (Role.EVALUATOR, None) in each.roles} <= evaluators
    counts = Counter(each.topic.partition("/")[0] for each in SUBMITTED if each.times.withdrawn is None)
    assert (counts["evaluation"], counts["decided"], counts["running"]) == (24, 18, 12)
    assert any(each.times.withdrawn for each in SUBMITTED)
    assert 3 <= sum(not each.times.submitted for each in of_stage("open")) <= 8


def test_a_small_demo_has_one_or_two_proposals_in_each_state():
    counts = Counter(each.topic for each in build(SEED, "small").proposals)
    assert {key.partition("/")[0] for key in counts} == {"open", "evaluation", "decided", "running"}
    assert set(counts.values()) <= {1, 2}


def test_no_two_proposals_and_no_two_organisations_are_called_alike():
    for names in (
        [each.idea.acronym for each in PLAN.proposals],
        [each.idea.title for each in PLAN.proposals],
        [each.abstract for each in PLAN.proposals],
        [each.short for each in ORGANISATIONS],
        [each.legal for each in ORGANISATIONS],
    ):
        assert [name for name, count in Counter(names).items() if count > 1] == []


@pytest.mark.parametrize("plan", SUBMITTED, ids=lambda plan: plan.key)
def test_every_submitted_proposal_obeys_its_topic(plan: ProposalPlan):
    rules = with_implied(catalogue().template(plan.template)["eligibility"], case_of(plan).limits)
    assert draft_findings(facts_of(plan)) == []
    assert budget.findings(facts_of(plan).participants, facts_of(plan).topic) == []
    assert eligibility_findings(rules, case_of(plan)) == []
    assert len({each.organisation for each in plan.partners}) == len(plan.partners) <= 8
    assert plan.times.started > plan.times.filled > plan.times.submitted[0]


def test_the_sign_ins_have_work_in_every_state():
    mine = [each for each in PLAN.proposals if each.contact in {ANA, JONAS}]
    for contact in (ANA, JONAS):
        states = Counter(each.topic.partition("/")[0] for each in mine if each.contact == contact)
        assert states["evaluation"] == 1
        assert states["decided"] == 1
        assert states["running"] == 2
        assert any(each.contact == contact and not each.times.submitted for each in mine)


def test_some_evaluators_work_for_participants():
    taking_part = {partner.organisation for each in of_stage("evaluation") for partner in each.partners}
    assert sum(each.employer in taking_part for each in EVALUATORS) >= 8
    assert sum(not each.employer for each in EVALUATORS) >= 8
    assert all(bool(each.employer) != bool(each.employer_name) for each in EVALUATORS)


def test_qualities_are_scores_of_the_topic_and_tell_proposals_apart():
    assert len(JUDGED) == 54
    for stage in ("evaluation", "decided", "running"):
        judged = [each for each in JUDGED if each.topic.startswith(stage)]
        marks = [totals(dict(each.quality), criteria_of(each)).total for each in judged]
        failed = [bool(failures(each)) for each in judged]
        assert 2 <= sum(failed) < len(judged) / 2
        assert 4 < len(set(marks)) < len(marks)
    for each in JUDGED:
        for criterion in criteria_of(each):
            assert score_problem(dict(each.quality)[criterion.code], criterion) == ""


def failures(plan: ProposalPlan) -> list[object]:
    overall = Decimal(catalogue().template(plan.template)["evaluation"]["overall_threshold"])
    return list(threshold_failures(dict(plan.quality), criteria_of(plan), overall=overall))


def test_the_running_projects_of_the_sign_ins_are_the_best():
    best = sorted(of_stage("running"), key=lambda each: -sum(score for _, score in each.quality))[:4]
    assert {each.contact for each in best} == {ANA, JONAS}


def test_work_plans_fit_their_duration():
    for plan in PLAN.proposals:
        names = {each.organisation for each in plan.partners}
        for package in plan.packages:
            assert 1 <= package.start < package.end <= plan.months
            assert package.lead in names
            assert {name for name, _ in package.effort} == names
            assert all(package.start <= each.month <= package.end for each in package.deliverables)


def test_part_b_is_the_same_for_the_same_seed_and_differs_by_proposal():
    one, other = SUBMITTED[0], SUBMITTED[-1]
    assert partb.compose(one) == partb.compose(one)
    first, second = set(partb.texts(partb.compose(one))), set(partb.texts(partb.compose(other)))
    assert len(first & second) < len(first) / 10


def test_no_choice_or_gap_is_left_in_any_text():
    for plan in PLAN.proposals:
        text = " ".join([plan.abstract, *partb.texts(partb.compose(plan))])
        assert [sign for sign in "[]{}|" if sign in text] == []


@pytest.mark.slow
@pytest.mark.parametrize("pick", [min, max])
def test_part_b_has_a_real_length_and_would_pass_the_checks_of_an_upload(pick):
    plan = pick(SUBMITTED, key=lambda each: len(each.partners))

    made = partb.pdf(plan, topic="ISF-2026-TF2-AG-PROTECT-IDENTIFY Finding victims", made=date(2026, 9, 1))

    verdict = check(BytesIO(made), name="Part B.pdf", policy=Policy(frozenset({PDF}), 10 * 1024**2))
    assert verdict.findings == ()
    assert 25 <= verdict.pages <= catalogue().template(plan.template)["proposal"]["page_limit"]
    again = partb.pdf(replace(plan), topic="ISF-2026-TF2-AG-PROTECT-IDENTIFY Finding victims", made=date(2026, 9, 1))
    assert len(again) == pytest.approx(len(made), abs=64)  # but for the identity that typst gives each file
