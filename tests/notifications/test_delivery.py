"""Delivery through a real SMTP server: nothing lost, nothing sent twice knowingly, failures tried again."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import select

from grants.db import db
from grants.kernel.clock import FixedClock
from grants.kernel.links import Ref
from grants.notifications import letters
from grants.notifications.delivery import SmtpMailer, claim_due, deliver
from grants.notifications.models import Letter
from grants.notifications.rules import LEASE
from tests.conftest import NOW

pytestmark = pytest.mark.usefixtures("app")


class Sink:
    """Keeps what it is given; answers recipients with ``answer``."""

    def __init__(self) -> None:
        self.subjects: list[str] = []
        self.answer = "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):
        head = envelope.content.decode().split("\r\n\r\n")[0]
        self.subjects.append(next(line for line in head.splitlines() if line.startswith("Subject: "))[9:])
        return "250 kept"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def sink():
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    handler.mailer = SmtpMailer(f"smtp://127.0.0.1:{controller.port}", sender="fund@example.org")
    yield handler
    controller.stop()


def letter(key: str = "k1", **more) -> None:
    facts = {"name": "Ana", **more}
    letters.write("password_changed", key=key, address="ana@example.org", about=Ref("account", "1"), now=NOW, **facts)
    db.session.commit()


def stored(key: str = "k1") -> Letter:
    return db.session.scalars(select(Letter).where(Letter.key == key).execution_options(populate_existing=True)).one()


def test_a_letter_is_sent_once(sink):
    letter()

    tried = [deliver(clock=FixedClock(NOW), mailer=sink.mailer) for _ in range(2)]

    assert (tried, sink.subjects, stored().sent_at) == ([1, 0], ["Your password was changed"], NOW)


def test_the_same_key_is_written_once():
    letter()
    letter()
    assert len(db.session.scalars(select(Letter)).all()) == 1


def test_a_letter_waits_until_it_is_due(sink):
    letter(due_at=NOW + timedelta(hours=1))
    assert deliver(clock=FixedClock(NOW), mailer=sink.mailer) == 0


def test_a_server_that_is_away_loses_nothing(sink):
    letter()
    away = SmtpMailer(f"smtp://127.0.0.1:{free_port()}", sender="fund@example.org")

    deliver(clock=FixedClock(NOW), mailer=away)
    assert (stored().sent_at, stored().attempts, stored().last_error != "") == (None, 1, True)
    assert deliver(clock=FixedClock(NOW + timedelta(seconds=59)), mailer=sink.mailer) == 0
    assert deliver(clock=FixedClock(NOW + timedelta(seconds=60)), mailer=sink.mailer) == 1

    assert sink.subjects == ["Your password was changed"]


def test_a_recipient_that_is_refused_for_good_is_given_up_and_said(sink):
    letter()
    sink.answer = "550 no such person"

    deliver(clock=FixedClock(NOW), mailer=sink.mailer)

    assert (stored().failed_at, "550" in stored().last_error) == (NOW, True)


def test_a_letter_of_a_dead_worker_comes_back_after_its_lease(sink):
    letter()
    claim_due(now=NOW)
    db.session.commit()

    assert deliver(clock=FixedClock(NOW + LEASE - timedelta(seconds=1)), mailer=sink.mailer) == 0
    assert deliver(clock=FixedClock(NOW + LEASE), mailer=sink.mailer) == 1


def test_a_missing_fact_is_an_error_and_no_letter_with_a_gap():
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        letters.write("confirm_address", key="x", address="a@example.org", about=Ref("account", "1"), now=NOW)
