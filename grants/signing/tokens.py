"""A signing key that never leaves its device: PKCS#11, named by an RFC 7512 address.

``pkcs11:token=funder;object=receipts?module-path=/usr/lib/softhsm/libsofthsm2.so``: the certificate lies in the same
token under the same name. The library is loaded where such a key is set, and nowhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

PREFIX = "pkcs11:"
_WORDS = "use pkcs11:token=NAME;object=NAME?module-path=/path/of/the/module.so"


class TokenProblem(Exception):
    """The device gives no key; the message is one line without the PIN."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a key lies: the module of the device's maker, the name of the token and of the key in it."""

    module: str
    token: str
    name: str


def place_of(address: str) -> Place:
    """The parts of an address. Raises ValueError with what to write instead. Source: RFC 7512.

    >>> place_of("pkcs11:token=The%20funder;object=receipts?module-path=/usr/lib/hsm.so")
    Place(module='/usr/lib/hsm.so', token='The funder', name='receipts')
    """
    path, _, query = address.removeprefix(PREFIX).partition("?")
    parts = {name: unquote(value) for name, _, value in (each.partition("=") for each in path.split(";"))}
    module = dict(parse_qsl(query)).get("module-path", "")
    if not (parts.get("token") and parts.get("object") and module.startswith("/")):
        raise ValueError(_WORDS)
    return Place(module, parts["token"], parts["object"])


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A private key in a device."""

    place: Place
    rsa: bool
    pin: str = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The signature over SHA-256, as OpenSSL writes it. Raises TokenProblem."""
        from pkcs11 import KeyType, Mechanism, ObjectClass  # noqa: PLC0415 only where a device is used

        with _session(self.place, self.pin) as session:
            kind = KeyType.RSA if self.rsa else KeyType.EC
            private = session.get_key(ObjectClass.PRIVATE_KEY, kind, label=self.place.name)
            if self.rsa:
                return bytes(private.sign(message, mechanism=Mechanism.SHA256_RSA_PKCS))
            raw = bytes(private.sign(hashlib.sha256(message).digest(), mechanism=Mechanism.ECDSA))
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))


def certificate_of(place: Place, pin: str) -> x509.Certificate:
    """The certificate beside the key. Raises TokenProblem, also where there is none."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415

    wanted = {Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.LABEL: place.name}
    with _session(place, pin) as session:
        found = [bytes(each[Attribute.VALUE]) for each in session.get_objects(wanted)]
    if len(found) != 1:
        raise TokenProblem(f"the token {place.token} holds {len(found)} certificates named {place.name}, not one")
    return x509.load_der_x509_certificate(found[0])


@contextmanager
def _session(place: Place, pin: str) -> Iterator[Any]:
    import pkcs11  # noqa: PLC0415

    try:
        token = pkcs11.lib(place.module).get_token(token_label=place.token)
        with token.open(user_pin=pin) as session:
            yield session
    except pkcs11.exceptions.NoSuchToken:
        raise TokenProblem(f"there is no token {place.token} behind {place.module}") from None
    except pkcs11.exceptions.NoSuchKey:
        raise TokenProblem(f"the token {place.token} holds no private key {place.name}") from None
    except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLenRange):
        raise TokenProblem("SIGNING_PASSWORD is not the PIN of the token") from None
    except pkcs11.exceptions.PKCS11Error as problem:
        said = str(problem) or type(problem).__name__
        raise TokenProblem(f"the token {place.token} refuses: {said}") from problem
    except RuntimeError as problem:  # the module cannot be loaded
        raise TokenProblem(f"{place.module} is no PKCS#11 module: {problem}") from problem
