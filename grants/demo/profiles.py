"""What partners say about themselves in Part B, by kind of organisation. Invented; slots as in ``sentences``."""

from __future__ import annotations

from grants.organisations.states import OrganisationKind as Kind

#: ``{short}``, ``{city}``, ``{staff}`` and ``{years}`` are the partner's own.
PROFILES: dict[Kind, tuple[str, ...]] = {
    Kind.PUB: (
        "{short} is a public service in {city} with {staff} people, of whom [a tenth|every eighth] works on {work}.",
        "Its duty is laid down in law, so what it takes over from {acronym} will [stay|not depend on grants].",
        "For {years} years it has [trained its own staff|kept a school of its own]; two of its teachers join us.",
        "Superiors have agreed in writing to free the named people from [other duties|night shifts] for trials.",
    ),
    Kind.HES: (
        "{short} in {city} has {staff} members of staff and {years} years of work on crime, law and psychology.",
        "Its group for {work} joins [three disciplines|methods of four fields] and shares rooms with practitioners.",
        "Two doctoral theses will grow out of {acronym}, one of them written [half at the partner’s|in a {unit}].",
        "The university gives access to its [computing centre|library of recordings] and pays for the open texts.",
    ),
    Kind.REC: (
        "{short} is an institute in {city} with {staff} people; it tests and measures for courts and services.",
        "Its methods are [accredited|audited every year], and its errors are published, which is [rare|not usual].",
        "In {years} years it has led [nine|six|eleven] projects of this size and closed all of them in time.",
        "It brings reference material that [nobody else holds|took years to make] and the rules for its use.",
    ),
    Kind.PRC: (
        "{short} is a company in {city} with {staff} people that makes tools for [laboratories|public services].",
        "It has delivered to {years} services in Europe and gives each of them the [source code|test results].",
        "In {acronym} it works at [cost|its funding rate] and agrees that results are free for public services.",
        "Its developers sit with {users} for [a week|ten days] in each round, before they change a line.",
    ),
    Kind.OTH: (
        "{short} is an independent organisation in {city} with {staff} people and {years} years of experience.",
        "It knows {group} from its daily work and is [trusted|called] by families, schools and the press alike.",
        "Its staff are [supervised|looked after] every second week, a practice that {acronym} carries over.",
        "It speaks for those who [cannot sit at the table|have no voice in projects] and may stop texts about them.",
    ),
}
#: Role of a person, what the person brings.
STAFF: tuple[tuple[str, str], ...] = (
    ("Head of the group", "Leads the partner’s part; has led two projects across borders"),
    ("Senior practitioner", "Sixteen years of daily work, six of them as a teacher"),
    ("Analyst", "Statistics and the design of comparisons"),
    ("Developer", "Tools for small services; keeps the code after the project"),
    ("Psychologist", "Care for staff and interviews"),
    ("Lawyer", "Procedure, evidence and data protection"),
    ("Project officer", "Reporting, meetings and costs"),
    ("Trainer", "Courses with exercises, for new and for experienced staff"),
)
#: Earlier work: title, kind, what came of it.
EARLIER: tuple[tuple[str, str, str], ...] = (
    ("Nine services, one form", "National project", "The form is in use in seven of the nine services"),
    ("What night shifts do", "Study", "Shifts were shortened in two countries"),
    ("Exercises without abuse", "Union grant", "Forty exercises, given away to 60 academies"),
    ("Waiting for an answer", "Study", "Figures on requests across borders, quoted in two reports of ministries"),
    ("Small tools", "Union grant", "Three tools with their limits; two are kept up to date"),
    ("Hearing children", "National project", "A course that 1,100 interviewers have taken"),
    ("Looking less", "Pilot", "A display that halves exposure, in daily use since"),
    ("Open figures", "National project", "Yearly figures on reports and removals"),
)
#: Indicator, unit, before, after.
INDICATORS: tuple[tuple[str, str, int, int], ...] = (
    ("Time from receipt to first decision", "hours, median", 96, 24),
    ("Items that wait longer than a month", "per cent", 41, 15),
    ("Services that use the common steps", "number", 0, 14),
    ("Staff trained, still working so after six months", "number", 0, 220),
    ("Findings with a stated error", "per cent", 8, 85),
    ("Requests across borders answered within a week", "per cent", 22, 60),
    ("Staff who would choose this work again", "per cent", 54, 70),
    ("Children who were reached by help within thirty days", "per cent", 19, 45),
)
#: Readers, what they get, how it reaches them.
CHANNELS: tuple[tuple[str, str, str], ...] = (
    ("{users_c}", "Material, courses and a telephone number", "Meetings of their own networks, visits"),
    ("Heads of services", "One page with costs and effects", "Ministries and boards, in person"),
    ("Researchers", "Data sheet, protocol, open texts", "Two articles, three conferences that exist"),
    ("Those who prepare law", "Short papers with figures", "The observers, hearings on request"),
    ("Children and families", "A card and a film of three minutes", "Schools, helplines, waiting rooms"),
    ("Companies", "Open code with its limits", "Two technical days, one in each half of the project"),
    ("The press", "A trained person in each country", "Dates that the press knows"),
)
#: Question of the self-assessment, answer.
SELF_ASSESSMENT: tuple[tuple[str, str], ...] = (
    ("Does the work involve people as participants?", "Yes: {users} and volunteers, with consent in writing."),
    ("Are children among them?", "Only where the plan says so, with a guardian and a way to stop."),
    ("Are special categories of personal data processed?", "Inside services only, under the law of the place."),
    ("Is there further processing of data from earlier work?", "Yes, of counts without names."),
    ("Do data leave the Union?", "No."),
    ("Is artificial intelligence developed or used?", "As a hint with its reason and error; people decide."),
    ("Can the results be misused?", "Texts that would help offenders stay inside the services."),
    ("Does the work affect the health of staff?", "Exposure is counted and limited; talks are in the calendar."),
    ("Is classified information needed or made?", "No; some deliverables are sensitive and marked SEN."),
)
#: What a partner does in a package.
CONTRIBUTIONS: tuple[str, ...] = (
    "opens its rooms and its records for two rounds of trials",
    "writes the first version of the texts and reads those of the others",
    "brings the view of those who work at night and at weekends",
    "counts and compares, together with {other}",
    "asks the questions that a court would ask",
    "keeps in touch with schools and families in its country",
    "tests each version with invented cases before anybody else sees it",
    "translates into the language of the craft and checks the words with {users}",
    "invites guests from services that are not partners",
    "looks after the wellbeing of all who take part",
    "documents failures and what was learned from them",
    "prepares superiors and ministries for the decisions that will follow",
)
#: How things stand in a country: ``{place}``, ``{a}`` to ``{d}`` are its own.
COUNTRY: tuple[str, ...] = (
    "In {place}, {a} [people|posts] are paid for {work}, half of them in [the capital|one city].",
    "The partners counted {b} cases in the last full year, [a fifth|a third] more than two years before.",
    "The law of {place} [allows|foresees] what {acronym} needs, with [one exception|two conditions].",
    "Waiting takes {c} days on average; the longest step is [an answer from abroad|the decision who is competent].",
    "A national plan [names|promises] this field, but [no money goes with it|its funds end before the project does].",
    "{users_c} [asked for|want most of all] [a person to call|common words|time to learn]; money came second.",
    "Courts in {place} have [accepted|heard] such findings in {d} cases; in [four|three], the defence found errors.",
    "What {place} can give to others is [its training|its way of counting|its contact with families].",
)
