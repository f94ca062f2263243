"""From a JSON object to the record of a topic: which value means what, and when a topic cannot be placed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from grants.calls.portal.objects import Damage
from grants.calls.portal.texts import Texts
from grants.calls.rules import deadline_in
from grants.calls.states import DeadlineModel

BRUSSELS = ZoneInfo("Europe/Brussels")
#: The hour of a deadline that is given as a bare date (domain.md 3).
DEADLINE_HOUR = 17
#: Codes of the programmes by the portal's own number (domain.md 14 and the files themselves).
PROGRAMMES = {
    "43108390": "HORIZON", "44181033": "EDF", "43252405": "LIFE", "111111": "RELEX-PROSPECT",
    "43152860": "DIGITAL", "43251567": "CEF", "43298916": "EURATOM", "43252449": "RFCS", "43353764": "ERASMUS",
    "43251589": "CERV", "43254019": "ESF", "43637601": "PPPA", "43252368": "ISF", "45532249": "EUBA",
    "43252433": "PERI", "43392145": "EMFAF", "46324255": "ERDF-TA", "43253967": "RENEWFM", "43251814": "CREA",
    "43252386": "JUST", "43252476": "SMP", "44416173": "I3",
}  # fmt: skip
#: Under which names a file may hold its dates; the first that holds any counts.
_DEADLINE_KEYS = ("deadline", "deadlines", "deadlineDates", "deadlineDatesLong")
_OPENING_KEYS = ("opensAt", "openingDate", "plannedOpeningDate", "plannedOpeningDateLong")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


@dataclass(frozen=True, slots=True)
class TopicRecord:
    """One topic as the file tells it, in clean text.

    ``deadlines``: instants in UTC, ascending, at least one. ``opens_at``: None where the file is silent, as the real
    ones are (see ``assumed_opening``). ``min_grant``, ``max_grant``: contribution to one project in euro, ``budget``:
    of the topic; each None where not given. ``deadline_model`` and ``status`` are claims; None or empty where not
    given. ``repairs``: codes of what was mended on the way.
    """

    identifier: str
    title: str
    call_identifier: str
    call_title: str
    programme: str
    programme_name: str
    type_of_action: str
    status: str
    opens_at: datetime | None
    deadlines: tuple[datetime, ...]
    deadline_model: DeadlineModel | None
    budget: Decimal | None
    min_grant: Decimal | None
    max_grant: Decimal | None
    expected_grants: int | None
    description: str
    objectives: str
    conditions: str
    support: str
    keywords: tuple[str, ...]
    tags: tuple[str, ...]
    reference: str
    url: str
    repairs: tuple[str, ...] = ()
    position: int = field(default=0, compare=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the content wherever it stands in a file: equal means that nothing is to be done."""
        content = asdict(self)
        del content["position"]
        return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def record_of(raw: dict[str, Any], position: int) -> TopicRecord | Damage:
    text = Texts(raw)
    identifier = text.line("topicId", "identifier")
    damage = _identifier_damage(identifier)
    if damage:
        return Damage(damage, identifier[:120])
    title = text.line("title")
    if not title:
        return Damage("no title", identifier)
    programme_id, name = text.line("programmeId"), text.line("programme", "frameworkProgramme")
    programme = PROGRAMMES.get(programme_id) or _slug(name) or _slug(programme_id)
    if not programme:
        return Damage("no programme", identifier)
    try:
        deadlines = _instants(raw, _DEADLINE_KEYS, DEADLINE_HOUR)
        opening = _instants(raw, _OPENING_KEYS, 0)
    except ValueError as problem:
        return Damage(str(problem), identifier)
    if not deadlines:
        return Damage("no deadline", identifier)
    if not any(":" in value for key in _DEADLINE_KEYS for value in _dates(raw.get(key))):
        text.repairs.add("deadline-hour")
    call_identifier = text.line("callIdentifier") or identifier
    record = TopicRecord(
        identifier=identifier,
        title=title[:1000],
        call_identifier=call_identifier[:100],
        call_title=(text.line("callTitle") or title)[:1000],
        programme=programme,
        programme_name=name or programme,
        type_of_action=(text.line("typesOfAction", "typeOfAction") or text.line("actionType"))[:120],
        status=text.line("callStatus", "status").casefold(),
        opens_at=opening[0] if opening else None,
        deadlines=deadlines,
        deadline_model=_deadline_model(raw, text),
        budget=text.amount("budget", "budgetTotal"),
        min_grant=text.amount("budgetMin", "minContribution"),
        max_grant=text.amount("budgetMax", "maxContribution"),
        expected_grants=text.count("expectedGrants"),
        description=text.block("description"),
        objectives=text.block("objectives"),
        conditions=text.block("topicConditions", "conditions"),
        support=text.block("supportInfo"),
        keywords=text.words("keywords", without=(identifier, call_identifier)),
        tags=text.words("cluster", "crossCuttingPriorities", "tags"),
        reference=text.line("reference")[:100],
        url=_address(text.line("portalUrl", "url")),
        position=position,
    )
    if record.min_grant is not None and record.max_grant is not None and record.min_grant > record.max_grant:
        text.repairs.add("contribution-range")
        record = replace(record, min_grant=None)
    return replace(record, repairs=tuple(sorted(text.repairs)))


def _identifier_damage(identifier: str) -> str:
    if not identifier:
        return "no identifier"
    if len(identifier) > 120:
        return "the identifier is longer than 120 characters"
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/+()-]*", identifier):
        return "the identifier is damaged: letters, digits and ._/+()- are possible"
    return ""


def _slug(name: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "-", name.upper()).strip("-")[:40].strip("-")


def _address(text: str) -> str:
    """An address that a page may link to: the web's own schemes only."""
    return text if re.fullmatch(r"https?://[^\s\"'<>\\]{1,490}", text) else ""


def _deadline_model(raw: dict[str, Any], text: Texts) -> DeadlineModel | None:
    """From ``deadlineModel``, else the submission procedure. ``stage`` is wrong in nearly every real record."""
    procedure = raw.get("submissionProcedure")
    claimed = text.line("deadlineModel").casefold()
    if not claimed and isinstance(procedure, dict):
        claimed = str(procedure.get("abbreviation") or "").casefold()
    model = next((model for model in DeadlineModel if claimed.startswith(model.value)), None)
    stage = text.line("stage").casefold()
    if model is not None and stage and stage != model.value:
        text.repairs.add("stage")
    return model


def _dates(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [str(part).strip() for part in values if part is not None and str(part).strip()]


def _instants(raw: dict[str, Any], keys: Iterable[str], hour: int) -> tuple[datetime, ...]:
    """Of the first key that holds any: ascending, each once. Raises ValueError for what is no date."""
    for key in keys:
        texts = [part for text in _dates(raw.get(key)) for part in re.split(r"\s*[;,]\s*", text) if part]
        if texts:
            return tuple(sorted({_instant(text, hour) for text in texts}))
    return ()


def _instant(text: str, hour: int) -> datetime:
    """A bare date, or milliseconds at UTC midnight, is that day at ``hour`` in Brussels (domain.md 3 and 14)."""
    try:
        if re.fullmatch(r"-?\d{11,14}", text):
            moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=int(text))
            if moment.time() != datetime.min.time():
                return _sensible(moment)
            text = moment.date().isoformat()
        value = datetime.fromisoformat(text)
        if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
            raise ValueError("the year is out of range")
        if value.tzinfo is not None:
            return _sensible(value.astimezone(UTC))
        return deadline_in(value.replace(hour=hour) if len(text) <= 10 else value, zone=BRUSSELS)
    except (ValueError, OverflowError) as problem:
        raise ValueError(f"“{text[:40]}” is no date that can be used ({problem})") from problem


def _sensible(moment: datetime) -> datetime:
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise ValueError("the year is out of range")
    return moment
