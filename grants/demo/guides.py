"""The guide for applicants that each call of the demo publishes: a PDF of a few pages. Pure."""

from __future__ import annotations

from datetime import date

from grants.demo.setting import typeset
from grants.demo.texts import DemoCall

_ADVICE = (
    ("Before you write", (
        "Read the topic twice, once for what it asks and once for what it does not ask.",
        "All questions of the form can be read before you sign in. Prepare the answers with your partners, then copy "
        "them in.",
        "Ask the contact of the call early: answers take two working days, and nobody answers on the last evening.",
    )),
    ("The consortium", (
        "Every partner needs its number in the register of organisations. Add yours at once if it is missing.",
        "The coordinator hands in for all. Partners read everything and can be given the right to write.",
        "Say for each partner what only this partner can do.",
    )),
    ("The budget", (
        "Enter direct costs by category; indirect costs and the largest contribution are computed as you type.",
        "Equipment counts by its depreciation during the project.",
        "Subcontracting of a core task is a weakness that experts will notice.",
    )),
    ("Part B", (
        "One PDF, unlocked, within the limit of pages that the topic names. Pages after the limit are not read.",
        "Experts read at a screen beside their form: number your headings and keep tables within the margins.",
        "No links to further material: what counts stands in the file.",
    )),
    ("Handing in", (
        "Hand in as often as you like until the deadline; the last version counts. Begin the day before.",
        "The receipt comes at once, as a page, a PDF and a letter. It names every file with its fingerprint.",
        "The deadline is that of the server, to the thousandth of a second.",
    )),
    ("What happens then", (
        "Experts who have no interest in it read each proposal, first alone and then together.",
        "Everybody is told on the same day, with the marks and the reasons.",
        "Those on the main list are invited to prepare the agreement.",
    )),
)  # fmt: skip


def pdf(call: DemoCall, *, identifier: str, made: date) -> bytes:
    """The guide as PDF. The same call gives the same pages."""
    content = {
        "title": call.title, "identifier": identifier, "summary": call.summary,
        "date": [made.year, made.month, made.day],
        "topics": [[each.title, each.description] for each in call.topics],
        "advice": [[title, list(texts)] for title, texts in _ADVICE],
    }  # fmt: skip
    return typeset(_TEMPLATE, content)


_TEMPLATE = r"""
#let content = json(bytes(sys.inputs.content))
#let (y, m, d) = content.date
#let day = datetime(year: y, month: m, day: d)
#set document(title: "Guide for applicants, " + content.identifier, date: day)
#set page(paper: "a4", margin: 25mm, numbering: "1")
#set text(font: "Libertinus Serif", size: 11pt, lang: "en", hyphenate: false)
#set par(justify: true, linebreaks: "simple", leading: 0.85em, spacing: 1.3em)
#show heading: it => { v(3mm); text(13pt, rgb("#12504a"), it); v(1mm) }
#v(20mm)
#text(11pt, luma(90), content.identifier) \ #v(2mm)
#text(24pt, rgb("#12504a"), strong[Guide for applicants]) \ #v(2mm) #text(15pt, content.title) \ #v(4mm)
#content.summary #h(1fr) #day.display("[day padding:none] [month repr:long] [year]")
#heading("Topics")
#for (title, text_) in content.topics { par(strong(title)); for each in text_.split("\n\n") { par(each) } }
#for (title, texts) in content.advice { heading(title); for each in texts [- #each] }
"""
