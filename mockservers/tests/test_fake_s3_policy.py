"""Policies of POST forms: every kind of condition, and what is no policy."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.policy import check_fields, check_size, parse_policy, with_filename

NOW = datetime(2026, 5, 24, 12, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def encoded(document: object) -> str:
    return base64.b64encode(json.dumps(document).encode()).decode()


def with_conditions(*conditions: object, expiration: str = "2026-05-24T13:00:00.000Z") -> str:
    return encoded({"expiration": expiration, "conditions": conditions})


def judged(policy: str, fields: dict[str, str], *, bucket: str = "b", now: datetime = NOW) -> str:
    """Return the words of the refusal, "" when the form is fine."""
    try:
        check_fields(parse_policy(policy), fields, bucket, now)
    except S3Error as error:
        return error.message
    return ""


@pytest.mark.parametrize(
    ("condition", "value", "fine"),
    [
        ({"key": "a"}, "a", True),
        ({"key": "a"}, "A", False),
        ({"KEY": "a"}, "a", True),
        (["eq", "$key", "a"], "a", True),
        (["eq", "$Key", "a"], "a", True),
        (["eq", "$key", "a"], "ab", False),
        (["EQ", "$key", "a"], "a", True),
        (["starts-with", "$key", "user/"], "user/x", True),
        (["starts-with", "$key", "user/"], "user", False),
        (["starts-with", "$key", ""], "anything", True),
        (["Starts-With", "$key", ""], "", True),
        ({"key": ""}, "", True),
    ],
)
def test_conditions_on_a_field(condition: object, value: str, fine: bool) -> None:
    assert (judged(with_conditions({"bucket": "b"}, condition), {"key": value}) == "") is fine


def test_a_failed_condition_is_quoted() -> None:
    policy = with_conditions({"bucket": "b"}, ["starts-with", "$key", "user/"])
    assert judged(policy, {"key": "x"}) == (
        'Invalid according to Policy: Policy Condition failed: ["starts-with", "$key", "user/"]'
    )
    assert judged(with_conditions({"Acl": "private"}), {"acl": "public"}) == (
        'Invalid according to Policy: Policy Condition failed: ["eq", "$Acl", "private"]'
    )


def test_fields_that_are_absent() -> None:
    assert judged(with_conditions({"acl": "private"}), {}) != ""
    assert judged(with_conditions({"acl": ""}), {}) != ""
    assert judged(with_conditions(["starts-with", "$x-amz-meta-tag", ""]), {}) == ""
    assert judged(with_conditions(["starts-with", "$x-amz-meta-tag", "a"]), {}) != ""


def test_the_bucket_is_the_one_that_was_addressed() -> None:
    policy = with_conditions({"bucket": "b"})
    assert judged(policy, {}, bucket="b") == ""
    assert "Policy Condition failed" in judged(policy, {}, bucket="other")
    assert "Policy Condition failed" in judged(policy, {"bucket": "b"}, bucket="other")
    assert (
        judged(with_conditions(), {"bucket": "b"})
        == "Invalid according to Policy: Extra input fields: bucket"
    )


def test_every_field_needs_a_condition() -> None:
    fields = {"key": "x", "acl": "private", "x-amz-meta-a": "1"}
    assert judged(with_conditions({"key": "x"}), fields) == (
        "Invalid according to Policy: Extra input fields: acl, x-amz-meta-a"
    )
    free = {"policy": "p", "x-amz-signature": "s", "file": "f", "x-ignore-me": "i"}
    assert judged(with_conditions({"key": "x"}), {"key": "x", **free}) == ""


def test_a_list_of_content_types_is_judged_one_by_one() -> None:
    policy = with_conditions(["starts-with", "$Content-Type", "image/"])
    assert judged(policy, {"content-type": "image/jpg,image/png, image/gif"}) == ""
    assert judged(policy, {"content-type": "image/jpg,text/html"}) != ""


@pytest.mark.parametrize("expiration", ["2026-05-24T12:00:00Z", "2026-05-24T11:59:59.999Z"])
def test_an_expired_policy(expiration: str) -> None:
    policy = with_conditions(expiration=expiration)
    assert judged(policy, {}) == "Invalid according to Policy: Policy expired."
    assert judged(policy, {}, now=NOW - timedelta(seconds=1)) == ""


@pytest.mark.parametrize(("size", "code"), [(1, "EntityTooSmall"), (2, ""), (5, ""), (6, "EntityTooLarge")])
@pytest.mark.parametrize("bounds", [(2, 5), ("2", "5")])
def test_the_size_of_the_file(bounds: tuple[object, object], size: int, code: str) -> None:
    policy = parse_policy(with_conditions(["content-length-range", *bounds], ["content-length-range", 0, 99]))
    if not code:
        check_size(policy, size)
        return
    with pytest.raises(S3Error) as error:
        check_size(policy, size)
    assert error.value.code == code
    assert error.value.extra["ProposedSize"] == str(size)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "Invalid JSON."),
        ({"conditions": []}, "Policy missing expiration."),
        ({"expiration": "2026-05-24T13:00:00Z"}, "Policy missing conditions."),
        ({"expiration": "tomorrow", "conditions": []}, "Invalid 'expiration' value: 'tomorrow'"),
        ({"expiration": 5, "conditions": []}, "Invalid 'expiration' value: '5'"),
        ({"expiration": "2026-05-24T13:00:00Z", "conditions": {}}, "Conditions must be a list."),
        ({"expiration": "2026-05-24T13:00:00Z", "conditions": [], "more": 1}, "Unexpected: 'more'"),
    ],
)
def test_what_is_no_policy(document: object, words: str) -> None:
    assert judged(encoded(document), {}) == f"Invalid Policy: {words}"


@pytest.mark.parametrize(
    "condition",
    [
        {"a": "1", "b": "2"},
        {},
        {"a": 1},
        "key",
        ["eq", "$key"],
        ["eq", "key", "a"],
        ["eq", "$", "a"],
        ["eq", "$key", 5],
        ["matches", "$key", "a"],
        [1, "$key", "a"],
        ["content-length-range", -1, 5],
        ["content-length-range", "a", 5],
        ["content-length-range", True, 5],
        ["content-length-range", 1.5, 5],
        ["content-length-range", 1],
    ],
)
def test_what_is_no_condition(condition: object) -> None:
    assert judged(with_conditions(condition), {}).startswith("Invalid Policy: ")


@pytest.mark.parametrize("text", ["", "%%%", "eyJ", "é", base64.b64encode(b"\xff{}").decode(), "e30=\x00"])
def test_what_cannot_be_read_at_all(text: str) -> None:
    assert judged(text, {}).startswith("Invalid Policy: ")


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ("up/${filename}", "a.txt", "up/a.txt"),
        ("up/${filename}", "C:\\My Files\\a $& b.txt", "up/a $& b.txt"),
        ("up/${filename}", "../../etc/passwd", "up/passwd"),
        ("${filename}-${filename}", "a", "a-a"),
        ("up/x", "a", "up/x"),
        ("up/${filename}", "", "up/"),
    ],
)
def test_the_files_own_name(value: str, name: str, expected: str) -> None:
    assert with_filename(value, name) == expected


@settings(max_examples=400)
@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.b64encode(raw).decode()))
def test_noise_is_no_policy(text: str) -> None:
    with pytest.raises(S3Error, match="InvalidPolicyDocument"):
        parse_policy(text)


@settings(max_examples=400)
@given(JSON, st.dictionaries(st.sampled_from(["key", "acl", "x-amz-date"]), st.text(max_size=6)))
def test_any_json_is_judged_without_a_crash(conditions: object, fields: dict[str, str]) -> None:
    document = {"expiration": "2026-05-24T13:00:00Z", "conditions": conditions}
    words = judged(encoded(document), fields)
    assert not words or words.startswith(("Invalid Policy: ", "Invalid according to Policy: "))
    if not words:
        # What was accepted is covered by a condition, field by field.
        assert set(fields) <= {each.field for each in parse_policy(encoded(document)).conditions}


@settings(max_examples=300)
@given(
    st.dictionaries(st.sampled_from(["key", "acl", "content-type"]), st.text(max_size=5), min_size=1),
    st.dictionaries(st.sampled_from(["key", "acl", "content-type", "expires"]), st.text(max_size=5)),
)
def test_only_the_very_form_that_was_granted_passes(granted: dict[str, str], sent: dict[str, str]) -> None:
    policy = with_conditions(*({name: value} for name, value in granted.items()))
    assert judged(policy, granted) == ""
    assert (judged(policy, sent) == "") is (sent == granted)
