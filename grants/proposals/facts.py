"""From rows to the facts that the rules take, and to the snapshot of a submitted version."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from grants.calls.models import Topic
from grants.db import db
from grants.documents.models import Document
from grants.kernel.money import total
from grants.proposals.layout import Layout, page_measures
from grants.proposals.models import Participant, Proposal
from grants.proposals.rules import (
    BudgetRow,
    ParticipantFacts,
    ProposalFacts,
    TopicRules,
    budget_row,
    requested_total,
)


@dataclass(frozen=True, slots=True)
class Sums:
    """The budget with its totals. ``rows`` by participant, ``columns`` by category."""

    rows: dict[int, BudgetRow]
    columns: dict[str, Decimal]
    indirect: Decimal
    total: Decimal
    requested: Decimal


def topic_rules(topic: Topic) -> TopicRules:
    """What the topic asks (categories must be loaded)."""
    return TopicRules(
        indirect_rate=topic.indirect_rate,
        indirect_base=frozenset(each.code for each in topic.categories if each.indirect_base),
        min_grant=topic.min_grant, max_grant=topic.max_grant, page_limit=topic.page_limit,
        min_months=topic.min_months, max_months=topic.max_months, min_entities=topic.min_entities,
        min_countries=topic.min_countries, min_member_states=topic.min_member_states,
        layout=Layout(min_font_pt=topic.min_font_pt, min_margin_mm=topic.min_margin_mm),
    )  # fmt: skip


def participant_facts(row: Participant) -> ParticipantFacts:
    """One participant with its budget lines."""
    return ParticipantFacts(
        id=row.id, organisation=row.organisation_id, name=row.organisation.legal_name,
        country=row.organisation.country, role=row.role, funding_rate=row.funding_rate,
        amounts={line.category: line.amount for line in row.lines}, requested=row.requested,
    )  # fmt: skip


def part_b(proposal: Proposal) -> Document | None:
    """The Part B of the draft."""
    kept = (each.document for each in proposal.attachments if each.kind == "part_b" and each.removed_at is None)
    return next(kept, None)


def proposal_facts(proposal: Proposal) -> ProposalFacts:
    """The draft as the checks see it."""
    document = part_b(proposal)
    return ProposalFacts(
        topic=topic_rules(proposal.topic), acronym=proposal.acronym, title=proposal.title, abstract=proposal.abstract,
        duration_months=proposal.duration_months,
        participants=tuple(participant_facts(row) for row in proposal.participants),
        part_b=document is not None, part_b_pages=document.pages if document else None,
        part_b_measures=page_measures(document.measures if document else None),
    )  # fmt: skip


def requested(proposal: Proposal) -> Decimal:
    """The contribution that the draft asks for."""
    facts = proposal_facts(proposal)
    return requested_total(facts.participants, facts.topic)


def sums(proposal: Proposal) -> Sums:
    """All totals of the budget."""
    topic = topic_rules(proposal.topic)
    people = [participant_facts(row) for row in proposal.participants]
    rows = {each.id: budget_row(each, topic) for each in people}
    codes = [each.code for each in proposal.topic.categories]
    return Sums(
        rows=rows, columns={code: total(each.amounts.get(code) or Decimal(0) for each in people) for code in codes},
        indirect=total(row.indirect for row in rows.values()), total=total(row.total for row in rows.values()),
        requested=total(row.requested for row in rows.values()),
    )  # fmt: skip


def reloaded(proposal: Proposal) -> Proposal:
    """The proposal with the participants and lines as they are in the database now."""
    for row in proposal.participants:
        db.session.refresh(row)
        db.session.refresh(row, ["lines"])
    return proposal


def snapshot(proposal: Proposal) -> dict[str, Any]:
    """Everything that a submitted version freezes, as canonical JSON allows: text, whole numbers, lists."""
    topic, all_sums = proposal.topic, sums(proposal)
    return {
        "number": proposal.number, "topic": topic.identifier, "call": topic.call.identifier,
        "call_version": topic.call.version, "acronym": proposal.acronym, "title": proposal.title,
        "abstract": proposal.abstract, "keywords": list(proposal.keywords),
        "duration_months": proposal.duration_months, "women": proposal.women, "men": proposal.men,
        "participants": [_participant(row, all_sums.rows[row.id]) for row in proposal.participants],
        "total": str(all_sums.total), "requested": str(all_sums.requested),
        "files": [_file(each.document, each.kind) for each in proposal.attachments if each.removed_at is None],
    }  # fmt: skip


def _participant(row: Participant, budget: BudgetRow) -> dict[str, Any]:
    organisation = row.organisation
    return {
        "pic": organisation.pic, "name": organisation.legal_name, "country": organisation.country,
        "kind": organisation.kind.value, "sme": organisation.sme, "role": row.role.value,
        "funding_rate": str(row.funding_rate), "costs": {line.category: str(line.amount) for line in row.lines},
        "indirect": str(budget.indirect), "total": str(budget.total), "requested": str(budget.requested),
    }  # fmt: skip


def _file(document: Document, kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": document.name,
        "size": document.size,
        "sha256": document.sha256,
        "pages": document.pages,
    }
