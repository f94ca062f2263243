"""Saving the budget, a row at a time, each guarded by its participant's version; its own list of work packages; and
asking for a spreadsheet of it. The worker's part of spreadsheets: see ``sheet_jobs``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from grants.calls.models import Topic
from grants.calls.parta.definition import Field, FieldKind, Section, form_of
from grants.calls.states import CostModel
from grants.db import db
from grants.documents.models import Document
from grants.kernel.actor import Actor
from grants.kernel.errors import NotFound, Refused, Stale
from grants.kernel.money import parse_amount
from grants.proposals import access, history, queries
from grants.proposals.access import Part, PartKind
from grants.proposals.budget import quantity_field, reason_field, share_field
from grants.proposals.models import BudgetLine, BudgetSheet, LumpShare, Participant, Proposal
from grants.proposals.queries import Opened
from grants.proposals.states import SheetKind
from grants.queue import defer

#: Amounts of a row that may be left empty; what is typed there and is no amount is kept in ``Participant.typed``.
AMOUNTS = ("requested", "own_contribution", "income")
#: What is kept of a text that is no amount.
_MOST_TYPED = 60
#: The list of work packages where Part A of the topic has none: kept and guarded as a section of answers.
PACKAGES = Section(
    "work_packages", "Work packages",
    fields=(
        Field("packages", "Work packages", FieldKind.TABLE, columns=(Field("title", "Title", FieldKind.TEXT),)),
    ),
)  # fmt: skip


def has_own_packages(topic: Topic) -> bool:
    """Whether the budget keeps the list of work packages itself: a lump sum without them in Part A."""
    return topic.cost_model is CostModel.LUMP_SUM and form_of(topic.form).section(PACKAGES.key) is None


def require_own_packages(topic: Topic) -> None:
    """Raises NotFound where the list of work packages is not the budget's."""
    if not has_own_packages(topic):
        raise NotFound


def save_budget_row(
    opened: Opened, participant_id: int, values: Mapping[str, str], *, seen: int, actor: Actor, now: datetime
) -> int:
    """Save those fields of one participant's row that are in ``values``, as typed; the new version.

    For the names of fields see ``budget``. What is no amount, or a funding rate that the topic does not pay, is kept
    as text and reported by the checks. Raises Stale with both texts, Refused.
    """
    part = Part(PartKind.BUDGET, participant_id)
    access.may_edit_part(actor, opened.access, part, now=now).require()
    proposal = opened.proposal
    row = queries.participant_row(proposal, participant_id)
    version, kept = db.session.execute(
        select(Participant.version, Participant.typed).where(Participant.id == row.id).with_for_update()
    ).one()
    if version != seen:
        raise _stale(row.id, proposal.topic, values)
    before = budget_texts(row, proposal.topic)
    changed = _row_values(kept, values, proposal.topic)
    db.session.execute(
        update(Participant).where(Participant.id == row.id).values(**changed, version=version + 1)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    _save_lines(row.id, values, proposal.topic)
    _save_shares(row.id, values, proposal.topic)
    history.touch(proposal.id, actor=actor, now=now)
    after = _texts_after(before, values, proposal.topic)
    history.keep(proposal.id, part, before, after, organisation_id=row.organisation_id, actor=actor, now=now)
    return int(version) + 1


def _texts_after(before: Mapping[str, str], values: Mapping[str, str], topic: Topic) -> dict[str, str]:
    """The row after a save, as ``budget_texts`` will show it: without reading it again."""
    texts = dict(before)
    amounts = {each.code for each in topic.categories if each.unit_cost is None}
    optional = {*AMOUNTS, *(quantity_field(each.code) for each in topic.categories)}
    reasons = {reason_field(each.code) for each in topic.categories}
    for name, text in values.items():
        if name in reasons:
            texts[name] = text.strip()
        elif name in optional:
            amount, wrong = _optional(text)
            texts[name] = wrong or plain_amount(amount)
        elif name == "rate":
            rate, wrong = _rate(text, topic)
            texts[name] = wrong or plain_amount(rate)
        elif name in amounts or (topic.cost_model is CostModel.LUMP_SUM and name.startswith("share.")):
            amount, wrong = _amount(text)
            texts[name] = wrong or plain_amount(amount)
    return {name: text for name, text in texts.items() if text or name in {*AMOUNTS, *amounts}}


def _row_values(kept: Mapping[str, str], values: Mapping[str, str], topic: Topic) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    typed = dict(kept)
    for name in AMOUNTS:
        if name in values:
            changed[name], wrong = _optional(values[name])
            typed.pop(name, None)
            typed |= {name: wrong} if wrong else {}
    if "rate" in values:
        rate, wrong = _rate(values["rate"], topic)
        changed |= {} if rate is None else {"funding_rate": rate}
        typed.pop("rate", None)
        typed |= {"rate": wrong} if wrong else {}
    return {**changed, "typed": typed}


def _save_lines(participant_id: int, values: Mapping[str, str], topic: Topic) -> None:
    rows = db.session.execute(
        select(
            BudgetLine.category, BudgetLine.amount, BudgetLine.typed, BudgetLine.quantity, BudgetLine.quantity_typed,
            BudgetLine.justification,
        ).where(BudgetLine.participant_id == participant_id)
    )  # fmt: skip
    before = {row.category: dict(row._mapping) for row in rows}
    lines = []
    for each in topic.categories:
        given: dict[str, Any] = {}
        if each.code in values and each.unit_cost is None:
            given["amount"], given["typed"] = _amount(values[each.code])
        if quantity_field(each.code) in values:
            given["quantity"], given["quantity_typed"] = _optional(values[quantity_field(each.code)])
        if reason_field(each.code) in values:
            given["justification"] = values[reason_field(each.code)].strip()
        if given:
            empty = {"amount": Decimal(0), "typed": "", "quantity": None, "quantity_typed": "", "justification": ""}
            known = before.get(each.code, empty)
            lines.append({**known, **given, "participant_id": participant_id, "category": each.code})
    if lines:
        statement = insert(BudgetLine).values(lines)
        names = ("amount", "typed", "quantity", "quantity_typed", "justification")
        new = {name: statement.excluded[name] for name in names}
        db.session.execute(statement.on_conflict_do_update(constraint="uq_budget_line_once", set_=new))


def _save_shares(participant_id: int, values: Mapping[str, str], topic: Topic) -> None:
    if topic.cost_model is not CostModel.LUMP_SUM:
        return
    shares = []
    for name, text in values.items():
        number = name.removeprefix("share.")
        if number != name and number.isascii() and number.isdigit() and len(number) < 4:
            amount, wrong = _amount(text)
            shares.append(
                {"participant_id": participant_id, "package": int(number), "amount": amount, "typed": wrong}
            )
    if shares:
        statement = insert(LumpShare).values(shares)
        new = {"amount": statement.excluded.amount, "typed": statement.excluded.typed}
        db.session.execute(statement.on_conflict_do_update(constraint="uq_lump_share_once", set_=new))


def budget_texts(row: Participant, topic: Topic) -> dict[str, str]:
    """One participant's row as the form shows it, by field."""
    texts = {
        "rate": row.typed.get("rate") or plain_amount(row.funding_rate),
        **{name: row.typed.get(name) or plain_amount(getattr(row, name)) for name in AMOUNTS},
    }
    for line in row.lines:
        texts[line.category] = line.typed or plain_amount(line.amount)
        counted = line.quantity_typed or plain_amount(line.quantity)
        texts |= {quantity_field(line.category): counted} if counted else {}
        texts |= {reason_field(line.category): line.justification} if line.justification else {}
    if topic.cost_model is CostModel.LUMP_SUM:
        texts |= {share_field(each.package): each.typed or plain_amount(each.amount) for each in row.shares}
    return texts


def plain_amount(amount: Decimal | None) -> str:
    """An amount as people type it: no needless zeros."""
    if amount is None:
        return ""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rate(text: str, topic: Topic) -> tuple[Decimal | None, str]:
    """A funding rate that the topic pays; or what was typed."""
    most = max(topic.funding_rate, topic.nonprofit_rate or topic.funding_rate)
    rate, wrong = _amount(text.strip().removesuffix("%"))
    return (None, text.strip()[:_MOST_TYPED]) if wrong or rate is None or rate > most else (rate, "")


def _amount(text: str) -> tuple[Decimal | None, str]:
    """The amount, nothing being 0; or what was typed."""
    try:
        return parse_amount(text), ""
    except ValueError:
        return None, text.strip()[:_MOST_TYPED]


def _optional(text: str) -> tuple[Decimal | None, str]:
    """The amount, None for nothing; or what was typed."""
    return _amount(text) if text.strip() else (None, "")


def _stale(participant_id: int, topic: Topic, values: Mapping[str, str]) -> Stale:
    row = db.session.scalars(
        select(Participant).where(Participant.id == participant_id).execution_options(populate_existing=True)
    ).one()
    db.session.refresh(row, ["lines", "shares"])
    theirs = budget_texts(row, topic)
    differing = {name for name, text in values.items() if theirs.get(name, "") != text}
    return Stale(
        current={name: theirs.get(name, "") for name in differing}, yours={name: values[name] for name in differing},
        version=row.version,
    )  # fmt: skip


def ask_for_sheet(opened: Opened, *, actor: Actor, now: datetime) -> BudgetSheet:
    """Have the worker make a spreadsheet of the budget, for whoever may read all of it. Asking again while one is
    being made gives that one."""
    access.may_read(actor, opened.access, now=now).require()
    if actor.id is None:
        raise NotFound
    waiting = queries.waiting_sheet(opened.proposal.id)
    return waiting or _queued(opened.proposal, SheetKind.EXPORT, by=actor.id, now=now)


def sheet_received(document: Document, *, now: datetime) -> None:
    """A spreadsheet passed the checks of files: the worker reads it. Raises Refused when the deadline passed."""
    proposal = db.session.scalars(select(Proposal).where(Proposal.number == int(document.owner_key))).one()
    if now >= queries.closes_at(proposal):
        raise Refused("deadline-passed", "The deadline has passed: the proposal stays as it was submitted.")
    if document.created_by_id is None:
        raise Refused("no-sender", "Nobody sent this file, so it is not read.")
    _queued(proposal, SheetKind.IMPORT, by=document.created_by_id, now=now, document=document)


def _queued(
    proposal: Proposal, kind: SheetKind, *, by: int, now: datetime, document: Document | None = None
) -> BudgetSheet:
    sheet = BudgetSheet(
        proposal_id=proposal.id, kind=kind, asked_by_id=by, asked_at=now,
        document_id=document.id if document else None,
    )  # fmt: skip
    db.session.add(sheet)
    db.session.flush()
    task = "export_budget" if kind is SheetKind.EXPORT else "import_budget"
    defer(task, lock=f"budget of {proposal.id}", sheet_id=sheet.id)
    return sheet
