"""What experts write about the demo's proposals, by aspect and band of the score. Slots as in ``sentences``. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random

from grants.calls.rules import CriterionFacts
from grants.demo.plan import ProposalPlan
from grants.demo.themes import THEMES
from grants.demo.wording import capital, say

#: The aspects of the sentences below that a criterion is about.
_ASPECTS = {
    "excellence": "idea", "relevance": "idea", "impact": "effect", "quality": "work", "implementation": "work",
}  # fmt: skip
#: From this share of the maximum on a score is strong, or fair.
_STRONG, _FAIR = Decimal("0.8"), Decimal("0.62")

SENTENCES: dict[tuple[str, str], tuple[str, ...]] = {
    ("idea", "strong"): (
        "The need is shown with figures from the services themselves, and the objectives answer it [one by one|"
        "directly].",
        "The objectives are [clear and can be measured|few, clear and measurable]; each has a date and somebody who "
        "answers for it.",
        "The proposal knows what was tried before in {work} and says honestly why it [ended|did not last].",
        "The method is well chosen, and {users} took part in its design [from the beginning|before the proposal was "
        "written].",
        "{acronym} goes clearly beyond what is done today, and states where its limits lie.",
        "What it means for {group} is [never lost from sight|kept in view on every page].",
    ),
    ("idea", "fair"): (
        "The objectives fit the topic, but [two of them|some] are worded so broadly that success is hard to tell.",
        "The need is described well for the countries of the consortium; [figures for others are missing|less is "
        "said about others].",
        "The state of the art is summarised soundly, [although recent work on the same question is not mentioned|"
        "with a gap where tools in daily use are concerned].",
        "The method is sound on the whole; how [disagreement between sources|uncertainty] is handled stays open.",
        "It is credible that {users} want this, less so that they were asked about the details.",
        "The step beyond present practice in {work} is real, if smaller than the proposal says.",
    ),
    ("idea", "weak"): (
        "The proposal describes the problem at length and its own objectives in [half a page|a few lines].",
        "It remains unclear what {acronym} adds to what {users} do already.",
        "Central terms are [not defined|used with changing meaning], so that the objectives cannot be checked.",
        "The method is announced rather than described; [assumptions are not named|alternatives are not weighed].",
        "The link between the need and the planned steps is [weak|missing in two places].",
    ),
    ("effect", "strong"): (
        "The path from results to change is convincing: who does what differently, [where and from when|and when].",
        "Indicators have values before the start and aims that are [ambitious but within reach|realistic].",
        "Services outside the consortium have [declared in writing|said] that they will use the results.",
        "The time after the grant is settled: [keepers, costs and sources are named|each result has a keeper].",
        "The benefit for {group} is plausible, and it will be measured by somebody who does not deliver it.",
        "The dissemination is short, to the point and aimed at {users}.",
    ),
    ("effect", "fair"): (
        "The expected effects are plausible, but the aims of [some|three] indicators are not explained.",
        "Use after the end is likely in the countries of the partners; elsewhere it rests on [hope|good will].",
        "The measures to spread the results are many; [fewer, with a clear reader each, would do more|their order of "
        "importance is not clear].",
        "The benefit for {group} is stated well, its measurement is [thin|left to a late work package].",
        "A baseline is foreseen, though only after the first changes have begun.",
    ),
    ("effect", "weak"): (
        "The effects are claimed in general words; [no|hardly any] indicator has a value before the start.",
        "Who will use the results after the grant, and who pays for it, is not answered.",
        "The dissemination counts visits and downloads, which say little about change for {group}.",
        "The number of {users} to be reached is [not credible|far above what the plan can carry].",
        "Barriers that the proposal itself mentions are not taken up again.",
    ),
    ("work", "strong"): (
        "The work plan is [coherent and well paced|clear]; each package leads to something that the next one needs.",
        "Effort and tasks fit together for every partner, and the budget is [explained in detail|moderate].",
        "The partners complete each other: {n} countries, practice and research in equal parts.",
        "Risks are specific to this work, and the answers to them are [more than phrases|already prepared].",
        "Management is lean, with short ways and a [real|written] procedure for disagreement.",
        "Ethics, data and the wellbeing of staff are planned with care and have resources of their own.",
    ),
    ("work", "fair"): (
        "The work plan can be followed, but [trials begin late|two packages overlap more than is explained].",
        "Most partners have a clear role; [one has effort without tasks|two share a task without a leader].",
        "The budget is plausible as a whole, with travel costs that [should be explained|are high].",
        "Risks are named; for [some|two] of them the answer is to observe.",
        "Deliverables come mostly at the end, which leaves little time to react to what the trials show.",
        "Experience with {work} is there; experience with leading a consortium of this size is less visible.",
    ),
    ("work", "weak"): (
        "The work plan lists activities without saying what [depends on what|comes first].",
        "Effort is spread evenly over partners and packages, as if it had not been planned.",
        "The risks could stand in any proposal, and so could the answers to them.",
        "The trials rest on one service; there is no plan for the case that it [leaves|has no time].",
        "The costs of subcontracting are [not justified|high], and they touch a core task.",
    ),
    ("overall", "strong"): (
        "A very good proposal that can begin as it is.",
        "Convincing in its aim and its means; the remarks above are [small|minor] and are soon settled.",
        "The panel of practitioners behind {acronym} shows on every page.",
    ),
    ("overall", "fair"): (
        "A good proposal with shortcomings that can be mended.",
        "The aim deserves support; plan and measurement should be tightened.",
        "Worth funding if the money allows, after the points above are clarified.",
    ),
    ("overall", "weak"): (
        "The aim is worthwhile, the proposal is not ready.",
        "Too much is left open to fund this now; a new version with fewer objectives would be welcome.",
        "The idea deserves a second attempt with more partners from practice.",
    ),
}  # fmt: skip

DECLINED = (
    "On leave during the weeks of the evaluation.",
    "My institute takes part in another call of this programme, and I would rather wait until that is decided.",
    "Too much other work before the summer. Please ask me again.",
    "I retired from evaluating; I can recommend a colleague.",
)
CONFLICT = (
    "I advised the coordinator on the first draft of this proposal last year and read parts of it.",
    "A close relative works for one of the partners and would be paid from this grant.",
)
MINORITY = (
    "I would score the last criterion half a step lower: the trials rest on promises that nobody has signed yet. The "
    "rest of the report has my agreement."
)


def band(score: Decimal, maximum: Decimal) -> str:
    """How good a score is in words."""
    share = score / maximum
    return "strong" if share >= _STRONG else "fair" if share >= _FAIR else "weak"


def scores(plan: ProposalPlan, criteria: Sequence[CriterionFacts], *, steps: int, rng: Random) -> dict[str, Decimal]:
    """What one expert gives: at most ``steps`` steps away from what all would agree on; 0 for the agreed scores."""
    quality = dict(plan.quality)
    return {
        each.code: min(each.maximum, max(Decimal(0), quality[each.code] + rng.randint(-steps, steps) * each.step))
        for each in criteria
    }


def values(
    plan: ProposalPlan, given: dict[str, Decimal], criteria: Sequence[CriterionFacts], *,
    questions: Sequence[Mapping[str, str]], rng: Random,
) -> dict[str, str]:  # fmt: skip
    """A whole report as its form sends it, with reasons that fit the scores; all questions are answered with yes."""
    filled = {f"questions.{each['code']}.answer": "yes" for each in questions}
    for each in criteria:
        score = given[each.code]
        pool = SENTENCES[_ASPECTS[each.code], band(score, each.maximum)]
        filled[f"scores.{each.code}.score"] = f"{score.normalize():f}" if score else "0"
        filled[f"scores.{each.code}.comment"] = _said(plan, rng.sample(pool, rng.randint(2, 4)), rng=rng)
    whole = band(sum(given.values(), Decimal(0)), sum((each.maximum for each in criteria), Decimal(0)))
    filled["overall"] = _said(plan, [rng.choice(SENTENCES["overall", whole])], rng=rng)
    return filled


def _said(plan: ProposalPlan, sentences: Sequence[str], *, rng: Random) -> str:
    words = THEMES[plan.theme]
    countries = len({each.row.country for each in plan.partners})
    facts = {
        "acronym": plan.idea.acronym, "users": words.users, "group": words.group, "Group": capital(words.group),
        "work": words.work, "n": str(countries),
    }  # fmt: skip
    return " ".join(say(each, facts, others=[plan.partners[0].organisation], rng=rng) for each in sentences)
