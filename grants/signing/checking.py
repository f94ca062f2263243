"""Is this receipt genuine? For ``grants receipt verify``: no database and no network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from grants.signing import pdfs, statements
from grants.signing.keys import fingerprint, subject

#: Bytes that are read of a file: receipts are far smaller.
LARGEST = 16 * 1024**2


@dataclass(frozen=True, slots=True)
class Judgement:
    """``known``: signed with one of the certificates that were given; None where none was given."""

    kind: str
    intact: bool
    says: str
    certificate: x509.Certificate
    known: bool | None
    signed_at: datetime | None = None
    stamped_at: datetime | None = None
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def genuine(self) -> bool:
        """Untouched, and by the key that it should be by."""
        return self.intact and self.known is True

    def lines(self) -> list[str]:
        """For people: the verdict first."""
        end = f"; {self.says}" if self.says else ""
        found = [
            f"{'Genuine' if self.genuine else 'Not genuine'}: {self.kind} receipt{end}",
            f"Signed by {subject(self.certificate)}",
            f"Certificate, SHA-256 {fingerprint(self.certificate)}",
            _signer(self.known),
        ]
        if self.signed_at:
            found.append(f"Signed at {_text(self.signed_at)} by the signer's clock")
        if self.stamped_at:
            found.append(f"Time stamp of an authority: {_text(self.stamped_at)}")
        if self.intact and self.content:
            names = ("proposal", "version", "received", "code", "content_sha256")
            found += [f"{name}: {self.content.get(name)}" for name in names]
        return found

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "genuine": self.genuine, "kind": self.kind, "intact": self.intact, "says": self.says,
            "signed_by": subject(self.certificate), "certificate_sha256": fingerprint(self.certificate),
            "known_certificate": self.known, "signed_at": _text(self.signed_at), "stamped_at": _text(self.stamped_at),
            "receipt": self.content,
        }  # fmt: skip


def judge_file(file: Path, known: Sequence[x509.Certificate]) -> Judgement:
    """Check a file. Raises Unreadable for what is no receipt, or too large for one; OSError."""
    with file.open("rb") as source:
        data = source.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise statements.Unreadable("this file is too large for a receipt")
    return judge(data, known)


def judge(data: bytes, known: Sequence[x509.Certificate]) -> Judgement:
    """Check a receipt, PDF or JSON, against certificates. Raises Unreadable for what is neither."""
    if data.lstrip()[:5] == b"%PDF-":
        pdf = pdfs.read(data)
        return Judgement(
            "PDF",
            pdf.intact,
            pdf.says,
            pdf.certificate,
            _known(pdf.certificate, known),
            pdf.signed_at,
            pdf.stamped_at,
        )
    signed = statements.read(data)
    says = "" if signed.intact else "it was changed after it was signed"
    return Judgement(
        "JSON", signed.intact, says, signed.certificate, _known(signed.certificate, known), content=signed.content
    )


def _signer(known: bool | None) -> str:
    if known is None:
        return "No certificate to compare with: give the funder's with --certificate."
    return "This is the expected certificate." if known else "This is NOT the expected certificate."


def _known(certificate: x509.Certificate, known: Sequence[x509.Certificate]) -> bool | None:
    return fingerprint(certificate) in {fingerprint(each) for each in known} if known else None


def _text(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat() if instant else None
