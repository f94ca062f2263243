"""The funder's key and certificate: in a PKCS#12 file, in a device (PKCS#11), or generated under the data folder.

Only the worker and the command line load this module: a web process holds no signing key, so who breaks into one can
sign nothing.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from grants.settings import Settings
from grants.signing.tokens import PREFIX, TokenKey, TokenProblem, certificate_of, place_of

#: Under the data folder.
GENERATED = "signing_key.p12"
#: A generated certificate is valid this long: receipts are asked for as long as grants are audited.
VALID = timedelta(days=3653)

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class KeyProblem(Exception):
    """The key cannot be used; the message says why in one line and holds no secret."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key with its certificate and those of its issuers. ``generated``: made by us, nobody vouches for it."""

    private: PrivateKey | TokenKey
    certificate: x509.Certificate
    issuers: tuple[x509.Certificate, ...]
    generated: bool

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hex."""
        return fingerprint(self.certificate)

    @property
    def rsa(self) -> bool:
        """Whether it signs with RSA (PKCS#1 v1.5), else with an elliptic curve (DER)."""
        return isinstance(self.certificate.public_key(), rsa.RSAPublicKey)

    def sign(self, message: bytes) -> bytes:
        """A signature over SHA-256, as OpenSSL writes it. Raises KeyProblem where a device does not answer."""
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        try:
            return self.private.sign(message)
        except TokenProblem as problem:
            raise KeyProblem(str(problem)) from problem


def fingerprint(certificate: x509.Certificate) -> str:
    """SHA-256 of a certificate, in hex: what people compare."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def subject(certificate: x509.Certificate) -> str:
    """Whose certificate it is, as people write it."""
    return certificate.subject.rfc4514_string()


def pem(certificate: x509.Certificate) -> str:
    """A certificate as text."""
    return certificate.public_bytes(Encoding.PEM).decode()


def certificates(text: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises KeyProblem."""
    try:
        found = x509.load_pem_x509_certificates(text)
        for each in found:
            subject(each)  # what is damaged there is met here
        return found
    except (ValueError, x509.InvalidVersion) as problem:
        raise KeyProblem("the file of certificates holds none (PEM is wanted)") from problem


def signing_key(settings: Settings, *, now: datetime) -> SigningKey:
    """The key to sign with; generated where none is set and none was generated before. Raises KeyProblem."""
    found = known_key(settings)
    if found is None:
        _generate(settings.data_dir / GENERATED, settings.funder_name, now=now)
        found = known_key(settings)
    if found is None:
        raise KeyProblem(f"the generated key is not under {settings.data_dir}")
    return found


def known_key(settings: Settings) -> SigningKey | None:
    """The key of this installation where there is one; makes nothing. Raises KeyProblem."""
    if settings.signing_key.startswith(PREFIX):
        return _in_device(settings.signing_key, settings.signing_password)
    if settings.signing_key:
        return _read(Path(settings.signing_key), settings.signing_password, generated=False)
    place = settings.data_dir / GENERATED
    return _read(place, "", generated=True) if place.exists() else None


def _read(place: Path, password: str, *, generated: bool) -> SigningKey:
    try:
        loaded = pkcs12.load_pkcs12(place.read_bytes(), password.encode() or None)
    except OSError as problem:
        raise KeyProblem(f"{place} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:
        raise KeyProblem(f"{place} is no PKCS#12 file, or SIGNING_PASSWORD is not its password") from problem
    if loaded.cert is None or not isinstance(loaded.key, PrivateKey):
        raise KeyProblem(f"{place} needs an RSA or elliptic-curve key with its certificate")
    issuers = tuple(each.certificate for each in loaded.additional_certs)
    return SigningKey(loaded.key, loaded.cert.certificate, issuers, generated)


def _in_device(address: str, pin: str) -> SigningKey:
    place = place_of(address)
    try:
        certificate = certificate_of(place, pin)
    except TokenProblem as problem:
        raise KeyProblem(str(problem)) from problem
    public = certificate.public_key()
    if not isinstance(public, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise KeyProblem(f"the certificate {place.name} is for neither an RSA nor an elliptic-curve key")
    key = TokenKey(place, isinstance(public, rsa.RSAPublicKey), pin)
    return SigningKey(key, certificate, (), generated=False)


def _generate(place: Path, funder: str, *, now: datetime) -> None:
    """A key at ``place``, whole or not at all; where another process was faster, its key stays."""
    private = ec.generate_private_key(ec.SECP256R1())
    data = pkcs12.serialize_key_and_certificates(
        b"receipts", private, _certificate(private, funder, now=now), None, NoEncryption()
    )
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=".signing")  # 0600 from the beginning
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, place)  # unlike a rename, it never replaces
    finally:
        Path(name).unlink()


def _certificate(private: ec.EllipticCurvePrivateKey, funder: str, *, now: datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{funder} receipts"[:64])])
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))  # other machines' clocks
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
