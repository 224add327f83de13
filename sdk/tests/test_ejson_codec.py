"""EJSON to values and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tolmach.rocketchat.ejson import decode, encode, milliseconds

MOMENT = datetime(2025, 10, 9, 8, 53, 20, 3000, UTC)


def test_dates_become_aware_utc_times() -> None:
    assert decode({"ts": {"$date": 1760000000003}}) == {"ts": MOMENT}


def test_a_null_date_is_none() -> None:
    assert decode({"tokenExpires": {"$date": None}}) == {"tokenExpires": None}


def test_bytes_are_base64() -> None:
    assert decode([{"$binary": "AAEC"}]) == [b"\x00\x01\x02"]


def test_an_escaped_object_is_literal_one_level_deep() -> None:
    assert decode({"$escape": {"$date": 5, "x": {"$date": 0}}}) == {
        "$date": 5,
        "x": datetime(1970, 1, 1, tzinfo=UTC),
    }


def test_a_custom_type_becomes_its_value() -> None:
    assert decode({"$type": "oid", "$value": "abc"}) == "abc"


@pytest.mark.parametrize(
    "odd",
    [
        {"$date": "soon"},
        {"$date": True},
        {"$date": 10**30},
        {"$date": 1, "more": 2},
        {"$binary": "not base64!"},
        {"$unknown": 1},
    ],
)
def test_what_only_looks_like_ejson_is_left_alone(odd: dict[str, object]) -> None:
    assert decode(odd) == odd


def test_times_of_any_zone_are_sent_as_milliseconds() -> None:
    there = MOMENT.astimezone(timezone(timedelta(hours=5)))
    assert encode({"ts": there, "raw": b"\x00"}) == {
        "ts": {"$date": 1760000000003},
        "raw": {"$binary": "AA=="},
    }


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        milliseconds(datetime(2025, 1, 1))  # noqa: DTZ001


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.datetimes(timezones=st.just(UTC)).map(
        lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
    ),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.sampled_from(["$date", "$type"]), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_is_encoded_decodes_to_the_same(value: object) -> None:
    assert decode(encode(value)) == value
