"""Part A and eligibility rules of a topic in a manager's hands."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta

import pytest
from sqlalchemy import select

from grants.calls import facts, rules, services
from grants.calls.models import FormVersion
from grants.db import db
from grants.kernel.errors import Invalid, Refused, Stale
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.evaluation import manager_of
from tests.factories.people import signed_in
from tests.factories.shared import once


@once
def scene(app):
    of = topic(published=False)
    account, manager = manager_of(of)
    of.template_content = facts.template_part(of)
    db.session.flush()
    return of, account, manager


def without(form: dict, key: str) -> dict:
    changed = deepcopy(form)
    for section in changed["sections"]:
        section["fields"] = [each for each in section["fields"] if each["key"] != key]
    return changed


def save(of, manager, form=None, eligibility=None, **more):
    given = {"seen": of.call.version, "reason": "", "actor": manager, "now": NOW} | more
    if form is not None:
        services.change_form(of, form, **given)
    if eligibility is not None:
        services.change_eligibility(of, eligibility, **given)


def test_a_question_that_a_condition_needs_is_not_removed(scene):
    of, _, manager = scene
    with pytest.raises(Invalid) as refused:
        save(of, manager, without(of.form, "similar_before"))
    assert [each.code for each in refused.value.findings] == ["field-in-use"]
    assert "Number of that proposal" in refused.value.message


def test_a_question_that_a_rule_needs_is_not_removed_until_the_rule_is(scene):
    of, _, manager = scene
    form = without(of.form, "not_excluded")
    with pytest.raises(Invalid, match="the rule “sanctions”"):
        save(of, manager, form)
    save(of, manager, eligibility=[each for each in of.eligibility if each.get("key") != "sanctions"])
    save(of, manager, form)
    assert "not_excluded" not in [field["key"] for field in of.form["sections"][0]["fields"]]


def test_a_rule_on_a_question_that_is_not_there_is_refused_by_its_name(scene):
    of, _, manager = scene
    rule = {"rule": "declaration", "key": "oath", "with": {"field": "oath"}}
    with pytest.raises(Invalid, match="The rule “oath” asks for the question “oath”"):
        save(of, manager, eligibility=[*of.eligibility, rule])


def test_a_rule_loses_what_it_judges_by_when_the_topic_no_longer_sets_it(scene):
    of, _, _ = scene
    of.page_limit = None
    found = rules.topic_findings(facts.topic_facts(of), now=NOW)
    assert [(each.code, "page_limit" in each.message) for each in found if each.code == "no-limit"] == [
        ("no-limit", True)
    ]


def test_two_managers_cannot_overwrite_each_other_s_form(scene):
    of, _, manager = scene
    seen = of.call.version
    save(of, manager, without(of.form, "no_double_funding"))
    with pytest.raises(Stale):
        save(of, manager, of.form, seen=seen)


def test_each_published_form_has_a_number_and_keeps_what_depends_on_what(scene):
    of, _, manager = scene
    of.call.contact, of.call.summary, of.description = "a@example.org", "S", "D"
    services.publish(of.call, actor=manager, now=NOW)
    with pytest.raises(Invalid, match="Say what is corrected"):
        save(of, manager, without(of.form, "no_double_funding"))
    save(of, manager, without(of.form, "no_double_funding"), reason="Asked twice.")
    db.session.flush()
    kept = db.session.scalars(
        select(FormVersion).where(FormVersion.topic_id == of.id).order_by(FormVersion.number)
    ).all()
    assert [each.number for each in kept] == [1, 2]
    assert of.form_number == 2
    assert "the field “Number of that proposal”" in kept[1].uses["similar_before"]


def test_after_the_deadline_the_form_stays_as_it_was(scene):
    of, _, manager = scene
    of.call.contact = "a@example.org"
    services.publish(of.call, actor=manager, now=NOW)
    with pytest.raises(Refused):
        save(of, manager, of.form, reason="Late.", now=of.deadline + timedelta(seconds=1))


def test_one_page_shows_what_differs_from_the_template(client, scene):
    of, account, manager = scene
    signed_in(client, account)
    page = f"/manage/topics/{of.identifier}/template"
    assert "Nothing differs" in client.get(page).text
    of.funding_rate = 80
    save(of, manager, without(of.form, "no_double_funding"))
    db.session.commit()
    text = client.get(page).text
    assert "differ from it now" in text
    for words in ("Funding rate", "80", "no double funding"):
        assert words in text


def test_a_manager_shapes_part_a_in_the_browser(client, scene):
    of, account, _ = scene
    signed_in(client, account)
    base = f"/manage/topics/{of.identifier}/part-a"

    def version() -> str:
        db.session.expire_all()
        return str(of.call.version)

    sent = {"own-title": "Victims", "own-scope": "proposal", "own-version": version()}
    assert client.post(base, data=sent).status_code == 302
    key = of.form["sections"][-1]["key"]
    assert key == "victims"
    question = {
        "label": "How are victims heard?", "kind": "long text", "limit": "1000", "required": "y", "key": "heard",
        "version": version(),
    }  # fmt: skip
    assert client.post(f"{base}/{key}/new", data=question).status_code == 302
    table = {
        "label": "Services", "kind": "table", "key": "services", "version": version(),
        "columns": "name | Name | text | needed\nbeds | Beds | number",
    }  # fmt: skip
    assert client.post(f"{base}/{key}/new", data=table).status_code == 302
    wrong = {"label": "More", "kind": "text", "key": "more", "when": "nobody == yes", "version": version()}
    refused = client.post(f"{base}/{key}/new", data=wrong)
    assert (refused.status_code, "names “nobody”" in refused.text) == (422, True)
    shown = client.get(base).text
    for words in ("How are victims heard?", "Services", "New question"):
        assert words in shown
    db.session.expire_all()
    fields = {each["key"]: each for each in of.form["sections"][-1]["fields"]}
    assert fields["services"]["columns"][1] == {"key": "beds", "label": "Beds", "kind": "number"}
    gone = client.post(f"{base}/{key}/question/move", data={"do": "remove", "version": version()})
    assert gone.status_code == 302
    assert "New question" not in client.get(base).text


def test_a_manager_shapes_the_rules_in_the_browser(client, scene):
    of, account, _ = scene
    signed_in(client, account)
    base = f"/manage/topics/{of.identifier}/rules"
    assert client.post(base, data={"kind": "participant_type"}).location.endswith("/rules/new/participant_type")
    rule = {
        "key": "police", "severity": "officer", "with_kinds": "", "with_flags": "law_enforcement",
        "with_at_least": "1", "version": str(of.call.version),
    }  # fmt: skip
    assert client.post(f"{base}/new/participant_type", data=rule).status_code == 302
    assert "law enforcement authority" in client.get(base).text
    db.session.expire_all()
    wrong = rule | {"with_flags": "bravery", "version": str(of.call.version)}
    refused = client.post(f"{base}/police", data=wrong)
    assert (refused.status_code, "names “bravery”" in refused.text) == (422, True)
    assert client.post(f"{base}/police/remove", data={"version": str(of.call.version)}).status_code == 302
    assert "police" not in client.get(base).text
