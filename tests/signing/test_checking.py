"""Signed receipts as files: round trips, and every way in which one is not genuine."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

import pytest
import typst
from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from grants.signing import checking, keys, pdfs, statements
from tests.signing.conftest import PASSWORD, bought, settings_in

CONTENT = {
    "proposal": 101_000_001,
    "version": 2,
    "received": "2026-09-01T10:00:00.000Z",
    "title": "Ein sicheres Netz",
}
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
HERE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@pytest.fixture(scope="module")
def plain() -> bytes:
    return typst.compile(b'#set document(title: "Receipt")\n= Receipt', format="pdf", pdf_standards="ua-1")


def signed(plain: bytes, key: keys.SigningKey, **more: str) -> bytes:
    return pdfs.sign(plain, key, name="Testing Fund", reason="Receipt", **more)


def flipped(data: bytes, place: int, mask: int) -> bytes:
    return data[:place] + bytes([data[place] ^ mask]) + data[place + 1 :]


def genuine(data: bytes, key: keys.SigningKey) -> bool:
    try:
        judged = checking.judge(data, [key.certificate])
        assert judged.lines()
        return judged.genuine
    except statements.Unreadable:
        return False


def test_both_forms_are_genuine_and_say_by_whom(plain, key):
    for data, kind in ((signed(plain, key), "PDF"), (statements.sign(CONTENT, key), "JSON")):
        found = checking.judge(data, [key.certificate])
        assert (found.genuine, found.kind, found.says) == (True, kind, "")
        assert found.as_json()["signed_by"] == "CN=Testing Fund receipts"
        assert found.as_json()["certificate_sha256"] == key.fingerprint


def test_an_rsa_key_of_an_authority_signs_both(plain, tmp_path):
    chosen = settings_in(tmp_path, SIGNING_KEY=bought(tmp_path, now=datetime.now(UTC)), SIGNING_PASSWORD=PASSWORD)
    own = keys.signing_key(chosen, now=datetime.now(UTC))
    assert genuine(signed(plain, own), own)
    assert genuine(statements.sign(CONTENT, own), own)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=HERE)
@given(where=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_one_changed_byte_of_the_pdf_is_found_wherever_it_is(plain, key, where, mask):
    data = signed(plain, key)
    assert not genuine(flipped(data, int(where * len(data)), mask), key)


@pytest.mark.slow
def test_the_room_that_a_signature_does_not_cover_is_not_to_be_changed_either(plain, key):
    data = signed(plain, key)
    start, after = map(int, re.search(rb"/ByteRange ?\[0 (\d+) (\d+)", data).groups())
    for place in (*range(start, start + 8), *range(after - 200, after, 20), after - 1):
        assert not genuine(flipped(data, place, 0x01), key)


@settings(max_examples=100, deadline=None, suppress_health_check=HERE)
@given(where=st.floats(0, 1, exclude_max=True), mask=st.integers(1, 255))
def test_one_changed_byte_of_the_json_is_found_or_changes_nothing(key, where, mask):
    data = statements.sign(CONTENT, key)
    changed = flipped(data, int(where * len(data)), mask)
    if genuine(changed, key):  # a bit of base64 that carries nothing, a blank in PEM: what is said is the same
        assert checking.judge(changed, [key.certificate]).content == CONTENT


@pytest.mark.parametrize(
    ("sound", "damaged"),
    [
        pytest.param(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x0a", id="a version that there is not"),
        pytest.param(b"\x0c\x15Testing", b"\x0c\x15\xff\xffsting", id="a name that is no text"),
    ],
)
def test_a_damaged_certificate_makes_a_receipt_unreadable_and_a_file_of_certificates_none(key, sound, damaged):
    der = key.certificate.public_bytes(Encoding.DER)
    assert sound in der
    broken = base64.encodebytes(der.replace(sound, damaged)).decode()
    pem = f"-----BEGIN CERTIFICATE-----\n{broken}-----END CERTIFICATE-----\n"
    document = json.loads(statements.sign(CONTENT, key))
    document["signature"]["certificate"] = pem
    with pytest.raises(statements.Unreadable):
        checking.judge(json.dumps(document).encode(), [key.certificate])
    with pytest.raises(keys.KeyProblem):
        keys.certificates(pem.encode())


def test_blanks_and_order_of_names_do_not_matter_but_what_is_said_does(key):
    document = json.loads(statements.sign(CONTENT, key))
    assert genuine(json.dumps(document, indent=2, sort_keys=True).encode(), key)
    for wrong in (
        {**document, "receipt": {**CONTENT, "version": 3}},
        {**document, "note": "and 500 000 euro"},
        {**document, "signature": {**document["signature"], "algorithm": "none"}},
    ):
        assert not genuine(json.dumps(wrong).encode(), key)


def test_a_foreign_key_is_intact_but_not_the_funders_whatever_its_name(plain, key, foreign):
    for data in (signed(plain, foreign), statements.sign(CONTENT, foreign)):
        found = checking.judge(data, [key.certificate])
        assert (found.intact, found.known, found.genuine) == (True, False, False)


def test_the_funders_certificate_pasted_into_a_foreign_receipt_does_not_fit(key, foreign):
    document = json.loads(statements.sign(CONTENT, foreign))
    document["signature"]["certificate"] = keys.pem(key.certificate)
    assert not checking.judge(json.dumps(document).encode(), [key.certificate]).intact


def test_without_a_certificate_to_compare_nothing_is_called_genuine(plain, key):
    found = checking.judge(signed(plain, key), [])
    assert (found.intact, found.known, found.genuine) == (True, None, False)
    assert any("--certificate" in line for line in found.lines())


def test_what_is_cut_off_unsigned_or_something_else_is_no_receipt(plain, key):
    pdf, text = signed(plain, key), statements.sign(CONTENT, key)
    for data in (pdf[: len(pdf) // 2], pdf[:-10], plain, text[:-3], b"", b"[]", b'{"format": 1}', b"[" * 100_000):
        with pytest.raises(statements.Unreadable):
            checking.judge(data, [key.certificate])


class Reckless(signers.PdfSigner):
    """Signs although the first signature forbids it."""

    def _enforce_certification_constraints(self, reader):
        pass


def test_a_second_signer_or_an_addition_is_said(plain, key, foreign):
    data = signed(plain, key)
    private = foreign.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = signers.SimpleSigner(
        signing_cert=pdfs._asn1(foreign.certificate), signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=SimpleCertificateStore(),
    )  # fmt: skip
    writer = IncrementalPdfFileWriter(BytesIO(data))
    twice = Reckless(signers.PdfSignatureMetadata(field_name="Mine"), signer)
    with ThreadPoolExecutor(1) as elsewhere:  # a browser of other tests may run a loop in this thread
        again = (
            elsewhere.submit(twice.sign_pdf, writer, existing_fields_only=False, in_place=False).result().getvalue()
        )
    assert "signed it again" in checking.judge(again, [key.certificate]).says

    added = IncrementalPdfFileWriter(BytesIO(data))
    added.root["/Lang"] = added.root["/Lang"]
    added.update_root()
    out = BytesIO()
    added.write(out)
    assert "added after" in checking.judge(out.getvalue(), [key.certificate]).says


@contextmanager
def authority(certificate, private, *, answers: bool = True) -> Iterator[str]:
    """A time stamp authority on this machine; its address."""
    stamper = DummyTimeStamper(certificate, private)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = tsp.TimeStampReq.load(self.rfile.read(int(self.headers["Content-Length"])))
            body = stamper.request_tsa_response(asked).dump() if answers else b"busy"
            self.send_response(200 if answers else 503)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def stamping():
    """The certificate and key of an authority, as its library takes them."""
    private = rsa.generate_private_key(65537, 2048)
    certificate = keys._certificate(private, "Authority", now=datetime.now(UTC))
    data = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return pdfs._asn1(certificate), asn1_keys.PrivateKeyInfo.load(data)


@pytest.mark.slow
def test_a_time_stamp_is_taken_and_shown(plain, key):
    with authority(*stamping()) as url:
        found = checking.judge(signed(plain, key, timestamp_url=url), [key.certificate])
    assert found.genuine
    assert abs(found.stamped_at - datetime.now(UTC)).total_seconds() < 60
    assert any("Time stamp" in line for line in found.lines())


@pytest.mark.slow
def test_an_authority_that_does_not_answer_is_asked_again_later(plain, key):
    with authority(*stamping(), answers=False) as url, pytest.raises(pdfs.StampProblem):
        signed(plain, key, timestamp_url=url)
    with pytest.raises(pdfs.StampProblem):
        signed(plain, key, timestamp_url="http://127.0.0.1:9/")
