"""Documents of a call: uploaded by its managers, public with the call, each change a version."""

from __future__ import annotations

from io import BytesIO

import pytest
import typst
from sqlalchemy import delete

from grants.accounts.models import RoleGrant
from grants.calls import queries, services
from grants.db import db
from grants.kernel.errors import Refused
from tests.conftest import NOW
from tests.factories.calls import topic
from tests.factories.documents import paper_of, published_once
from tests.factories.evaluation import manager_of
from tests.factories.people import signed_in

PDF = typst.compile(b"Guide for applicants")


def upload(client, call, content=PDF, name="Guide.pdf"):
    return client.post(
        f"/manage/calls/{call.identifier}/documents", data={"file": (BytesIO(content), name)}, follow_redirects=True
    )


@pytest.fixture
def manager(app, client):
    """The manager of a published call of one topic, signed in; both."""
    app.config["WTF_CSRF_ENABLED"] = False
    app.extensions["store"].prepare()
    of = topic()
    account, actor = manager_of(of)
    db.session.flush()
    published_once(of.call)
    signed_in(client, account)
    return of, account, actor


def test_a_document_is_on_the_public_pages_and_a_version_says_so(app, client, manager):
    of, _, _ = manager
    assert "Guide.pdf is on the call" in upload(client, of.call).text
    visitor = app.test_client()
    for address in (f"/calls/{of.call.identifier}", f"/topics/{of.identifier}"):
        assert "Guide.pdf" in visitor.get(address).text
    (paper,) = queries.documents_of(of.call)
    with visitor.get(f"/calls/{of.call.identifier}/documents/{paper.public_id}", follow_redirects=True) as answer:
        assert answer.data == PDF
        assert "attachment" in answer.headers["Content-Disposition"]
    newest = queries.versions_of(of.call_id)[0]
    assert (newest.number, newest.reason) == (2, "Document added: Guide.pdf")
    assert newest.changes[0]["after"].startswith("Guide.pdf (SHA-256 ")


def test_a_removed_document_is_gone_and_a_version_says_so(app, client, manager):
    of, _, _ = manager
    upload(client, of.call)
    (paper,) = queries.documents_of(of.call)
    page = client.post(
        f"/manage/calls/{of.call.identifier}/documents/{paper.public_id}/remove", follow_redirects=True
    ).text
    assert "Guide.pdf is removed" in page
    assert app.test_client().get(f"/calls/{of.call.identifier}/documents/{paper.public_id}").status_code == 404
    assert queries.versions_of(of.call_id)[0].reason == "Document removed: Guide.pdf"


def test_documents_of_a_draft_are_for_its_managers_and_make_no_version(app, client, manager):
    _, account, _ = manager
    of = topic(of=db.session.merge(manager[0].call.programme), published=False)
    paper = paper_of(of.call, account, content=PDF, store=app.extensions["store"])
    db.session.commit()
    address = f"/calls/{of.call.identifier}/documents/{paper.public_id}"
    assert app.test_client().get(address).status_code == 404
    assert client.get(address).status_code == 302
    assert queries.versions_of(of.call_id) == []


def test_a_document_is_found_under_its_own_call_only(app, client, manager):
    of, account, _ = manager
    paper = paper_of(of.call, account)
    db.session.commit()
    other = topic()
    assert app.test_client().get(f"/calls/{other.call.identifier}/documents/{paper.public_id}").status_code == 404


def test_another_programme_s_manager_can_neither_add_nor_remove(app, client, manager):
    of, account, _ = manager
    paper = paper_of(of.call, account)
    db.session.commit()
    other, _ = manager_of(topic())
    signed_in(client, other)
    assert upload(client, of.call).status_code == 404
    address = f"/manage/calls/{of.call.identifier}/documents/{paper.public_id}/remove"
    assert client.post(address).status_code == 404
    assert len(queries.documents_of(of.call)) == 1


def test_a_cancelled_call_keeps_its_documents_as_they_are(client, manager):
    of, account, actor = manager
    paper = paper_of(of.call, account)
    services.cancel(of.call, reason="No budget", actor=actor, now=NOW)
    db.session.commit()
    with pytest.raises(Refused):
        services.remove_document(of.call, paper, actor=actor, now=NOW)
    assert upload(client, of.call).status_code in {403, 404}


def test_a_file_of_the_same_name_takes_the_place_of_the_earlier_one(app, client, manager):
    of, _, _ = manager
    upload(client, of.call)
    newer = typst.compile(b"Guide for applicants, second edition")
    upload(client, of.call, newer)
    (paper,) = queries.documents_of(of.call)
    with app.test_client().get(
        f"/calls/{of.call.identifier}/documents/{paper.public_id}", follow_redirects=True
    ) as answer:
        assert answer.data == newer
    newest = queries.versions_of(of.call_id)[0]
    assert (newest.number, newest.reason) == (3, "Document replaced: Guide.pdf")


@pytest.mark.parametrize("lost", ["role", "account"])
def test_who_lost_the_right_while_the_file_was_on_its_way_adds_nothing(manager, lost):
    of, account, _ = manager
    if lost == "role":
        db.session.execute(delete(RoleGrant).where(RoleGrant.account_id == account.id))
    else:
        account.disabled_at = NOW
    db.session.flush()
    with pytest.raises(Refused) as problem:
        paper_of(of.call, account)
    assert problem.value.code == "not-manager"
    assert len(queries.versions_of(of.call_id)) == 1


def test_a_file_that_is_none_is_refused_with_words(client, manager):
    of, _, _ = manager
    assert "is on the call" not in upload(client, of.call, b"not a PDF").text
    assert (
        "Choose a file first."
        in client.post(f"/manage/calls/{of.call.identifier}/documents", data={}, follow_redirects=True).text
    )
    assert queries.documents_of(of.call) == []
