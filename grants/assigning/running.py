"""The worker's part: computing an assignment, and making the assignments of one that was taken over.

The web never loads this module, nor the numbers library behind it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from sqlalchemy import select

from grants.accounts.models import Account
from grants.assigning.facts import Pool, pool
from grants.assigning.models import Run
from grants.assigning.rules import Options
from grants.assigning.solver.checking import broken
from grants.assigning.solver.instance import FIXED, KEEP, MAN, WOMAN, Answer, Instance, Rules
from grants.assigning.solver.solving import Cancelled, Effort, solve
from grants.assigning.solver.words import obstacles, without_team
from grants.assigning.states import RUN, RunState
from grants.db import db, transaction
from grants.evaluation import services as evaluation
from grants.evaluation.models import Assignment
from grants.evaluation.states import AssignmentState
from grants.experts.models import Expert
from grants.kernel.actor import SYSTEM, Actor, Role
from grants.kernel.clock import Clock
from grants.kernel.errors import DomainError
from grants.proposals.models import Proposal

#: Candidates of a proposal that the solver looks at (evaluation.md 1.1).
WIDTH = 60
EFFORT = Effort(iterations=400, every=25)
_GENDERS = {"woman": WOMAN, "man": MAN}


def run(run_id: int, *, clock: Clock) -> None:
    """Compute one run: read, solve with no transaction open, keep the answer. Repeating is harmless."""
    with transaction():
        found = db.session.get(Run, run_id, with_for_update=True)
        if found is None or found.state not in {RunState.WAITING, RunState.RUNNING}:
            return
        RUN.go(found, "begin", actor=SYSTEM, now=clock.now())
        options = Options(**found.options)
        given = pool(found.topic, now=clock.now())
    instance = instance_of(given, options)
    says = obstacles(instance, given.numbers)
    try:
        answer = solve(instance, EFFORT, progress=lambda done, *_: _told(run_id, done)) if given.proposals else None
    except Cancelled:
        with transaction():
            found = _locked(run_id)
            found.done_at = clock.now()
            RUN.go(found, "cancel", actor=SYSTEM, now=clock.now())
        return
    with transaction():
        _keep(_locked(run_id), given, instance, answer, says, clock=clock)


def _locked(run_id: int) -> Run:
    """The run as others left it: somebody may have asked to stop meanwhile."""
    return db.session.get_one(Run, run_id, with_for_update=True, populate_existing=True)


def _told(run_id: int, done: int) -> bool:
    """Write down how far it is; whether to go on."""
    with transaction():
        found = _locked(run_id)
        found.progress = min(99, 100 * done // EFFORT.iterations)
        return not found.stop_asked


def instance_of(given: Pool, options: Options) -> Instance:
    """The solver's arrays. Experts without an organisation in the registry, or without a country, equal nobody."""
    proposals, experts = len(given.proposals), len(given.loads)
    width = max(1, min(WIDTH, experts))
    candidates, fits = np.zeros((proposals, width), np.int64), np.full((proposals, width), -1, np.int64)
    bonus = np.zeros((proposals, width))
    for p in range(proposals):
        must = {e for q, e in given.fixed if q == p}
        order = sorted(range(experts), key=lambda e: (e not in must, -given.fit[p][e], e))[:width]
        order.sort(key=lambda e: (-given.fit[p][e], e))
        for j, e in enumerate(order):
            candidates[p, j], fits[p, j] = e, given.fit[p][e]
            bonus[p, j] = FIXED if (p, e) in given.fixed else KEEP if (p, e) in given.kept else 0.0
    known = [load.expert for load in given.loads]
    homes = {name: place for place, name in enumerate(sorted({_home(each) for each in known if _home(each)}))}
    lands = {name: place for place, name in enumerate(sorted({each.country for each in known if each.country}))}
    # What an expert holds elsewhere in the topic (proposals whose consensus is opened) is not free.
    held = np.zeros(experts, np.int64)
    for _, e in given.kept | given.fixed:
        held[e] += 1
    load = np.array([each.max_load - each.assigned for each in given.loads], np.int64) + held
    gender = WOMAN | MAN if options.size >= 2 else 0
    return Instance(
        candidates=candidates, fits=fits,
        organisation=np.array([homes.get(_home(each), -1) for each in known], np.int64),
        country=np.array([lands.get(each.country, -1) for each in known], np.int64),
        bits=np.array([_GENDERS.get(each.gender, 0) for each in known], np.int64), load=np.maximum(0, load),
        rapporteur_load=np.maximum(0, -(-load * options.lead_share // 100)),
        rules=Rules(
            size=options.size, per_country=options.per_country,
            need=gender if options.gender == "must" else 0, wish=gender if options.gender == "wish" else 0,
        ),
        bonus=bonus,
    )  # fmt: skip


def _home(expert: Expert) -> str:
    """What tells an employer from others: its identity, or its name as written; nothing for the self-employed."""
    if expert.employer_id is not None:
        return f"#{expert.employer_id}"
    name = " ".join(expert.employer_name.casefold().split())
    return "" if name.replace("-", " ") == "self employed" else name


def _keep(
    found: Run, given: Pool, instance: Instance, answer: Answer | None, says: list[str], *, clock: Clock
) -> None:
    now = clock.now()
    found.done_at, found.progress = now, 100
    if answer is None:
        found.says = ["There is no proposal to assign: nothing competes, or every consensus is opened."]
        RUN.go(found, "fail", actor=SYSTEM, now=now)
        return
    wrong = broken(instance, answer.teams, answer.rapporteurs)
    unmet = {name: count for name, count in wrong.items() if name not in {"seats", "rapporteur"}}
    left = without_team(instance, answer.teams, given.numbers)
    found.says = [*says, *([left] if left else [])]
    found.teams = _teams(given, instance, answer)
    found.prices = {"seat": answer.prices.seat.tolist(), "role": answer.prices.role.tolist()}
    found.figures = _figures(instance, answer, found.teams, unmet)
    if unmet:  # the solver's own word is never trusted
        found.says = [f"Broken rules were found in the answer: {unmet}. It cannot be taken over.", *found.says]
        RUN.go(found, "fail", actor=SYSTEM, now=now)
        return
    RUN.go(found, "finish", actor=SYSTEM, now=now, **{k: v for k, v in found.figures.items() if k != "options"})


def _teams(given: Pool, instance: Instance, answer: Answer) -> list[dict[str, Any]]:
    """By proposal, the worst served first; the rapporteur before the others."""
    rows = []
    for p, number in enumerate(given.numbers):
        places = sorted((int(j) for j in answer.teams[p] if j >= 0), key=lambda j: j != answer.rapporteurs[p])
        members = []
        for j in places:
            e = int(instance.candidates[p, j])
            there = (p, e) in given.kept or (p, e) in given.fixed
            members.append({"expert": given.loads[e].expert.id, "fit": int(instance.fits[p, j]), "there": there})
        rows.append({"number": number, "members": members})
    return sorted(rows, key=lambda row: (sum(each["fit"] for each in row["members"]), row["number"]))


def _figures(instance: Instance, answer: Answer, rows: list[dict[str, Any]], unmet: dict[str, int]) -> dict[str, Any]:
    low, high = instance.rules.knees
    sums = [sum(each["fit"] for each in row["members"]) for row in rows]
    return {
        "proposals": len(rows), "experts": len(instance.load), "objective": round(answer.objective),
        "bound": round(answer.bound), "gap": round(answer.gap, 6), "least": min(sums, default=0),
        "under_low": sum(each < low for each in sums), "under_high": sum(each < high for each in sums),
        "without": sum(not row["members"] for row in rows), "iterations": answer.iterations,
        "seconds": round(answer.seconds, 1), "broken": sum(unmet.values()),
        "added": sum(not each["there"] for row in rows for each in row["members"]),
    }  # fmt: skip


def take_over(run_id: int, actor_id: int, *, clock: Clock) -> None:
    """Make the assignments, a transaction for each proposal: what is there already stays as it is.

    Who was asked, has not answered and is not in the new team is taken from the proposal. Repeating is harmless.
    """
    with transaction():
        found = db.session.get(Run, run_id)
        if found is None or found.state is not RunState.TAKING:
            return
        programme, account = found.topic.call.programme.code, db.session.get_one(Account, actor_id)
        actor = Actor(
            id=account.id, name=account.name, email=account.email, roles=frozenset({Role.MANAGER}),
            programmes=frozenset({programme}),
        )  # fmt: skip
        rows = list(found.teams)
    refused: list[str] = []
    for row in rows:
        with transaction():
            refused += _team_over(row, actor=actor, clock=clock)
    with transaction():
        found = _locked(run_id)
        found.says = [*found.says, *refused]
        RUN.go(found, "finish_taking", actor=SYSTEM, now=clock.now(), refused=len(refused))


def _team_over(row: dict[str, Any], *, actor: Actor, clock: Clock) -> list[str]:
    """One proposal; what was refused meanwhile, in words."""
    proposal = db.session.scalars(select(Proposal).where(Proposal.number == row["number"])).one()
    wanted = [each["expert"] for each in row["members"]]
    rows = db.session.scalars(select(Assignment).where(Assignment.proposal_id == proposal.id)).all()
    present = {
        each.expert_id: each for each in rows if each.state in (AssignmentState.PROPOSED, AssignmentState.ACCEPTED)
    }
    said = []
    now = clock.now()
    for expert_id, each in present.items():
        if expert_id not in wanted and wanted and each.state is AssignmentState.PROPOSED:
            said += _tried(
                proposal, lambda each=each: evaluation.remove_assignment(
                    each, reason="The assignment was made anew.", actor=actor, now=now)
            )  # fmt: skip
    for place, expert_id in enumerate(wanted):
        if expert_id not in present:
            expert = db.session.get_one(Expert, expert_id)
            said += _tried(
                proposal, lambda expert=expert, lead=place == 0: evaluation.assign(
                    proposal, expert, rapporteur=lead, actor=actor, now=now)
            )  # fmt: skip
        elif place == 0 and not present[expert_id].rapporteur:
            said += _tried(
                proposal, lambda each=present[expert_id]: evaluation.make_rapporteur(each, actor=actor, now=now)
            )
    return said


def _tried(proposal: Proposal, act: Any) -> list[str]:
    """Do one thing, or say why it is refused: facts may have changed since the run."""
    try:
        with db.session.begin_nested():
            act()
    except DomainError as problem:
        return [f"{proposal.number}: {problem.message}"]
    return []


def options_of(found: Run) -> dict[str, Any]:
    """The options of a run, all of them."""
    return asdict(Options(**found.options))
