"""Two requests at the same moment for what can be done once only."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg

from grants.accounts.models import Account
from grants.db import db
from tests.factories.calls import topic
from tests.factories.evaluation import manager_of
from tests.factories.people import person, signed_in
from tests.proposals.test_at_once import site, until_somebody_waits  # noqa: F401


def test_who_comes_second_is_told_and_nothing_breaks(site):  # noqa: F811
    with site.app_context():
        of = topic()
        manager, _ = manager_of(of)
        observer = person("Olga Observer")
        db.session.commit()
        path, manager_id = f"/manage/topics/{of.identifier}/observers", manager.id
        email, row = observer.email, (of.id, observer.id, manager.id)
        browser = signed_in(site.test_client(), db.session.get_one(Account, manager_id))
    url = site.extensions["settings"].database_url.replace("+psycopg", "")
    with psycopg.connect(url) as other, ThreadPoolExecutor(1) as pool:
        other.execute(
            "INSERT INTO observer (topic_id, account_id, state, named_at, named_by_id)"
            " VALUES (%s, %s, 'named', now(), %s)",
            row,
        )
        waiting = pool.submit(browser.post, path, data={"email": email})
        until_somebody_waits(url)
        other.commit()
        answer = waiting.result(10)
    assert answer.status_code == 409
    assert "done at the same moment already" in answer.text
    assert "observes the topic already" in browser.post(path, data={"email": email}).text
