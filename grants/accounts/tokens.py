"""Signed, short-lived links in letters: confirming an address, resetting a password."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer


class Tokens:
    """Signs what a link says. A token of one purpose is worth nothing for another."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def make(self, purpose: str, content: Any) -> str:
        """A token for an address."""
        return self._serializer(purpose).dumps(content)

    def read(self, purpose: str, token: str, *, age: timedelta) -> Any:
        """The content, or None when the token is not ours or too old."""
        try:
            return self._serializer(purpose).loads(token, max_age=int(age.total_seconds()))
        except BadSignature:
            return None

    def _serializer(self, purpose: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret, salt=f"grants.{purpose}")
