"""A key in a device (SoftHSM, a real PKCS#11 module): it signs receipts as a file's key does, and never comes out."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from grants.doctor import signing
from grants.signing import keys, pdfs, statements
from tests.conftest import in_ci
from tests.signing.conftest import settings_in

NOW = datetime.now(UTC)
MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
PIN = "4711-0815"
PRIVATE = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "curve": lambda: ec.generate_private_key(ec.SECP256R1()),
}


@pytest.fixture(scope="module")
def module() -> str:
    """The path of SoftHSM's module."""
    found = next((each for each in MODULES if Path(each).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        if in_ci():
            pytest.fail("SoftHSM is missing: start the tests with `make test`")
        pytest.skip("no SoftHSM")
    return found


@pytest.fixture(scope="module")
def device(module, tmp_path_factory) -> str:
    """A token named funder that holds a key of each kind with its certificate; its module's path."""
    folder = tmp_path_factory.mktemp("device")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")  # the module reads it once in a process
    _util("--init-token", "--free", "--label", "funder", "--so-pin", "12345678", "--pin", PIN)
    for number, (name, make) in enumerate(PRIVATE.items(), start=1):
        private = make()
        (folder / "key.pem").write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        place = ("--token", "funder", "--label", name, "--id", f"0{number}", "--pin", PIN)
        _util("--import", str(folder / "key.pem"), *place)
        _put_certificate(module, name, keys._certificate(private, name, now=NOW))
    return module


def _util(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)


def _put_certificate(module: str, name: str, certificate) -> None:
    import pkcs11

    with pkcs11.lib(module).get_token(token_label="funder").open(user_pin=PIN, rw=True) as session:
        session.create_object(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                pkcs11.Attribute.TOKEN: True,
                pkcs11.Attribute.LABEL: name,
                pkcs11.Attribute.SUBJECT: certificate.subject.public_bytes(),
                pkcs11.Attribute.VALUE: certificate.public_bytes(Encoding.DER),
            }
        )


def settings_for(tmp_path, module: str, name: str, *, token: str = "funder", pin: str = PIN):
    address = f"pkcs11:token={token};object={name}?module-path={module}"
    return settings_in(tmp_path, SIGNING_KEY=address, SIGNING_PASSWORD=pin)


@pytest.mark.parametrize("name", PRIVATE)
def test_a_key_in_a_device_signs_both_kinds_of_receipt(device, tmp_path, name):
    key = keys.signing_key(settings_for(tmp_path, device, name), now=NOW)

    statement = statements.read(statements.sign({"number": 7}, key))
    signed = pdfs.read(pdfs.sign(blank_pdf(), key, name="Funder", reason="Receipt"))

    assert (statement.intact, statement.content, signed.intact, signed.says) == (True, {"number": 7}, True, "")
    assert keys.fingerprint(signed.certificate) == keys.fingerprint(statement.certificate) == key.fingerprint
    assert PIN not in repr(key)
    assert not (tmp_path / keys.GENERATED).exists()
    assert signing(settings_for(tmp_path, device, name), now=NOW).ok


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"pin": "wrong-pin"}, "is not the PIN"),
        ({"token": "nobody"}, "no token nobody"),
        ({"name": "missing"}, "holds 0 certificates named missing"),
    ],
)
def test_a_device_that_gives_no_key_is_said_in_one_line(device, tmp_path, changed, words):
    chosen = settings_for(tmp_path, device, **{"name": "rsa", **changed})

    with pytest.raises(keys.KeyProblem, match=words) as problem:
        keys.signing_key(chosen, now=NOW)
    assert "wrong-pin" not in str(problem.value)
    assert signing(chosen, now=NOW).ok is False


def blank_pdf() -> bytes:
    """Something to sign."""
    return typst.compile(b'#set document(title: "Receipt")\n= Receipt', format="pdf")
