"""The page of a new round, from naming to the second manager; what applicants and the ranked list show of it."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from grants.db import db
from grants.redress import round_queries as queries
from tests.canary.crawling import told
from tests.factories.people import person, signed_in
from tests.factories.redress import contact_of, reported
from tests.redress.test_rounds import THEN, confirm, judged, manager_for, propose, scene  # noqa: F401

TEXT = "Judged by people who had not seen it before."


@pytest.fixture
def browser(scene, client, clock, app):  # noqa: F811
    """The programme's manager at the page of the round."""
    clock.instant, app.config["WTF_CSRF_ENABLED"] = THEN, False
    account = db.session.get_one(type(scene[2][2].members[0].account), scene[1].id)
    return signed_in(client, account, now=THEN)


def given(**scores):
    filled = {f"scores.{code}.score": score for code, score in scores.items()}
    return filled | {f"scores.{code}.comment": TEXT for code in scores}


@pytest.mark.slow
def test_from_naming_to_the_proposal_of_a_result(scene, browser):  # noqa: F811
    of, _, (_, _, fair), pool, new = scene
    address = f"/manage/redress/{fair.number}/round"
    assert address in browser.get(f"/manage/redress/{fair.number}").text
    page = browser.get(address).text
    assert "cannot: was asked to evaluate this proposal before" in page
    assert "Write a score for each criterion first." in page
    wrong = browser.post(f"{address}/experts", data={"expert_id": pool[0].id})
    assert (wrong.status_code, "was asked to evaluate this proposal before." in wrong.text) == (422, True)
    for each in new:
        assert browser.post(f"{address}/experts", data={"expert_id": each.id}).status_code == 302
    for row in list(queries.opened_round(manager_for(of), fair.number).round.experts):
        reported(row.id, row.expert, {"excellence": "5", "impact": "5"}, now=THEN)
    db.session.commit()
    wrong = browser.post(f"{address}/scores", data={"version": "1"} | given(excellence="4.7", impact="5"))
    assert (wrong.status_code, "Scores go in steps of 0.5." in wrong.text, 'value="4.7"' in wrong.text) == (
        422, True, True,
    )  # fmt: skip
    kept = {"version": "1", "agreement": "In a meeting."} | given(excellence="5", impact="5")
    assert browser.post(f"{address}/scores", data=kept).status_code == 302
    stale = browser.post(f"{address}/scores", data=kept | given(excellence="4.5"))
    assert (stale.status_code, 'value="4.5"' in stale.text) == (409, True)
    page = browser.get(address).text
    assert "announced: 3" in page
    assert "By the rules of the list alone it would have been: Main list." in page
    assert "more than the budget of this list" in page
    wrong = browser.post(f"{address}/result", data={"version": "2", "decision": "main", "reason": ""})
    assert (wrong.status_code, "Say why: the applicants are told." in wrong.text) == (422, True)
    done = browser.post(f"{address}/result", data={"version": "2", "decision": "main", "reason": "Better."})
    assert done.status_code == 302
    assert "You proposed this: another manager" in browser.get(address).text
    assert browser.post(f"{address}/result/confirm", data={"version": "3"}).status_code == 403
    assert browser.post(f"{address}/result/send-back", data={"reason": ""}).status_code == 422
    assert browser.post(f"{address}/result/send-back", data={"reason": "Again"}).status_code == 302
    assert "Again" in browser.get(address).text


def test_the_second_manager_confirms_and_the_list_shows_the_supplement(scene, browser):  # noqa: F811
    of, _, (_, _, fair), _, new = scene
    propose(judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN), fair)
    db.session.commit()
    address, ranked = f"/manage/redress/{fair.number}/round", f"/manage/topics/{of.identifier}/ranking"
    assert "Supplements" not in browser.get(ranked).text
    assert browser.post(f"{address}/result/confirm", data={"version": "1"}).status_code == 302  # not what was seen
    assert queries.new_result(fair.id) is None
    assert browser.post(f"{address}/result/confirm", data={"version": "3"}).status_code == 302
    page = browser.get(ranked).text
    assert "Supplements" in page
    assert "would have had place 1 instead of 3" in page
    assert "Prepare the grants" in page
    assert browser.get(address).status_code == 200


def test_applicants_read_the_new_result_beside_the_old_one_once_it_is_confirmed(scene, client, clock):  # noqa: F811
    of, _, (_, _, fair), _, new = scene
    clock.instant = THEN
    account, _ = contact_of(fair)
    browser = signed_in(client, account, now=THEN)
    address = f"/proposals/{fair.number}/result"
    propose(judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN), fair)
    db.session.commit()
    assert "Result after the review" not in browser.get(address).text
    assert browser.get(f"{address}/review.pdf").status_code == 404
    confirm(manager_for(of), fair)
    db.session.commit()
    page = browser.get(address).text
    assert "Result after the review" in page
    seen = " ".join(told(browser.get(f"{address}/review.pdf")).split())
    assert "Evaluation summary report after a review" in seen
    assert TEXT in seen or "Judged anew" in seen
    assert [each.account.name for each in new if each.account.name in seen] == []
    assert "Judged anew by people" in page
    assert "In a meeting." not in page
    assert not any(each.account.name in page for each in new)


def test_strangers_find_no_round(scene, client, clock):  # noqa: F811
    *_, (_, _, fair), _, new = scene
    clock.instant = THEN
    for who in (person(), new[0].account):
        address = f"/manage/redress/{fair.number}/round"
        assert signed_in(client, who, now=THEN).get(address).status_code in {403, 404}


@pytest.mark.parametrize("address", ["/manage/redress/{}", "/manage/redress/{}/round"])
def test_the_pages_take_few_statements_however_many_experts(scene, browser, address):  # noqa: F811
    _, _, (_, _, fair), _, new = scene
    judged(fair, new, {"excellence": "5", "impact": "5"}, now=THEN)
    db.session.commit()
    address, statements = address.format(fair.number), []
    db.session.expire_all()

    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        assert browser.get(address).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    reads = [each for each in statements if each.lstrip().upper().startswith(("SELECT", "WITH"))]
    assert len(reads) <= 8, "\n".join(each[:150] for each in reads)
