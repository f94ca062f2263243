"""The sentences of Part B by purpose. ``[a|b]`` is a choice, ``{word}`` a fact of the proposal; see ``partb``."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, ...]] = {
    "need": (
        "[Most|Nearly all|A growing part] of {work} still depends on a few people who know each other by telephone.",
        "{Group} [wait longest|lose most|are helped last] where {users} work alone, and small countries have [no "
        "more than two or three of them|hardly any].",
        "Between {n1} and {n2} per cent of the {material} that reaches a {unit} is looked at [within a week|in "
        "time]; the rest waits for people, not for machines.",
        "The partners asked {n3} {users} what slows them down: [missing agreements|unclear law|waiting for an "
        "answer from abroad] came first, [old equipment|too many cases|lack of training] second.",
        "What works in one country is [copied late or never|rarely tried in the next], because nobody is paid to "
        "[carry it over|write it down for others].",
        "{users} [leave|change] their post after {n4} months on average, and their knowledge goes with them.",
        "Every {unit} has found its own way, so [results cannot be compared|one cannot learn from the other] and "
        "courts hear [different|contradicting] explanations of the same finding.",
        "The [need is|gap is] not a lack of good will: it is a lack of [time, common words and trust|shared habits "
        "and agreed steps].",
        "In the interviews that [prepared|came before] this proposal, {users} named [delay|uncertainty|loneliness "
        "in the work] as the thing they would change first.",
        "For {group}, [each month|each week] without an answer is [a month|time] in which harm goes on.",
    ),
    "state": (
        "Earlier projects have shown that [single steps|parts] of the chain can be improved; [none|hardly one] has "
        "followed {material} from the first to the last step.",
        "The literature [agrees|is clear] that early help works, but [most|many] of its studies come from "
        "[three|four] countries and from [large cities|large services].",
        "The partners [reviewed|read and compared] {n5} reports and studies; a list with one paragraph on each is "
        "kept open on the project’s page from month two.",
        "Tools for {work} exist, but [few state|hardly any states] how often they are wrong, and [none|few] were "
        "tested with {users} in the room.",
        "Two earlier networks ended when their grant did; {acronym} [starts from|begins with] the reasons, which "
        "their coordinators told us frankly.",
        "Methods from [public health|accident research|quality assurance in laboratories] have not been [tried "
        "here|carried over], although the questions are much alike.",
        "[There are|We know of] {n1} guidelines in use among the partners’ countries; they differ in "
        "[eleven|nine|fourteen] points that matter, which table 1 of the annex to our study lists.",
        "Commercial products cover [the easy part|what sells], not what a {unit} with three people needs.",
        "What is new in {acronym} is [the order of the steps|that measurement comes first]: {means}.",
        "Present practice treats [speed and care|accuracy and wellbeing] as opposites; first trials of {lead} "
        "suggest that they [go together|rise together].",
    ),
    "objective": (
        "The first objective is [simple to state|plain]: {acronym} {aim}.",
        "The second objective is [proof|measurement]: by month {months} the partners can say with figures what "
        "changed for {users} and for {group}.",
        "The third objective is that {result}.",
        "Each objective has [one indicator|one number], a value from before the start and a value to be reached; "
        "the table of indicators has all of them.",
        "We [do not promise|promise no] technology for its own sake: where a telephone and an agreement suffice, "
        "[we use them|they are used].",
        "Objectives that [turn out to be wrong|cannot be reached] are dropped in the open: the steering group "
        "decides on it at months {m1} and {m2}, and the reasons are published.",
        "The objectives follow from what {users} asked for, not from what the partners [happen to have|would like "
        "to build].",
        "{acronym} is successful if at least {n6} {users} in {countries} countries work in the new way half a year "
        "after its end.",
        "All objectives can be [checked|verified] from outside, with data that the partners [publish|lay open] "
        "every six months.",
    ),
    "concept": (
        "The work follows a [simple|steady] rhythm: look, change one thing, look again; every [round|loop] lasts "
        "{n7} months and ends with a short note that anybody may read.",
        "{means_c}; this is the core of the project, and [all other work serves it|everything else is arranged "
        "around it].",
        "{users_c} take part from the first month: [half of the steering group|every working group] consists of "
        "people who do the work themselves.",
        "Whatever is built is tried in [two places that differ|a large and a small {unit}] before it is called "
        "finished.",
        "Comparison is [part of the design|planned from the start]: places that begin later serve as the measure "
        "for places that begin at once.",
        "We prefer [small steps that can be undone|changes that can be taken back] to a large system that [nobody "
        "asked for|must be believed in].",
        "The [method|approach] has four parts: a baseline, a design with {users}, trials in daily work, and an "
        "honest account of [what failed|failures].",
        "Where people judge, {acronym} supports their judgement and [never replaces it|does not take it away]; "
        "every hint shows its reason and its certainty.",
        "Measurements are planned with {other}, whose team [has no part in|does not deliver] what is measured.",
        "A design that [works only with|depends on] enthusiasts is no design: the second round of trials takes "
        "place with people who were not asked before.",
        "Language is treated as [a question of its own|more than translation]: texts are written twice, in the "
        "language of the place and in English, by different people.",
    ),
    "added": (
        "No [single country|country alone] can do this: {material} cross borders in seconds, and {group} live in "
        "one country while those who harm them [live in another|are elsewhere].",
        "[Small countries|Countries with one small {unit}] gain most, since they share what they could never pay "
        "for alone.",
        "The consortium covers [north and south, large and small|old and new] systems of law, so what holds here "
        "will hold in [most|nearly all] Member States.",
        "Results are [offered|given] to the networks of {users} that exist, instead of founding another one.",
        "{acronym} complements [the work of Union agencies|what Union agencies do]: it prepares people and "
        "procedures on which their services can rely.",
        "National funds pay for [posts and rooms|the daily work]; what they do not pay for is the [carrying "
        "over|learning between countries], which is the whole of this proposal.",
        "Each partner brings a national [co-financing|contribution] that shows the interest of its ministry or "
        "board.",
        "Common words are a lasting gain: after {acronym}, a finding of one country can be read in another without "
        "[a telephone call|explanations].",
    ),
    "partnership": (
        "The consortium has {size} partners from {countries} countries; each is there for [one reason|a task] that "
        "no other could take.",
        "{lead} coordinates, because it [has the trust of both sides|knows the daily work and the paperwork], and "
        "leads the work on management and one more package.",
        "{other} brings [long practice|a team] in {work} and opens its doors for the first trials.",
        "The partners have worked together in [pairs|smaller circles] before; {acronym} is the first project of all "
        "of them.",
        "Practitioners and researchers are [in balance|equally strong]: no package is led by one and carried out by "
        "the other alone.",
        "No partner is [a mere name|there for its flag]: the smallest share of the effort is {least} person-months.",
        "Gaps are [named|known]: where the partners lack knowledge, for example on [labour "
        "law|accessibility|procurement], an advisory board of five is asked.",
        "Two observers, a ministry and a children’s rights body, receive all documents and [may speak in every "
        "meeting|are heard before each decision].",
    ),
    "management": (
        "The steering group meets every [three|two] months online and twice a year in person; it decides by two "
        "thirds, after trying to agree.",
        "Day-to-day work lies with the coordinator’s team of {n8}: a manager, a finance officer and [a scientific "
        "secretary|an assistant for meetings and travel].",
        "Every package has one leader, who reports on one page each [quarter|three months]: what was done, what is "
        "late, what is needed.",
        "[Delays|Deviations] of more than six weeks go to the steering group [with a proposal|with two options], "
        "not with an excuse.",
        "Money follows work: advances are passed on in [two steps|three parts], the second when the first "
        "deliverables have been accepted.",
        "Risks are looked at in every meeting; the table of risks is [only the start|the first version].",
        "Conflicts are settled by [talking within a week|the coordinator], then by the steering group, then by a "
        "mediator named in the agreement of the consortium.",
        "Documents lie in one place, with names and versions; what is confidential lies [in a second "
        "one|elsewhere], for named people only.",
        "Decisions are written down in the meeting itself and read aloud before it ends.",
    ),
    "quality": (
        "Each deliverable is read by two people who did not write it, one of them [a practitioner|from another "
        "package]; their remarks are kept.",
        "A checklist of nine questions goes with each [text|deliverable], from readability to the right to use "
        "every picture.",
        "Trials follow a protocol that is [published beforehand|laid down in advance], including what would count "
        "as failure.",
        "Data are [described|documented] so that another team could repeat the analysis; where law forbids to share "
        "them, the procedure is shared.",
        "Translations are checked by {users}, since words of the craft [mislead translators|differ from those of "
        "dictionaries].",
        "An outside evaluator looks at the project in months {m1} and {m2} and reports to the steering group and to "
        "the funder alike.",
        "Feedback of participants is collected after each event and half a year later, for habits show late.",
        "Software is reviewed, tested automatically and [delivered with its limits|accompanied by a page on its "
        "limits].",
    ),
    "impact": (
        "In the first year, {n6} {users} change how they work; in the third, their services [have made it the "
        "rule|do so without the project].",
        "{result_c}: this is the change by which we want to be [judged|measured].",
        "For {group}, the gain is [time|time and safety]: the partners expect that waiting falls by {n9} per cent "
        "where trials take place.",
        "For services, the gain is [certainty|order]: fewer cases are opened twice, and fewer are given up.",
        "For the law, the gain is evidence that [stands|can be explained], with an error that is known.",
        "[Negative effects|Side effects] are possible: more reports mean more work, and the plan sets people aside "
        "for it.",
        "The path to impact has [three gates|three conditions]: users want it, superiors allow it, budgets carry "
        "it; each has a named person and a date.",
        "Costs are compared with effects at the end by {other}, with a simple model that a ministry can [fill with "
        "its own figures|use itself].",
        "Effects that come later than the project are [not claimed|left out]; those that can be seen by month "
        "{months} are listed below.",
        "Beyond the consortium, {n1} further organisations have asked to [receive the material|join the second "
        "round].",
    ),
    "spreading": (
        "Messages are few and made for their readers: one page for [heads of units|those who decide], a film of "
        "three minutes for {users}, a data sheet for researchers.",
        "The partners go to meetings that exist [instead of|before] inviting to new ones; two open days at {lead} "
        "are the exception.",
        "All texts, courses and code are free to use; what could help offenders is given to services only.",
        "A newsletter of two screens goes out every quarter and names [one thing that did not work|one failure], "
        "because this is what colleagues read first.",
        "[Journalists|The press] can ask one trained person in each country; no case and no person is ever named.",
        "The emblem of the Union and the line on funding stand on every product, also on [equipment|the doors of "
        "rooms].",
        "Results reach policy through [briefings|short papers] in months {m2} and {months}, written with the "
        "observers.",
        "Training material is offered to the academies of all Member States, with a teacher for the first course.",
    ),
    "lasting": (
        "After the project, {lead} keeps the material for at least five years, with half a post paid from its own "
        "budget.",
        "Three partners have [confirmed in writing|decided] to make the new practice part of their duties; the "
        "others decide in month {m2}, with figures on the table.",
        "What costs little is kept by everybody; what costs more is [priced openly|calculated in the last year], so "
        "that ministries know what they would pay for.",
        "The agreements between services have no end date and need no project to be alive.",
        "Courses go on in the academies, which [count them|recognise them] towards promotion.",
        "The code is kept in a public place with two maintainers from different partners.",
        "The network goes on as a working group of an association that exists; it has [agreed to this|made a place "
        "for it].",
    ),
    "ethics": (
        "No child takes part in research without its own consent and that of a guardian who is not [under "
        "suspicion|part of the case].",
        "Abuse material is [never copied, moved or shown|neither copied nor shown] for this project; where work "
        "touches it, this happens in the rooms of those who may hold it by law.",
        "Staff who work with [heavy content|such content] choose it freely, may stop at any hour, and are offered "
        "talks that do not enter their file.",
        "A board of three, with a judge, a psychologist and [a young adult with own experience|a representative of "
        "survivors], can stop any activity.",
        "Each partner asks its own ethics body before the first activity with people; the approvals are a "
        "deliverable of month [four|five].",
        "Possible misuse was [discussed|thought through] with {other}: documents that describe how offenders are "
        "found are kept inside the services.",
        "People in vulnerable situations are not asked for more than helps them; who declines has no disadvantage.",
        "Tools that learn from data are checked for unequal errors by age, sex and origin before each trial.",
    ),
    "data": (
        "Personal data are processed under the law of each country, for the purposes named in a register that all "
        "partners keep from day one.",
        "An assessment of the effects on data protection is made before each trial and [updated|reviewed] after it.",
        "Data stay where they [arise|were collected]; what travels are counts, methods and, where law allows, "
        "sketches that cannot be turned back.",
        "Names are replaced at the source; the key never leaves the service.",
        "Access is given to named people for a stated time and is [logged|written down]; logs are read every month.",
        "At the end, data are deleted or archived as the plan for data of month six says, with a certificate of "
        "each partner.",
    ),
    "gender": (
        "The named team has {women} women and {men} men; the steering group keeps to at least two fifths of each.",
        "Harm is not the same for girls and boys, nor is the chance to be believed: every indicator is "
        "[counted|reported] separately.",
        "Boys are rarely asked and seldom tell; material and training have a part of its own for them.",
        "Meetings are held at hours that people with children can keep, and travel may be replaced by a link.",
        "The needs of children with disabilities are looked at in each design, with {other} as the reader.",
        "Language, religion and place of birth change the way to help; trials include at least two groups that "
        "services rarely reach.",
    ),
    "declarations": (
        "The partners declare that no cost of {acronym} is paid from another grant of the Union; work that is near "
        "to it is listed with its dates and amounts in the annex on earlier projects.",
        "Parts of the idea were proposed once before, in a smaller consortium; the remarks of that evaluation led "
        "to [package two|the baseline] and to [fewer partners|the comparison of places].",
        "All partners have read this text, agree with their tasks and budget, and have named a person who may sign.",
        "No partner is in a situation of exclusion; each has the people, rooms and money that its tasks need, or "
        "says below from whom it will have them.",
        "Letters of support from {n7} services are annexed; they say what each of them will do, not only that it "
        "welcomes the project.",
        "If it is funded, {acronym} will say so wherever it is seen, and will tell the funder of changes before "
        "they happen.",
        "Names of members of police staff are not part of this text; they are given to the funder on request, in a "
        "form that protects them.",
        "Travel follows the rules of the funder; flights are replaced by trains where a journey takes less than "
        "eight hours.",
    ),
}  # fmt: skip
