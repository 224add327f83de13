"""The SDK, the fake Pachca and the fake S3 judge the public vectors alike; none shares code with another."""

from datetime import datetime
from typing import cast

import pytest
from schema_pachca_vectors import FORMS, SIGNATURES, Form, Policy, Vector, raw

from tolmach.errors import WebhookRefused
from tolmach.pachca.signature import verify
from tolmach.pachca.webhook import parse
from tolmach_mockservers.pachca.delivery import sign
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.policy import check_fields, check_size, parse_policy, with_filename
from tolmach_mockservers.s3.sigv4 import sign as sign_policy
from tolmach_mockservers.s3.sigv4 import signing_key
from tolmach_schemas import load

BY_POLICY = [(policy, form) for policy, form in FORMS if "x-amz-signature" not in form["change"]]
WINDOW = cast("dict[str, list[float]]", load("vectors/pachca_signature")["window"])


@pytest.mark.parametrize("vector", SIGNATURES, ids=[one["name"] for one in SIGNATURES])
def test_the_client_and_the_fake_judge_a_signature_alike(vector: Vector) -> None:
    assert verify(raw(vector), vector["signature"], vector["secret"]) is vector["valid"]
    assert (sign(vector["secret"], raw(vector)) == vector["signature"]) is vector["valid"]


@pytest.mark.parametrize("now", WINDOW["accepted_at"])
def test_a_delivery_is_taken_within_a_minute(now: float) -> None:
    assert (
        parse(raw(SIGNATURES[4]), SIGNATURES[4]["signature"], SIGNATURES[4]["secret"], now).type == "message"
    )


@pytest.mark.parametrize("now", WINDOW["refused_at"])
def test_a_delivery_of_another_time_is_refused(now: float) -> None:
    with pytest.raises(WebhookRefused):
        parse(raw(SIGNATURES[4]), SIGNATURES[4]["signature"], SIGNATURES[4]["secret"], now)


@pytest.mark.parametrize(
    ("policy", "form"), BY_POLICY, ids=[f"{policy['bucket']}: {form['name']}" for policy, form in BY_POLICY]
)
def test_the_storage_judges_a_form_as_its_policy_says(policy: Policy, form: Form) -> None:
    key = signing_key(policy["secret_key"], policy["date"], policy["region"])
    assert sign_policy(key, policy["policy"]) == policy["signature"]
    fields = {**policy["fields"], **form["change"]}
    fields.pop(form["drop"] or "", None)
    expanded = {name.lower(): with_filename(text, "отчёт.txt") for name, text in fields.items()}
    code = ""
    try:
        read = parse_policy(policy["policy"])
        check_fields(read, expanded, policy["bucket"], datetime.fromisoformat(form["now"]))
        check_size(read, form["size"])
    except S3Error as error:
        code = error.code
    assert (code == "") is form["accepted"]
    # The storage looks for the key before it looks into the policy; the policy alone refuses as well.
    assert code == form.get("code", "").replace("InvalidAccessKeyId", "AccessDenied")
    assert expanded["key"] == form.get("key", expanded["key"])
