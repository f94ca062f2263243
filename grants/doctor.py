"""What may be wrong with an installation, each with a remedy."""

from __future__ import annotations

import smtplib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from grants.app import Options, create_app
from grants.audit import queries as audit
from grants.db import DatabaseClock, db
from grants.kernel.clock import SystemClock
from grants.notifications.delivery import SmtpMailer
from grants.settings import Settings
from grants.signing import keys
from grants.web import schema

#: A web machine's clock may differ this much from the database's before we warn, in seconds.
TOLERANCE = 2
VERSIONS = range(15, 19)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One part looked at. ``remedy`` is empty where nothing needs to be done."""

    part: str
    ok: bool
    says: str
    remedy: str = ""

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


def examine(settings: Settings) -> list[Diagnosis]:
    """All parts, in the order in which one would repair them."""
    app = create_app(settings, Options(pool=False))
    with app.app_context():
        try:
            found = [_database()]
            found += [_migrations(), _clock(), _audit()] if found[0].ok else []
        except SQLAlchemyError as problem:
            found = [Diagnosis("database", False, _line(problem), "Check DATABASE_URL and that the server runs.")]
        finally:
            db.session.remove()
        return [*found, _store(app.extensions["store"]), _mail(settings), signing(settings, now=SystemClock().now())]


def _database() -> Diagnosis:
    version = int(db.session.scalar(text("SELECT current_setting('server_version_num')::int / 10000")) or 0)
    if version not in VERSIONS:
        return Diagnosis("database", False, f"PostgreSQL {version}", "Use PostgreSQL 15 to 18.")
    return Diagnosis("database", True, f"PostgreSQL {version} answers")


def _migrations() -> Diagnosis:
    current, head = schema.current(), schema.head()
    if current == head:
        return Diagnosis("migrations", True, f"at {head}, the newest")
    return Diagnosis("migrations", False, f"at {current or 'nothing'}, newest is {head}", "Run: grants db upgrade")


def _clock() -> Diagnosis:
    difference = abs((DatabaseClock().now() - datetime.now(UTC)).total_seconds())
    if difference <= TOLERANCE:
        return Diagnosis("clock", True, "this machine and the database agree")
    says = f"this machine is {difference:.0f} s off the database, whose clock decides deadlines"
    return Diagnosis("clock", False, says, "Run a time service (chrony or systemd-timesyncd) on both.")


def _audit() -> Diagnosis:
    if schema.current() != schema.head():
        return Diagnosis("audit", True, "not checked before the migration")
    number, _ = audit.head()
    return Diagnosis("audit", True, f"{number} events; check them with: grants audit verify")


def _store(store: Any) -> Diagnosis:
    try:
        store.check_health()
    except Exception as problem:  # whatever it is, the person needs the line
        return Diagnosis("store", False, _line(problem), "Check STORAGE_URL, its credentials and that it runs.")
    return Diagnosis("store", True, "answers")


def _mail(settings: Settings) -> Diagnosis:
    try:
        SmtpMailer(settings.smtp_url, sender=settings.mail_from, timeout=5).check()
    except (OSError, smtplib.SMTPException) as problem:
        says = f"{_line(problem)}; letters wait in the outbox, none is lost"
        return Diagnosis("mail", False, says, "Check SMTP_URL; locally: grants run starts a mail catcher.")
    return Diagnosis("mail", True, "takes letters")


def signing(settings: Settings, *, now: datetime) -> Diagnosis:
    """The key of receipts: whether it opens, whose it is, how long its certificate is valid. Makes none."""
    better = "For receipts that others trust, set SIGNING_KEY to a PKCS#12 file with the funder's certificate."
    try:
        key = keys.known_key(settings)
    except keys.KeyProblem as problem:
        return Diagnosis("signing", False, _line(problem), "Check SIGNING_KEY and SIGNING_PASSWORD.")
    if key is None:
        return Diagnosis("signing", True, "no key is set: one is generated with the first receipt", better)
    end = key.certificate.not_valid_after_utc
    says = f"receipts are signed by {keys.subject(key.certificate)}, valid until {end:%Y-%m-%d}"
    if not key.certificate.not_valid_before_utc <= now < end:
        return Diagnosis("signing", False, says, "Renew the certificate of SIGNING_KEY.")
    if key.generated:
        return Diagnosis("signing", True, f"{says}; this key was generated here, and nobody vouches for it", better)
    return Diagnosis("signing", True, says)


def _line(problem: Exception) -> str:
    return (str(getattr(problem, "orig", None) or problem).strip() or type(problem).__name__).splitlines()[0]
