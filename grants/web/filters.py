"""How values are written on pages and in letters: money, instants, dates, countries, sizes."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from unicodedata import combining, normalize
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_name

_LOCALE = Locale("en", "GB")
_THIN = "\u202f"


def money(amount: Decimal | str | None, *, cents: bool = False) -> str:
    """``€ 1 936 750`` with narrow blanks; with cents where asked or where there are any. Text is as JSON keeps it."""
    if amount is None:
        return "–"
    if isinstance(amount, str):
        amount = Decimal(amount)
    show_cents = cents or amount != amount.to_integral_value()
    plain = f"{amount:,.2f}" if show_cents else f"{amount:,.0f}"
    return f"€{_THIN}" + plain.replace(",", _THIN)


def millions(amount: Decimal | None) -> str:
    """``2.17`` for tables in millions of euro."""
    return "–" if amount is None else f"{amount / 1_000_000:,.2f}"


@lru_cache(maxsize=2048)  # rows of a list share their deadlines, and words for a zone are dear
def instant(moment: datetime | None, zone: str | ZoneInfo = "Europe/Brussels", *, seconds: bool = False) -> str:
    """``Tue 1 Dec 2026, 17:00 Brussels time (CET, UTC+1)``: an instant in a zone, unmistakable."""
    if moment is None:
        return "–"
    info = ZoneInfo(zone) if isinstance(zone, str) else zone
    local = moment.astimezone(info)
    pattern = "EEE d MMM y, HH:mm:ss" if seconds else "EEE d MMM y, HH:mm"
    city = info.key.rpartition("/")[2].replace("_", " ")
    if info.key == "UTC":
        return f"{format_datetime(local, pattern, locale=_LOCALE)} UTC"
    short, hours = _zone_names(local)
    inside = f"{short}, {hours}" if short else hours
    return f"{format_datetime(local, pattern, locale=_LOCALE)} {city} time ({inside})"


def _zone_names(local: datetime) -> tuple[str, str]:
    """``("CET", "UTC+1")``: the short name, empty where the zone has none, and the distance from UTC."""
    offset = local.strftime("%z")
    hours = f"UTC{offset[0]}{int(offset[1:3])}" + (f":{offset[3:5]}" if offset[3:5] != "00" else "")
    short = get_timezone_name(local, width="short", locale=_LOCALE)
    named = short == "GMT" or not short.startswith(("UTC", "GMT", "+", "-"))
    return short if named and "/" not in short else "", hours


@lru_cache(maxsize=2048)
def short_instant(moment: datetime | None, zone: str = "Europe/Brussels") -> str:
    """``1 Dec 2026, 17:00 CET`` for dense tables and lines."""
    if moment is None:
        return "–"
    local = moment.astimezone(ZoneInfo(zone))
    short, hours = _zone_names(local)
    name = "UTC" if zone == "UTC" else short or hours
    return f"{format_datetime(local, 'd MMM y, HH:mm', locale=_LOCALE)} {name}"


@lru_cache(maxsize=2048)
def day(value: date | datetime | None) -> str:
    """``1 December 2026``."""
    return "–" if value is None else format_date(value, "d MMMM y", locale=_LOCALE)


def country(code: str | None) -> str:
    """The country's name for its alpha-2 code."""
    return _LOCALE.territories.get(code or "", code or "–")


def language_name(code: str) -> str:
    """The language's name for its two-letter code."""
    return str(_LOCALE.languages.get(code, code))


def filesize(count: int | None) -> str:
    """``3.1 MB``."""
    if count is None:
        return "–"
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{count} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 proposal``, ``3 proposals``."""
    return f"{count:,}".replace(",", _THIN) + f" {one if count == 1 else many or one + 's'}"


def number(value: Decimal | int | None) -> str:
    """A score or count without needless zeros: ``4.5``, ``15``."""
    if value is None:
        return "–"
    plain = f"{value:f}"
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970, for the countdown."""
    return int(moment.timestamp() * 1000)


FILTERS: dict[str, Any] = {
    "money": money, "millions": millions, "instant": instant, "short_instant": short_instant, "date": day,
    "country": country, "language_name": language_name, "filesize": filesize, "plural": plural, "number": number,
    "epoch_ms": epoch_ms,
}  # fmt: skip


def country_choices() -> list[tuple[str, str]]:
    """Alpha-2 codes with names, by name whatever its accents: for choices."""
    codes = ((code, str(name)) for code, name in _LOCALE.territories.items() if len(code) == 2 and code.isalpha())
    gone = {"EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"}
    return sorted(((code, name) for code, name in codes if code not in gone), key=lambda pair: _plain(pair[1]))


def _plain(name: str) -> str:
    """Without accents and case, to sort by: Côte d’Ivoire stands after Costa Rica, not after Czechia."""
    return "".join(sign for sign in normalize("NFKD", name.casefold()) if not combining(sign))
