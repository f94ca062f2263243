"""The funder's key: generated once however many ask, or the one that is set; what `grants doctor` says of it."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import pytest

from grants.doctor import signing
from grants.settings import SettingsError
from grants.signing import keys
from tests.signing.conftest import PASSWORD, bought, settings_in

NOW = datetime.now(UTC)


def _made_in(folder: str) -> str:
    return keys.signing_key(settings_in(folder), now=datetime.now(UTC)).fingerprint


@pytest.mark.slow
def test_processes_that_ask_at_once_get_one_generated_key(tmp_path):
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        found = set(pool.map(_made_in, [str(tmp_path)] * 8))

    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir() if "signing" in path.name] == [keys.GENERATED]
    assert (tmp_path / keys.GENERATED).stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_set_is_used_with_its_password(tmp_path):
    chosen = settings_in(tmp_path, SIGNING_KEY=bought(tmp_path, now=NOW), SIGNING_PASSWORD=PASSWORD)

    found = keys.signing_key(chosen, now=NOW)

    assert (keys.subject(found.certificate), found.generated) == ("CN=Ministry receipts", False)
    assert not (tmp_path / keys.GENERATED).exists()
    assert PASSWORD not in repr(chosen)


def test_a_wrong_password_is_said_without_repeating_it(tmp_path):
    chosen = settings_in(tmp_path, SIGNING_KEY=bought(tmp_path, now=NOW), SIGNING_PASSWORD="hunter22")

    with pytest.raises(keys.KeyProblem, match="SIGNING_PASSWORD") as problem:
        keys.signing_key(chosen, now=NOW)
    assert "hunter22" not in str(problem.value)
    assert (signing(chosen, now=NOW).ok, "hunter22" in signing(chosen, now=NOW).says) == (False, False)


@pytest.mark.parametrize(
    "wrong",
    ["/nowhere/key.p12", "pkcs11:token=funder;object=receipts", "pkcs11:token=a;object=b?module-path=/nowhere.so"],
)
def test_a_key_that_cannot_be_used_is_named_at_start(tmp_path, wrong):
    with pytest.raises(SettingsError, match="SIGNING_KEY"):
        settings_in(tmp_path, SIGNING_KEY=wrong)


def test_the_doctor_makes_no_key_and_says_that_a_generated_one_is_nobodys(tmp_path):
    chosen = settings_in(tmp_path)
    before = signing(chosen, now=NOW)
    assert (before.ok, keys.known_key(chosen)) == (True, None)

    keys.signing_key(chosen, now=NOW)
    after = signing(chosen, now=NOW)
    assert (after.ok, "generated here" in after.says, "SIGNING_KEY" in after.remedy) == (True, True, True)


def test_the_doctor_finds_a_certificate_that_has_ended(tmp_path):
    chosen = settings_in(tmp_path)
    keys.signing_key(chosen, now=NOW)
    assert signing(chosen, now=NOW + keys.VALID + timedelta(days=1)).ok is False
