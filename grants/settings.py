"""Every setting: its name in the environment, type, default and meaning. Wrong ones are all named at start.

The table of the README is compared with ``SETTINGS`` by a test. Secrets are masked wherever a setting is shown.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class SettingsError(Exception):
    """One line for each wrong setting, in ``lines``."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. ``default`` is text as it would stand in the environment."""

    name: str
    parse: Callable[[str], Any]
    default: str
    meaning: str
    secret: bool = False


def _text(value: str) -> str:
    return value


def _flag(value: str) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if value.lower() not in words:
        raise ValueError("use 1 or 0")
    return words[value.lower()]


def _number(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ValueError(f"use a whole number from {low} to {high}")
        return int(value)

    return parse


def _url(*schemes: str, empty: bool = False) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not value and empty:
            return value
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.scheme in {"file", "unix"}):
            raise ValueError("use an address that starts with " + " or ".join(f"{scheme}://" for scheme in schemes))
        return value

    return parse


def _database(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(value)
    if parts.scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("use postgresql://user:password@host:port/name")
    return value.replace(f"{parts.scheme}:", "postgresql+psycopg:", 1)


def _zone(value: str) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as problem:
        raise ValueError("use a zone name such as Europe/Brussels") from problem


def _secret(value: str) -> str:
    if value and len(value) < 32:
        raise ValueError("use at least 32 characters, for example from: openssl rand -hex 32")
    return value


def _folder(value: str) -> Path | None:
    if not value:
        return None
    folder = Path(value).resolve()
    if not folder.is_dir():
        raise ValueError("use the path of a folder that is there")
    return folder


def _key_file(value: str) -> str:
    """Named at start where it cannot be one; whether it opens is seen by those who use it."""
    if value.startswith("pkcs11:"):
        module = dict(parse_qsl(urlsplit(value).query)).get("module-path", "")
        if "token=" not in value or "object=" not in value or not Path(module).is_file():
            raise ValueError("use pkcs11:token=NAME;object=NAME?module-path=/path/of/the/module.so")
    elif value and not Path(value).is_file():
        raise ValueError("there is no such file")
    return value


def _level(value: str) -> str:
    if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("use DEBUG, INFO, WARNING or ERROR")
    return value.upper()


SETTINGS = (
    Setting("HOST", _text, "127.0.0.1", "Address that the web server listens on."),
    Setting("PORT", _number(1, 65535), "8000", "Port of the web server."),
    Setting("BASE_URL", _url("http", "https", empty=True), "", "Public address; from HOST and PORT when empty."),
    Setting("DATA_DIR", _text, "var", "Folder for the embedded database, files and captured mail."),
    Setting("DATABASE_URL", _database, "", "PostgreSQL 15 to 18; embedded under DATA_DIR when empty.", secret=True),
    Setting(
        "STORAGE_URL",
        _url("file", "s3", empty=True),
        "",
        "Files: `file:///path` or `s3://bucket?endpoint=…&region=…`; `DATA_DIR/files` when empty.",
        secret=True,
    ),
    Setting(
        "SMTP_URL",
        _url("smtp", "smtps", "smtp+starttls", empty=True),
        "",
        "Mail server, `smtp://user:password@host:port`; the local mail catcher when empty.",
        secret=True,
    ),
    Setting("MAIL_PORT", _number(1, 65535), "8025", "Port of the page that shows captured mail (local runs)."),
    Setting("MAIL_FROM", _text, "Grants <grants@localhost>", "Sender of every letter."),
    Setting("SECRET_KEY", _secret, "", "Signs sessions and links; kept under DATA_DIR when empty.", secret=True),
    Setting(
        "SIGNING_KEY",
        _key_file,
        "",
        "Signs receipts: a PKCS#12 file, or `pkcs11:…` for a key in a device; generated under DATA_DIR when empty.",
    ),
    Setting("SIGNING_PASSWORD", _text, "", "Password of SIGNING_KEY, or the PIN of its device.", secret=True),
    Setting(
        "TIMESTAMP_URL", _url("http", "https", empty=True), "", "Time stamp authority (RFC 3161); none when empty."
    ),
    Setting("FUNDER_NAME", _text, "Grants", "Name of the funder in the header and on letters."),
    Setting("TIME_ZONE", _zone, "Europe/Brussels", "Zone in which a new call's deadlines are set."),
    Setting("CLAMD_URL", _url("tcp", "unix", empty=True), "", "Virus scanner, `tcp://host:3310`; none when empty."),
    Setting("DEMO", _flag, "0", "Shows the demo's sign-ins; refused on a database with real accounts."),
    Setting("TRUSTED_PROXIES", _number(0, 5), "0", "How many reverse proxies set X-Forwarded headers."),
    Setting("WEB_WORKERS", _number(1, 64), "2", "Web processes of `grants serve`."),
    Setting("SESSION_IDLE_MINUTES", _number(5, 1440), "120", "A session ends after this long without a request."),
    Setting("SESSION_HOURS", _number(1, 168), "24", "A session ends after this long in any case."),
    Setting("MAX_FILE_MB", _number(1, 5000), "200", "Largest file that may be uploaded, in MiB."),
    Setting("CV_MAX_MB", _number(1, 5000), "5", "Largest CV of an expert, in MiB."),
    Setting("CV_MAX_PAGES", _number(1, 1000), "10", "Most pages of an expert's CV."),
    Setting("TEMPLATES_DIR", _folder, "", "Folder of the funder's own call templates (`*.yaml`); none when empty."),
    Setting("LOG_LEVEL", _level, "INFO", "DEBUG, INFO, WARNING or ERROR."),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The validated settings; see ``SETTINGS`` for their meanings."""

    host: str
    port: int
    base_url: str
    data_dir: Path
    database_url: str
    storage_url: str
    smtp_url: str
    mail_port: int
    mail_from: str
    secret_key: str
    signing_key: str
    signing_password: str
    timestamp_url: str
    funder_name: str
    time_zone: ZoneInfo
    clamd_url: str
    demo: bool
    trusted_proxies: int
    web_workers: int
    session_idle_minutes: int
    session_hours: int
    max_file_mb: int
    cv_max_mb: int
    cv_max_pages: int
    templates_dir: Path | None
    log_level: str

    @property
    def embedded_database(self) -> bool:
        """Whether the embedded PostgreSQL is used."""
        return not self.database_url

    @property
    def secure(self) -> bool:
        """Whether people reach the site over https."""
        return self.base_url.startswith("https://")

    def __repr__(self) -> str:
        secret = {setting.name.lower() for setting in SETTINGS if setting.secret}
        shown = ((f.name, "…" if f.name in secret else getattr(self, f.name)) for f in fields(self))
        return "Settings(" + ", ".join(f"{name}={value!r}" for name, value in shown) + ")"


def load(environ: Mapping[str, str]) -> Settings:
    """Settings from the environment. Raises SettingsError that names every wrong one."""
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for setting in SETTINGS:
        text = environ.get(setting.name, "").strip() or setting.default
        try:
            values[setting.name.lower()] = setting.parse(text)
        except ValueError as problem:
            shown = "…" if setting.secret else text
            wrong.append(f"{setting.name}={shown}: {problem}. {setting.meaning}")
    if wrong:
        raise SettingsError(wrong)
    return Settings(**_derived(values))


def _derived(values: dict[str, Any]) -> dict[str, Any]:
    """Fill what follows from other settings."""
    data_dir = Path(values["data_dir"]).resolve()
    values["data_dir"] = data_dir
    host = "127.0.0.1" if values["host"] in {"0.0.0.0", "::"} else values["host"]  # noqa: S104
    values["base_url"] = (values["base_url"] or f"http://{host}:{values['port']}").rstrip("/")
    values["storage_url"] = values["storage_url"] or f"file://{quote(str(data_dir / 'files'))}"
    values["smtp_url"] = values["smtp_url"] or f"smtp://127.0.0.1:{values['mail_port'] + 1}"
    values["secret_key"] = values["secret_key"] or kept_secret(data_dir)
    return values


def kept_secret(data_dir: Path) -> str:
    """The key kept under the data folder, made on first use. Two processes that start at once agree on one."""
    place = data_dir / "secret_key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        with place.open("x") as file:
            place.chmod(0o600)
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return place.read_text()
