"""The demo's calls and topics. Identifiers, sizes and rules follow the field; the sentences are our own."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Stage(StrEnum):
    """How far a call is when the demo is loaded. The later stages come with the history of their proposals."""

    FORTHCOMING = "forthcoming"
    OPEN = "open"
    EVALUATION = "evaluation"
    DECIDED = "decided"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many proposals a topic gets: handed in, left as drafts, withdrawn."""

    submitted: int = 0
    drafts: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, slots=True)
class DemoTopic:
    """``template``: see ``grants/calls/templates``; ``theme``: see ``themes``. Money in euro.

    ``full`` and ``small``: the proposals that it gets in either size of the demo.
    """

    suffix: str
    title: str
    description: str
    template: str
    theme: str
    budget: Decimal
    largest: Decimal
    grants: int
    full: Crowd = Crowd()
    small: Crowd = Crowd()


@dataclass(frozen=True, slots=True)
class DemoCall:
    """``opens`` and ``closes`` in days from the loading of the demo; ``{year}`` is the year of the opening."""

    identifier: str
    programme: str
    title: str
    summary: str
    stage: Stage
    opens: int
    closes: int
    topics: tuple[DemoTopic, ...]


_M = Decimal(1_000_000)
CALLS = (
    DemoCall(
        "ISF-{year}-TF2-AG-PROTECT", "ISF", "Protecting children from sexual abuse",
        "Grants for networks and tools with which police, hotlines and helpers stop abuse earlier together.",
        Stage.OPEN, -40, 9,
        (
            DemoTopic("PREVENT", "Networks for prevention that reach people before they offend",
                      "Helplines and clinics that talk with people at risk of offending exist in few countries. This "
                      "topic pays for networks that carry proven methods to new ones, train staff and measure effects.\n\n"
                      "Proposals name the method that they carry, show what is known about its effects, and say how "
                      "people in the new countries will learn that the service exists. Work with courts and prisons "
                      "is welcome where it is voluntary for the person. Effects are measured by somebody who does not "
                      "deliver the service.",
                      "ISF-PJG", "prevention", Decimal("4.5") * _M, Decimal("0.9") * _M, 5, Crowd(1, 1)),
            DemoTopic("HOTLINES", "Hotlines that remove material within hours",
                      "Reports cross borders faster than cases do. Proposals join hotlines of several countries, shorten "
                      "the time from report to removal and care for the people who look at the material.\n\n"
                      "The time between report and removal is the first indicator: proposals state it for the year "
                      "before they start and for each year of the project. Agreements with police on what is passed "
                      "on, and when, are part of the work. Each hotline describes how its analysts are looked after.",
                      "ISF-PJG", "hotlines", Decimal(3) * _M, Decimal("0.75") * _M, 4, Crowd(1, 1)),
            DemoTopic("IDENTIFY", "Finding victims in seized material",
                      "Specialists find children in pictures by details of rooms, clothes and sounds. This topic funds "
                      "shared methods, secondments between units and tools that their experts can check.\n\n"
                      "A unit that receives a specialist of another one writes down what changed in its own practice. "
                      "Tools run on the unit's own machines. Proposals say how many series they expect to work on "
                      "and how a found child is brought to help in the country where it lives.",
                      "ISF-PJG", "identification", Decimal(6) * _M, Decimal("1.5") * _M, 4, Crowd(1)),
        ),
    ),
    DemoCall(
        "HORIZON-CL3-{year}-02", "HORIZON", "Fighting crime: research with practitioners",
        "Research and its exchange with police, forensic institutes and hotlines.", Stage.OPEN, -60, 23,
        (
            DemoTopic("FCT-01", "Forensic tools that say how sure they are",
                      "Methods that find and match traces in large seizures must state their error and explain a hit.\n\n"
                      "Research is expected on how certainty is measured, shown to an examiner and told to a court. "
                      "At least two forensic institutes or police laboratories test the results on cases that are "
                      "closed. Reference material is made in a way that allows others to repeat the measurements.",
                      "HE-RIA", "forensics", Decimal(12) * _M, Decimal(4) * _M, 3, Crowd(0, 2), Crowd(0, 1)),
            DemoTopic("FCT-02", "A standing forum of hotlines and researchers",
                      "One forum that gathers needs, runs trials and spreads results.\n\n"
                      "The forum meets at least twice a year, keeps a public list of needs with their order, and helps "
                      "researchers to try what they made with analysts who would use it. It shows how it goes on "
                      "when the grant ends.",
                      "HE-CSA", "hotlines", Decimal(2) * _M, Decimal(1) * _M, 2, Crowd(1, 1), Crowd(1, 1)),
        ),
    ),
    DemoCall(
        "ISF-{year}-TF2-AG-TRAIN", "ISF", "Training of practitioners",
        "Courses and exchanges for investigators, prosecutors and forensic interviewers.",
        Stage.FORTHCOMING, 12, 80,
        (
            DemoTopic("INTERVIEW", "Interviews that do no further harm",
                      "Children are interviewed too often and by too many. Proposals train joint teams and set up rooms, "
                      "protocols and supervision.\n\n"
                      "Courses are for police, prosecutors, child protection and medical staff together. A participant "
                      "is visited at work half a year later, and what is found there decides whether the course "
                      "is changed.", "ISF-PJG", "training", Decimal("2.4") * _M, Decimal("0.6") * _M, 4),
            DemoTopic("COURT", "Digital evidence that stands in court",
                      "Prosecutors and judges need to understand what a tool found and how sure it is.\n\n"
                      "Proposals develop short courses with material in the languages of the countries that take part, "
                      "and moot trials with the experts whom the parties would call.",
                      "ISF-PJG", "forensics", Decimal(2) * _M, Decimal("0.5") * _M, 4),
        ),
    ),
    DemoCall(
        "HORIZON-CL3-{year}-01", "HORIZON", "Fighting crime: better evidence, respect for private life",
        "Research and innovation for investigators of abuse, with the rights of everybody else in view.",
        Stage.EVALUATION, -155, -36,
        (
            DemoTopic("FCT-01", "Traces in seizures that nobody can look through",
                      "A single seizure may hold ten million files. Research under this topic helps examiners to find what "
                      "matters first, to see why it was put first, and to stop looking when enough is known.\n\n"
                      "Methods are tried with examiners during the whole project, on material that may lawfully be "
                      "used. The burden on the people who look at it is measured as carefully as the time.",
                      "HE-RIA", "forensics", Decimal(12) * _M, Decimal(4) * _M, 3, Crowd(13, 1, 0), Crowd(2)),
            DemoTopic("FCT-02", "Grooming detected without reading everybody’s messages",
                      "Research on detection that respects the secrecy of communication, tested with partners who "
                      "would have to use it.\n\n"
                      "Solutions work on the child's own device or with its consent, can be explained to a child of "
                      "twelve, and leave no trace of conversations in which nothing happened. Companies that offer "
                      "services to children take part in the trials.",
                      "HE-IA", "grooming", Decimal(10) * _M, Decimal(5) * _M, 2, Crowd(11, 0, 1), Crowd()),
        ),
    ),
    DemoCall(
        "ISF-{year}-TF2-AG-VICTIMS", "ISF", "Victims found and helped",
        "Grants for units that identify victims, and for those who help them from the first day.",
        Stage.DECIDED, -222, -153,
        (
            DemoTopic("SUPPORT", "Help for children from the first report on",
                      "Between a report and the first hour of therapy lie months in most countries. Proposals shorten this "
                      "time, with police, health services and schools of at least two countries.\n\n"
                      "Houses where a child is heard, examined and helped at one place are funded as well as "
                      "travelling teams for regions without one. Children and young people who went this way before "
                      "have a say in the design.",
                      "ISF-PJG", "support", Decimal("4.5") * _M, Decimal("0.9") * _M, 5, Crowd(9, 1), Crowd(2)),
            DemoTopic("UNITS", "Units that share how they identify victims",
                      "Few units have specialists who find children in pictures, and they learn from each other by chance. "
                      "This topic pays for joint weeks, exchanges of staff and common procedures.\n\n"
                      "Every joint week works on real series under the law of the host. Procedures are written so that "
                      "a unit of three people can follow them.",
                      "ISF-PJG", "identification", Decimal(3) * _M, Decimal("0.75") * _M, 4, Crowd(9), Crowd()),
        ),
    ),
    DemoCall(
        "ISF-{year}-TF1-AG-CSA", "ISF", "Training and equipment of units against child sexual abuse online",
        "Grants for units that are new to the field, with those that have done it for years.",
        Stage.RUNNING, -1130, -1066,
        (
            DemoTopic("UNITS", "New units that can work after a year",
                      "Several countries set up their first unit for abuse online. This topic brings them together with "
                      "experienced ones: courses, mentors, equipment and procedures that fit small teams.\n\n"
                      "A proposal covers the whole way from the first selection of staff to independent work. It "
                      "measures cases that were closed, children who were found, and staff who stayed.",
                      "ISF-PJG", "training", Decimal(6) * _M, Decimal("1.2") * _M, 5, Crowd(12), Crowd(2)),
        ),
    ),
)  # fmt: skip
