"""From rows to the facts that the rules take, and to the snapshot of a submitted version."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from grants.calls.eligibility import FLAGS, UNNAMED, Rule
from grants.calls.facts import limits_of, rules_for
from grants.calls.models import Topic
from grants.calls.parta.answers import section_findings, section_values
from grants.calls.parta.definition import FieldKind, Form, Scope, Section, form_of
from grants.calls.parta.expressions import Value
from grants.calls.states import CostModel
from grants.calls.templates import country_groups
from grants.documents.models import Document
from grants.kernel.findings import Finding
from grants.kernel.money import ZERO, total
from grants.proposals import blindness, budget, queries
from grants.proposals.eligibility import Case, Outcome, Party, outcomes, unmet, waiting
from grants.proposals.layout import Layout, page_measures
from grants.proposals.models import Answer, Participant, Proposal
from grants.proposals.rules import (
    BudgetRow,
    Category,
    ParticipantFacts,
    ProposalFacts,
    TopicRules,
    budget_row,
    draft_findings,
)


@dataclass(frozen=True, slots=True)
class Sums:
    """The budget with its totals. ``rows`` by participant, ``columns`` by category; ``people``: what they were
    computed from; ``lump_sum``: None with other cost models."""

    rows: dict[int, BudgetRow]
    columns: dict[str, Decimal]
    people: dict[int, ParticipantFacts]
    lump_sum: budget.LumpSum | None
    indirect: Decimal
    total: Decimal
    requested: Decimal
    own_contribution: Decimal
    income: Decimal


def topic_rules(topic: Topic, *, packages: tuple[str, ...] = ()) -> TopicRules:
    """What the topic asks of general part and budget (categories must be loaded). ``packages``: of the proposal."""
    return TopicRules(
        categories=tuple(
            Category(each.code, each.name, each.unit, each.unit_cost, each.justify) for each in topic.categories
        ),
        cost_model=topic.cost_model, no_profit=topic.no_profit, max_grant=topic.max_grant, packages=packages,
        indirect_rate=topic.indirect_rate,
        most_rate=max(topic.funding_rate, topic.nonprofit_rate or topic.funding_rate),
        indirect_base=frozenset(each.code for each in topic.categories if each.indirect_base),
        layout=Layout(min_font_pt=topic.min_font_pt, min_margin_mm=topic.min_margin_mm),
    )  # fmt: skip


def rules_of(proposal: Proposal) -> TopicRules:
    """The same with the work packages that the proposal shares a lump sum out to."""
    return topic_rules(proposal.topic, packages=packages(proposal))


def packages(proposal: Proposal) -> tuple[str, ...]:
    """Titles of the work packages, in their order: from Part A, else from the budget's own list (see
    ``budgeting.PACKAGES``). Empty where the topic pays no lump sum."""
    if proposal.topic.cost_model is not CostModel.LUMP_SUM:
        return ()
    given: dict[str, Any] = next((each.given for each in proposal.answers if each.section == "work_packages"), {})
    return tuple(str(row.get("title") or "") for row in given.get("packages") or [])


def participant_facts(row: Participant, topic: TopicRules) -> ParticipantFacts:
    """One participant with its budget lines, and its shares where the topic pays a lump sum."""
    quantities = {each.category: None if each.quantity_typed else each.quantity or ZERO for each in row.lines}
    wrong = {budget.quantity_field(code) for code, counted in quantities.items() if counted is None}
    shares: dict[int, Decimal | None] = {}
    if topic.cost_model is CostModel.LUMP_SUM:
        shares = {each.package: each.amount for each in row.shares}
        wrong |= {budget.share_field(number) for number, share in shares.items() if share is None}
    given: dict[str, Decimal | None] = {line.category: line.amount for line in row.lines}
    return ParticipantFacts(
        id=row.id, organisation=row.organisation_id, name=row.organisation.legal_name,
        country=row.organisation.country, role=row.role, funding_rate=row.funding_rate,
        amounts=budget.computed(given, quantities, topic.categories), requested=row.requested, quantities=quantities,
        justifications={each.category: each.justification for each in row.lines}, shares=shares,
        own_contribution=row.own_contribution, income=row.income, wrong=frozenset({*wrong, *row.typed}),
    )  # fmt: skip


def part_b(proposal: Proposal) -> Document | None:
    """The Part B of the draft."""
    kept = (each.document for each in proposal.attachments if each.kind == "part_b" and each.removed_at is None)
    return next(kept, None)


def proposal_facts(proposal: Proposal) -> ProposalFacts:
    """The draft as the checks see it."""
    document, rules = part_b(proposal), rules_of(proposal)
    return ProposalFacts(
        topic=rules, acronym=proposal.acronym, title=proposal.title, abstract=proposal.abstract,
        duration_months=proposal.duration_months,
        participants=tuple(participant_facts(row, rules) for row in proposal.participants),
        part_b=document is not None, part_b_measures=page_measures(document.measures if document else None),
    )  # fmt: skip


def stage_limits(proposal: Proposal) -> dict[str, Any]:
    """The topic's limits as they bind this proposal: a first stage has its own page limit (domain.md 4)."""
    pages = queries.page_limit_of(proposal)
    return limits_of(proposal.topic) | ({} if pages is None else {"page_limit": pages})


def case_of(proposal: Proposal, rules: Sequence[Rule], budget: Sums) -> Case:
    """The draft as the topic's eligibility rules see it. Other proposals are looked at where a rule asks."""
    kinds = {rule.kind.key for rule in rules}
    document = part_b(proposal)
    return Case(
        parties=tuple(_party(row) for row in proposal.participants), groups=country_groups(),
        limits=stage_limits(proposal), form=form_of(proposal.topic.form), answers=common_answers(proposal),
        costs=budget.columns, total=budget.total, requested=budget.requested,
        duration_months=proposal.duration_months, part_b_pages=document.pages if document else None,
        annexes=frozenset(each.annex for each in proposal.attachments if each.annex and each.removed_at is None),
        same_person=queries.others_of_person(proposal) if "one_per_person" in kinds else 0,
        same_coordinator=queries.others_of_coordinator(proposal) if "one_per_coordinator" in kinds else 0,
        mentions=blindness.mentions(proposal, document) if UNNAMED in kinds else None,
    )  # fmt: skip


def _party(row: Participant) -> Party:
    organisation = row.organisation
    return Party(
        organisation=organisation.id, name=organisation.legal_name, pic=organisation.pic,
        country=organisation.country, kind=organisation.kind, role=row.role,
        flags=frozenset(flag for flag in FLAGS if getattr(organisation, flag)),
    )  # fmt: skip


def common_answers(proposal: Proposal) -> dict[str, dict[str, Any]]:
    """Answers that are given once, by section and field, as typed. A file is answered by its upload."""
    answers = {each.section: dict(each.given) for each in proposal.answers if each.participant_id is None}
    return with_files(proposal, answers)


def with_files(proposal: Proposal, answers: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """``answers`` with what the uploads answer."""
    there = {each.annex for each in proposal.attachments if each.removed_at is None}
    for section, field in form_of(proposal.topic.form).fields():
        if field.kind is FieldKind.FILE:
            answers.setdefault(section.key, {})[field.key] = "yes" if field.key in there else ""
    return answers


def section_answers(proposal: Proposal, section: Section, participant_id: int | None) -> Answer | None:
    """What was typed into one section, by one participant where it is theirs."""
    return next(
        (each for each in proposal.answers if (each.section, each.participant_id) == (section.key, participant_id)),
        None,
    )


@dataclass(frozen=True, slots=True)
class Examined:
    """A draft, looked at once: its sums, what each of the topic's rules finds, and all that is missing or wrong in
    the order of its pages: what every proposal needs, the budget, Part A, the topic's own rules."""

    sums: Sums
    outcomes: list[Outcome]
    findings: list[Finding]


def examined(proposal: Proposal) -> Examined:
    """Look at a draft."""
    rules = rules_for(proposal.topic, stage=proposal.stage)
    given, all_sums = proposal_facts(proposal), sums(proposal)
    case = case_of(proposal, rules, all_sums)
    found = outcomes(rules, case)
    findings = [
        *draft_findings(given),
        *budget.findings(given.participants, given.topic),
        *part_a_findings(proposal, case),
        *unmet(found, case),
        *waiting(found, case),
    ]
    return Examined(all_sums, found, findings)


def findings(proposal: Proposal) -> list[Finding]:
    """Everything that is missing or wrong in the draft."""
    return examined(proposal).findings


def part_a_findings(proposal: Proposal, case: Case) -> list[Finding]:
    """What is missing or wrong in the sections of Part A."""
    form, common = case.form, case.values()
    found: list[Finding] = []
    for section in form.of_scope(Scope.PROPOSAL):
        typed = case.answers.get(section.key, {})
        found += section_findings(form, section, typed, common, place=f"sections.{section.key}")
    for section in form.of_scope(Scope.PARTICIPANT):
        for row in proposal.participants:
            found += _of_participant(proposal, form, section, row, common)
    return found


def _of_participant(
    proposal: Proposal, form: Form, section: Section, row: Participant, common: dict[str, Value]
) -> Iterator[Finding]:
    answer = section_answers(proposal, section, row.id)
    typed = answer.given if answer else {}
    values = section_values(section, typed, common)
    for each in section_findings(form, section, typed, values, place=f"sections.{section.key}.{row.id}"):
        yield replace(each, message=f"{row.organisation.legal_name}: {each.message}")


def sums(proposal: Proposal) -> Sums:
    """All totals of the budget."""
    topic = rules_of(proposal)
    people = [participant_facts(row, topic) for row in proposal.participants]
    rows = {each.id: budget_row(each, topic) for each in people}
    codes = [each.code for each in proposal.topic.categories]
    return Sums(
        rows=rows, columns={code: total(each.amounts.get(code) or Decimal(0) for each in people) for code in codes},
        indirect=total(row.indirect for row in rows.values()), total=total(row.total for row in rows.values()),
        requested=total(row.requested for row in rows.values()), people={each.id: each for each in people},
        lump_sum=budget.lump_sum(people, len(topic.packages)) if topic.cost_model is CostModel.LUMP_SUM else None,
        own_contribution=total(row.own_contribution for row in rows.values()),
        income=total(row.income for row in rows.values()),
    )  # fmt: skip


def snapshot(proposal: Proposal, all_sums: Sums) -> dict[str, Any]:
    """Everything that a submitted version freezes, as canonical JSON allows: text, whole numbers, lists."""
    topic = proposal.topic
    return {
        "number": proposal.number, "topic": topic.identifier, "call": topic.call.identifier,
        "call_version": topic.call.version, "acronym": proposal.acronym, "title": proposal.title,
        "abstract": proposal.abstract, "keywords": list(proposal.keywords),
        "duration_months": proposal.duration_months, "women": proposal.women, "men": proposal.men,
        "stage": proposal.stage, "form": topic.form_number, "part_a": common_answers(proposal),
        "participants": [
            {**_participant(row, all_sums.people[row.id], all_sums.rows[row.id]), "part_a": _part_a(proposal, row)}
            for row in proposal.participants
        ],
        "work_packages": list(packages(proposal)), "total": str(all_sums.total), "requested": str(all_sums.requested),
        "files": [_file(each.document, each.kind) for each in proposal.attachments if each.removed_at is None],
    }  # fmt: skip


def _participant(row: Participant, given: ParticipantFacts, sums: BudgetRow) -> dict[str, Any]:
    organisation = row.organisation
    return {
        "pic": organisation.pic, "name": organisation.legal_name, "country": organisation.country,
        "kind": organisation.kind.value, "sme": organisation.sme, "role": row.role.value,
        "funding_rate": str(row.funding_rate), "costs": {code: str(amount) for code, amount in given.amounts.items()},
        "quantities": {code: str(counted) for code, counted in given.quantities.items() if counted},
        "justifications": {code: reason for code, reason in given.justifications.items() if reason},
        "shares": {str(number): str(share) for number, share in sorted(given.shares.items()) if share},
        "own_contribution": str(sums.own_contribution), "income": str(sums.income),
        "indirect": str(sums.indirect), "total": str(sums.total), "requested": str(sums.requested),
    }  # fmt: skip


def _part_a(proposal: Proposal, row: Participant) -> dict[str, Any]:
    return {each.section: each.given for each in proposal.answers if each.participant_id == row.id}


def _file(document: Document, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": document.name,
        "size": document.size,
        "sha256": document.sha256,
        "pages": document.pages,
    }
