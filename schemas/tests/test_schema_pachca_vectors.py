"""The vectors agree with what the standard library makes of their own facts."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import cast

import pytest
from schema_pachca_vectors import FORMS, POLICIES, SIGNATURES, Form, Policy, Vector, raw

from tolmach_schemas import names
from tolmach_schemas.validation import compile_document


@pytest.mark.parametrize("vector", SIGNATURES, ids=[one["name"] for one in SIGNATURES])
def test_a_signature_is_what_the_vector_says(vector: Vector) -> None:
    made = hmac.digest(vector["secret"].encode(), raw(vector), "sha256").hex()
    assert (made == vector["signature"]) is vector["valid"]


def test_the_signed_message_is_a_webhook_of_the_platform() -> None:
    signed = next(one for one in SIGNATURES if one["name"] == "a message in Russian with an emoji")
    assert compile_document("pachca/webhooks/message")(json.loads(signed["body"])) == []


@pytest.mark.parametrize("policy", POLICIES, ids=[one["name"] for one in POLICIES])
def test_a_policy_is_signed_with_the_derived_key(policy: Policy) -> None:
    key = f"AWS4{policy['secret_key']}".encode()
    for part in (policy["date"], policy["region"], "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    assert hmac.digest(key, policy["policy"].encode(), hashlib.sha256).hex() == policy["signature"]


@pytest.mark.parametrize(
    ("policy", "form"), FORMS, ids=[f"{policy['bucket']}: {form['name']}" for policy, form in FORMS]
)
def test_a_form_is_judged_as_its_conditions_say(policy: Policy, form: Form) -> None:
    written = cast("dict[str, object]", json.loads(base64.b64decode(policy["policy"])))
    fields = {**policy["fields"], **form["change"]}
    fields.pop(form["drop"] or "", None)
    given = {name.lower(): value for name, value in fields.items()}
    met = judged(cast("list[object]", written["conditions"]), {**given, "bucket": policy["bucket"]}, form)
    in_time = moment(form["now"]) < moment(str(written["expiration"]))
    signed = "x-amz-signature" not in form["change"]
    assert (met and in_time and signed) is form["accepted"]


def judged(conditions: list[object], given: dict[str, str], form: Form) -> bool:
    named: set[str] = set()
    for condition in conditions:
        if isinstance(condition, dict):
            ((name, value),) = cast("dict[str, str]", condition).items()
            kind = "eq"
        else:
            kind, name, value = cast("tuple[str, str, str]", condition)
        if kind == "content-length-range":
            if not int(name) <= form["size"] <= int(value):
                return False
            continue
        name = name.removeprefix("$").lower()
        named.add(name)
        text = given.get(name)
        if text is None or not (text == value if kind == "eq" else text.startswith(value)):
            return False
    spare = {"x-amz-signature"}
    return all(name in named | spare or name.startswith("x-ignore-") for name in given)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_vectors_are_loaded_by_name_but_are_no_schemas() -> None:
    assert not [name for name in names() if name.startswith("vectors/")]
