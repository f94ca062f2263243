"""Part B of a demo proposal: a PDF of real length, composed from the plan and the sentences beside this page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import Any

from babel import Locale

from grants.demo.packages import RISKS
from grants.demo.plan import PartnerPlan, ProposalPlan
from grants.demo.profiles import (
    CHANNELS,
    CONTRIBUTIONS,
    COUNTRY,
    EARLIER,
    INDICATORS,
    PROFILES,
    SELF_ASSESSMENT,
    STAFF,
)
from grants.demo.sentences import SENTENCES
from grants.demo.setting import typeset
from grants.demo.themes import THEMES
from grants.demo.wording import capital, number, paragraphs, say
from grants.demo.workplans import PackagePlan

Block = list[Any]
#: Headings with the sentences (lower case) or the parts (``_name``) below them; order and names by programme.
_HORIZON = (
    ("Excellence", (("Needs", "need"), ("Situation in the countries", "_countries"),
                    ("State of the art", "state"), ("Objectives", "objective"),
                    ("Steps", "_steps"), ("Methodology", "concept"), ("Gender and diversity", "gender"))),
    ("Impact", (("Pathways towards impact", "impact"), ("Indicators", "_indicators"),
                ("Dissemination, exploitation, communication", "spreading"),
                ("Readers and channels", "_channels"), ("After the project", "lasting"),
                ("Why a Union project", "added"))),
    ("Quality and efficiency of the implementation",
     (("Management", "management"), ("Quality of the results", "quality"), ("Consortium as a whole", "partnership"),
      ("Capacity of participants", "_profiles"))),
    ("Work plan", (("Overview and timing", "_gantt"), ("Work packages", "_packages"),
                   ("Deliverables", "_deliverables"), ("Milestones", "_milestones"), ("Effort", "_effort"),
                   ("Critical risks", "_risks"), ("Budget", "_budget"))),
    ("Ethics and security", (("Ethics", "ethics"), ("Self-assessment", "_self_assessment"), ("Data", "data"))),
    ("Declarations", (("What the partners declare", "declarations"),)),
)  # fmt: skip
_SECURITY_FUND = (
    ("Relevance", (("Background and needs", "need"), ("Situation in the countries", "_countries"),
                   ("Objectives", "objective"), ("Steps", "_steps"),
                   ("European added value", "added"))),
    ("Quality", (("Concept and method", "concept"), ("What is known", "state"), ("Management", "management"),
                 ("Quality assurance and evaluation", "quality"), ("Partnership", "partnership"),
                 ("Participants", "_profiles"), ("Risks", "_risks"))),
    ("Impact", (("Effects", "impact"), ("Indicators", "_indicators"), ("Communication", "spreading"),
                ("Readers", "_channels"),
                ("Sustainability", "lasting"), ("Gender and diversity", "gender"))),
    ("Work plan and budget", (("Timetable", "_gantt"), ("Work packages", "_packages"),
                              ("Deliverables", "_deliverables"), ("Milestones", "_milestones"),
                              ("Staff effort", "_effort"), ("Budget", "_budget"))),
    ("Ethics, data and security", (("Ethics", "ethics"), ("Self-assessment", "_self_assessment"),
                                   ("Data", "data"))),
    ("Declarations", (("What the partners declare", "declarations"),)),
)  # fmt: skip


def pdf(plan: ProposalPlan, *, topic: str, made: date) -> bytes:
    """Part B as PDF. ``topic``: identifier and title for the first page. The same plan gives the same pages."""
    return typeset(
        _TEMPLATE,
        {
            "blocks": compose(plan), "topic": topic, "acronym": plan.idea.acronym, "title": plan.idea.title,
            "date": [made.year, made.month, made.day],
        },
    )  # fmt: skip


def compose(plan: ProposalPlan) -> list[Block]:
    """The document as a list of blocks: kind, then what ``_TEMPLATE`` needs to set it."""
    return list(_Composer(plan).document())


class _Composer:
    """One document in the making: its facts, its random numbers, the parts by name."""

    def __init__(self, plan: ProposalPlan) -> None:
        self.plan = plan
        self.rng = Random(f"{plan.seed}:part b")  # noqa: S311 a demo, no secret
        self.names = [each.organisation for each in plan.partners]
        self.facts = self._facts()

    def _facts(self) -> dict[str, str]:
        plan, words, rng = self.plan, THEMES[self.plan.theme], self.rng
        effort = [sum(own) for own in self._efforts().values()]
        means, result = f"the partners {plan.idea.means}", plan.idea.result
        return {
            "acronym": plan.idea.acronym, "aim": plan.idea.aim, "means": means, "means_c": capital(means),
            "result": result, "result_c": capital(result), "users": words.users, "users_c": capital(words.users),
            "group": words.group, "Group": capital(words.group), "work": words.work, "material": words.material,
            "material_c": capital(words.material), "unit": words.unit, "lead": self.names[0],
            "months": str(plan.months), "m1": str(plan.months // 3), "m2": str(plan.months * 2 // 3),
            "size": number(len(self.names)), "countries": number(len({each.row.country for each in plan.partners})),
            "women": number(plan.women), "men": number(plan.men), "least": str(min(effort)),
            "n1": str(rng.randint(12, 28)), "n2": str(rng.randint(35, 60)), "n3": str(rng.randint(40, 140)),
            "n4": str(rng.randint(18, 34)), "n5": str(rng.randint(60, 180)), "n6": str(rng.randint(8, 40) * 10),
            "n7": number(rng.randint(6, 10)), "n8": rng.choice(("three", "four")), "n9": str(rng.randint(15, 40)),
        }  # fmt: skip

    def _efforts(self) -> dict[str, list[int]]:
        return {name: [dict(each.effort).get(name, 0) for each in self.plan.packages] for name in self.names}

    def _say(self, template: str, **more: str) -> str:
        others = [name for name in self.names[1:] if name != more.get("partner")] or self.names[:1]
        return say(template, {**self.facts, **more}, others=others, rng=self.rng)

    def document(self) -> Iterator[Block]:
        """All of it in order."""
        rows = [
            [str(index), each.row.legal, each.organisation, each.row.country, each.role.label]
            for index, each in enumerate(self.plan.partners, 1)
        ]
        yield ["table", "Participants", ["No", "Name", "Short name", "Country", "Role"], rows, [1, 8, 3, 2, 4]]
        yield ["p", self.plan.abstract]
        yield ["contents"]
        for title, parts in _HORIZON if self.plan.template.startswith("HE") else _SECURITY_FUND:
            yield ["h1", title]
            for heading, part in parts:
                yield ["h2", heading]
                yield from getattr(self, part)() if part.startswith("_") else self._text(part)

    def _text(self, purpose: str) -> Iterator[Block]:
        for paragraph in paragraphs([self._say(text) for text in SENTENCES[purpose]], rng=self.rng):
            yield ["p", paragraph]

    def _indicators(self) -> Iterator[Block]:
        rows = [
            [name, unit, str(before), str(round(after * self.rng.uniform(0.8, 1.1))), f"M{self.plan.months}"]
            for name, unit, before, after in self.rng.sample(INDICATORS, 7)
        ]
        yield ["p", self._say("The values before the start come from {n7} services; package 2 will correct them.")]
        yield ["table", "Indicators", ["Indicator", "Unit", "Before", "Aim", "By"], rows, [8, 4, 2, 2, 2]]

    def _countries(self) -> Iterator[Block]:
        rng, places = self.rng, Locale("en").territories
        for code in dict.fromkeys(each.row.country for each in self.plan.partners):
            own = {"place": places[code], "a": str(rng.randint(6, 48)), "b": str(rng.randint(9, 90) * 20 + 3),
                   "c": str(rng.randint(30, 160)), "d": str(rng.randint(11, 50))}  # fmt: skip
            yield ["h3", places[code]]
            for paragraph in paragraphs([self._say(text, **own) for text in rng.sample(COUNTRY, 7)], rng=rng):
                yield ["p", paragraph]

    def _steps(self) -> Iterator[Block]:
        rows = [
            [f"WP{each.number}", self._say(each.text.objectives[0]), each.deliverables[-1].title,
             f"M{each.deliverables[-1].month}"] for each in self.plan.packages
        ]  # fmt: skip
        yield ["p", self._say("The table leads from the objectives to the packages and to what each leaves behind.")]
        yield ["table", "From objectives to results", ["Package", "Aim", "Last result", "By"], rows, [3, 9, 6, 2]]

    def _channels(self) -> Iterator[Block]:
        rows = [[self._say(cell) for cell in row] for row in CHANNELS]
        yield ["table", "Readers", ["Who", "What they get", "How it reaches them"], rows, [4, 6, 7]]

    def _self_assessment(self) -> Iterator[Block]:
        rows = [[question, self._say(answer)] for question, answer in SELF_ASSESSMENT]
        yield ["table", "Self-assessment", ["Question", "Answer"], rows, [7, 9]]

    def _profiles(self) -> Iterator[Block]:
        for index, partner in enumerate(self.plan.partners, 1):
            yield from self._profile(index, partner)

    def _profile(self, index: int, partner: PartnerPlan) -> Iterator[Block]:
        rng, row = self.rng, partner.row
        yield ["h3" if index == 1 else "page", f"{index}. {row.legal} ({row.short}, {row.country})"]
        own = {"short": row.short, "city": row.city, "staff": str(rng.randint(3, 90) * 10 + rng.randint(1, 9)),
               "years": str(rng.randint(8, 40))}  # fmt: skip
        yield ["p", " ".join(self._say(text, **own) for text in PROFILES[row.kind])]
        leads = [
            f"package {each.number} ({each.text.title})" for each in self.plan.packages if each.lead == row.short
        ]
        effort = sum(self._efforts()[row.short])
        task = f"leads {' and '.join(leads)}" if leads else "contributes to all trials"
        yield ["p", f"In {self.plan.idea.acronym}, {row.short} {task}; its effort is {effort} person-months."]
        people = [[role, what, rng.choice(("w", "m"))] for role, what in rng.sample(STAFF, 4)]
        yield ["table", "Key people", ["Role", "What the person brings", "w/m"], people, [4, 9, 1]]
        earlier = [list(each) for each in rng.sample(EARLIER, 3)]
        yield ["table", "Earlier work", ["Title", "Kind", "What came of it"], earlier, [4, 3, 7]]

    def _gantt(self) -> Iterator[Block]:
        yield ["p", self._say("The work is divided into {count} packages over {months} months. They overlap on "
                              "purpose: what is learned in one changes the next.",
                              count=number(len(self.plan.packages)))]  # fmt: skip
        rows = [[f"WP{each.number} {each.text.title}", each.start, each.end] for each in self.plan.packages]
        yield ["gantt", self.plan.months, rows]

    def _packages(self) -> Iterator[Block]:
        for each in self.plan.packages:
            yield from self._package(each)

    def _package(self, package: PackagePlan) -> Iterator[Block]:
        text, number_ = package.text, package.number
        months = sum(months for _, months in package.effort)
        yield ["h3" if number_ == 1 else "page", f"Work package {number_}: {text.title}"]
        yield [
            "p",
            f"Leader: {package.lead}. Months {package.start} to {package.end}. Effort: {months} person-months.",
        ]
        yield ["p", "Objectives. " + " ".join(self._say(each) for each in text.objectives)]
        for place, task in enumerate(text.tasks, 1):
            joined = self.rng.sample(self.names, min(2, len(self.names)))
            with_ = ", ".join(dict.fromkeys([package.lead, *joined]))
            said = " ".join(self._say(each) for each in task.sentences)
            yield ["p", f"Task {number_}.{place} {task.title} ({with_}). {said}", "task"]
        done = self.rng.sample(CONTRIBUTIONS, len(package.effort))
        for (name, months), what in zip(package.effort, done, strict=True):
            yield ["p", self._say(f"{{partner}} ({months} person-months) {what}.", partner=name), "task"]
        for each in package.deliverables:
            yield ["p", f"{each.code} {each.title} ({each.kind}, {each.level}, month {each.month}).", "task"]

    def _deliverables(self) -> Iterator[Block]:
        found = sorted(
            ((each.month, each, package) for package in self.plan.packages for each in package.deliverables),
            key=lambda row: (row[0], row[1].code),
        )
        rows = [
            [each.code, each.title, package.lead, each.kind, each.level, str(month)] for month, each, package in found
        ]
        yield ["table", "Deliverables by date", ["No", "Title", "Leader", "Type", "Level", "Month"], rows,
               [2, 9, 3, 3, 2, 2]]  # fmt: skip

    def _milestones(self) -> Iterator[Block]:
        rows = [
            [f"MS{each.number}", each.text.milestone[0], f"WP{each.number}", str(each.milestone_month),
             each.text.milestone[1]] for each in self.plan.packages
        ]  # fmt: skip
        yield ["table", "Milestones", ["No", "Milestone", "Package", "Month", "Verified by"], rows, [2, 7, 3, 2, 5]]

    def _effort(self) -> Iterator[Block]:
        heads = ["Participant", *(f"WP{each.number}" for each in self.plan.packages), "Sum"]
        rows = [[name, *map(str, own), str(sum(own))] for name, own in self._efforts().items()]
        sums = [sum(column) for column in zip(*self._efforts().values(), strict=True)]
        rows.append(["Sum", *map(str, sums), str(sum(sums))])
        yield ["table", "Person-months", heads, rows, [4, *[2] * (len(heads) - 1)]]

    def _risks(self) -> Iterator[Block]:
        rows = [
            [self._say(risk), likely, severe, self._say(answer)] for risk, likely, severe, answer in
            self.rng.sample(RISKS, 10)
        ]  # fmt: skip
        yield ["table", "Risks", ["Risk", "Likelihood", "Severity", "What we do"], rows, [5, 3, 3, 9]]

    def _budget(self) -> Iterator[Block]:
        codes = sorted({code for each in self.plan.partners for code, _ in each.costs})
        rows = [
            [each.organisation, *(f"{dict(each.costs).get(code, 0):,.0f}" for code in codes)]
            for each in self.plan.partners
        ]
        yield ["p", "Direct costs in euro by category; indirect costs and the requested contribution are in Part A."]
        yield ["table", "Direct costs", ["Participant", *codes], rows, [3, *[2] * len(codes)]]
        for partner in self.plan.partners:
            yield ["p", self._reason(partner)]

    def _reason(self, partner: PartnerPlan) -> str:
        costs, name = dict(partner.costs), partner.organisation
        if not costs:
            return f"{name} takes part as associated partner and bears its own costs."
        months, travel = sum(self._efforts()[name]), costs.get("C1", 0)
        parts = [f"{name}: personnel covers {months} person-months of the people named above, at usual salaries."]
        if travel:
            parts.append(f"Travel of {travel:,.0f} euro pays for {self.rng.randint(9, 30)} journeys to meetings, "
                         "trials and exchanges, by train where a day suffices.")  # fmt: skip
        if "C2" in costs:
            parts.append("Equipment is counted by its depreciation during the project.")
        if "C3" in costs:
            parts.append("Other goods are interpreters, rooms, printing and the fees of the board.")
        if "B" in costs:
            parts.append("Subcontracting is limited to translation and one audit; no core task is given away.")
        return " ".join(parts)


def texts(blocks: Sequence[Block]) -> Iterator[str]:
    """The running text of a document, for tests and searches."""
    return (block[1] for block in blocks if block[0] == "p")


_TEMPLATE = r"""
#let content = json(bytes(sys.inputs.content))
#let (y, m, d) = content.date
#set document(title: content.acronym + ", Part B", date: datetime(year: y, month: m, day: d))
#set page(paper: "a4", margin: (x: 25mm, y: 25mm),
  header: context if counter(page).get().first() > 1 [#text(9pt, luma(90))[#content.acronym #h(1fr) Part B]],
  footer: context align(center, text(9pt)[#counter(page).display() / #counter(page).final().first()]))
#set text(font: "Libertinus Serif", size: 11pt, lang: "en", hyphenate: false)
#set par(justify: true, linebreaks: "simple", leading: 0.95em, spacing: 1.5em)
#set heading(numbering: "1.1")
#show heading.where(level: 1): it => { pagebreak(weak: true); text(17pt, it); v(2mm) }
#show heading.where(level: 2): it => { v(3mm); text(13pt, it); v(1mm) }
#show heading.where(level: 3): it => { v(2mm); text(11.5pt, it) }
#let green = rgb("#12504a")
#let grid-of(heads, rows, widths) = {
  set par(justify: false, leading: 0.55em)
  set text(9.5pt)
  table(columns: widths.map(w => w * 1fr), stroke: 0.4pt + luma(150), inset: 4.5pt,
    fill: (x, y) => if y == 0 { rgb("#e3eeec") },
    table.header(..heads.map(h => strong(h))), ..rows.flatten())
}
#let caption(words) = block(above: 1.2em, below: 0.6em, sticky: true, text(9.5pt, green, strong(words)))
#let gantt(months, rows) = {
  let quarters = calc.ceil(months / 3)
  set text(8.5pt)
  set par(justify: false, leading: 0.5em)
  table(columns: (5.2cm,) + (1fr,) * quarters, stroke: 0.3pt + luma(170), inset: 3.5pt,
    fill: (x, y) => if y > 0 and x > 0 and x * 3 >= rows.at(y - 1).at(1) and (x - 1) * 3 < rows.at(y - 1).at(2) {
      green.lighten(35%) },
    table.header([Quarter], ..range(quarters).map(q => align(center, str(q + 1)))),
    ..rows.map(row => (row.at(0), ..range(quarters).map(q => []))).flatten())
}
#align(center)[
  #v(14mm) #text(10pt, luma(90), content.topic) \ #v(6mm)
  #text(26pt, green, strong(content.acronym)) \ #v(2mm) #text(15pt, content.title) \ #v(4mm)
  #text(11pt)[Part B: description of the action] #v(10mm)
]
#for block_ in content.blocks {
  let kind = block_.at(0)
  if kind == "p" and block_.len() > 2 { pad(left: 4mm, par(block_.at(1))) }
  else if kind == "p" { par(block_.at(1)) }
  else if kind == "h1" { heading(level: 1, block_.at(1)) }
  else if kind == "h2" { heading(level: 2, block_.at(1)) }
  else if kind == "h3" { heading(level: 3, numbering: none, outlined: false, block_.at(1)) }
  else if kind == "page" { pagebreak(weak: true); heading(level: 3, numbering: none, outlined: false, block_.at(1)) }
  else if kind == "contents" { pagebreak(); outline(title: [Contents], depth: 2) }
  else if kind == "table" { caption(block_.at(1)); grid-of(block_.at(2), block_.at(3), block_.at(4)) }
  else if kind == "gantt" { caption("Timetable by quarters"); gantt(block_.at(1), block_.at(2)) }
}
"""
