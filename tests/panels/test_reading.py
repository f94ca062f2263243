"""Cross-reading: who is asked, what they see, the note with its version and its lock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grants.calls.states import Blind
from grants.db import db
from grants.evaluation import services as evaluating
from grants.evaluation.visibility import DEFAULT, Aspect, Phase, PhaseRule, stored_of
from grants.experts import services as deciding
from grants.experts.rules import Conflict
from grants.kernel.errors import Invalid, NotFound, Refused, Stale
from grants.panels import access
from grants.panels.queries import proposals as queries
from grants.panels.services import reading as services
from grants.panels.states import NoteState
from tests.factories.calls import topic
from tests.factories.evaluation import LATER, accepted, evaluated, expert, expert_actor, manager_of
from tests.factories.panels import SITS, opened_item, opened_panel, panel_of, sits
from tests.factories.people import signed_in
from tests.factories.shared import once

SCORES = {"excellence": "4", "impact": "4", "implementation": "4"}


@once
def scene(app, clock):
    """A panel with one proposal that Ida cross-reads; nobody was invited to a meeting."""
    clock.instant = SITS
    of = topic()
    account, manager = manager_of(of)
    pool = accepted(of, expert("Eve Evaluator"), expert(), expert(), manager=manager)
    proposal = evaluated(of, pool, SCORES, manager=manager)
    fresh = accepted(of, expert("Ida"), expert("Jan"), manager=manager)
    panel = panel_of(of, fresh, [proposal], manager=manager)
    name(panel, proposal, manager, 0)
    db.session.commit()
    return of, account, manager, fresh, proposal, panel


def name(panel, proposal, manager, place):
    opened = opened_panel(panel, manager)
    item = opened_item(panel, proposal, manager)
    member = opened.panel.members[place].id
    return services.name_reader(opened, item, member, actor=manager, now=LATER)


def ida(scene):
    return expert_actor(scene[3][0].account)


def save(scene, note, marks=None, *, seen, do=services.save_note):
    opened = opened_item(scene[5], scene[4], ida(scene))
    return do(opened, note, marks or {}, seen=seen, actor=ida(scene), now=SITS)


def test_the_cross_reader_reads_before_any_meeting_and_other_members_do_not(scene):
    *_, fresh, proposal, panel = scene
    assert opened_item(panel, proposal, ida(scene)).note is not None
    with pytest.raises(NotFound):
        opened_item(panel, proposal, expert_actor(fresh[1].account))


def test_nobody_with_a_conflict_is_asked_and_one_that_comes_up_closes_the_proposal(scene):
    *_, manager, fresh, proposal, panel = scene
    fresh[1].employer_id = proposal.participants[0].organisation_id
    db.session.flush()
    with pytest.raises(Invalid) as problem:
        name(panel, proposal, manager, 1)
    assert problem.value.code == "conflict"
    fresh[0].employer_id = proposal.participants[1].organisation_id
    db.session.flush()
    with pytest.raises(NotFound):
        opened_item(panel, proposal, ida(scene))
    me = opened_panel(panel, manager).panel.members[0]
    assert queries.readings_of(panel.id, me, scene[0], now=SITS) == []


def test_a_manageable_conflict_closes_until_an_officer_allowed_it(scene):
    _of, _, manager, fresh, proposal, panel = scene
    fresh[0].jobs = []
    found = [Conflict("former-employer", "Worked for it.", disqualifying=False)]
    deciding.decide_conflict(proposal, fresh[0], found, allow=False, reason="Too near.", actor=manager, now=LATER)
    with pytest.raises(NotFound):
        opened_item(panel, proposal, ida(scene))
    deciding.decide_conflict(proposal, fresh[0], found, allow=True, reason="Long ago.", actor=manager, now=LATER)
    assert opened_item(panel, proposal, ida(scene)).proposal is proposal


def test_a_note_is_saved_over_its_version_and_locked_when_it_is_handed_in(scene):
    save(scene, "Half", {"impact": "3,5"}, seen=1)
    with pytest.raises(Stale):
        save(scene, "Other", seen=1)
    with pytest.raises(Invalid) as problem:
        save(scene, "Half", {"impact": "3.7"}, seen=2)
    assert problem.value.findings[0].place == "marks.impact"
    db.session.commit()
    with pytest.raises(Invalid):
        save(scene, "  ", seen=2, do=services.submit_note)
    db.session.rollback()
    save(scene, "In line with the others.", {"impact": "3,5"}, seen=2, do=services.submit_note)
    note = opened_item(scene[5], scene[4], ida(scene)).note
    assert (note.state, note.marks, note.submitted_at) == (NoteState.SUBMITTED, {"impact": "3.5"}, SITS)
    with pytest.raises(Refused) as problem:
        save(scene, "More", seen=note.version)
    assert problem.value.code == "submitted"


def test_the_page_shows_the_report_without_the_names_of_its_evaluators(scene, client):
    of, _, manager, fresh, proposal, panel = scene
    browser = signed_in(client, fresh[0].account, now=SITS)
    address = f"/panels/{panel.id}/proposals/{proposal.number}"
    page = browser.get(address).text
    assert "Sound, with few shortcomings." in page
    assert "Eve Evaluator" not in page
    named = tuple(
        PhaseRule(rule.phase, frozenset(Aspect)) if rule.phase is Phase.CONSENSUS else rule for rule in DEFAULT
    )
    evaluating.set_visibility(of, named, seen=of.visibility_version, actor=manager, now=LATER)
    db.session.commit()
    assert "Eve Evaluator" in browser.get(address).text
    closed = tuple(
        PhaseRule(rule.phase, frozenset({Aspect.OWN})) if rule.phase is Phase.CONSENSUS else rule for rule in DEFAULT
    )
    evaluating.set_visibility(of, closed, seen=of.visibility_version, actor=manager, now=LATER)
    db.session.commit()
    assert "Sound, with few shortcomings." not in browser.get(address).text


def test_others_notes_are_read_after_ones_own(scene, client):
    *_, manager, fresh, proposal, panel = scene
    name(panel, proposal, manager, 1)
    save(scene, "What Ida thinks.", seen=1, do=services.submit_note)
    db.session.commit()
    address = f"/panels/{panel.id}/proposals/{proposal.number}"
    browser = signed_in(client, fresh[1].account, now=SITS)
    assert "What Ida thinks." not in browser.get(address).text
    answer = browser.post(f"{address}/note", data={"note": "Jan agrees.", "version": "1", "do": "submit"})
    assert answer.status_code == 302
    assert "What Ida thinks." in browser.get(address).text


def test_who_declares_a_conflict_finds_the_proposal_no_more(scene, client):
    *_, fresh, proposal, panel = scene
    browser = signed_in(client, fresh[0].account, now=SITS)
    address = f"/panels/{panel.id}/proposals/{proposal.number}"
    assert browser.post(f"{address}/conflict", data={"reason": " "}).status_code == 422
    assert browser.post(f"{address}/conflict", data={"reason": "A friend."}).status_code == 302
    assert browser.get(address).status_code == 404
    assert str(proposal.number) not in browser.get(f"/panels/{panel.id}").text


def test_a_handed_in_note_stays_and_a_draft_is_taken_back(scene):
    *_, manager, _, proposal, panel = scene
    member = opened_panel(panel, manager).panel.members[0].id
    item = opened_item(panel, proposal, manager)
    services.remove_reader(item, member, actor=manager, now=SITS)
    name(panel, proposal, manager, 0)
    save(scene, "Done.", seen=1, do=services.submit_note)
    with pytest.raises(Refused):
        services.remove_reader(opened_item(panel, proposal, manager), member, actor=manager, now=SITS)


def test_who_evaluated_the_proposal_does_not_cross_read_it(scene):
    of, _, manager, _, proposal, _ = scene
    from grants.evaluation.queries import assignments_of

    evaluator = assignments_of(proposal.id)[0].expert
    outside = panel_of(of, [evaluator], (), manager=manager, name="Another")
    member = opened_panel(outside, manager).panel.members[0].id
    item = opened_item(scene[5], proposal, manager)
    with pytest.raises(Invalid) as problem:
        services.name_reader(opened_panel(outside, manager), item, member, actor=manager, now=LATER)
    assert problem.value.code == "evaluated"


def test_the_page_saves_a_note_by_itself_and_says_when_it_was_changed_elsewhere(scene, client):
    *_, fresh, proposal, panel = scene
    browser = signed_in(client, fresh[0].account, now=SITS)
    address, by_itself = f"/panels/{panel.id}/proposals/{proposal.number}/note", {"X-Autosave": "1"}
    answer = browser.post(address, data={"note": "Half", "version": "1"}, headers=by_itself)
    assert answer.json["version"] == 2
    assert browser.post(address, data={"note": "Old", "version": "1"}, headers=by_itself).status_code == 409
    wrong = browser.post(address, data={"note": "x", "version": "2", "marks.impact": "9"}, headers=by_itself)
    assert wrong.status_code == 422
    assert "Half" in browser.get(address.removesuffix("/note")).text


def test_in_a_blind_evaluation_members_learn_no_applicant_until_the_table_says_so(scene, client):
    of, account, manager, fresh, proposal, panel = scene
    of.blind = Blind.ALL
    meeting = sits(panel, manager=manager)
    db.session.commit()
    applicants = [each.organisation.legal_name for each in proposal.participants] + [proposal.acronym]

    def named(who, *addresses):
        browser = signed_in(client, who, now=SITS)
        pages = [browser.get(address) for address in addresses]
        assert [page.status_code for page in pages] == [200] * len(addresses)
        return {name for name in applicants for page in pages if name in page.text}

    own = (f"/panels/{panel.id}", f"/panels/{panel.id}/proposals/{proposal.number}", f"/panels/meetings/{meeting.id}")
    assert named(fresh[0].account, *own) == set()
    assert named(account, own[1]) == set(applicants)
    whole = frozenset(Aspect)
    of.visibility = stored_of(
        tuple(replace(rule, shows=whole) if rule.phase is Phase.PANEL else rule for rule in DEFAULT)
    )
    db.session.commit()
    assert named(fresh[0].account, own[1]) == set(applicants)


def test_in_a_blind_evaluation_members_get_a_copy_of_part_b_and_no_annex(scene, client):
    of, _, _, fresh, proposal, panel = scene
    of.blind = Blind.ALL
    db.session.commit()
    browser = signed_in(client, fresh[0].account, now=SITS)
    files = f"/panels/{panel.id}/proposals/{proposal.number}/files"
    kinds = {each.kind: each.document.public_id for each in proposal.attachments}
    assert browser.get(f"{files}/{kinds['part_b']}").status_code == 503
    assert [browser.get(f"{files}/{key}").status_code for kind, key in kinds.items() if kind != "part_b"] in (
        [],
        [404],
    )


def test_who_evaluates_the_proposal_writes_no_note_of_it(scene):
    facts = opened_item(scene[5], scene[4], ida(scene)).access
    assert access.may_write_note(ida(scene), facts)
    assert access.may_write_note(ida(scene), replace(facts, evaluates=True)).code == "evaluates"
