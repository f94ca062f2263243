"""Nobody finds a secret of others: whatever each person can reach is walked and searched for marks."""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
import typst

from grants.accounts.models import RoleGrant
from grants.db import db
from grants.evaluation import queries as evaluation
from grants.evaluation import services
from grants.evaluation.states import Answer, AssignmentState
from grants.notifications.models import Letter
from grants.proposals.models import Proposal
from grants.ranking import services as ranking
from grants.ranking.states import Decision
from tests.architecture.test_access import address, rows
from tests.architecture.world import MOMENT, RELATIONS, build
from tests.canary.crawling import inside, links, told, walk
from tests.canary.planting import Marks, make_blind, plant, secrets_of_sign_ins
from tests.factories.evaluation import expert_actor, values
from tests.factories.people import actor_of, signed_in
from tests.factories.ranking import decided

from grants.kernel.actor import Role  # isort: skip

pytestmark = pytest.mark.slow
TABLE = Path(__file__).with_name("marks.txt")
#: When the crawls take place: the consensus is written; the list is decided; the letters are out.
PHASES = ("evaluation", "decided", "informed")
#: Whoever may be an expert of it: from whom it is hidden later, too. All others are asked once, while it is judged.
EXPERTS = ("rapporteur", "expert", "invited", "conflicted", "panellist", "observer")
#: Secrets of a blind evaluation: who applies, and what its experts still read.
BLIND = ("blind.", "evaluation.file", "evaluation.metadata", "contact.", "partner.", "partner_contact.")


def table(phase):
    """``secret | must see | may see`` for one phase: names of relations by secret."""
    must, may, current = defaultdict(set), defaultdict(set), ""
    for line in TABLE.read_text().splitlines():
        if line.startswith("["):
            current = line.strip("[]")
        elif line and not line.startswith("#") and phase in current.split():
            names, sees, could = (part.split() for part in f"{line} ".split("|"))
            for name in names:
                must[name] |= set(sees)
                may[name] |= set(sees) | set(could)
    return must, may


@pytest.fixture
def scene(app, clock):
    """The world of the table of access, with marks on all secrets."""
    clock.instant = MOMENT + timedelta(minutes=1)
    world, marks = build(), Marks()
    db.session.commit()
    plant(world, marks, store=app.extensions["store"])
    return world, marks


_NO_START = ("static", "health", "accounts.sign", "accounts.confirm", "proposals.invitation")


def starts(app, world):
    """The first page, and every page of the table with the things of each phase; but for the page of an invitation,
    which is for whoever got the letter with its link."""
    found = ["/"]
    for phase, method, name, _, _ in rows():
        if method == "GET" and not name.startswith(_NO_START):
            found.append(address(app, name, world.values[phase]))
    return found


def findings(app, client, world, marks, *, phase, relations=RELATIONS, secrets=None):
    """What each of these saw of the secrets, or of some, against the table: what is wrong, in words."""
    must, may = table(phase)
    wrong, pages = [], starts(app, world)
    for relation in relations:
        who = world.people[relation]
        if who is None:
            client.delete_cookie("grants")
        else:
            signed_in(client, who, now=MOMENT)
        seen = walk(client, pages)
        for secret, mark in marks.by_name.items():
            if secrets and not secret.startswith(secrets):
                continue
            where, own = seen.where(mark), secret.startswith(f"{relation}.")
            if where and not own and relation not in may[secret]:
                wrong.append(f"{relation} sees {secret} at {', '.join(where[:3])}")
            if not where and relation in must[secret]:
                wrong.append(f"{relation} does not see {secret}")
        for hidden in secrets_of_sign_ins():
            wrong += [f"{relation} sees a hash at {place}" for place in seen.where(hidden.lower())]
    about = [each for each in letters(world, marks, may) if not secrets or each.split()[-1].startswith(secrets)]
    return wrong + about


def letters(world, marks, may):
    """What letters tell to whom, by the same table."""
    names = {who.id: relation for relation, who in world.people.items() if who is not None}
    names |= dict.fromkeys(marks.third, "third")
    own = db.session.query(RoleGrant.programme_code).filter_by(account_id=world.people["manager"].id)
    colleagues = db.session.query(RoleGrant.account_id).filter(RoleGrant.programme_code.in_(own))
    names = {row[0]: "manager" for row in colleagues} | names  # whoever manages the same programme
    told_to = [
        (letter.kind, names.get(letter.account_id, "nobody"), secret)
        for letter in db.session.query(Letter).filter(Letter.created_at > MOMENT)
        for secret in marks.inside(f"{letter.subject} {letter.body}")
    ]
    return [
        f"the letter {kind} tells {relation} {secret}" for kind, relation, secret in told_to
        if not secret.startswith(f"{relation}.") and relation not in may[secret]
    ]  # fmt: skip


def decide(world):
    """The consensus is agreed and approved; the list is decided against what the rules suggest."""
    number, now = world.values["evaluation"]["number"], MOMENT + timedelta(minutes=2)
    proposal = db.session.query(Proposal).filter_by(number=number).one()
    code = proposal.topic.call.programme.code
    manager = actor_of(world.people["manager"], Role.MANAGER, programme=code)
    made = [each for each in evaluation.assignments_of(proposal.id) if each.state is AssignmentState.ACCEPTED]
    first = expert_actor(made[0].expert.account)
    opened = evaluation.open_assignment(first, made[0].id, now=now)
    scores = {name: value for name, value in values(proposal.topic, "4").items() if name.endswith("score")}
    services.save_consensus(opened, scores, seen=opened.consensus.version, actor=first, now=now)
    services.propose_consensus(evaluation.open_assignment(first, made[0].id, now=now), actor=first, now=now)
    for each in made[1:]:
        who = expert_actor(each.expert.account)
        services.give_opinion(
            evaluation.open_assignment(who, each.id, now=now), answer=Answer.AGREES, actor=who, now=now
        )
    services.approve_consensus(evaluation.consensus_of(proposal.id), actor=manager, now=now)
    listed = ranking.compute_ranking(proposal.topic, actor=manager, now=now)
    return proposal, manager, listed, now


def test_nobody_finds_what_is_not_for_them_from_the_consensus_to_the_letters(app, client, scene, caplog):
    world, marks = scene
    caplog.set_level(logging.INFO, logger="grants")
    wrong = {"evaluation": findings(app, client, world, marks, phase="evaluation")}
    _, manager, listed, now = decide(world)
    from grants.ranking import queries

    (row,) = queries.all_placements(listed.id)
    decision = {row.id: (Decision.RESERVE, f"Kept for later {marks('reason')}")}
    ranking.save_decisions(listed, decision, seen=listed.version, actor=manager, now=now)
    decided(listed, manager=manager, now=now)
    db.session.commit()
    wrong["decided"] = findings(app, client, world, marks, phase="decided")
    ranking.send_letters(listed, count=1, actor=manager, now=now)
    db.session.commit()
    wrong["informed"] = findings(app, client, world, marks, phase="informed")
    assert {phase: words for phase, words in wrong.items() if words} == {}
    told_by_log = marks.inside("\n".join(f"{each.getMessage()} {each.__dict__}" for each in caplog.records))
    assert caplog.records
    assert told_by_log == set()


def test_experts_of_a_blind_evaluation_never_meet_who_applies(app, client, scene):
    """Neither organisations nor acronym nor file names, from the consensus to long after the letters; what they judge
    is there as ever."""
    world, marks = scene
    make_blind(world, marks, store=app.extensions["store"])
    wrong = {"blind": findings(app, client, world, marks, phase="blind", secrets=BLIND)}
    _, manager, listed, now = decide(world)
    db.session.commit()
    wrong["decided"] = findings(app, client, world, marks, phase="blind", relations=EXPERTS, secrets=BLIND)
    decided(listed, manager=manager, now=now)
    ranking.send_letters(listed, count=1, actor=manager, now=now)
    db.session.commit()
    wrong["informed"] = findings(app, client, world, marks, phase="blind", relations=EXPERTS, secrets=BLIND)
    assert {phase: words for phase, words in wrong.items() if words} == {}


def test_a_mark_is_found_wherever_it_hides(app, client):
    """The walk is not blind: text, escaped text, header, file name, text and metadata of a PDF."""
    marks = Marks()
    for place in ("text", "header", "page", "title"):
        marks(place)
    pdf = typst.compile(f'#set document(title: "{marks("title")}")\n{marks("page")}'.encode())
    assert marks.inside("\n".join(inside(pdf))) == {"page", "title"}
    answer = client.get("/calls", query_string={"q": marks("text")})
    answer.headers["Content-Disposition"] = f"attachment; filename={marks('header').upper()}.pdf"
    assert marks.inside(told(answer)) >= {"header"}
    assert "/sign-in" not in list(links(answer, "/calls"))
    assert "/" in list(links(answer, "/calls"))
