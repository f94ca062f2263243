"""Where no assignment exists, it is said which rules collide on which proposals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.instances import SIZES, draw
from grants.assigning.solver.instance import MAN, WOMAN, Instance, Rules
from grants.assigning.solver.solving import Effort, solve
from grants.assigning.solver.words import obstacles, without_team


def call(**changed) -> Instance:
    """Two proposals, four experts of four organisations, two of each gender: all is possible."""
    plain = Instance(
        candidates=np.array([[0, 1, 2, 3], [3, 2, 1, 0]]), fits=np.array([[900, 800, 700, 600]] * 2),
        organisation=np.arange(4), country=np.arange(4), bits=np.array([WOMAN, MAN, WOMAN, MAN]),
        load=np.full(4, 2), rapporteur_load=np.ones(4, np.int64), rules=Rules(),
    )  # fmt: skip
    return replace(plain, **changed)


def test_nothing_is_said_where_all_is_possible():
    assert obstacles(call(), [101, 102]) == []
    found = solve(call(), Effort(iterations=20))
    assert without_team(call(), found.teams, [101, 102]) == ""


def test_too_few_places_and_roles_are_counted():
    assert obstacles(draw(SIZES["SI"]), range(1000)) == [
        "840 rapporteur places for 1,000 proposals. Let more experts be rapporteur, or more often."
    ]
    (few,) = obstacles(call(load=np.ones(4, np.int64), rapporteur_load=np.ones(4, np.int64)), [101, 102])
    assert few.startswith("4 places for 6 seats: 2 proposals need 3 experts each.")


def test_each_proposal_that_cannot_have_a_team_is_named_with_its_lack():
    def said(**changed) -> list[str]:
        return obstacles(call(**changed), [101, 102])

    assert said(bits=np.full(4, WOMAN)) == ["No man among those who may take it: 101, 102."]
    assert said(organisation=np.array([0, 0, 0, 1])) == [
        "All who may take it are from fewer than 3 organisations: 101, 102."
    ]
    assert said(fits=np.array([[900, 800, -1, -1], [900, 800, 700, 600]])) == [
        "Fewer than 3 experts without a conflict: 101."
    ]
    only = said(rapporteur_load=np.array([3, 0, 0, 0]), fits=np.array([[9, 8, 7, 6], [9, 8, 7, -1]]))
    assert only == ["Nobody who may take it can be rapporteur: 102."]


def test_who_is_needed_elsewhere_is_said_where_no_single_reason_is_a_proof():
    """Two proposals for the same three experts, one of whom has only one place."""
    short = call(
        fits=np.array([[900, 800, 700, -1]] * 2), candidates=np.array([[0, 1, 2, 3]] * 2), load=np.array([1, 2, 3, 9])
    )
    assert obstacles(short, [101, 102]) == []
    found = solve(short, Effort(iterations=20))
    words = without_team(short, found.teams, [101, 102])
    assert words in {
        f"No team was found for {number}: these 1 need 3 places; the 3 experts who may take them have 6, "
        "which others need too."
        for number in (101, 102)
    }
