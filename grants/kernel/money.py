"""Money and shares in Decimal. Euro with two decimals, rounded half up per line (domain.md 7)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
HUNDRED = Decimal(100)
#: What ``numeric(14,2)`` holds.
LARGEST = Decimal("999999999999.99")


def cents(amount: Decimal) -> Decimal:
    """``amount`` rounded half up to the cent."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def percentage(amount: Decimal, percent: Decimal) -> Decimal:
    """``percent`` % of ``amount``, rounded half up to the cent."""
    return cents(amount * percent / HUNDRED)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The sum, ``0.00`` for nothing."""
    return sum(amounts, ZERO)


def parse_amount(text: str) -> Decimal:
    """What a person typed as an amount in euro.

    Accepts groups by space, thin space, apostrophe or comma/point where the meaning is certain:
    ``412 000``, ``412,000.50``, ``412.000,50``, ``48500,5``. An empty text is 0. Raises ValueError for
    anything else, for negative amounts, for more than two decimals and for more than the database holds.

    >>> parse_amount("412 000,5")
    Decimal('412000.50')
    """
    plain = text.strip().removeprefix("€").removesuffix("€")
    for space in (" ", "\u00a0", "\u2009", "\u202f", "'", "’"):
        plain = plain.replace(space, "")
    if not plain:
        return ZERO
    plain = _one_point(plain)
    try:
        amount = Decimal(plain)
    except InvalidOperation as problem:
        raise ValueError("not an amount") from problem
    if not amount.is_finite() or amount < 0 or amount > LARGEST:
        raise ValueError("out of range")
    if amount != cents(amount):
        raise ValueError("more than two decimals")
    return cents(amount)


def _one_point(text: str) -> str:
    """``text`` with at most one ``.`` as the decimal sign. Raises ValueError where that is a guess."""
    if not all(sign.isascii() and (sign.isdigit() or sign in ".,-") for sign in text):
        raise ValueError("not an amount")
    if "," in text and "." in text:
        decimal_sign = "," if text.rindex(",") > text.rindex(".") else "."
    elif text.count(",") == 1 or text.count(".") == 1:
        sign = "," if "," in text else "."
        decimal_sign = sign if len(text) - text.index(sign) - 1 != 3 else ""
    else:
        decimal_sign = ""
    whole, _, rest = text.rpartition(decimal_sign) if decimal_sign else (text, "", "")
    groups = whole.replace(",", ".").split(".")
    if len(groups) > 1 and not (0 < len(groups[0].lstrip("-")) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise ValueError("not an amount")
    return "".join(groups) + (f".{rest}" if decimal_sign else "")
