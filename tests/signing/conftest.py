"""Keys for tests: one of the funder, one of somebody else."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

from grants.settings import Settings, load
from grants.signing import keys

PASSWORD = "a password of the tests"


def settings_in(folder, **more: str) -> Settings:
    """Settings of an installation of its own."""
    return load({"DATA_DIR": str(folder), "FUNDER_NAME": "Testing Fund", **more})


def bought(folder, *, now: datetime, password: str = PASSWORD) -> str:
    """The path of a PKCS#12 file with an RSA key, as an authority would give."""
    private = rsa.generate_private_key(65537, 2048)
    certificate = keys._certificate(private, "Ministry", now=now)
    data = pkcs12.serialize_key_and_certificates(
        b"m", private, certificate, None, BestAvailableEncryption(password.encode())
    )
    (folder / "bought.p12").write_bytes(data)
    return str(folder / "bought.p12")


@pytest.fixture
def key(tmp_path) -> keys.SigningKey:
    """The funder's."""
    return keys.signing_key(settings_in(tmp_path / "funder"), now=datetime.now(UTC))


@pytest.fixture
def foreign(tmp_path) -> keys.SigningKey:
    """Somebody else's, with the same name on it."""
    return keys.signing_key(settings_in(tmp_path / "foreign"), now=datetime.now(UTC))
