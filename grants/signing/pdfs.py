"""Signed PDFs (PAdES), with an optional RFC 3161 time stamp. pyHanko is 15 MB of memory: the web never loads it."""

from __future__ import annotations

import asyncio
import http.client
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TypeVar

from asn1crypto import algos, cms, tsp  # type: ignore[import-untyped]
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation import EmbeddedPdfSignature, validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from grants.signing.keys import SigningKey
from grants.signing.statements import Unreadable

T = TypeVar("T")
FIELD = "Receipt"
#: Seconds that a time stamp may take, and the bytes of its answer.
PATIENCE = 10
LARGEST_STAMP = 64 * 1024
#: Bytes of a signature with RSA of 8,192 bits.
LARGEST_SIGNATURE = 1024
#: Certificates for either use are accepted: which one a funder buys is theirs to choose.
USAGE = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False)


class StampProblem(Exception):
    """The time stamp authority gave none; to be tried again."""


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """What a signed PDF says. ``signed_at``: by the signer's clock; ``stamped_at``: by the authority's, None without.

    ``intact``: one signature, over the whole file, and not one byte after or beside it was changed.
    """

    certificate: x509.Certificate
    intact: bool
    says: str
    signed_at: datetime | None
    stamped_at: datetime | None


class Authority(TimeStamper):
    """An RFC 3161 time stamp authority behind an http address."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """One request. Raises StampProblem."""
        return await asyncio.to_thread(self._ask, req.dump())

    def _ask(self, body: bytes) -> tsp.TimeStampResp:
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        request = urllib.request.Request(self.url, data=body, headers=headers)  # noqa: S310 http(s): see settings
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                return tsp.TimeStampResp.load(answer.read(LARGEST_STAMP))
        except urllib.error.HTTPError as problem:
            problem.close()
            raise StampProblem(f"the time stamp authority answers {problem.code}") from problem
        except (OSError, http.client.HTTPException, ValueError) as problem:
            raise StampProblem(f"the time stamp authority does not answer: {problem}") from problem


def _apart(do: Callable[[], T]) -> T:
    """In a thread of its own: pyHanko runs an event loop, and the caller may be inside of one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(do).result()


class _Signer(signers.Signer):
    """Lets the funder's key sign, wherever it lies."""

    def __init__(self, key: SigningKey) -> None:
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple(_asn1(each) for each in key.issuers)
        mechanism = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa" if key.rsa else "sha256_ecdsa"})
        super().__init__(
            signing_cert=_asn1(key.certificate), cert_registry=store, signature_mechanism=mechanism,
        )  # fmt: skip
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: ARG002
        """The signature; room for the largest one while sizes are found out."""
        return bytes(LARGEST_SIGNATURE) if dry_run else await asyncio.to_thread(self._key.sign, data)


def sign(pdf: bytes, key: SigningKey, *, name: str, reason: str, timestamp_url: str = "") -> bytes:
    """The PDF with one signature over all of it, which allows no later change. Raises StampProblem."""
    wanted = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", name=name, reason=reason, subfilter=fields.SigSeedSubFilter.PADES,
        certify=True, docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )  # fmt: skip
    authority = Authority(timestamp_url) if timestamp_url else None
    try:
        made = _apart(
            lambda: signers.sign_pdf(
                IncrementalPdfFileWriter(BytesIO(pdf)), wanted, _Signer(key), timestamper=authority
            )
        )
    except TimestampRequestError as problem:
        raise StampProblem(str(problem)) from problem
    data: bytes = made.getvalue()
    if authority is not None and read(data).stamped_at is None:
        raise StampProblem("the time stamp does not fit the receipt")
    return data


def read(data: bytes) -> SignedPdf:
    """Check a signed PDF, without asking anybody. Raises Unreadable for what cannot be read or is not signed."""
    try:
        found = list(PdfFileReader(BytesIO(data)).embedded_signatures)
        if not found:
            raise Unreadable("this PDF is not signed")
        return _apart(lambda: _judged(found[0], data, alone=len(found) == 1))
    except Unreadable:
        raise
    except Exception as problem:  # a damaged PDF breaks wherever its damage is met
        raise Unreadable("the PDF is cut off or damaged") from problem


def _judged(signature: EmbeddedPdfSignature, data: bytes, *, alone: bool) -> SignedPdf:
    status = validate_pdf_signature(
        signature, _trusting(signature.signer_cert), _trusting(*_stamp_certificates(signature)),
        key_usage_settings=USAGE,
    )  # fmt: skip
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    if not alone:
        says = "somebody signed it again, after the funder"
    elif not whole:
        says = "something was added after it was signed"
    elif not (status.intact and status.valid and _nothing_beside(signature, data)):
        says = "it was changed after it was signed"
    else:
        says = ""
    stamp = status.timestamp_validity
    if not says and stamp is not None and not (stamp.intact and stamp.valid):
        says = "its time stamp does not fit"
    certificate = x509.load_der_x509_certificate(signature.signer_cert.dump())
    stamped = stamp.timestamp if stamp is not None and not says else None
    return SignedPdf(certificate, not says, says, signature.self_reported_timestamp, stamped)


def _nothing_beside(signature: EmbeddedPdfSignature, data: bytes) -> bool:
    """A signature does not cover itself, nor the room left for it: there, too, nothing may be changed."""
    start, length, after, _ = (int(each) for each in signature.byte_range)
    gap, content = data[start + length : after], signature.pkcs7_content
    alone = cms.ContentInfo.load(content, strict=False).dump(force=True)
    return gap == b"<" + content.hex().upper().encode() + b">" and content.rstrip(b"\0") == alone.rstrip(b"\0")


def _stamp_certificates(signature: EmbeddedPdfSignature) -> list[asn1_x509.Certificate]:
    """Those that the time stamp brings with it: whose stamp it is, is said, and left to the reader to trust."""
    for attribute in signature.signer_info["unsigned_attrs"]:
        if attribute["type"].native == "signature_time_stamp_token":
            return [each.chosen for each in attribute["values"][0]["content"]["certificates"]]
    return []


def _trusting(*certificates: asn1_x509.Certificate) -> ValidationContext:
    """Who signed is compared by the certificate itself, so each is trusted here to see whether the rest fits."""
    return ValidationContext(trust_roots=list(certificates), allow_fetching=False)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
