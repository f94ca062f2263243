"""Taking a table of experts over: new ones get an account without a password, known ones change in named columns.

Planned first, so that it can be shown; then all of it, or nothing where any cell is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from grants.accounts import services as accounts
from grants.accounts.models import Account, RoleGrant
from grants.audit.services import record
from grants.db import db
from grants.experts import access, mails, texts
from grants.experts.models import Expert
from grants.experts.rules import read_orcid, sheet
from grants.experts.services.indexing import index
from grants.experts.services.inviting import register_expert
from grants.experts.services.versions import next_version
from grants.kernel.actor import Actor, Role
from grants.kernel.errors import Invalid
from grants.kernel.findings import Finding
from grants.organisations.models import Organisation
from grants.organisations.rules import fold
from grants.vocabulary.models import Concept

_BACKGROUND = ("nationality", "sector", "orcid")
_PROFILE = ("employer", "country", "expertise", "languages", "gender")


@dataclass(slots=True)
class PlannedRow:
    """What a row does. ``values``: what its columns say, by field; ``changed``: the fields that differ."""

    row: sheet.Row
    account: Account | None
    expert: Expert | None
    values: dict[str, Any]
    changed: list[str]

    @property
    def action(self) -> str:
        """``created``, ``updated`` or ``unchanged``."""
        return "created" if self.expert is None else "updated" if self.changed else "unchanged"


@dataclass(slots=True)
class Plan:
    """All rows, or what is wrong with them."""

    rows: list[PlannedRow] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """For people and commands."""
        done = [each.action for each in self.rows]
        return {"read": len(done), **{name: done.count(name) for name in ("created", "updated", "unchanged")}}

    @property
    def preview(self) -> list[dict[str, Any]]:
        """What would happen, row by row, without those that change nothing."""
        return [
            {"email": each.row.cells["email"].lower(), "action": each.action, "fields": each.changed}
            for each in self.rows if each.action != "unchanged"
        ]  # fmt: skip


class _Known:
    """What is here of all that the rows name; five statements, however many rows."""

    def __init__(self, rows: Sequence[sheet.Row]) -> None:
        emails = {row.cells["email"].lower() for row in rows}
        pics = {row.cells["pic"] for row in rows if row.cells.get("pic")}
        found = db.session.scalars(select(Account).where(Account.email.in_(emails))).all()
        self.accounts = {each.email: each for each in found}
        ids = [each.id for each in found]
        experts = select(Expert).where(Expert.account_id.in_(ids)).options(selectinload(Expert.concepts))
        self.experts = {each.account_id: each for each in db.session.scalars(experts)}
        roles = select(RoleGrant.account_id).where(
            RoleGrant.account_id.in_(ids), RoleGrant.role == Role.EVALUATOR
        )  # fmt: skip
        self.evaluators = set(db.session.scalars(roles))
        named = select(Organisation).where(Organisation.pic.in_(pics), Organisation.superseded_by_id.is_(None))
        self.organisations = {each.pic: each for each in db.session.scalars(named)}
        concepts = db.session.scalars(select(Concept)).all()
        self.concepts = {fold(each.label): each for each in concepts} | {each.code: each for each in concepts}


def plan_import(grid: sheet.Grid, *, actor: Actor) -> Plan:
    """What taking this table over would do. Changes nothing. Raises Refused for who may not."""
    access.may_import(actor).require()
    rows, found = sheet.read(grid)
    if found:
        return Plan(findings=found)
    known = _Known(rows)
    plan = Plan()
    for row in rows:
        account = known.accounts.get(row.cells["email"].lower())
        expert = known.experts.get(account.id) if account else None
        wrong = _problems(row, account, expert, known, actor)
        plan.findings += wrong
        if not wrong:
            values = _values(row, expert, known)
            changed = [name for name, value in values.items() if expert is None or value != _now(expert, name)]
            if account is not None and account.id not in known.evaluators:
                changed.append("role")
            plan.rows.append(PlannedRow(row, account, expert, values, changed))
    return plan


def import_experts(grid: sheet.Grid, *, actor: Actor, now: datetime) -> dict[str, int]:
    """Take the table over; counts. A second time changes nothing. Raises Invalid with every wrong cell, Refused."""
    plan = plan_import(grid, actor=actor)
    if plan.findings:
        raise Invalid(plan.findings)
    for each in plan.rows:
        if each.action != "unchanged":
            _take(each, actor=actor, now=now)
    return plan.counts


def _problems(
    row: sheet.Row, account: Account | None, expert: Expert | None, known: _Known, actor: Actor
) -> list[Finding]:
    """What is wrong with a row by what is here."""
    found = []
    if account is not None and account.disabled_at is not None:
        found.append(row.wrong("email", "This account is closed."))
    if account is not None and account.id == actor.id and account.id not in known.evaluators:
        found.append(row.wrong("email", "Nobody gives themselves a role: another administrator imports this row."))
    if account is None and not row.cells.get("name"):
        found.append(row.wrong("name", "A new expert needs a name."))
    if row.cells.get("pic") and row.cells["pic"] not in known.organisations:
        found.append(row.wrong("pic", f"No organisation has the PIC {row.cells['pic']}."))
    names_employer = "pic" in row.cells or "employer_name" in row.cells
    empty = not row.cells.get("pic") and not row.cells.get("employer_name")
    if empty and (expert is None or names_employer):
        found.append(row.wrong("employer_name", "Name the employer: conflicts of interest are found by it."))
    unknown = [each for each in row.listed("concepts") if not known.concepts.keys() & {each, fold(each)}]
    return found + [row.wrong("concepts", f"“{each}” is no keyword of the tree.") for each in unknown]


def _values(row: sheet.Row, expert: Expert | None, known: _Known) -> dict[str, Any]:
    """What the columns of a row say, by field, as it is kept."""
    cells, values = row.cells, dict[str, Any]()
    organisation = known.organisations.get(cells.get("pic", ""))
    if organisation is not None:
        values["employer"] = (organisation.id, organisation.legal_name)
    elif cells.get("employer_name"):
        same = expert is not None and expert.employer_name == cells["employer_name"]  # an empty PIC says nothing
        values["employer"] = (expert.employer_id if same and expert else None, cells["employer_name"])
    for name in ("country", "nationality", "sector", "gender"):
        if name in cells:
            values[name] = cells[name]
    for name in ("expertise", "languages"):
        if name in cells:
            values[name] = row.listed(name)
    if "orcid" in cells:
        values["orcid"] = read_orcid(cells["orcid"])
    if "concepts" in cells:
        chosen = [known.concepts.get(each) or known.concepts[fold(each)] for each in row.listed("concepts")]
        values["concepts"] = {each.id: each for each in chosen}
    return values


def _now(expert: Expert, name: str) -> Any:
    """What is kept of a field, to compare."""
    if name == "employer":
        return expert.employer_id, expert.employer_name
    if name == "concepts":
        return {each.id: each for each in expert.concepts}
    return getattr(expert, name)


def _take(planned: PlannedRow, *, actor: Actor, now: datetime) -> None:
    """One row. What is no part of the table stays as it is."""
    account, expert = planned.account, planned.expert
    if account is None:
        cells = planned.row.cells
        account = accounts.create_without_password(email=cells["email"], name=cells["name"], actor=actor, now=now)
        mails.registered(account, now=now)
    accounts.add_role(account, Role.EVALUATOR, programme=None, actor=actor, now=now)
    if expert is None or set(planned.changed) & set(_PROFILE):
        expert = _profile(account, expert, planned.values, actor=actor, now=now)
    if background := {name: planned.values[name] for name in _BACKGROUND if name in planned.changed}:
        next_version(expert, "background", texts.background, seen=None)
        for name, value in background.items():
            setattr(expert, name, value)
    if "concepts" in planned.changed:
        next_version(expert, "concepts", texts.concepts, seen=None)
        expert.concepts = list(planned.values["concepts"].values())
    db.session.flush()
    index(expert)
    record(expert.ref(), "expert.imported", actor=actor, now=now, facts={"fields": planned.changed})


def _profile(
    account: Account, expert: Expert | None, values: dict[str, Any], *, actor: Actor, now: datetime
) -> Expert:
    """The profile with what the row says and, for the rest, what it said before."""
    kept = {name: _now(expert, name) for name in _PROFILE} if expert is not None else {}
    said: dict[str, Any] = {**kept, **{name: values[name] for name in _PROFILE if name in values}}
    employer_id, employer_name = said["employer"]
    employer = db.session.get_one(Organisation, employer_id) if employer_id else None
    return register_expert(
        account, employer=employer, employer_name=employer_name, country=said.get("country", ""),
        expertise=said.get("expertise", ()), languages=said.get("languages", ()), gender=said.get("gender", ""),
        actor=actor, now=now,
    )  # fmt: skip
