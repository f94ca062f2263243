"""The budget's pages: one grid of participants and categories, its totals, and the budget as a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from grants.calls.states import CostModel
from grants.db import db, transaction
from grants.documents.views import take
from grants.kernel.errors import Stale
from grants.kernel.findings import Finding
from grants.kernel.numbers import whole
from grants.proposals import access, answering, budget, budgeting, facts, narrowing, queries
from grants.proposals.access import Part, PartKind
from grants.proposals.models import Participant, Proposal
from grants.proposals.queries import Opened
from grants.proposals.rules import TopicRules
from grants.proposals.views.common import bp, budget_url, open_proposal, proposal_page, saved_answer
from grants.web import guards

#: Rows on one page: each has about a dozen fields, and a phone should still scroll.
ROWS = 25
#: How long a spreadsheet is offered after it was asked for.
SHEET_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Shown:
    """Which rows of a long budget a page shows. ``number`` counts from 1."""

    number: int
    pages: int
    rows: Sequence[Participant]


@bp.get("/proposals/<int:number>/budget", endpoint="budget")
def budget_page(number: int) -> ResponseReturnValue:
    opened = open_proposal(number, files=False, part=None)
    narrowing.narrow(opened)
    return _budget(opened)


def _budget(opened: Opened) -> str:
    proposal = opened.proposal
    shown = _shown(proposal)
    texts = {row.id: budgeting.budget_texts(row, proposal.topic) for row in shown.rows}
    own = budgeting.has_own_packages(proposal.topic)
    return proposal_page(
        "proposals/budget.html", opened, texts=texts, shown=shown,
        labels=budget.row_labels(facts.rules_of(proposal)),
        packages=facts.packages(proposal), lump=proposal.topic.cost_model is CostModel.LUMP_SUM,
        own_packages=facts.section_answers(proposal, budgeting.PACKAGES, None) if own else None, keeps_packages=own,
        sheets=queries.last_sheets(proposal.id, since=guards.received_at() - SHEET_AGE), **_sums(opened, shown),
    )  # fmt: skip


def _shown(proposal: Proposal) -> Shown:
    """The page that was asked for by ``page``, or that has the participant ``row``."""
    everybody = proposal.participants
    pages = max(1, -(-len(everybody) // ROWS))
    number = whole(request.args.get("page")) or 1
    row = whole(request.args.get("row"))
    places = [place for place, each in enumerate(everybody) if each.id == row]
    number = places[0] // ROWS + 1 if places else min(number, pages)
    return Shown(number, pages, everybody[(number - 1) * ROWS : number * ROWS])


def _sums(opened: Opened, shown: Shown) -> dict[str, Any]:
    """What the fragment of totals shows: sums, limits, and what is wrong, each with the way to its cell."""
    proposal = opened.proposal
    rules, sums = facts.rules_of(proposal), facts.sums(proposal)
    found = budget.findings(list(sums.people.values()), rules)
    here = {f"budget.{row.id}" for row in shown.rows}
    return {
        "sums": sums, "findings": found, "bad": {each.place for each in found if each.code == "not-an-amount"},
        "unfolded": {int(each.place.split(".")[1]) for each in found if _in_fold(each, rules)},
        "link": lambda finding: _link(proposal, finding, here),
    }  # fmt: skip


def _in_fold(finding: Finding, rules: TopicRules) -> bool:
    """Whether it stands in the way in a field that is not in the grid but under its row, which is then unfolded."""
    kind = finding.place.rpartition(".")[2]
    grid = rules.cost_model is CostModel.UNIT and kind == "quantity"
    return finding.blocks and not grid and kind in {"quantity", "justification", "own_contribution", "income"}


def _link(proposal: Proposal, finding: Finding, here: set[str]) -> str:
    """To a cell of this page without loading it again, so that the cursor is there at once."""
    row = ".".join(finding.place.split(".")[:2])
    return f"#{finding.place}" if row in here else budget_url(proposal.number, finding.place)


@bp.get("/proposals/<int:number>/budget/totals")
def budget_totals(number: int) -> ResponseReturnValue:
    """The totals as they are now: asked for once when rows were saved, however many at a time."""
    opened = open_proposal(number, files=False, part=None)
    narrowing.narrow(opened)
    proposal, shown = opened.proposal, _shown(opened.proposal)
    return render_template(
        "proposals/_budget_totals.html", proposal=proposal, topic=proposal.topic, shown=shown,
        packages=facts.packages(proposal), lump=proposal.topic.cost_model is CostModel.LUMP_SUM,
        **_sums(opened, shown),
    )  # fmt: skip


@bp.post("/proposals/<int:number>/budget/<int:participant_id>")
def save_budget(number: int, participant_id: int) -> ResponseReturnValue:
    """One row: saves by itself with a script, by its button without."""
    opened = open_proposal(number, whole=False, part=Part(PartKind.BUDGET, participant_id))
    actor, now = guards.actor(), guards.received_at()
    values = {name: text for name, text in request.form.items() if name not in {"csrf_token", "version"}}
    try:
        with transaction():
            version = budgeting.save_budget_row(
                opened, participant_id, values, seen=whole(request.form.get("version")), actor=actor, now=now
            )
    except Stale as problem:
        if guards.wants_json():
            raise
        flash(problem.message, "error")
        return redirect(url_for(".budget", number=number, row=participant_id))
    if not guards.wants_json():
        flash("Saved.", "success")
        return redirect(url_for(".budget", number=number, row=participant_id, _anchor=f"row-{participant_id}"))
    return saved_answer(version, findings=[each.as_json() for each in _of_row(opened, participant_id)])


def _of_row(opened: Opened, participant_id: int) -> Iterator[Finding]:
    """What is wrong in the row that was just saved."""
    db.session.expire_all()
    row = queries.participant_row(opened.proposal, participant_id)
    rules = facts.rules_of(opened.proposal)
    found = budget.findings([facts.participant_facts(row, rules)], rules)
    return (each for each in found if each.place.startswith(f"budget.{participant_id}."))


@bp.post("/proposals/<int:number>/budget/packages")
def save_packages(number: int) -> ResponseReturnValue:
    """The list of work packages, a title a line, where Part A has none."""
    opened = open_proposal(number)
    titles = [line.strip() for line in request.form.get("packages", "").splitlines()]
    given = {"packages": [{"title": title} for title in titles if title]}
    budgeting.require_own_packages(opened.proposal.topic)
    try:
        with transaction():
            answering.save_section(
                opened, budgeting.PACKAGES, given, participant_id=None, seen=whole(request.form.get("version")),
                actor=guards.actor(), now=guards.received_at(),
            )  # fmt: skip
        flash("Saved.", "success")
    except Stale as problem:
        flash(problem.message, "error")
    return redirect(url_for(".budget", number=number))


@bp.post("/proposals/<int:number>/budget/sheet")
def ask_for_sheet(number: int) -> ResponseReturnValue:
    opened = open_proposal(number, whole=False)
    with transaction():
        budgeting.ask_for_sheet(opened, actor=guards.actor(), now=guards.received_at())
    return redirect(url_for(".budget", number=number, _anchor="sheet"))


@bp.post("/proposals/<int:number>/budget/import")
def import_sheet(number: int) -> ResponseReturnValue:
    """A filled-in spreadsheet: checked like every file, then read by the worker."""
    opened, actor, now = open_proposal(number, whole=False), guards.actor(), guards.received_at()
    access.may_edit(actor, opened.access, now=now).require()
    take(opened.proposal.ref(), "budget_import", done="has arrived and is read now.")
    return redirect(url_for(".budget", number=number, _anchor="sheet"))
