"""Sending what the outbox holds, by SMTP. Claim, send, record; no transaction is open while the server thinks."""

from __future__ import annotations

import logging
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

from sqlalchemy import or_, select, update

from grants.db import db, transaction
from grants.kernel.clock import Clock
from grants.notifications.models import Letter
from grants.notifications.rules import LEASE, gives_up, next_try

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What sending needs of a letter. ``attempts``: how many failed before."""

    id: int
    key: str
    address: str
    subject: str
    body: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """``error`` is empty for a letter that the server took. ``permanent``: it will never take it."""

    error: str = ""
    permanent: bool = False


class Mailer(Protocol):
    """Sends one letter; never raises."""

    def send(self, envelope: Envelope) -> Outcome:
        """The server's answer."""
        ...


class SmtpMailer:
    """``smtp://``, ``smtps://`` or ``smtp+starttls://`` with optional ``user:password@``."""

    def __init__(self, url: str, *, sender: str, timeout: float = 20) -> None:
        self.parts, self.sender, self.timeout = urlsplit(url), sender, timeout

    def send(self, envelope: Envelope) -> Outcome:
        """One connection, one letter. A recipient that is refused with 5xx is refused for good."""
        try:
            with self._connect() as server:
                server.send_message(self._message(envelope))
        except smtplib.SMTPRecipientsRefused as problem:
            codes = [code for code, _ in problem.recipients.values()]
            return Outcome(f"recipient refused ({', '.join(map(str, codes))})", all(500 <= c < 600 for c in codes))
        except (smtplib.SMTPException, OSError) as problem:
            return Outcome(f"{type(problem).__name__}: {problem}"[:300])
        return Outcome()

    def check(self) -> None:
        """Connect and say hello. Raises OSError or SMTPException."""
        with self._connect() as server:
            server.noop()

    def _connect(self) -> smtplib.SMTP:
        host = self.parts.hostname or "localhost"
        if self.parts.scheme == "smtps":
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, self.parts.port or 465, timeout=self.timeout, context=context
            )
        else:
            server = smtplib.SMTP(host, self.parts.port or 25, timeout=self.timeout)
            if self.parts.scheme == "smtp+starttls":
                server.starttls(context=ssl.create_default_context())
        if self.parts.username:
            server.login(unquote(self.parts.username), unquote(self.parts.password or ""))
        return server

    def _message(self, envelope: Envelope) -> EmailMessage:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = envelope.subject, self.sender, envelope.address
        message["Date"], message["Message-ID"] = formatdate(), make_msgid()
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(envelope.body)
        return message


def claim_due(*, now: datetime, limit: int = 50) -> Sequence[Envelope]:
    """Lease up to ``limit`` due letters; other workers skip them. Does not commit."""
    free = (
        Letter.sent_at.is_(None),
        Letter.failed_at.is_(None),
        Letter.due_at <= now,
        or_(Letter.leased_until.is_(None), Letter.leased_until <= now),
    )
    due = select(Letter.id).where(*free).order_by(Letter.due_at, Letter.id).limit(limit)
    claimed = due.with_for_update(skip_locked=True).cte("claimed")
    lease = update(Letter).where(Letter.id == claimed.c.id).values(leased_until=now + LEASE)
    columns = (Letter.id, Letter.key, Letter.address, Letter.subject, Letter.body, Letter.attempts)
    rows = db.session.execute(lease.returning(*columns).execution_options(synchronize_session=False)).all()
    return [Envelope(*row) for row in sorted(rows, key=lambda row: row[0])]


def record(envelope: Envelope, outcome: Outcome, *, now: datetime) -> None:
    """Write down what the server said. Does not commit."""
    attempts = envelope.attempts + 1
    values: dict[str, object] = {"attempts": attempts, "last_error": outcome.error}
    if not outcome.error:
        values |= {"sent_at": now, "leased_until": None}
    elif gives_up(attempts, permanent=outcome.permanent):
        values |= {"failed_at": now, "leased_until": None}
    else:
        values |= {"leased_until": next_try(attempts, now=now)}
    still_open = (Letter.id == envelope.id, Letter.sent_at.is_(None))
    db.session.execute(
        update(Letter).where(*still_open).values(**values).execution_options(synchronize_session=False)
    )


def deliver(*, clock: Clock, mailer: Mailer, limit: int = 50) -> int:
    """One round of the outbox; how many letters were tried."""
    with transaction():
        claimed = claim_due(now=clock.now(), limit=limit)
    for envelope in claimed:
        outcome = mailer.send(envelope)
        if outcome.error:
            log.warning("letter %s not sent: %s", envelope.id, outcome.error)
        with transaction():
            record(envelope, outcome, now=clock.now())
    return len(claimed)
