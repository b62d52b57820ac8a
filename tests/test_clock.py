"""Times of day and envelopes become instants in UTC, by the best evidence and by no invention."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wcsanalytics.clock import (
    DAY_MS,
    NO_INSTANT,
    Anchor,
    Dating,
    Evidence,
    dated,
    day_numbers,
    instant,
    instants,
    parse_tod_ms,
    to_utc_us,
    uuid_v1_us,
)

BERLIN = ZoneInfo("Europe/Berlin")
MARCH_14 = 1_773_446_400_000  # 2026-03-14T00:00:00Z in epoch ms
HOUR = 3_600_000


def tod(text: str) -> int:
    hours, minutes, seconds = text.split(":")
    return (int(hours) * 60 + int(minutes)) * 60_000 + int(seconds.replace(",", ""))


def times(*texts: str) -> np.ndarray:
    return np.array([tod(text) for text in texts], np.int64)


@pytest.mark.parametrize(
    ("value", "us"),
    [
        ("2026-03-14T09:15:20.655Z", 1_773_479_720_655_000),
        ("2026-03-14T09:15:20.655123Z", 1_773_479_720_655_123),
        ("2026-03-14T09:15:20Z", 1_773_479_720_000_000),
        ("2026-03-14T11:15:20,655+02:00", 1_773_479_720_655_000),
        ("2026-03-14T15:00:20.655+0545", 1_773_479_720_655_000),
        (" 2026-03-14 09:15:20.655 ", 1_773_479_720_655_000),
        ("2026-03-14t09:15:20.655z", 1_773_479_720_655_000),
        (1_773_479_720, 1_773_479_720_000_000),
        (1_773_479_720.655, 1_773_479_720_655_000),
        (1_773_479_720_655, 1_773_479_720_655_000),
        (1_773_479_720_655_123, 1_773_479_720_655_123),
        ("1773479720", 1_773_479_720_000_000),
        ("1773479720.655", 1_773_479_720_655_000),
        ("1773479720655", 1_773_479_720_655_000),
    ],
)
def test_an_instant_is_read_in_any_common_form(value: object, us: int) -> None:
    assert instant(value) == us


@pytest.mark.parametrize(
    "value",
    [
        *("", "-", "yesterday", "09:15:20,655", "2026-03-14", "2026-02-30T00:00:00Z", "2026-03-14T23:59:60Z"),
        *("1989-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"),
        *(-1, 0, 1e18, 10**40, float("nan"), float("inf"), "9" * 5000, "²⁰²⁶⁰³¹⁴⁰", "\ud800" * 12),
        *(None, True, False, [], {}, b"2026-03-14T09:15:20.655Z"),
    ],
)
def test_what_is_no_instant_of_our_time_is_none(value: object) -> None:
    assert instant(value) is None


def test_text_without_offset_is_local_to_the_zone_given() -> None:
    assert instant("2026-03-14T10:15:20.655", BERLIN) == 1_773_479_720_655_000
    assert instant("2026-03-14T09:15:20.655Z", BERLIN) == 1_773_479_720_655_000


def test_a_column_keeps_its_odd_values_apart() -> None:
    values = ["2026-03-14T09:15:20.655Z", None, "no time", 1_773_479_720_655]

    assert instants(values).tolist() == [1_773_479_720_655_000, NO_INSTANT, NO_INSTANT, 1_773_479_720_655_000]


@pytest.mark.parametrize("odd", ["2026-02-30T00:00:00.000Z", "2026-03-14T24:00:00.000Z", "1970-01-01T00:00:00.000Z"])
def test_a_column_of_one_form_holds_no_impossible_time(odd: str) -> None:
    assert instants(["2026-03-14T09:15:20.655Z", odd]).tolist() == [1_773_479_720_655_000, NO_INSTANT]


def test_an_empty_column_has_no_instants() -> None:
    assert instants([]).tolist() == []


def test_a_missing_instant_is_not_a_time_in_a_column_of_times() -> None:
    assert np.isnat(instants([None]).view("datetime64[us]")).tolist() == [True]


@settings(deadline=None)
@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)), min_size=1))
def test_a_column_is_read_as_its_values_are(moments: list[datetime]) -> None:
    texts = [f"{moment.isoformat(timespec='milliseconds')}Z" for moment in moments]

    assert instants(texts).tolist() == [instant(text) for text in texts]


@settings(deadline=None)
@given(st.lists(st.one_of(st.text(alphabet="0123456789-:T.Z", min_size=24, max_size=24), st.integers(), st.none())))
def test_no_column_is_too_odd(values: list[object]) -> None:
    assert len(instants(values)) == len(values)


def test_a_uuid_of_version_1_tells_when_it_was_made() -> None:
    # 0x1f11f8652d84560 = 139927725201180000 steps of 100 ns, 12219292800 s of them before 1970
    assert uuid_v1_us("52d84560-1f86-11f1-ab7d-5a3c91e07b24") == 1_773_479_720_118_000


@pytest.mark.parametrize(
    "text",
    [
        "7be0a2b4-0c55-4b7e-9a61-6d2f4f0c9d18",  # version 4
        "52d84560-1f86-11f1-2b7d-5a3c91e07b24",  # another variant, whose digit is no version
        "00000000-0000-1000-8000-000000000000",  # of 1582
        "52d845601f8611f1ab7d5a3c91e07b24",
        "call-52d84560-1f86-11f1-ab7d-5a3c91e07b24",
        "",
    ],
)
def test_no_other_text_tells_when_it_was_made(text: str) -> None:
    assert uuid_v1_us(text) is None


def test_times_of_day_are_read_from_bytes() -> None:
    assert parse_tod_ms(b"00:00:00,00011:15:20,65523:59:59.999").tolist() == [0, 40_520_655, 86_399_999]
    assert parse_tod_ms(np.array([b"11:15:20,655", b"", b"11:15"], "S12")).tolist() == [40_520_655, -1, -1]


def test_the_odd_ends_of_a_day_are_counted_on() -> None:
    assert parse_tod_ms(b"24:00:00,00023:59:60,500").tolist() == [DAY_MS, DAY_MS + 500]


@pytest.mark.parametrize(
    "text", [b"24:00:01,000", b"25:00:00,000", b"11:60:00,000", b"11:15:61,000", b"11-15-20,655", b"1a:15:20,655"]
)
def test_an_impossible_time_of_day_is_none(text: bytes) -> None:
    assert parse_tod_ms(text).tolist() == [-1]


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["23:59:59,990", "00:00:00,010", "23:00:00,000", "01:00:00,000"], [0, 1, 1, 2]),
        (["23:59:59,990", "00:00:00,010", "23:59:59,995", "00:00:00,020"], [0, 1, 0, 1]),
        (["00:00:00,005", "23:59:59,999", "23:59:59,998", "00:00:00,006"], [0, -1, -1, 0]),
        (["11:15:20,655", "11:15:20,650", "03:00:00,000", "02:00:00,001"], [0, 0, 0, 0]),
        (["00:00:01,000", "13:00:00,000", "23:40:00,000"], [0, 0, 0]),
        (["23:59:59,999", "24:00:00,000", "00:00:00,001"], [0, 0, 1]),
        (["23:59:60,500", "00:00:00,001"], [0, 1]),
    ],
    ids=["midnight twice", "late line", "late first lines", "jitter", "quiet day", "24 o'clock", "leap second"],
)
def test_days_are_counted_from_midnight_to_midnight(lines: list[str], days: list[int]) -> None:
    numbers, last, day = day_numbers(times(*lines))

    assert numbers.tolist() == days
    assert (last, day) == (tod(lines[-1]), days[-1])


def test_an_unreadable_time_stands_in_the_day_before_it() -> None:
    numbers, last, day = day_numbers(np.array([-1, 23 * HOUR, -1, HOUR, -1], np.int64))

    assert numbers.tolist() == [0, 0, 0, 1, 1]
    assert (last, day) == (HOUR, 1)


def test_a_chunk_without_times_changes_nothing() -> None:
    assert day_numbers(np.array([], np.int64), 5, 3)[1:] == (5, 3)
    assert day_numbers(np.array([-1, -1], np.int64), None, 0)[1:] == (None, 0)


@settings(deadline=None)
@given(st.lists(st.integers(-1, DAY_MS + 999), max_size=30), st.integers(0, 30))
def test_days_go_on_over_the_border_of_a_chunk(tods: list[int], cut: int) -> None:
    whole = day_numbers(np.array(tods, np.int64))
    head, last, day = day_numbers(np.array(tods[:cut], np.int64))
    tail, last, day = day_numbers(np.array(tods[cut:], np.int64), last, day)

    assert (head.tolist() + tail.tolist(), last, day) == (whole[0].tolist(), *whole[1:])


def create_date(day: int, log: str, at_ms: int) -> Anchor:
    return Anchor("create_date", day, tod(log), at_ms)


def plus(hours: int, minutes: int = 0) -> timezone:
    return timezone(timedelta(hours=hours, minutes=minutes))


CREATED = create_date(0, "11:15:20,655", 1_773_479_720_301)  # 2026-03-14T09:15:20.301Z
MADE = Anchor("uuid_v1", 0, tod("12:15:20,655"), 1_773_479_720_118)
TOUCHED = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
EVERYTHING = Evidence((MADE, CREATED), "flashphoner.log.2026-03-15", TOUCHED, 0, tod("09:00:00,000"))


def test_create_date_tells_day_and_offset() -> None:
    assert dated(Evidence([CREATED])) == Dating(date(2026, 3, 14), plus(2), "create_date", "create_date")


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (EVERYTHING, Dating(date(2026, 3, 14), plus(2), "create_date", "create_date")),
        (Evidence([MADE], EVERYTHING.file_name), Dating(date(2026, 3, 14), plus(3), "uuid_v1", "uuid_v1")),
        (
            Evidence((), EVERYTHING.file_name, TOUCHED, 0, 0),
            Dating(date(2026, 3, 15), UTC, "file_name", "assumed"),
        ),
        (Evidence((), "flashphoner.log", TOUCHED, 0, 0), Dating(date(2026, 3, 16), UTC, "mtime", "assumed")),
        (Evidence((), "flashphoner.log", TOUCHED), Dating(date(2000, 1, 1), UTC, "assumed", "assumed")),
        (Evidence(), Dating(date(2000, 1, 1), UTC, "assumed", "assumed")),
    ],
    ids=["create_date", "uuid_v1", "file_name", "mtime", "no line for the mtime", "nothing"],
)
def test_the_best_evidence_dates_a_file(evidence: Evidence, expected: Dating) -> None:
    assert dated(evidence) == expected


def test_an_option_replaces_only_its_own_half() -> None:
    day = date(2026, 3, 20)

    assert dated(EVERYTHING, zone=BERLIN) == Dating(date(2026, 3, 14), BERLIN, "create_date", "option")
    assert dated(EVERYTHING, day=day) == Dating(day, plus(2), "option", "create_date")
    assert dated(EVERYTHING, day=day, zone=BERLIN) == Dating(day, BERLIN, "option", "option")
    assert dated(Evidence(), day=day) == Dating(day, UTC, "option", "assumed")
    assert dated(Evidence(), zone=BERLIN) == Dating(date(2000, 1, 1), BERLIN, "assumed", "option")


@pytest.mark.parametrize(
    ("log", "offset"),
    [
        ("15:00:20,655", plus(5, 45)),
        ("09:15:20,301", plus(0)),
        ("09:15:20,250", plus(0)),
        ("09:18:00,000", plus(0)),
        ("05:45:21,000", plus(-3, -30)),
        ("23:00:21,000", plus(13, 45)),
        ("23:15:21,000", plus(-10)),
    ],
)
def test_offsets_are_whole_quarter_hours(log: str, offset: timezone) -> None:
    assert dated(Evidence([create_date(0, log, CREATED.at_ms)])).zone == offset


def test_the_day_is_that_of_the_first_line_by_the_local_clock() -> None:
    # 2026-03-13T23:30:00.000Z is half past one of the 14th at +2:00, in the third day of the file
    anchor = create_date(2, "01:30:00,400", MARCH_14 - HOUR // 2)

    assert dated(Evidence([anchor])) == Dating(date(2026, 3, 12), plus(2), "create_date", "create_date")


def test_a_line_just_after_midnight_may_tell_of_the_day_before() -> None:
    anchor = create_date(0, "00:00:00,100", MARCH_14 - 50)

    assert dated(Evidence([anchor])) == Dating(date(2026, 3, 14), plus(0), "create_date", "create_date")


def test_a_known_day_tells_far_western_offsets_from_far_eastern_ones() -> None:
    anchor = create_date(0, "22:15:21,000", CREATED.at_ms)

    assert dated(Evidence([anchor])).zone == plus(13)
    assert dated(Evidence([anchor]), day=date(2026, 3, 13)).zone == plus(-11)
    assert dated(Evidence([anchor]), day=date(2026, 3, 14)).zone == plus(13)


def test_most_anchors_decide() -> None:
    stale = create_date(0, "17:15:20,655", CREATED.at_ms)
    epoch = create_date(0, "11:15:20,655", 0)

    assert dated(Evidence([stale, CREATED, CREATED, epoch])).zone == plus(2)
    assert dated(Evidence([epoch])).dated_by == "assumed"


@pytest.mark.parametrize(
    ("name", "last_day", "day"),
    [
        ("flashphoner.log.2026-03-14", 0, date(2026, 3, 14)),
        ("flashphoner.log.2026-03-14-09", 0, date(2026, 3, 14)),
        ("flashphoner.log.2026-03-14", 1, date(2026, 3, 13)),
        ("flashphoner.log.2026-02-30", 0, date(2000, 1, 1)),
        ("flashphoner.log.1", 0, date(2000, 1, 1)),
    ],
    ids=["daily", "hourly", "a late first line", "no such day", "no day"],
)
def test_rotation_names_the_day_of_the_last_line(name: str, last_day: int, day: date) -> None:
    assert dated(Evidence((), name, last_day=last_day)).day == day


@pytest.mark.parametrize(
    ("mtime", "last", "zone", "day"),
    [
        (datetime(2026, 3, 14, 0, 0, 1, tzinfo=UTC), "23:59:59,000", None, date(2026, 3, 12)),
        (datetime(2026, 3, 14, 20, 0, tzinfo=UTC), "03:00:00,000", None, date(2026, 3, 14)),
        (datetime(2026, 3, 14, 23, 30, tzinfo=UTC), "00:29:59,000", BERLIN, date(2026, 3, 14)),
        (datetime(2026, 3, 15, 9, 0, tzinfo=UTC), "18:00:00,000", BERLIN, date(2026, 3, 13)),
        (datetime(2026, 3, 14, 11, 0, tzinfo=UTC), "12:00:01,000", BERLIN, date(2026, 3, 13)),
    ],
    ids=["touched after midnight", "a clock at +7", "local midnight", "copied next morning", "clock a second ahead"],
)
def test_mtime_dates_the_last_line(mtime: datetime, last: str, zone: ZoneInfo | None, day: date) -> None:
    assert dated(Evidence((), "", mtime, 1, tod(last)), zone=zone).day == day


def utc(dating: Dating, *lines: tuple[int, str]) -> list[str]:
    days = np.array([day for day, _ in lines], np.int64)
    instants_us = to_utc_us(days, times(*(text for _, text in lines)), dating)
    return [str(at) for at in instants_us.view("datetime64[us]").astype("datetime64[ms]")]


def test_a_fixed_offset_is_taken_off() -> None:
    dating = Dating(date(2026, 3, 14), plus(5, 45), "create_date", "create_date")

    assert utc(dating, (0, "15:00:20,655"), (1, "00:00:00,001"), (-1, "24:00:00,000")) == [
        "2026-03-14T09:15:20.655",
        "2026-03-14T18:15:00.001",
        "2026-03-13T18:15:00.000",
    ]


def test_summer_time_begins() -> None:
    dating = Dating(date(2026, 3, 29), BERLIN, "option", "option")

    assert utc(dating, (0, "01:59:59,999"), (0, "02:30:00,000"), (0, "03:00:00,000"), (1, "12:00:00,000")) == [
        "2026-03-29T00:59:59.999",
        "2026-03-29T01:30:00.000",  # left out: moved on to 03:30
        "2026-03-29T01:00:00.000",
        "2026-03-30T10:00:00.000",
    ]


def test_summer_time_ends_and_the_first_of_two_equal_hours_is_taken() -> None:
    dating = Dating(date(2026, 10, 25), BERLIN, "option", "option")

    assert utc(dating, (0, "01:59:59,999"), (0, "02:30:00,000"), (0, "03:00:00,000")) == [
        "2026-10-24T23:59:59.999",
        "2026-10-25T00:30:00.000",
        "2026-10-25T02:00:00.000",
    ]


@pytest.mark.parametrize(
    ("zone", "at"), [("Asia/Kathmandu", "2026-03-14T06:15:00.000"), ("Pacific/Chatham", "2026-03-13T22:15:00.000")]
)
def test_zones_of_three_quarter_hours(zone: str, at: str) -> None:
    assert utc(Dating(date(2026, 3, 14), ZoneInfo(zone), "option", "option"), (0, "12:00:00,000")) == [at]


def test_a_line_without_time_has_no_instant() -> None:
    dating = Dating(date(2026, 3, 14), BERLIN, "option", "option")

    assert to_utc_us(np.array([0, 0], np.int64), np.array([-1, HOUR], np.int64), dating).tolist() == [
        NO_INSTANT,
        MARCH_14 * 1000,
    ]


@settings(deadline=None)
@given(st.lists(st.datetimes(datetime(1996, 1, 1), datetime(2060, 1, 1)), min_size=1, max_size=20))
def test_instants_agree_with_zoneinfo(locals_: list[datetime]) -> None:
    first = date(1990, 1, 1)
    days = np.array([(local.date() - first).days for local in locals_], np.int64)
    tods = np.array(
        [(local - datetime.combine(local, datetime.min.time())) // timedelta(milliseconds=1) for local in locals_]
    )
    expected = [int(local.replace(microsecond=0, tzinfo=BERLIN).timestamp()) for local in locals_]

    got = to_utc_us(days, tods, Dating(first, BERLIN, "option", "option"))

    assert (got // 1_000_000).tolist() == expected
