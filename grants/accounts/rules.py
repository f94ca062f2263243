"""Passwords, limits on tries. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from grants.kernel.findings import Finding

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
RESET_AGE = timedelta(hours=2)
CONFIRM_AGE = timedelta(days=3)
#: Length after which repeating pieces no longer help an attacker less than variety would.
FEWEST_DIFFERENT = 5


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` tries of one subject within ``window``."""

    most: int
    window: timedelta


PER_ACCOUNT = Limit(10, timedelta(minutes=15))
PER_ADDRESS = Limit(100, timedelta(minutes=15))


def password_findings(password: str, *, email: str, name: str) -> list[Finding]:
    """What is wrong with a new password. Length counts most; no rules about kinds of signs (OWASP ASVS 5.0, 6.2)."""
    if len(password) < SHORTEST_PASSWORD:
        return [_wrong("password-short", f"Use at least {SHORTEST_PASSWORD} characters: a few words are fine.")]
    if len(password) > LONGEST_PASSWORD:
        return [_wrong("password-long", f"Use at most {LONGEST_PASSWORD} characters.")]
    if len(set(password.lower())) < FEWEST_DIFFERENT:
        return [_wrong("password-plain", "Use more different characters.")]
    known = [part for part in (email.partition("@")[0], name) if len(part) > 3]
    if any(part.lower() in password.lower() for part in known):
        return [_wrong("password-personal", "Do not use your name or e-mail address in the password.")]
    return []


def _wrong(code: str, message: str) -> Finding:
    return Finding(code, message, place="password")
