"""The evaluation in figures: distributions, agreement, habits of experts, progress; for managers alone."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from grants.evaluation import figures
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, assigned, expert, handed_in, manager_of
from tests.factories.people import signed_in
from tests.factories.proposals import submitted
from tests.factories.shared import once

D = Decimal
steps = st.sampled_from([D("0.1"), D("0.5"), D(1)])


@given(steps, st.integers(1, 100), st.data())
def test_every_value_falls_into_one_bin_and_bins_are_few(step, maximum, data):
    values = data.draw(st.lists(st.integers(0, int(maximum / step)).map(lambda n: n * step), max_size=30))
    found = figures.bins([(each, 2) for each in values], maximum=D(maximum), step=step)
    assert sum(found.counts) == 2 * len(values)
    assert len(found.counts) <= 21
    for value in values:
        place = int(value / found.width)
        assert found.labels[place] <= value < found.labels[place] + found.width


@once
def scene(app):
    """Three experts judge one proposal: 9, 9 and 12 points."""
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert("Ann Mild"), expert("Bob Mild"), expert("Cid Stern"), manager=manager)
    made = assigned(submitted(of), *pool, manager=manager)
    for each, score in zip(made, ("4", "4", "3"), strict=True):
        handed_in(each, score)
    return of, account


def test_scores_are_counted_by_criterion(scene):
    of, _ = scene
    for (name, found), criterion in zip(figures.by_criterion(of), of.criteria, strict=True):
        assert name == criterion.name
        counts = {label: count for label, count in zip(found.labels, found.counts, strict=True) if count}
        assert counts == {D(3): 1, D(4): 2}
        assert found.labels[found.threshold] == criterion.threshold


def test_who_differs_from_the_others_comes_first(scene):
    of, _ = scene
    found, compared = figures.by_expert(of.id)
    assert compared == 3
    assert [(each.name, each.mean, each.difference) for each in found] == [
        ("Cid Stern", D(9), D(-3)),
        ("Ann Mild", D(12), D("1.5")),
        ("Bob Mild", D(12), D("1.5")),
    ]


def test_agreement_is_the_spread_of_totals_against_the_limit(scene):
    of, _ = scene
    for limit, within in ((D(3), 1), (D("2.5"), 0), (None, None)):
        of.spread_limit = limit
        found = figures.agreement(of)
        assert (found.proposals, found.mean, found.within) == (1, D(3), within)
    assert sum(found.spreads.counts) == 1


def test_progress_adds_up_by_day_and_is_nothing_before_the_first_report(scene):
    of, _ = scene
    found = figures.progress(of)
    assert found.reports[-1] == (0, 3)
    assert found.approved[-1] == (0, 0)
    assert figures.progress(topic()) is None


def test_the_page_says_that_there_is_nothing_yet_and_then_shows_it(client, clock, scene):
    of, account = scene
    clock.instant = LATER
    signed_in(client, account, now=LATER)
    page = client.get(f"/manage/topics/{of.identifier}/evaluation/figures").text
    for words in ("Scores by criterion", "Agreement", "Cid Stern", "-3", "3 reports handed in"):
        assert words in page, words
    empty = topic()
    other, _ = manager_of(empty)
    signed_in(client, other, now=LATER)
    assert "No report is handed in yet" in client.get(f"/manage/topics/{empty.identifier}/evaluation/figures").text
