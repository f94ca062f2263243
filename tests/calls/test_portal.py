"""The reader of the portal's topics: what it repairs, what it refuses, and that damage never stops it."""

from __future__ import annotations

import gzip
import json
import os
import re
import zlib
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grants.calls.portal import Bounds, Refusal, TopicRecord, assumed_opening, read
from grants.calls.states import DeadlineModel

RAW: dict[str, Any] = {
    "reference": "1TOPICSen",
    "topicId": "ISF-2026-X-01",
    "title": "Hotlines",
    "programme": "ISF",
    "programmeId": "43252368",
    "cluster": "",
    "callIdentifier": "ISF-2026-X",
    "actionType": "Grant",
    "deadline": "2026-09-23",
    "stage": "two-stage",
    "callStatus": "open",
    "budgetMin": 1000000,
    "budgetMax": 2000000,
    "expectedGrants": 3,
    "keywords": "ISF-2026-X-01, ISF-2026-X, Security, Police, Security",
    "portalUrl": "https://portal.example/isf-2026-x-01",
    "description": "Scope:What is wanted.",
    "objectives": "",
    "submissionProcedure": {"abbreviation": "single-stage", "description": "single-stage"},
    "callTitle": "Security",
    "deadlineModel": "single-stage",
    "crossCuttingPriorities": "AI",
    "typesOfAction": "ISF  Project Grants",
    "topicConditions": '">Conditions1. All of them.',
    "supportInfo": "Write to us.",
}


def raw(number: int = 1, **changed: Any) -> dict[str, Any]:
    return {**RAW, "topicId": f"ISF-2026-X-{number:02}", **changed}


def dumped(*objects: dict[str, Any], between: str = "") -> bytes:
    return between.join(json.dumps(one, ensure_ascii=False) for one in objects).encode()


def read_all(data: bytes, **bounds: int) -> list[TopicRecord | Refusal]:
    return list(read(BytesIO(data), bounds=Bounds(**bounds)))


def only(data: bytes) -> TopicRecord:
    (found,) = read_all(data)
    assert isinstance(found, TopicRecord), found
    return found


def identifiers(found: list[TopicRecord | Refusal]) -> list[str]:
    return [one.identifier for one in found if isinstance(one, TopicRecord)]


def refusals(found: list[TopicRecord | Refusal]) -> list[tuple[int, str, str]]:
    return [(one.position, one.identifier, one.reason) for one in found if isinstance(one, Refusal)]


def test_every_value_of_a_record_is_read() -> None:
    assert only(dumped(raw())) == TopicRecord(
        identifier="ISF-2026-X-01",
        title="Hotlines",
        call_identifier="ISF-2026-X",
        call_title="Security",
        programme="ISF",
        programme_name="ISF",
        type_of_action="ISF Project Grants",
        status="open",
        opens_at=None,
        deadlines=(datetime(2026, 9, 23, 15, tzinfo=UTC),),
        deadline_model=DeadlineModel.SINGLE_STAGE,
        budget=None,
        min_grant=Decimal("1000000.00"),
        max_grant=Decimal("2000000.00"),
        expected_grants=3,
        description="Scope:\nWhat is wanted.",
        objectives="",
        conditions="Conditions1. All of them.",
        support="Write to us.",
        keywords=("Security", "Police"),
        tags=("AI",),
        reference="1TOPICSen",
        url="https://portal.example/isf-2026-x-01",
        repairs=("deadline-hour", "markup", "stage"),
    )


@pytest.mark.parametrize("between", ["", "\n", ",\n", "\r\n\r\n", "\ufeff", " \x1e"])
def test_objects_are_found_whatever_stands_between_them(between: str) -> None:
    data = b"\xef\xbb\xbf" + dumped(raw(1), raw(2), raw(3), between=between)

    assert identifiers(read_all(data)) == ["ISF-2026-X-01", "ISF-2026-X-02", "ISF-2026-X-03"]
    assert refusals(read_all(data)) == []


def test_a_list_of_objects_and_utf_16_are_read_too() -> None:
    listed = b"[" + dumped(raw(1), raw(2), between=", ") + b"]"

    assert identifiers(read_all(listed)) == ["ISF-2026-X-01", "ISF-2026-X-02"]
    assert identifiers(read_all(listed.decode().encode("utf-16"))) == ["ISF-2026-X-01", "ISF-2026-X-02"]


def test_packed_files_are_known_by_their_content_and_may_have_several_members(tmp_path: Path) -> None:
    file = tmp_path / "topics.txt"
    file.write_bytes(gzip.compress(dumped(raw(1))) + gzip.compress(dumped(raw(2))) + b"\0" * 512)

    assert identifiers(list(read(file))) == ["ISF-2026-X-01", "ISF-2026-X-02"]
    assert refusals(list(read(str(file)))) == []


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        ("Childrenâ€™s safety", "Children’s safety"),
        ("Rail â€“ studies", "Rail – studies"),
        ("VÃ¤stra GÃ¶taland", "Västra Götaland"),
        ("Hubs of ExcellenceÂ\u00a0", "Hubs of Excellence"),
        ("ï»¿described", "described"),
    ],
)
def test_text_read_with_the_wrong_encoding_is_repaired(broken: str, mended: str) -> None:
    record = only(dumped(raw(title=broken)))

    assert (record.title, "encoding" in record.repairs) == (mended, True)


@pytest.mark.parametrize("right", ["Götaland – “São Paulo”", "Ελληνικά, България", "10 °C ± ½", "R&D; S&I; x < 5"])
def test_text_that_is_right_stays_as_it_is(right: str) -> None:
    record = only(dumped(raw(title=right)))

    assert (record.title, "encoding" in record.repairs) == (right, False)


def test_remnants_of_html_go_and_their_breaks_stay() -> None:
    text = '">One<br/>two<p class="x">three</p><b>four</b> &amp; five &lt;tag&gt; &nbsp;<script>'

    assert only(dumped(raw(topicConditions=text))).conditions == "One\ntwo\nthree\nfour & five <tag> <script>"


def test_what_a_database_cannot_hold_does_not_come_through() -> None:
    data = json.dumps(raw(title="a\u0000b \ud800 c", description="x\u0007y")).encode()
    record = only(data)

    assert (record.title, record.description) == ("ab \ufffd c", "xy")
    record.title.encode()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-09-23", (datetime(2026, 9, 23, 15, tzinfo=UTC),)),
        ("2026-12-01", (datetime(2026, 12, 1, 16, tzinfo=UTC),)),
        ("2026-03-29", (datetime(2026, 3, 29, 15, tzinfo=UTC),)),
        ("2026-09-23T12:00:00", (datetime(2026, 9, 23, 10, tzinfo=UTC),)),
        ("2026-09-23T17:00:00+02:00", (datetime(2026, 9, 23, 15, tzinfo=UTC),)),
        (1790121600000, (datetime(2026, 9, 23, 15, tzinfo=UTC),)),
        (
            ["2027-02-01", "2026-09-23", "2026-09-23"],
            (datetime(2026, 9, 23, 15, tzinfo=UTC), datetime(2027, 2, 1, 16, tzinfo=UTC)),
        ),
        ("2026-09-23, 2027-02-01", (datetime(2026, 9, 23, 15, tzinfo=UTC), datetime(2027, 2, 1, 16, tzinfo=UTC))),
    ],
)
def test_a_bare_date_is_five_in_brussels_and_a_full_time_is_kept(value: Any, expected: tuple[datetime, ...]) -> None:
    assert only(dumped(raw(deadline=value))).deadlines == expected


@pytest.mark.parametrize(
    ("changed", "model", "told"),
    [
        ({"deadlineModel": "two-stage"}, DeadlineModel.TWO_STAGE, False),
        ({"deadlineModel": "single-stage"}, DeadlineModel.SINGLE_STAGE, True),
        ({"deadlineModel": "multiple cut-off"}, DeadlineModel.CUT_OFFS, True),
        ({"deadlineModel": ""}, DeadlineModel.SINGLE_STAGE, True),
        ({"deadlineModel": "", "submissionProcedure": {}}, None, False),
    ],
)
def test_the_deadline_model_is_believed_and_the_stage_is_not(
    changed: dict[str, Any], model: DeadlineModel | None, told: bool
) -> None:
    record = only(dumped(raw(**changed)))

    assert (record.deadline_model, "stage" in record.repairs) == (model, told)


@pytest.mark.parametrize(
    ("smallest", "largest", "expected"),
    [
        (None, None, (None, None)),
        (0, 2500000, (None, Decimal("2500000.00"))),
        ("1 500 000", "EUR 2000000.50", (Decimal("1500000.00"), Decimal("2000000.50"))),
        (3, 2, (None, Decimal("2.00"))),
        (-1, "many", (None, None)),
        (True, [1], (None, None)),
        (10**30, 1.5, (None, Decimal("1.50"))),
    ],
)
def test_missing_and_strange_amounts_become_none(smallest: Any, largest: Any, expected: Any) -> None:
    record = only(dumped(raw(budgetMin=smallest, budgetMax=largest)))

    assert (record.min_grant, record.max_grant) == expected


def test_an_empty_record_of_external_action_still_loads() -> None:
    bare = raw(
        topicId="EuropeAid/186246/DD/ACT/NG", description="", callTitle="", typesOfAction="", actionType="",
        deadlineModel="", submissionProcedure={}, budgetMin=None, budgetMax=None, expectedGrants=None,
        programme="A Programme of Its Own (AP)", programmeId="987",
    )  # fmt: skip
    record = only(dumped(bare))

    assert (record.identifier, record.call_title, record.programme) == (
        "EuropeAid/186246/DD/ACT/NG",
        "Hotlines",
        "A-PROGRAMME-OF-ITS-OWN-AP",
    )


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"topicId": ""}, "no identifier"),
        ({"topicId": "A" * 121}, "longer than 120"),
        ({"topicId": "A B"}, "damaged"),
        ({"topicId": "A\ufffdB"}, "damaged"),
        ({"title": " "}, "no title"),
        ({"title": None}, "no title"),
        ({"deadline": ""}, "no deadline"),
        ({"deadline": "soon"}, "is no date"),
        ({"deadline": "0001-01-01"}, "out of range"),
        ({"deadline": 10**13 * 9}, "is no date"),
        ({"programme": "", "programmeId": ""}, "no programme"),
    ],
)
def test_what_cannot_be_placed_is_refused_with_its_reason(changed: dict[str, Any], reason: str) -> None:
    found = read_all(dumped(raw(1, **changed), raw(2)))

    assert identifiers(found) == ["ISF-2026-X-02"]
    ((position, _, told),) = refusals(found)
    assert (position, reason in told) == (1, True)


def test_the_first_of_two_equal_identifiers_counts() -> None:
    found = read_all(dumped(raw(1, title="First"), raw(1, title="Second"), raw(1, topicId="isf-2026-x-01")))

    assert [one.title for one in found if isinstance(one, TopicRecord)] == ["First"]
    assert refusals(found) == [
        (2, "ISF-2026-X-01", "the same identifier as object 1"),
        (3, "isf-2026-x-01", "the same identifier as object 1"),
    ]


@pytest.mark.parametrize(
    "damage",
    [
        b'{"reference": "x", "topicId": ',
        b'{"reference": "x", "title": "cut off',
        b'{"reference": "x", "title": "a" "b"}',
        b'{"reference": NaN}',
        b'{"reference": "x", "nested": ' + b"[" * 100_000,
        b'{"reference": 1' + b"0" * 5000 + b"}",
        b"nothing of this is JSON ",
        b'"only a text"',
        b"}}}",
        b"<html><body>Error</body></html>",
    ],
)
def test_a_damaged_object_does_not_stop_the_others(damage: bytes) -> None:
    found = read_all(dumped(raw(1)) + damage + dumped(raw(2)) + dumped(raw(3)))

    assert identifiers(found) == ["ISF-2026-X-01", "ISF-2026-X-02", "ISF-2026-X-03"]
    assert len(refusals(found)) >= 1


def test_a_damaged_key_of_the_first_object_does_not_hide_those_after_later_damage() -> None:
    whole = dumped(*[raw(n) for n in range(1, 7)])
    found = read_all(
        whole.replace(b'"reference"', b'"eference"', 1).replace(b'"topicId": "ISF-2026-X-02"', b'"top', 1)
    )

    assert identifiers(found) == ["ISF-2026-X-01", *(f"ISF-2026-X-0{n}" for n in range(3, 7))]


def test_damage_before_the_first_good_object_does_not_stop_the_others() -> None:
    found = read_all(b'{"reference": "x", "title": }' + dumped(raw(1), raw(2)))

    assert identifiers(found) == ["ISF-2026-X-01", "ISF-2026-X-02"]


def test_one_byte_that_is_no_utf_8_costs_one_character() -> None:
    data = dumped(raw(1, title="Hot#lines"), raw(2)).replace(b"#", b"\xe9")
    found = read_all(data)

    assert identifiers(found) == ["ISF-2026-X-01", "ISF-2026-X-02"]
    assert [(one.title, "lost-characters" in one.repairs) for one in found if isinstance(one, TopicRecord)] == [
        ("Hot\ufffdlines", True),
        ("Hotlines", False),
    ]


def test_an_object_of_more_than_the_bound_is_refused_and_the_next_is_read() -> None:
    huge = raw(2, description="x" * 2_000_000)
    found = read_all(dumped(raw(1), huge, raw(3)), object_size=300_000)

    assert identifiers(found) == ["ISF-2026-X-01", "ISF-2026-X-03"]
    assert ["larger than 300,000" in reason for _, _, reason in refusals(found)] == [True]


def test_an_object_that_lies_across_many_pieces_is_read() -> None:
    big = raw(2, description="Ä" * 700_000)

    assert identifiers(read_all(dumped(raw(1), big, raw(3)))) == ["ISF-2026-X-01", "ISF-2026-X-02", "ISF-2026-X-03"]


def test_a_packed_file_that_was_cut_off_gives_what_it_holds() -> None:
    objects = [raw(n, description=os.urandom(3000).hex()) for n in range(1, 60)]
    packed = gzip.compress(dumped(*objects))
    found = read_all(packed[: len(packed) // 2])

    assert identifiers(found)[:2] == ["ISF-2026-X-01", "ISF-2026-X-02"]
    assert 20 < len(identifiers(found)) < 40
    assert "ends too early" in refusals(found)[-1][2]


def test_a_packed_file_with_a_damaged_place_says_so() -> None:
    packed = bytearray(gzip.compress(dumped(*[raw(n, description=os.urandom(3000).hex()) for n in range(1, 60)])))
    packed[len(packed) // 2] ^= 0xFF
    found = read_all(bytes(packed))

    assert identifiers(found)[0] == "ISF-2026-X-01"
    assert "damaged" in refusals(found)[-1][2]


def test_a_packed_file_that_unpacks_without_end_is_stopped() -> None:
    packed = gzip.compress(dumped(raw(1)) + b" " * 20_000_000)
    found = read_all(packed, file_size=1_000_000)

    assert identifiers(found) == ["ISF-2026-X-01"]
    assert "larger than 1,000,000 bytes" in refusals(found)[-1][2]


def test_an_empty_file_holds_nothing() -> None:
    assert read_all(b"") == read_all(gzip.compress(b"")) == read_all(b"\xef\xbb\xbf") == read_all(b"[]") == []


def test_a_script_is_no_address() -> None:
    assert only(dumped(raw(portalUrl="javascript:alert(1)"))).url == ""


def test_a_fingerprint_follows_the_content_and_not_the_place() -> None:
    first = only(dumped(raw()))
    again = [one for one in read_all(dumped(raw(9), raw())) if isinstance(one, TopicRecord)][1]
    other = only(dumped(raw(budgetMax=2_000_001)))

    assert (first.fingerprint == again.fingerprint, first.fingerprint == other.fingerprint) == (True, False)


@pytest.mark.parametrize(
    ("status", "seen", "expected"),
    [
        ("open", datetime(2026, 8, 10, tzinfo=UTC), datetime(2026, 6, 22, 22, tzinfo=UTC)),
        ("open", datetime(2026, 6, 1, 9, tzinfo=UTC), datetime(2026, 5, 31, 22, tzinfo=UTC)),
        ("forthcoming", datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 22, 22, tzinfo=UTC)),
        ("forthcoming", datetime(2026, 8, 10, 9, tzinfo=UTC), datetime(2026, 8, 10, 22, tzinfo=UTC)),
        ("closed", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 6, 22, 22, tzinfo=UTC)),
        ("forthcoming", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 6, 22, 22, tzinfo=UTC)),
    ],
)
def test_a_missing_opening_is_put_where_the_status_allows_it(status: str, seen: datetime, expected: datetime) -> None:
    assert assumed_opening(only(dumped(raw(callStatus=status))), seen_at=seen) == expected


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_is_survived_and_leaves_objects_far_from_it(data: st.DataObject) -> None:
    whole = bytearray(dumped(*[raw(n) for n in range(1, 7)]))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(whole) // 2))
        end = start + data.draw(st.integers(0, 40))
        whole[start:end] = data.draw(st.binary(max_size=20))
    packed = data.draw(st.booleans())
    found = read_all(gzip.compress(bytes(whole)) if packed else bytes(whole))

    assert identifiers(found)[-1] == "ISF-2026-X-06"


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_an_error(content: bytes) -> None:
    for data in (content, b"\x1f\x8b" + content, zlib.compress(content, wbits=31), b'{"topicId":"A"' + content):
        assert all(isinstance(one, TopicRecord | Refusal) for one in read_all(data))


def real_topics() -> Path:
    folder = Path(os.environ.get("GRANTS_REAL_DATA", Path(__file__).parents[2].parent / "shared/data"))
    file = folder / "ft_portal_open_topics_2026-08.jsonl.gz"
    if not file.exists():
        message = f"no real data: {file} is absent (set GRANTS_REAL_DATA)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return file


@pytest.fixture(scope="module")
def real() -> list[TopicRecord | Refusal]:
    return list(read(real_topics()))


@pytest.mark.slow
def test_nearly_all_real_topics_load(real: list[TopicRecord | Refusal]) -> None:
    loaded = [one for one in real if isinstance(one, TopicRecord)]

    assert (len(real), len(loaded)) == (504, 504)
    assert Counter(one.deadline_model for one in loaded) == {
        DeadlineModel.SINGLE_STAGE: 462,
        DeadlineModel.TWO_STAGE: 22,
        DeadlineModel.CUT_OFFS: 3,
        None: 17,
    }


@pytest.mark.slow
def test_no_real_text_keeps_a_broken_encoding_or_markup(real: list[TopicRecord | Refusal]) -> None:
    broken = re.compile('[âÂÃï][\u0080-\u00bf€™“”˜šœžŸ]|\ufffd|\ufeff|^">|<br|&nbsp;')
    texts = [
        text
        for one in real
        if isinstance(one, TopicRecord)
        for text in (one.title, one.call_title, one.description, one.objectives, one.conditions, one.support)
    ]

    assert [text[max(0, found.start() - 20) :][:60] for text in texts if (found := broken.search(text))] == []


@pytest.mark.slow
def test_every_real_deadline_is_five_in_brussels(real: list[TopicRecord | Refusal]) -> None:
    from_brussels = {
        moment.hour - (1 if moment.month > 10 or moment.month < 3 else 0)
        for one in real
        if isinstance(one, TopicRecord)
        for moment in one.deadlines
        if moment.month not in (3, 10)
    }

    assert from_brussels == {15}


@pytest.mark.slow
def test_reading_the_real_file_twice_gives_the_same(real: list[TopicRecord | Refusal]) -> None:
    with gzip.open(real_topics()) as stream:
        plain = list(read(BytesIO(stream.read())))

    assert plain == real
    assert [one.fingerprint for one in plain[:50] if isinstance(one, TopicRecord)] == [
        one.fingerprint for one in real[:50] if isinstance(one, TopicRecord)
    ]
