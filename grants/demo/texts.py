"""The demo's calls and topics. Identifiers, sizes and rules follow the field; the sentences are our own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class DemoTopic:
    """``template``: see ``grants/calls/actions.json``. Money in euro."""

    suffix: str
    title: str
    description: str
    template: str
    budget: Decimal
    largest: Decimal
    grants: int


@dataclass(frozen=True, slots=True)
class DemoCall:
    """``opens`` and ``closes`` in days from the loading of the demo."""

    identifier: str
    programme: str
    title: str
    summary: str
    opens: int
    closes: int
    topics: tuple[DemoTopic, ...]


_M = Decimal(1_000_000)
CALLS = (
    DemoCall(
        "ISF-{year}-TF2-AG-PROTECT", "ISF", "Protecting children from sexual abuse",
        "Grants for networks and tools with which police, hotlines and helpers stop abuse earlier together.", -40, 9,
        (
            DemoTopic("PREVENT", "Networks for prevention that reach people before they offend",
                      "Helplines and clinics that talk with people at risk of offending exist in few countries. This "
                      "topic pays for networks that carry proven methods to new ones, train staff and measure effects.",
                      "ISF-PJG", Decimal("4.5") * _M, Decimal("0.9") * _M, 5),
            DemoTopic("HOTLINES", "Hotlines that remove material within hours",
                      "Reports cross borders faster than cases do. Proposals join hotlines of several countries, shorten "
                      "the time from report to removal and care for the people who look at the material.",
                      "ISF-PJG", Decimal(3) * _M, Decimal("0.75") * _M, 4),
            DemoTopic("IDENTIFY", "Finding victims in seized material",
                      "Specialists find children in pictures by details of rooms, clothes and sounds. This topic funds "
                      "shared methods, secondments between units and tools that their experts can check.",
                      "ISF-PJG", Decimal(6) * _M, Decimal("1.5") * _M, 4),
        ),
    ),
    DemoCall(
        "ISF-{year}-TF2-AG-TRAIN", "ISF", "Training of practitioners",
        "Courses and exchanges for investigators, prosecutors and forensic interviewers.", 12, 80,
        (
            DemoTopic("INTERVIEW", "Interviews that do no further harm",
                      "Children are interviewed too often and by too many. Proposals train joint teams and set up rooms, "
                      "protocols and supervision.", "ISF-PJG", Decimal("2.4") * _M, Decimal("0.6") * _M, 4),
            DemoTopic("COURT", "Digital evidence that stands in court",
                      "Prosecutors and judges need to understand what a tool found and how sure it is.",
                      "ISF-PJG", Decimal(2) * _M, Decimal("0.5") * _M, 4),
        ),
    ),
    DemoCall(
        "HORIZON-{year}-CL3-FCT", "HORIZON", "Fighting crime: research on forensic tools",
        "Research and innovation for police and forensic institutes.", -60, 23,
        (
            DemoTopic("01", "Forensic tools that say how sure they are",
                      "Methods that find and match traces in large seizures must state their error and explain a hit.",
                      "HE-RIA", Decimal(12) * _M, Decimal(4) * _M, 3),
            DemoTopic("02", "Grooming detected without reading everybody’s messages",
                      "Research on detection that respects the secrecy of communication, tested with partners who "
                      "would have to use it.", "HE-IA", Decimal(10) * _M, Decimal(5) * _M, 2),
        ),
    ),
    DemoCall(
        "HORIZON-{year}-CL3-SUPPORT", "HORIZON", "Exchange between research and practice",
        "Coordination of researchers and practitioners on child protection.", -120, -20,
        (
            DemoTopic("01", "A standing forum of hotlines and researchers",
                      "One forum that gathers needs, runs trials and spreads results.", "HE-CSA", Decimal(2) * _M,
                      Decimal(1) * _M, 2),
        ),
    ),
)  # fmt: skip
