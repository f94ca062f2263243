"""Signed JSON: a small document that carries its signature and the certificate with it.

The signature is over the canonical JSON (RFC 8785) of ``receipt``, so blanks and the order of names do not matter,
and anybody can check it with a few lines of their own. Signatures are what OpenSSL writes: PKCS#1 v1.5 for RSA keys,
DER for elliptic curves, both over SHA-256.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from grants.signing.keys import SigningKey, pem, subject

FORMAT = "grants-receipt-1"
#: Of decided lists; what is signed stands under the second word.
RANKING = "grants-ranking-1"
#: Receipts are a few kilobytes; what is larger is something else.
LARGEST = 1024**2
#: In which ways damaged JSON fails, and a damaged certificate in it.
DAMAGES = (ValueError, KeyError, TypeError, AttributeError, RecursionError, x509.InvalidVersion, UnsupportedAlgorithm)


class Unreadable(Exception):
    """This is no signed document of ours; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signed document says. ``intact``: the signature fits the content and the certificate inside."""

    content: dict[str, Any]
    certificate: x509.Certificate
    intact: bool


def sign(content: Mapping[str, Any], key: SigningKey, *, form: str = FORMAT) -> bytes:
    """The document as canonical JSON. ``form``: what kind of document it is."""
    message = rfc8785.dumps(dict(content))
    signed = {
        "algorithm": "RSA-SHA256" if key.rsa else "ECDSA-SHA256",
        "value": base64.b64encode(key.sign(message)).decode(),
        "certificate": pem(key.certificate),
    }
    return rfc8785.dumps({"format": form, _subject(form): dict(content), "signature": signed})


def _subject(form: str) -> str:
    return form.split("-")[1]


def read(data: bytes, *, form: str = FORMAT) -> Signed:
    """Check a document. Raises Unreadable for what is none; a wrong signature is no error but not ``intact``."""
    try:
        document = json.loads(data, parse_constant=_no_number) if len(data) <= LARGEST else None
        if not isinstance(document, dict) or document.get("format") != form:
            raise Unreadable(f"not a {_subject(form)} of the format {form}")
        content, signature = document[_subject(form)], document["signature"]
        message = rfc8785.dumps(content)
        value = base64.b64decode(signature["value"], validate=True)
        certificate = x509.load_pem_x509_certificate(signature["certificate"].encode())
        public = certificate.public_key()
        subject(certificate)  # is read when it is asked for, and said to people
        named = signature["algorithm"]
    except DAMAGES as problem:
        raise Unreadable("the receipt is cut off or damaged") from problem
    if not isinstance(content, dict):
        raise Unreadable("the receipt is cut off or damaged")
    alone = document.keys() == {"format", _subject(form), "signature"}  # nothing unsigned may stand beside it
    return Signed(content, certificate, alone and _fits(message, value, named, public))


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _fits(message: bytes, value: bytes, named: object, public: object) -> bool:
    try:
        if isinstance(public, rsa.RSAPublicKey) and named == "RSA-SHA256":
            public.verify(value, message, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(public, ec.EllipticCurvePublicKey) and named == "ECDSA-SHA256":
            public.verify(value, message, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True
