"""A decision takes two managers, and is proven afterwards from what was kept with it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError

from grants.calls.rules import CriterionFacts
from grants.db import db
from grants.kernel.errors import Invalid, Refused, Stale
from grants.notifications.models import Letter
from grants.ranking import queries, rules, services, verifying
from grants.ranking.models import Placement, Ranking
from grants.ranking.sealing import seal
from grants.ranking.states import Decision, RankingState
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, manager_of
from tests.factories.people import signed_in
from tests.factories.ranking import decided, second_manager
from tests.factories.shared import once

D = Decimal


@once
def scene(app):
    """Two proposals with approved scores, the list computed by the first manager."""
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert(), expert(), expert(), manager=manager)
    for scores in (("4", "4", "4"), ("4.5", "4", "4")):
        marks = dict(zip(("excellence", "impact", "implementation"), scores, strict=True))
        evaluated(of, pool, marks, manager=manager)
    db.session.commit()
    return services.compute_ranking(of, actor=manager, now=LATER), manager, account


def prepare(ranking, manager):
    services.prepare_decision(ranking, seen=ranking.version, actor=manager, now=LATER)


def test_who_prepared_a_decision_cannot_confirm_it(scene, client):
    ranking, manager, account = scene
    second = second_manager(ranking)
    prepare(ranking, manager)

    with pytest.raises(Refused) as refused:
        services.confirm_decision(ranking, seen=ranking.version, actor=manager, now=LATER)
    assert (refused.value.code, ranking.state) == ("four-eyes", RankingState.PREPARED)
    page = signed_in(client, account, now=LATER).get(f"/manage/topics/{ranking.topic.identifier}/ranking").text
    assert "another manager of the programme confirms it" in page
    assert "Confirm the decision" not in page
    letters = db.session.scalars(select(Letter).where(Letter.kind == "decision_to_confirm")).all()
    assert [each.account_id for each in letters] == [second.id]

    services.confirm_decision(ranking, seen=ranking.version, actor=second, now=LATER)
    assert (ranking.state, ranking.decided_by_id, ranking.prepared_by_id) == ("decided", second.id, manager.id)


def test_the_database_refuses_a_decision_of_one_person(scene):
    ranking, manager, _ = scene
    decided(ranking, manager=manager, now=LATER)
    with pytest.raises(IntegrityError, match="four_eyes"), db.session.begin_nested():
        db.session.execute(update(Ranking).values(decided_by_id=manager.id))


def test_a_prepared_list_is_not_changed_but_sent_back_with_a_reason(scene):
    ranking, manager, _ = scene
    prepare(ranking, manager)
    row = queries.all_placements(ranking.id)[0]
    with pytest.raises(Refused):
        services.save_decisions(
            ranking, {row.id: (Decision.RESERVE, "x")}, seen=ranking.version, actor=manager, now=LATER
        )
    with pytest.raises(Refused):
        services.compute_ranking(ranking.topic, actor=manager, now=LATER)
    second = second_manager(ranking)
    with pytest.raises(Invalid):
        services.send_back(ranking, reason=" ", actor=second, now=LATER)

    services.send_back(ranking, reason="Why is 2 not in reserve?", actor=second, now=LATER)

    assert (ranking.state, ranking.sent_back_because) == (RankingState.DRAFT, "Why is 2 not in reserve?")
    prepare(ranking, second)
    services.confirm_decision(ranking, seen=ranking.version, actor=manager, now=LATER)
    assert ranking.state is RankingState.DECIDED


def test_a_confirmation_of_another_version_or_of_older_facts_is_refused(scene):
    ranking, manager, _ = scene
    prepare(ranking, manager)
    second = second_manager(ranking)
    with pytest.raises(Stale):
        services.confirm_decision(ranking, seen=ranking.version - 1, actor=second, now=LATER)
    ranking.topic.overall_threshold = D(15)
    db.session.flush()
    with pytest.raises(Invalid) as refused:
        services.confirm_decision(ranking, seen=ranking.version, actor=second, now=LATER)
    assert refused.value.code == "out-of-date"


def test_a_decided_list_is_proven_signed_and_any_change_is_found(scene, settings):
    ranking, manager, _ = scene
    decided(ranking, manager=manager, now=LATER)
    db.session.commit()
    seal(ranking.id, settings=settings, now=datetime.now(UTC))
    db.session.commit()
    identifier = ranking.topic.identifier
    (proof,) = verifying.verify(identifier)
    assert (proof.proven, proof.signed, proof.proposals, proof.says) == (True, True, 2, ())
    assert [each.topic for each in verifying.verify(ranking.topic.call.identifier)] == [identifier]
    assert verifying.verify("NOTHING-1") == []

    first = queries.all_placements(ranking.id)[0]
    for change, words in (
        ({"total": D("11")}, "total is computed as"),
        ({"decision": Decision.REJECTED}, "was decided as main"),
        ({"requested": D("1")}, "request is computed as"),
        ({"decision_reason": "because"}, "list_sha256"),
    ):
        with db.session.begin_nested() as undone:
            db.session.execute(update(Placement).where(Placement.id == first.id).values(**change))
            db.session.expire_all()
            (proof,) = verifying.verify(identifier)
            assert not proof.proven
            assert any(words in each for each in proof.says), (change, proof.says)
            undone.rollback()
        db.session.expire_all()
    with db.session.begin_nested() as undone:
        db.session.execute(text("UPDATE ranking SET inputs = replace(inputs, '\"budget\"', '\"budgeT\"')"))
        db.session.expire_all()
        assert "not those whose hash" in verifying.verify(identifier)[0].says[0]
        undone.rollback()
    db.session.expire_all()
    with db.session.begin_nested() as undone:
        statement = json.loads(ranking.statement)
        statement["ranking"]["budget"] = "1.00"
        ranking.statement = json.dumps(statement)
        db.session.flush()
        assert any("changed after it was signed" in each for each in verifying.verify(identifier)[0].says)
        undone.rollback()


SCORES = st.sampled_from([D(n) / 2 for n in range(11)])
CANDIDATES = st.lists(
    st.builds(
        rules.CandidateFacts, number=st.integers(101_000_000, 101_000_030),
        scores=st.fixed_dictionaries({"e": SCORES, "i": SCORES}), requested=st.decimals(0, 10**7, places=2),
        themes=st.frozensets(st.sampled_from("abc")), countries=st.frozensets(st.sampled_from(["DE", "FR", "PL"])),
        women=st.integers(0, 3), men=st.integers(0, 3), sme_amount=st.decimals(0, 10**6, places=2),
        panel=st.none() | st.integers(1, 3), ineligible=st.sampled_from(["", "Too late."]),
    ),
    unique_by=lambda each: each.number, max_size=8,
)  # fmt: skip


@pytest.mark.slow
@given(CANDIDATES)
def test_inputs_come_back_as_they_were_kept(candidates):
    config = rules.RankingConfig(
        criteria=(
            CriterionFacts("e", "Excellence", D(5), D("0.5"), threshold=D(3)),
            CriterionFacts("i", "Impact", D(5), D("0.5"), weight=D("1.5")),
        ),
        keys=("coverage", "criterion:e", "gender", "geography", "lottery"), budget=D("10000000.50"),
        overall_threshold=D(5), seed="a seed", reserve_size=2,
    )  # fmt: skip
    kept = rules.inputs_text(candidates, config)

    again = rules.read_inputs(kept)

    assert rules.inputs_text(*again) == kept
    assert rules.rank(*again) == rules.rank(candidates, config)
