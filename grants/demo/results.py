"""What the demo's projects hand in: deliverables and periodic reports, as PDFs of a few pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random

from grants.demo.plan import ProposalPlan
from grants.demo.setting import typeset
from grants.demo.themes import THEMES
from grants.demo.wording import capital, number, paragraphs, say
from grants.demo.workplans import DeliverablePlan, PackagePlan

_SUMMARY = (
    "This document says what was done, what came of it, and what others may take from it.",
    "It is written for {users} first, and for those who decide about their time and money.",
    "It replaces the draft that all partners read {n1} days ago; their remarks stand at the end of each section.",
    "Whoever has ten minutes may read this page and the table.",
)
_DONE = (
    "{lead} prepared the work with {other}; {n2} {users} from {countries} countries took part.",
    "Two meetings were held in person and {n3} at a distance, the shorter the better.",
    "[Records|Notes] were kept from the first day on, so that others can follow each step.",
    "What was planned for [one|two] of the services had to wait, since its staff had changed; it was made up for "
    "in the following month.",
    "A person who had not taken part before read all texts and asked what she did not understand.",
    "The material was tried on invented cases before anybody worked with real ones.",
    "{other} translated the questions; half of them were changed after the first day.",
    "The partners for {work} met in {n3} smaller groups and put their results together at the end.",
)
_FOUND = (
    "{users_c} lose [most|more] time between the steps than within them.",
    "Where one person answers for a case from the beginning to the end, it is closed {n1} days earlier.",
    "The differences between services are larger than those between countries.",
    "What helps {group} most is an answer that keeps its date, even where it is not the one hoped for.",
    "Of {n4} items that were looked at twice, {n1} were judged in another way the second time.",
    "The common words are used by all; the common form is used by [half|most] of the services.",
    "Staff who were freed from other duties finished; where they were not, the work stood still.",
    "One of our assumptions was wrong: more [equipment|data] did not make anybody faster.",
    "The effect is visible in {n3} of the services that were measured, and weak in the others.",
)
_NEXT = (
    "The next package takes up the [three|four] points of the table that were marked as urgent.",
    "{other} keeps the material up to date and answers questions until the end of the project.",
    "What did not work is written down as carefully as what did; {lead} tells it to the other projects.",
    "The next round is open to two services that are not partners.",
    "A shorter version is made for heads of services, one page in each language.",
    "The figures are counted again after six months, by the same people and in the same way.",
)
_POINTS = (
    ("Waiting for an answer from another country", "One address in each country", "agreed"),
    ("Different words for the same thing", "The common list, learned in an hour", "in use"),
    ("Findings without a stated error", "A field that cannot be left empty", "in trial"),
    ("New staff without a teacher", "A mentor for the first three months", "agreed"),
    ("Too much exposure at night", "Two people, shorter shifts", "in use"),
    ("Material that nobody finds again", "One place, one index, one person", "in trial"),
    ("Superiors who do not know the work", "One day beside those who do it", "planned"),
    ("Courts that ask for more", "The page of limits, handed over with each finding", "in trial"),
)
_PERIOD = (
    "{acronym} has done what it had planned for this time, with [one|two] delays that do not touch its end.",
    "{n2} {users} were [trained|reached], {n1} of them from services that are not partners.",
    "The costs lie {n3} per cent below the plan, mostly because [journeys were fewer|a post was filled late].",
    "Of the risks foreseen, [one|two] came true; the answers to them held.",
    "For {group}, the most visible change is that somebody [answers within days|calls back].",
    "The board met twice and asked for [shorter texts|earlier trials], which was done.",
)


def deliverable(plan: ProposalPlan, package: PackagePlan, result: DeliverablePlan, *, made: date) -> bytes:
    """A deliverable as PDF. The same plan gives the same pages."""
    rng = Random(f"{plan.seed}:{result.code}")  # noqa: S311 a demo, no secret
    sections = [
        ["Summary", _paragraphs(plan, _SUMMARY, rng=rng)],
        [f"What was done: {package.text.title}", _paragraphs(plan, _DONE, rng=rng)],
        ["What was found", _paragraphs(plan, _FOUND, rng=rng)],
        ["What comes next", _paragraphs(plan, _NEXT, rng=rng)],
    ]
    points = [list(each) for each in rng.sample(_POINTS, 6)]
    return _pdf(plan, f"{result.code} {result.title}", sections, points, made=made)


def report(plan: ProposalPlan, number_: int, *, made: date) -> bytes:
    """The technical part of a periodic report as PDF."""
    rng = Random(f"{plan.seed}:report {number_}")  # noqa: S311
    sections = [["The period in short", [period_summary(plan, number_)]]]
    for package in plan.packages:
        tasks = "; ".join(
            f"{package.number}.{place} {each.title}" for place, each in enumerate(package.text.tasks, 1)
        )
        said = [f"Tasks: {tasks}.", *_paragraphs(plan, rng.sample(_DONE, 6) + rng.sample(_FOUND, 6), rng=rng)]
        sections.append([f"Work package {package.number}: {package.text.title}", said])
    sections.append(["Outlook", _paragraphs(plan, _NEXT, rng=rng)])
    points = [list(each) for each in rng.sample(_POINTS, 5)]
    return _pdf(plan, f"Periodic report {number_}, technical part", sections, points, made=made)


def period_summary(plan: ProposalPlan, number_: int) -> str:
    """The summary for the public of a periodic report."""
    rng = Random(f"{plan.seed}:summary {number_}")  # noqa: S311
    return " ".join(_say(plan, rng.sample(_PERIOD, 5), rng=rng))


def _paragraphs(plan: ProposalPlan, sentences: Sequence[str], *, rng: Random) -> list[str]:
    return paragraphs(_say(plan, sentences, rng=rng), rng=rng)


def _say(plan: ProposalPlan, sentences: Sequence[str], *, rng: Random) -> list[str]:
    words, names = THEMES[plan.theme], [each.organisation for each in plan.partners]
    facts = {
        "acronym": plan.idea.acronym, "users": words.users, "users_c": capital(words.users), "group": words.group,
        "work": words.work, "lead": names[0], "countries": number(len({each.row.country for each in plan.partners})),
        "n1": str(rng.randint(8, 19)), "n2": str(rng.randint(24, 90)), "n3": number(rng.randint(3, 8)),
        "n4": str(rng.randint(120, 400)),
    }  # fmt: skip
    return [say(each, facts, others=names[1:] or names, rng=rng) for each in sentences]


def _pdf(
    plan: ProposalPlan, title: str, sections: Sequence[Sequence[object]], points: Sequence[list[str]], *, made: date
) -> bytes:
    content = {
        "title": title, "acronym": plan.idea.acronym, "project": plan.idea.title, "sections": sections,
        "points": points, "date": [made.year, made.month, made.day],
        "partners": [each.row.legal for each in plan.partners],
    }  # fmt: skip
    return typeset(_TEMPLATE, content)


_TEMPLATE = r"""
#let content = json(bytes(sys.inputs.content))
#let (y, m, d) = content.date
#let day = datetime(year: y, month: m, day: d)
#set document(title: content.acronym + ", " + content.title, date: day)
#set page(paper: "a4", margin: 25mm, numbering: "1",
  header: text(9pt, luma(90))[#content.acronym #h(1fr) #content.title])
#set text(font: "Libertinus Serif", size: 11pt, lang: "en", hyphenate: false)
#set par(justify: true, linebreaks: "simple", leading: 0.9em, spacing: 1.4em)
#set heading(numbering: "1.")
#show heading: it => { v(3mm); text(13pt, rgb("#12504a"), it); v(1mm) }
#v(20mm)
#text(24pt, rgb("#12504a"), strong(content.acronym)) \ #v(2mm) #text(13pt, content.project) \ #v(6mm)
#text(16pt, content.title) \ #v(4mm) #day.display("[day padding:none] [month repr:long] [year]")
#v(6mm) #text(10pt, content.partners.join([ #sym.dot.c ]))
#v(8mm)
#for (heading_, texts) in content.sections { heading(heading_); for each in texts { par(each) } }
#heading("Points that were settled")
#{
  set par(justify: false, leading: 0.6em)
  set text(10pt)
  table(columns: (3fr, 3fr, 1fr), stroke: 0.4pt + luma(150), inset: 5pt,
    fill: (x, y) => if y == 0 { rgb("#e3eeec") },
    table.header(strong[Point], strong[Answer], strong[State]), ..content.points.flatten())
}
"""
