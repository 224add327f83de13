"""The body checker and the wire's spelling, without a server."""

import pytest

from tolmach_mockservers.rocketchat.shape import AnyOf, Fields, OneOf
from tolmach_mockservers.rocketchat.wire import Stamp, ejson, iso, rest_json, unwrap, utf16_length


@pytest.mark.parametrize(
    ("kind", "value", "read"),
    [
        ("string", 5, "5"),
        ("string", True, "true"),
        ("string?", None, None),
        ("boolean", "true", True),
        ("boolean?", None, None),
        ("number", "20", 20),
        ("number", "1.5", 1.5),
        ("strings", ["a", 1], ["a", "1"]),
        ("string|strings", "a", "a"),
        ("one:a|b", "b", "b"),
    ],
)
def test_scalars_are_coerced_as_the_vendor_does(kind: str, value: object, read: object) -> None:
    given = {"x": value}
    assert Fields({"x": kind}).errors(given) == []
    assert given == {"x": read}


@pytest.mark.parametrize(
    ("kind", "value", "complaint"),
    [
        ("string", [], "must be string"),
        ("string+", "", "must NOT have fewer than 1 characters"),
        ("boolean", "yes", "must be boolean"),
        ("number", "many", "must be number"),
        ("strings", "a", "must be array"),
        ("object", [], "must be object"),
        ("objects", ["a"], "must be object"),
        ("one:a|b", "c", "must be equal to one of the allowed values"),
    ],
)
def test_what_cannot_be_coerced_is_refused(kind: str, value: object, complaint: str) -> None:
    assert Fields({"x": kind}).errors({"x": value}) == [complaint]


def test_closed_shapes_refuse_more_and_open_ones_do_not() -> None:
    assert Fields({"x": "any"}).errors({"y": 1}) == ["must NOT have additional properties"]
    assert Fields({"x": "any"}, closed=False).errors({"y": 1}) == []


def test_exactly_one_choice_must_fit_or_at_least_one() -> None:
    a, b = Fields({"a": "string", "c": "any"}), Fields({"b": "string", "c": "any"})
    assert OneOf(a, b).errors({"a": "1"}) == []
    assert OneOf(a, b).errors({"c": 1}) == ["must match exactly one schema in oneOf"]
    assert AnyOf(a, b).errors({"c": 1}) == []
    assert AnyOf(a, b).errors({"d": 1})[-1] == "must match a schema in anyOf"


def test_dates_are_iso_in_rest_and_ejson_in_ddp() -> None:
    document = {"ts": Stamp(1_700_000_000_007), "never": Stamp(None)}
    assert rest_json(document) == b'{"ts":"2023-11-14T22:13:20.007Z","never":null}'
    assert ejson(document) == '{"ts":{"$date":1700000000007},"never":{"$date":null}}'
    assert unwrap([{"a": {"$date": 5}, "b": [1]}]) == [{"a": Stamp(5), "b": [1]}]
    assert iso(0) == "1970-01-01T00:00:00.000Z"


def test_a_lone_surrogate_is_written_as_an_escape() -> None:
    assert rest_json({"msg": "\ud83d"}) == b'{"msg":"\\ud83d"}'
    assert ejson("\ud83d") == '"\\ud83d"'
    assert rest_json({"msg": "ж😀"}).decode() == '{"msg":"ж😀"}'


def test_length_is_that_of_javascript() -> None:
    assert [utf16_length(each) for each in ("abc", "жук", "😀", "\ud83d")] == [3, 3, 2, 1]
