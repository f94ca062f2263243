"""Work packages and risks from which the demo's proposals are put together. Slots as in ``sentences``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskText:
    """A task and what is done in it."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PackageText:
    """``deliverables``: title, type, level of dissemination. ``milestone``: title, how it is verified."""

    title: str
    objectives: tuple[str, ...]
    tasks: tuple[TaskText, ...]
    deliverables: tuple[tuple[str, str, str], ...]
    milestone: tuple[str, str]


PACKAGES: dict[str, PackageText] = {
    "management": PackageText(
        "Coordination and money",
        (
            "Keep the partners together, on time and within the budget, with as little paper as that needs.",
            "Give the funder, at any time, a true picture of where the work stands.",
        ),
        (
            TaskText("Agreement and start", (
                "The agreement of the consortium is signed before the first payment. It says who owns what, who "
                "decides, and how a partner may leave.",
                "A meeting of two days at {lead} begins the work; every package presents its first three months "
                "there.",
            )),
            TaskText("Steering and reporting", (
                "The steering group meets as its rules say. {lead} prepares each meeting with one page "
                "per package.",
                "Periodic reports are drafted six weeks before they are due, so that every partner has read its "
                "own part twice.",
            )),
            TaskText("Money and procurement", (
                "Costs are recorded each month and compared with the plan; a difference of more than a tenth is "
                "explained within two weeks.",
                "Purchases above 15 000 euro are made by open comparison of at least three offers, also where "
                "national law would ask for less.",
            )),
            TaskText("Risk and quality", (
                "The table of risks is gone through in each meeting, and each risk has a person who watches it.",
                "{other} reads the deliverables of the first year and improves the checklist.",
            )),
        ),
        (
            ("Agreement of the consortium", "R", "SEN"),
            ("Handbook of the project on twelve pages", "R", "PU"),
            ("Final account of results and money", "R", "SEN"),
        ),
        ("All partners have acceded and the first advance is passed on", "Bank records, signed forms"),
    ),
    "needs": PackageText(
        "What practitioners need",
        (
            "Know how {work} is done today in every country of the consortium, in minutes and decisions, not in "
            "opinions.",
            "Agree with {users} on what is to change first.",
        ),
        (
            TaskText("Staying and watching", (
                "Researchers of {other} spend two weeks in each of {n7} services. They write down steps and "
                "waiting times and never see the content.",
                "What they saw is read and corrected by those whom they watched.",
            )),
            TaskText("Conversations", (
                "About {n3} {users} are interviewed with an open guide; a third of them work in services that are "
                "not partners.",
                "Answers are kept without names and compared across countries by two people who do not know each "
                "other’s result.",
            )),
            TaskText("Law and practice", (
                "A table shows what the law of each country allows at each step of {work}. Three academics and "
                "three practitioners fill it in together.",
                "Where law and practice differ, both are written down.",
            )),
            TaskText("Baseline", (
                "Indicators are counted for the year before the project, from records that exist.",
                "Where records are missing, services count for eight weeks by hand.",
            )),
        ),
        (
            ("How the work is done: report with maps of the steps", "R", "PU"),
            ("Table of law and practice", "DATA", "PU"),
            ("Baseline of all indicators", "DATA", "SEN"),
        ),
        ("Practitioners have chosen the three changes to begin with", "Minutes of the workshop"),
    ),
    "design": PackageText(
        "Design with those who will use it",
        (
            "Turn the needs into a design that {users} understand, want and can take back.",
            "Settle before any trial how certainty, reasons and limits are shown.",
        ),
        (
            TaskText("Workshops", (
                "Four workshops of two days bring {users}, designers and lawyers to one table; drafts are made of "
                "paper first.",
                "Between the workshops, each service tries one draft for a week and writes down where it failed.",
            )),
            TaskText("Words and forms", (
                "A list of some 120 words is agreed on in all languages of the consortium, since most errors begin "
                "with a word.",
                "Forms are cut down until nobody asks what a field is for.",
            )),
            TaskText("Safety and misuse", (
                "A team of {other} plays the offender, the careless colleague and the journalist, and tries to "
                "break the design.",
                "What it finds is repaired or stated as a limit.",
            )),
            TaskText("Plan of the trials", (
                "For each trial place, a sheet of two pages says what begins when, who is trained, what is "
                "measured and who may stop it.",
                "Services that begin later are chosen by lot where possible.",
            )),
        ),
        (
            ("Design, second version, with reasons", "R", "PU"),
            ("List of words in all languages", "DATA", "PU"),
            ("Plan of the trials", "R", "SEN"),
        ),
        ("The board of ethics has agreed to the trials", "Decision in writing"),
    ),
    "build": PackageText(
        "Making the material and the tools",
        (
            "Produce what the trials need, and no more than that.",
            "Deliver everything in a form that a small {unit} can install, read and keep.",
        ),
        (
            TaskText("Core of the work", (
                "{means_c}. This task runs longest and has a review every {n7} weeks.",
                "Its leader, {other}, shows what exists at the end of each review, also when it is little.",
            )),
            TaskText("Material in the languages of the consortium", (
                "Texts, films and exercises are made in the first language and written anew in the others, with "
                "people who know the craft.",
                "A reader outside the craft checks that each text can be understood at first reading.",
            )),
            TaskText("Tools and interfaces", (
                "Tools run on machines that services have; the design forbids that data leave the house.",
                "Each tool shows its reason, its certainty and its version, and can be switched off without harm.",
            )),
            TaskText("Tests before the trials", (
                "Every part is tested with invented cases, then with closed ones under the law of the place.",
                "Failures are kept in an open list, and a release needs an empty first page of it.",
            )),
        ),
        (
            ("First complete version", "DEM", "SEN"),
            ("Material in all languages", "OTHER", "PU"),
            ("Final version with its page of limits", "DEM", "PU"),
        ),
        ("The first version works in two services", "Protocol signed by both"),
    ),
    "trials": PackageText(
        "Trials in daily work",
        (
            "Find out under ordinary conditions what helps, what hinders and for whom.",
            "Prepare each service so that it can go on alone.",
        ),
        (
            TaskText("Preparation of places", (
                "Each place names a person with one fifth of working time for the trial; superiors sign what they "
                "promise.",
                "Training takes two days, with a half day of exercise a month later.",
            )),
            TaskText("First round", (
                "Two places that differ begin. For {n7} weeks, a person of {other} can be reached by telephone "
                "during working hours.",
                "Everything that goes wrong is written down on the same day.",
            )),
            TaskText("Second round", (
                "At least four further places begin, some of them with people who were not asked before.",
                "The design is changed once, between the rounds, not during them.",
            )),
            TaskText("Handing over", (
                "Each place decides what it keeps. Support goes down from weekly to monthly and ends with a visit.",
                "A guide on ten pages says how to begin in a place that nobody of us knows.",
            )),
        ),
        (
            ("Account of the first round", "R", "SEN"),
            ("Account of the second round, with all failures", "R", "PU"),
            ("Guide for places that begin alone", "OTHER", "PU"),
        ),
        ("Four places of the second round have begun", "List of places, signed"),
    ),
    "effects": PackageText(
        "Measuring effects",
        (
            "Say with figures whether {group} and {users} are better off, and by how much.",
            "Keep measurement apart from delivery.",
        ),
        (
            TaskText("Protocol", (
                "Indicators, comparisons and the size of a change worth having are laid down before the first "
                "trial and published.",
                "The protocol names what would count as failure.",
            )),
            TaskText("Collection", (
                "Services count with forms of one page. {other} checks one form in ten against the records.",
                "Interviews after six months ask what people really do now.",
            )),
            TaskText("Analysis", (
                "Two analysts work apart and compare at the end. Results are given with their uncertainty, also "
                "where it is large.",
                "Differences between girls and boys, and between regions, are shown each time.",
            )),
            TaskText("Costs", (
                "The time of staff is the largest cost and is measured in two ordinary weeks in each place.",
                "A simple model lets a ministry fill in its own figures.",
            )),
        ),
        (
            ("Protocol of measurement", "R", "PU"),
            ("Results after the first round", "R", "PU"),
            ("Effects and costs: final report with data", "DATA", "PU"),
        ),
        ("The protocol is published before the first trial", "Date of publication"),
    ),
    "training": PackageText(
        "Training and exchange",
        (
            "Train people so that they can teach the next ones.",
            "Let people from different countries learn by working side by side.",
        ),
        (
            TaskText("Course", (
                "The course has four modules of two days, with exercises from invented cases. Lectures are limited "
                "to twenty minutes.",
                "Each module exists for new staff and for experienced ones.",
            )),
            TaskText("Teachers", (
                "In each country three people learn to teach the course; they come from the work and go back to "
                "it.",
                "Their first course is visited by a teacher of {other}.",
            )),
            TaskText("Exchange", (
                "About {n6} stays of two to six weeks are paid for; the host writes one page, the guest another.",
                "Replacements at home are paid for, since otherwise only large services could take part.",
            )),
            TaskText("Care for staff", (
                "Every course has an hour on looking after oneself and others, taught by people who know the work.",
                "Superiors have a course of their own, for they set the shifts.",
            )),
        ),
        (
            ("Course with all exercises", "OTHER", "PU"),
            ("Account of exchanges", "R", "SEN"),
            ("Care for staff: a guide for superiors", "R", "PU"),
        ),
        ("Three teachers in each country have taught their first course", "Certificates"),
    ),
    "ethics": PackageText(
        "Ethics, data and wellbeing",
        (
            "See to it that nobody is harmed by this project: no child, no bystander, no member of staff.",
            "Have every approval before it is needed.",
        ),
        (
            TaskText("Approvals", (
                "Each partner with activities that involve people asks its ethics body by month four; {other} "
                "checks that all papers say the same.",
                "Approvals and consent forms are kept ready for the funder.",
            )),
            TaskText("Data protection", (
                "A register lists each set of data with purpose, place, people with access and date of deletion.",
                "The assessment of effects is done with the data protection officers of all services, before each "
                "trial.",
            )),
            TaskText("Board", (
                "The board of three reads all plans and may come to any place without notice.",
                "Its remarks and our answers are published once a year.",
            )),
            TaskText("Wellbeing", (
                "Exposure to heavy content is planned, counted and limited for each person.",
                "Talks are offered every two weeks; absence and departures are counted, without names.",
            )),
        ),
        (
            ("Approvals and forms of consent", "ETHICS", "SEN"),
            ("Plan for data, first and final version", "DMP", "PU"),
            ("Yearly account of the board", "R", "PU"),
        ),
        ("All approvals for the first trials are there", "Copies of the approvals"),
    ),
    "lasting": PackageText(
        "Spreading and lasting use",
        (
            "Bring the results to those who can use them, in the form that they read.",
            "Settle long before the end who keeps what.",
        ),
        (
            TaskText("Messages and channels", (
                "Each group of readers gets one product: a page, a film, a data sheet. All point to one address.",
                "The partners speak at meetings that exist; costs of a stand are not foreseen.",
            )),
            TaskText("Open days", (
                "Two open days at {lead} and {other} let colleagues from other countries try what was made.",
                "Those who come are asked a year later what they did with it.",
            )),
            TaskText("Agreements for the time after", (
                "For each result, a sheet names the keeper, the yearly cost and where it comes from.",
                "Ministries are asked in the middle of the project, when budgets are still open.",
            )),
            TaskText("Policy", (
                "Short papers with figures are written for those who prepare law, together with the observers.",
                "Each paper says what we do not know.",
            )),
        ),
        (
            ("Plan for spreading and use", "R", "SEN"),
            ("Film of three minutes and one page for heads of units", "OTHER", "PU"),
            ("Agreements for the time after the project", "R", "SEN"),
        ),
        ("A keeper is named for each result", "Signed sheets"),
    ),
}  # fmt: skip

#: Risk, likelihood, severity, what is done about it.
RISKS: tuple[tuple[str, str, str, str], ...] = (
    ("A partner loses key staff", "medium", "medium",
     "Two people know each task; {lead} keeps a list of replacements that the partners have agreed on."),
    ("A service leaves the trials", "medium", "high",
     "One more place than needed is prepared; contracts foresee notice of two months."),
    ("Approvals come late", "high", "medium",
     "Papers go out in month one; trials begin with places that have theirs, others follow."),
    ("{material_c} are fewer than expected", "low", "medium",
     "Counting is extended by eight weeks; two further services have agreed to step in."),
    ("Staff are harmed by what they see", "medium", "high",
     "Exposure is limited and counted; talks are fixed in the calendar; anybody may stop."),
    ("A tool errs more than foreseen", "medium", "high",
     "Its error is measured before the trial; above the limit it is shown as a hint only, or not at all."),
    ("Law changes during the project", "low", "high",
     "{other} follows drafts of law and warns the steering group; the design keeps steps apart."),
    ("Prices rise", "high", "low",
     "Offers are taken early; travel is replaced by links where trust is there already."),
    ("Data leave their place by mistake", "low", "high",
     "No export is possible without a second person; exercises every six months; a plan for the first day."),
    ("Translations are wrong", "medium", "low",
     "People of the craft read them; a word list is agreed on first."),
    ("Offenders learn from our publications", "low", "high",
     "Two services read each text before it is published and may stop it."),
    ("Users do not want the result", "low", "high",
     "Half of the steering group are users; what they reject in a workshop is not built."),
    ("The outside world looks elsewhere", "medium", "low",
     "Few messages, tied to dates that the press knows; one trained person in each country."),
    ("Partners disagree on results", "low", "medium",
     "Two analyses are made apart; minority views are printed beside the result."),
)  # fmt: skip
