"""Call templates: all of ours are right and reach what domain.md says; each mistake is named by its place."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from click.testing import CliRunner, Result

from grants.calls import eligibility, facts, templates
from grants.calls.models import Topic
from grants.calls.templates import checking, reading
from grants.calls.templates.prefill import plain, prefill
from grants.cli import main
from grants.proposals import eligibility as judging

KEYS = sorted(file.stem for file in templates.FILES.glob("*.yaml"))


@pytest.mark.parametrize("key", KEYS)
def test_each_template_is_right_and_its_file_bears_its_key(key):
    assert checking.check_file(templates.FILES / f"{key}.yaml") == []
    assert templates.catalogue().template(key)["key"] == key


def test_the_programmes_that_a_directorate_needs_are_there():
    wanted = {
        "H2020-RIA", "H2020-IA", "H2020-CSA", "H2020-FELLOWSHIP", "H2020-SME", "HE-RIA", "HE-IA", "HE-CSA",
        "HE-LUMP-SUM", "HE-FELLOWSHIP", "HE-ACCELERATOR", "ISF-PJG", "ISF-PJG-95", "ISF-TRAINING", "ISF-OPERATING",
        "ISF-FPA", "ISF-SGA", "ISF-DIRECT", "NATIONAL",
    }  # fmt: skip
    assert wanted <= set(KEYS)


@pytest.mark.parametrize(
    ("key", "part", "expected"),
    [  # domain.md 2 (rates), 3 (clocks), 4 (page limits), 7 (indirect costs), 8.2 (thresholds), 10 (periods)
        ("HE-IA", ("budget", "funding_rate"), 70), ("HE-IA", ("budget", "nonprofit_rate"), 100),
        ("H2020-IA", ("budget", "funding_rate"), 70), ("HE-RIA", ("budget", "indirect_rate"), 25),
        ("HE-RIA", ("proposal", "page_limit"), 45), ("HE-LUMP-SUM", ("proposal", "page_limit"), 50),
        ("HE-CSA", ("proposal", "page_limit"), 30), ("H2020-RIA", ("proposal", "page_limit"), 70),
        ("HE-RIA", ("proposal", "first_stage_page_limit"), 10), ("HE-RIA", ("evaluation", "overall_threshold"), 10),
        ("H2020-SME", ("evaluation", "overall_threshold"), 12), ("HE-RIA", ("clocks", "inform_months"), 5),
        ("HE-RIA", ("clocks", "grant_months"), 8), ("ISF-PJG", ("budget", "funding_rate"), 90),
        ("ISF-PJG-95", ("budget", "funding_rate"), 95), ("ISF-PJG", ("budget", "indirect_rate"), 7),
        ("ISF-PJG", ("clocks", "inform_months"), 6), ("ISF-PJG", ("clocks", "grant_months"), 9),
        ("ISF-PJG", ("evaluation", "criteria", 0, "maximum"), 40), ("ISF-OPERATING", ("budget", "indirect_rate"), 0),
        ("ISF-DIRECT", ("deadlines", "invited_only"), True),
        ("HE-ACCELERATOR", ("deadlines", "model"), "multiple cut-off"),
        ("HE-LUMP-SUM", ("budget", "model"), "lump sum"), ("HE-FELLOWSHIP", ("budget", "model"), "unit costs"),
        ("HE-IA", ("evaluation", "criteria", 1, "weight"), Decimal("1.5")),
        ("HE-RIA", ("reporting", "period_months"), 18),
    ],
)  # fmt: skip
def test_the_numbers_of_the_field_are_in_the_templates(key, part, expected):
    value = templates.catalogue().template(key)
    for step in part:
        value = value[step]
    assert value == expected


def test_every_kind_of_rule_is_judged_and_none_is_judged_that_is_not_offered():
    assert set(eligibility.KINDS) == judging.JUDGED


BASE = (templates.FILES / "NATIONAL.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "after", "place", "says"),
    [
        ("funding_rate: 80", "funding_rate: 180", "budget.funding_rate", "at most 100, not 180"),
        ("funding_rate: 80", "funding_rate: much", "budget.funding_rate", "must be a number, not “much”"),
        ("page_limit: 20", "page_limits: 20", "proposal", "“page_limits” is not known"),
        ("programme: NATIONAL\n", "", "", "“programme” is missing"),
        ("rule: page_limit", "rule: pages", "eligibility.2.rule", "The rule “pages” is of no known kind"),
        ("with: {field: not_excluded}", "with: {field: excluded}", "eligibility.3.with.field", "question “excluded”"),
        ("entities: 1", "entities: one", "eligibility.0.with.entities", "needs a whole number"),
        ("{page_limit: 20, ", "{", "eligibility.2", "page limit of Part B, which the topic does not set"),
        ("model: always open", "model: sometimes", "deadlines.model", "must be one of single-stage"),
        ('"criterion:need"', '"criterion:luck"', "evaluation.tie_break.0", "criterion that is not there"),
        ("overall_threshold: 60", "overall_threshold: 160", "evaluation.overall_threshold", "between 0 and 100"),
        ("{use: organisation}", "{use: nobody}", "", "uses the section “nobody”"),
        ("key: NATIONAL", "key: NATIONAL\nextends: NOTHING", "", "extends “NOTHING”"),
        ("model: actual costs", "model: unit costs", "budget.categories.0.unit_cost", "needs the cost of one unit"),
        ("code: S,", "code: P,", "budget.categories.1.code", "used twice"),
        ("clocks: {", "clocks: [", "", "cannot be read"),
    ],
)
def test_each_mistake_is_named_by_line_and_place(tmp_path, before, after, place, says):
    assert before in BASE
    file = tmp_path / "own.yaml"
    file.write_text(BASE.replace(before, after, 1), encoding="utf-8")

    found = checking.check_file(file)

    mistake = next(each for each in found if says in each.message)
    assert mistake.place == place
    if place:
        whole = reading.read(file.read_text(encoding="utf-8")).lines
        assert mistake.line in whole.values()


def test_several_mistakes_are_all_named_at_once(tmp_path):
    file = tmp_path / "own.yaml"
    file.write_text(BASE.replace("funding_rate: 80", "funding_rate: x").replace("maximum: 40", "maximum: 0"), "utf-8")
    assert len(checking.check_file(file)) == 3


def test_norway_is_no_negation_and_numbers_with_a_point_are_exact():
    source = reading.read("countries: [NO, BE]\nstep: 0.5\nwhen: 2026-01-01\nyes: true")
    assert source.data == {"countries": ["NO", "BE"], "step": Decimal("0.5"), "when": "2026-01-01", "yes": True}


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: !!python/object:os.system x", "a: &x [*x]", "{", "a: \x00"])
def test_a_file_that_is_no_plain_data_is_refused(text):
    with pytest.raises(reading.Unreadable):
        reading.read(text)


def test_a_funder_s_own_template_extends_ours_and_may_replace_one(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "key: MINE\nextends: NATIONAL\ntitle: Mine\nbudget: {funding_rate: 55}\n", "utf-8"
    )
    (tmp_path / "theirs.yaml").write_text("key: HE-CSA\nextends: HE-RIA\ntitle: Ours now\n", "utf-8")
    (tmp_path / "loop.yaml").write_text("key: LOOP\nextends: LOOP\n", "utf-8")
    mine = templates.Catalogue(tmp_path)
    assert mine.template("MINE")["budget"]["funding_rate"] == 55
    assert mine.template("MINE")["budget"]["indirect_rate"] == 10
    assert mine.template("HE-CSA")["title"] == "Ours now"
    with pytest.raises(reading.Unreadable, match="extends itself"):
        mine.template("LOOP")


@pytest.mark.parametrize("key", KEYS)
def test_a_topic_starts_with_what_its_template_says_and_differs_in_nothing(key):
    topic = Topic(identifier="T", title="T")
    prefill(topic, key)
    content = json.loads(json.dumps(facts.template_part(topic)))
    assert content["form"] == plain(templates.catalogue().template(key)["form"])
    assert json.loads(json.dumps(facts.template_part(topic))) == content


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["templates", *words])


def test_the_list_for_machines_has_key_programme_type_of_action_and_title():
    rows = json.loads(run("list", "--json").stdout)
    assert {frozenset(row) for row in rows} == {frozenset({"key", "programme", "type_of_action", "title"})}
    assert {row["key"] for row in rows} == set(KEYS)


def test_checking_a_file_prints_each_mistake_and_says_so_by_its_status(tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(BASE.replace("funding_rate: 80", "funding_rate: 180"), encoding="utf-8")
    good = run("check", str(templates.FILES / "ISF-PJG.yaml"))
    assert (good.exit_code, "is right" in good.stdout) == (0, True)
    bad = run("check", str(wrong))
    assert bad.exit_code == 1
    assert f"{wrong}: line " in bad.stderr
    assert "budget.funding_rate: It must be at most 100, not 180." in bad.stderr
    gone = run("check", str(tmp_path / "missing.yaml"))
    assert (gone.exit_code, "cannot be read" in gone.stderr) == (1, True)
