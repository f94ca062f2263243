"""The words of each theme of the demo: who works, on what, for whom; and the problem in a few sentences."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """``problems`` begin abstracts; the other words fill the slots of ``sentences`` and ``packages``."""

    users: str
    group: str
    work: str
    material: str
    unit: str
    problems: tuple[str, ...]


THEMES: dict[str, Theme] = {
    "prevention": Theme(
        "counsellors and therapists",
        "people at risk of offending and the children near them",
        "early counselling",
        "calls and requests",
        "helpline",
        (
            "Many people who fear that they might abuse a child would talk to somebody if they knew to whom.",
            "Prevention that begins before the first act is cheap, lawful and rare.",
        ),
    ),
    "hotlines": Theme(
        "hotline analysts",
        "children whose pictures circulate",
        "the removal of material",
        "reports",
        "hotline",
        (
            "Pictures of abuse are copied faster than reports about them travel.",
            "For a child whose pictures circulate, the abuse does not end with the arrest.",
            "Hotlines of different countries do the same work at the same hour without knowing it.",
        ),
    ),
    "identification": Theme(
        "specialists of victim identification",
        "children who have not been found yet",
        "the search for victims",
        "series of pictures",
        "unit",
        (
            "Behind every new series of pictures is a child who lives somewhere and can be found.",
            "Specialists recognise a country by a socket and a year by a school bag, but they are few.",
            "What one unit knows about a place, another one looks for in vain.",
            "Seized material grows faster than the units that search it for children in danger.",
        ),
    ),
    "forensics": Theme(
        "forensic examiners",
        "victims who wait for a case to be understood",
        "the examination of seizures",
        "seized devices",
        "laboratory",
        (
            "Laboratories receive more in a week than they could examine in a year.",
            "Tools find matches, yet few of them say how often they are wrong.",
            "A finding that nobody can explain helps neither the court nor the child.",
            "Examiners look at what nobody should have to see, often because a tool could not sort it.",
            "Evidence of abuse lies on devices of which only a small part is ever opened.",
        ),
    ),
    "grooming": Theme(
        "moderators and helpline staff",
        "children who are approached online",
        "protection on services for children",
        "conversations",
        "service",
        (
            "Children are approached where they play, learn and talk, and mostly nobody notices in time.",
            "Protection that reads everything harms those whom it wants to protect.",
            "The first messages of a groomer look kind, and this is the difficulty.",
            "Services know little about what helps a child at the moment when a stranger asks for a picture.",
        ),
    ),
    "support": Theme(
        "interviewers, doctors and therapists",
        "children who have been abused",
        "help after a report",
        "first reports",
        "service",
        (
            "After a report, a child often meets eight strangers before anybody helps.",
            "Proceedings are planned around files and rooms, seldom around the child.",
            "In many regions the next trained interviewer is a day’s journey away.",
            "Months pass between a report and the first hour of therapy.",
        ),
    ),
    "training": Theme(
        "investigators",
        "children who depend on a well-led case",
        "investigation of abuse online",
        "new cases",
        "unit",
        (
            "New investigators begin with the hardest material and the least experience.",
            "Units against abuse online are set up quickly and lose their people within two years.",
            "Courses exist, but they end where daily work begins.",
            "What an academy teaches and what a unit needs are decided in different places.",
        ),
    ),
}
