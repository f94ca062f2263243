"""Numbers that registers gave an organisation: read as people write them, checked where a check digit exists. Pure.

Each reader gives the compact form and raises ValueError with a sentence. Source: domain.md 14.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from stdnum import bic, iban, lei
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

from grants.organisations.rules.pic import is_pic

#: Crockford's base 32, in which ROR writes its numbers.
_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"
_ROR = re.compile(r"^(?:(?:https?://)?ror\.org/)?(0[0-9a-hjkmnp-tv-z]{6}[0-9]{2})$")
_VAT_PREFIX = {"GR": "EL"}
_LEI_LENGTH = 20
_IBAN_SIGNS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Identifier:
    """What a text is when it is a number: ``kind`` is ``pic``, ``vat``, ``ror`` or ``lei``."""

    kind: str
    value: str


def read_vat(text: str, country: str) -> str:
    """A VAT number with its country's prefix; for the Union's countries the check digits must fit.

    Greece writes EL. A number of another country cannot be checked and is kept as typed, without blanks.
    """
    compact = re.sub(r"[^0-9A-Z]", "", text.upper())
    if not compact:
        return ""
    prefix = _VAT_PREFIX.get(country, country)
    if compact.startswith("GR"):
        compact = f"EL{compact[2:]}"
    if prefix.lower() not in {*vat.MEMBER_STATES, "el"}:
        return compact
    for candidate in (compact, f"{prefix}{compact}"):
        try:
            return str(vat.validate(candidate))
        except ValidationError:
            continue
    raise ValueError(f"This is no valid VAT number. It begins with {prefix}; check the digits.")


def read_lei(text: str) -> str:
    """A Legal Entity Identifier: 20 signs, ISO 17442."""
    compact = re.sub(r"[\s-]", "", text).upper()
    if not compact:
        return ""
    try:
        if len(compact) == _LEI_LENGTH:  # the checksum alone fits one in 97 numbers of any length
            return str(lei.validate(compact))
    except ValidationError:
        pass
    raise ValueError("This is no valid LEI. It has 20 letters and digits; check them.")


def read_ror(text: str) -> str:
    """The nine signs of a ROR identifier, from its address too; the last two are a check (ISO 7064, mod 97-10).

    >>> read_ror("https://ror.org/05a28rw58")
    '05a28rw58'
    """
    plain = text.strip().lower().rstrip("/")
    if not plain:
        return ""
    found = _ROR.match(plain)
    if found is None:
        raise ValueError("Enter a ROR identifier such as https://ror.org/05a28rw58.")
    number = 0
    for sign in found.group(1)[1:7]:
        number = number * 32 + _BASE32.index(sign)
    if 98 - (number * 100) % 97 != int(found.group(1)[7:]):
        raise ValueError("This ROR identifier has a wrong sign: its check digits do not fit.")
    return found.group(1)


def read_iban(text: str) -> str:
    """An account number by ISO 13616, compact; length, check digits and the country's own rules must fit."""
    try:
        return str(iban.validate(text))
    except ValidationError:
        raise ValueError("This is no valid IBAN. Copy it from a bank statement.") from None


def read_bic(text: str) -> str:
    """A bank's code by ISO 9362, compact; empty where none is given."""
    if not text.strip():
        return ""
    try:
        return str(bic.validate(text.replace(" ", "").upper()))
    except ValidationError:
        raise ValueError("This is no valid BIC. It has 8 or 11 letters and digits.") from None


def masked_iban(number: str) -> str:
    """The country and the last four signs: enough to know an account by, too little to use it.

    >>> masked_iban("BE71096123456769")
    'BE•• •••• 6769'
    """
    return f"{number[:2]}•• •••• {number[-_IBAN_SIGNS_SHOWN:]}"


def identifier_of(text: str) -> list[Identifier]:
    """What a search text may be, surest first; empty for a name.

    >>> [each.kind for each in identifier_of("999 991 722")]
    ['pic', 'vat']
    """
    compact = re.sub(r"[\s.\-]", "", text)
    found = [Identifier("pic", compact)] if is_pic(compact) else []
    for kind, read in (("lei", read_lei), ("ror", read_ror)):
        try:
            if value := read(text.strip()):
                found.append(Identifier(kind, value))
        except ValueError:
            continue
    if any(sign.isdigit() for sign in compact) and compact.isascii() and 5 <= len(compact) <= 16:
        number = re.sub(r"[^0-9A-Z]", "", compact.upper())
        found.append(Identifier("vat", f"EL{number[2:]}" if number.startswith("GR") else number))
    return found
