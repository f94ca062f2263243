"""Applicants before a deadline: each saves every few seconds and hands in, some of them twice. Some click twice, some
have two tabs, some lose their connection. What the server said to them is written down, to be held against the
database."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from benchmarks.http import Answer, Broken, Browser
from benchmarks.pages import token_of
from benchmarks.place import Seat

#: Answers that mean: later. All others are final.
LATER = frozenset({502, 503})
REFUSED = frozenset({403, 409})
#: How many of a hundred intents are sent by two clicks, from two tabs, or over a connection that breaks.
CLICKS, TABS, CUTS = 15, 10, 10
#: Nobody hands in later than this before the deadline, in seconds: what the server is allowed to take.
LAST = 2.0
#: How many of a hundred applicants hand in twice, and how many also try after the deadline.
TWICE, LATE = 30, 5
_CODE = re.compile(r"\b[2-9A-HJKMNP-Z]{5}(?:-[2-9A-HJKMNP-Z]{5}){3}\b")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def apart(work: Coroutine[object, object, Any]) -> Any:
    """What the work gives, run in a thread of its own: the present one may have a loop already."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()


@dataclass(frozen=True, slots=True)
class Timing:
    """In seconds from the start. Hands in between ``crowd`` and ``deadline``, most of them late; ``every``: between
    two saves of one applicant."""

    crowd: float
    deadline: float
    every: float


@dataclass
class Intent:
    """One wish to hand in. ``saves``: the number of the last acknowledged save when it was first sent;
    ``versions``: what its answers said; ``codes``: what the pages of the receipts said."""

    key: UUID
    saves: int
    versions: set[int] = field(default_factory=set)
    codes: dict[int, tuple[str, str]] = field(default_factory=dict)


@dataclass
class Said:
    """What the server said to one applicant. ``sent`` and ``saved``: numbers of saves."""

    seat: Seat
    general: bool
    sent: int = 0
    saved: int = 0
    intents: list[Intent] = field(default_factory=list)
    late_taken: int = 0


@dataclass
class Tally:
    """Of the whole crowd. Times in seconds; ``errors``: answers that nobody should get, with their number;
    ``away``: 502 and 503; ``late``: refused, since the deadline passed while they waited, by what they were."""

    submits: list[float] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)
    moments: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)
    retried: int = 0
    away: int = 0
    late: dict[str, int] = field(default_factory=dict)
    unfinished: int = 0

    def wrong(self, what: str) -> None:
        """Count an error."""
        self.errors[what] = self.errors.get(what, 0) + 1


class Applicant:
    """One person with a browser."""

    def __init__(self, said: Said, browser: Browser, tally: Tally, chance: random.Random) -> None:
        self.said, self.browser, self.tally, self.chance = said, browser, tally, chance
        self.token, self.version, self.deadline = "", "", 0.0

    async def live(self, timing: Timing, start: float) -> None:
        """From opening the draft to the deadline, and for some after it."""
        self.deadline = start + timing.deadline
        wait = _until(start, self.chance.uniform(0, min(8.0, timing.crowd)))
        await asyncio.sleep(wait)
        if not await self._open(start + timing.deadline):
            return
        span = timing.deadline - timing.crowd
        moments = [timing.deadline - LAST - span * self.chance.random() ** 2 * 0.95]
        if self._happens(TWICE):
            moments.append(timing.crowd + (moments[0] - timing.crowd) * self.chance.random())
        moments.sort()
        while moments or time.monotonic() < start + timing.deadline - 2 * timing.every:
            pause = self.chance.uniform(0.5, 1.5) * timing.every
            if moments and _until(start, moments[0]) <= pause:
                await asyncio.sleep(_until(start, moments.pop(0)))
                await self._save()
                await self._hand_in()
            else:
                await asyncio.sleep(pause)
                await self._save()
        if self._happens(LATE):
            await asyncio.sleep(_until(start, timing.deadline) + 0.2)
            await self._too_late()

    def _happens(self, share: int) -> bool:
        return self.chance.random() * 100 < share

    async def _open(self, end: float) -> bool:
        part = "general" if self.said.general else "budget"
        page = await self._patiently(lambda: self.browser.get(f"/proposals/{self.said.seat.number}/{part}"), end)
        if page is None or page.status != 200:
            self.tally.wrong(f"open {page.status if page else 'broken'}")
            return False
        self.token = token_of(page.body)
        version = r'name="version"[^>]*value="(\d+)"'
        if not self.said.general:
            version = rf'/budget/{self.said.seat.participant}".*?{version}'
        found = re.search(version, page.body, re.DOTALL)
        self.version = found.group(1) if found else "1"
        return True

    async def _patiently(self, ask: object, end: float | None = None) -> Answer | None:
        """Ask again until there is an answer that is final; None when patience ends. As autosave.js does."""
        end = end or time.monotonic() + 60
        pause = 0.1
        while True:
            try:
                answer: Answer = await ask()  # type: ignore[operator]
            except Broken:
                self.tally.retried += 1
            else:
                if answer.status not in LATER:
                    return answer
                self.tally.away += 1
            if time.monotonic() > end:
                return None
            await asyncio.sleep(pause * self.chance.uniform(0.5, 1.5))
            pause = min(pause * 2, 2.0)

    async def _save(self) -> None:
        said = self.said
        said.sent += 1
        number, began = said.sent, time.monotonic()
        answer = None
        for _ in range(3):  # an answer that was lost makes the next try stale once, as for autosave.js
            cut = [self._happens(CUTS // 5)]
            answer = await self._patiently(lambda cut=cut: self._send(number, cut=bool(cut) and cut.pop()))
            if answer is None or answer.status != 409:
                break
            self.version = re.search(r'"version":\s*(\d+)', answer.body).group(1)  # type: ignore[union-attr]
        if answer is None:
            self.tally.unfinished += 1
        elif answer.status != 200:
            self._refused("save", answer)
        else:
            self.version = re.search(r'"version":\s*(\d+)', answer.body).group(1)  # type: ignore[union-attr]
            said.saved = number
            self.tally.saves.append(time.monotonic() - began)

    async def _send(self, number: int, *, cut: bool) -> Answer:
        seat, form = self.said.seat, {"csrf_token": self.token, "version": self.version}
        if self.said.general:
            form |= {"title": f"Title {number}", "abstract": "What we do, in more words. " * 40}
            return await self.browser.post(f"/proposals/{seat.number}/general/save", form, script=True, cut=cut)
        form |= {"A": str(100_000 + number)}
        path = f"/proposals/{seat.number}/budget/{seat.participant}"
        return await self.browser.post(path, form, script=True, cut=cut)

    async def _hand_in(self) -> None:
        """Open the page and press its button: once, twice at once, in two tabs, or without hearing the answer."""
        path = f"/proposals/{self.said.seat.number}/submit"
        tabs = [self.browser]
        pages = [await self._patiently(lambda: self.browser.get(path))]
        two_tabs = self._happens(TABS)
        if two_tabs or self._happens(CLICKS):
            tabs.append(self.browser.another())
            pages.append(await self._patiently(lambda: tabs[1].get(path)) if two_tabs else pages[0])
        sent: list[Coroutine[None, None, None]] = []
        for tab, page in zip(tabs, pages, strict=True):
            found = re.search(r'name="key"[^>]*value="([^"]+)"', page.body) if page else None
            if found is None:
                self.tally.wrong(f"submit page {page.status if page else 'broken'}")
                return
            sent.append(self._press(tab, path, self._intent(UUID(found.group(1)), alone=not sent)))
        await asyncio.gather(*sent)
        for tab in tabs[1:]:
            await tab.close()

    def _intent(self, key: UUID, *, alone: bool) -> Intent:
        """Two tabs that show the same draft are one intent: they must give one version."""
        if alone:
            self.said.intents.append(Intent(key, self.said.saved))
        elif self.said.intents[-1].key != key:
            self.tally.wrong("two tabs with two keys")
        return self.said.intents[-1]

    async def _press(self, tab: Browser, path: str, intent: Intent) -> None:
        form, cut = {"csrf_token": self.token, "key": str(intent.key), "declared": "y"}, [self._happens(CUTS)]
        began = time.monotonic()
        answer = await self._patiently(lambda: tab.post(path, form, cut=bool(cut) and cut.pop()))
        if answer is None:
            self.tally.unfinished += 1
        elif answer.status != 302:
            self._refused("submit", answer)
        else:
            self.tally.submits.append(time.monotonic() - began)
            self.tally.moments.append(time.monotonic())
            where = re.sub(r"^https?://[^/]+", "", answer.headers["location"])
            version = int(where.rsplit("/", 1)[1])
            intent.versions.add(version)
            shown = await self._patiently(lambda: tab.get(where))
            if shown is None or shown.status != 200:
                self.tally.wrong(f"receipt {shown.status if shown else 'broken'}")
            elif (code := _CODE.search(shown.body)) and (digest := _HASH.search(shown.body)):
                intent.codes[version] = (code.group(), digest.group())

    def _refused(self, what: str, answer: Answer) -> None:
        if answer.status in REFUSED and time.monotonic() >= self.deadline:
            self.tally.late[what] = self.tally.late.get(what, 0) + 1
        else:
            self.tally.wrong(f"{what} {answer.status}")

    async def _too_late(self) -> None:
        """After the deadline a new intent is refused, and so is a save."""
        path = f"/proposals/{self.said.seat.number}/submit"
        form = {"csrf_token": self.token, "key": str(UUID(int=self.chance.getrandbits(128))), "declared": "y"}
        answer = await self._patiently(lambda: self.browser.post(path, form))
        if answer is None or answer.status not in REFUSED:
            self.tally.wrong(f"late {answer.status if answer else 'broken'}")
            self.said.late_taken += 1


def _until(start: float, moment: float) -> float:
    return max(0.0, start + moment - time.monotonic())


async def run(seats: list[Seat], port: int, timing: Timing, start: float, *, seed: int) -> tuple[list[Said], Tally]:
    """All of them; half save the general part, half a row of the budget."""
    tally, chance = Tally(), random.Random(seed)
    all_said = [Said(seat, number % 2 == 0) for number, seat in enumerate(seats)]
    people = [
        Applicant(said, Browser(port, said.seat.cookie), tally, random.Random(chance.random())) for said in all_said
    ]
    await asyncio.gather(*(each.live(timing, start) for each in people))
    for each in people:
        await each.browser.close()
    return all_said, tally
