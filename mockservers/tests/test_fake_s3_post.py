"""POST of forms over the wire."""

import base64
import json

import pytest
from s3_desk import ACCESS_KEY, BUCKET, CREDENTIAL, STAMP, Storage, form_body, grant, sign

KEY = ["starts-with", "$key", "up/"]


async def test_the_usual_form_answers_204(storage: Storage) -> None:
    fields = grant(KEY, {"acl": "private"}, key="up/${filename}", acl="private")
    done = await storage.post(fields, b"hello", "a b.txt")
    assert (done.status, done.body) == (204, b"")
    assert done.headers["etag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert done.headers["location"].endswith(f"/{BUCKET}/up/a%20b.txt")
    stored = storage.fake.find("up/a b.txt")
    assert stored is not None
    assert stored.attributes.headers == {"Content-Type": "binary/octet-stream"}


async def test_201_answers_with_a_document(storage: Storage) -> None:
    fields = grant(KEY, {"success_action_status": "201"}, key="up/x", success_action_status="201")
    done = await storage.post(fields)
    assert done.status == 201
    assert (done.element("Bucket"), done.element("Key")) == (BUCKET, "up/x")
    assert done.element("ETag") == "&quot;5d41402abc4b2a76b9719d911017c592&quot;"


@pytest.mark.parametrize(("wanted", "status"), [("200", 200), ("204", 204), ("500", 204), ("", 204)])
async def test_the_status_that_the_form_wants(storage: Storage, wanted: str, status: int) -> None:
    any_status = ["starts-with", "$success_action_status", ""]
    assert (
        await storage.post(grant(KEY, any_status, key="up/x", success_action_status=wanted))
    ).status == status


@pytest.mark.parametrize(
    ("wanted", "location"),
    [
        (
            "https://example.com/done?a=1",
            "https://example.com/done?a=1&bucket=examplebucket&key=up%2F%C3%BC&etag=%225d41402abc4b2a76b9719d911017c592%22",
        ),
        ("javascript:alert(1)", None),
        ("not a url", None),
        ("http://[", None),
        ("http://example.com/\r\nSet-Cookie: a=b", None),
    ],
)
async def test_the_redirect_that_the_form_wants(storage: Storage, wanted: str, location: str | None) -> None:
    anywhere = ["starts-with", "$success_action_redirect", ""]
    done = await storage.post(grant(KEY, anywhere, key="up/ü", success_action_redirect=wanted))
    assert done.status == (204 if location is None else 303)
    if location is not None:
        assert done.headers["location"] == location
    assert "set-cookie" not in done.headers


async def test_headers_and_metadata_come_from_fields(storage: Storage) -> None:
    fields = {"Content-Type": "text/plain", "Content-Disposition": "attachment", "x-amz-meta-who": "me"}
    form = grant(KEY, *({name: value} for name, value in fields.items()), key="up/x", **fields)
    assert (await storage.post(form)).status == 204
    got = await storage.signed("GET", "/up/x")
    assert {name: got.headers[name.lower()] for name in fields} == fields
    assert got.body == b"hello"


async def test_every_field_knows_the_file_name_but_what_is_signed_stays(storage: Storage) -> None:
    disposition = ["starts-with", "$Content-Disposition", "attachment; filename="]
    who = ["eq", "$x-amz-meta-name", "a.txt"]
    form = grant(
        KEY,
        disposition,
        who,
        key="up/${filename}",
        **{"Content-Disposition": "attachment; filename=${filename}", "x-amz-meta-name": "${filename}"},
    )
    assert (await storage.post(form, b"hello", "a.txt")).status == 204
    got = await storage.signed("GET", "/up/a.txt")
    assert got.headers["content-disposition"] == "attachment; filename=a.txt"
    assert got.headers["x-amz-meta-name"] == "a.txt"
    # Under another name the condition on the expanded field does not hold.
    refused = await storage.post(form, b"hello", "b.txt")
    assert (refused.status, refused.element("Code")) == (403, "AccessDenied")


async def test_a_line_break_in_a_field_does_not_reach_a_header(storage: Storage) -> None:
    form = grant(KEY, ["starts-with", "$x-amz-meta-a", ""], key="up/x", **{"x-amz-meta-a": "1\r\nX: y"})
    assert (await storage.post(form)).refusal == (400, "InvalidArgument")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"key": "down/x"}, 403, "AccessDenied"),
        ({"acl": "public-read"}, 403, "AccessDenied"),
        ({"x-amz-signature": "0" * 64}, 403, "SignatureDoesNotMatch"),
        ({"x-amz-signature": None}, 400, "InvalidArgument"),
        ({"x-amz-date": None}, 400, "InvalidArgument"),
        ({"x-amz-date": "today"}, 400, "InvalidArgument"),
        ({"x-amz-algorithm": "AWS4-HMAC-SHA1"}, 400, "InvalidArgument"),
        (
            {"x-amz-credential": CREDENTIAL.replace("us-east-1", "mars")},
            400,
            "AuthorizationQueryParametersError",
        ),
        ({"x-amz-credential": CREDENTIAL.replace(ACCESS_KEY, "nobody")}, 403, "InvalidAccessKeyId"),
        ({"x-amz-security-token": "made-up"}, 400, "InvalidToken"),
        ({"policy": None}, 403, "AccessDenied"),
        ({"policy": "e30="}, 403, "SignatureDoesNotMatch"),
        ({"key": None}, 400, "InvalidArgument"),
        ({"key": "", "acl": None}, 400, "InvalidArgument"),
        ({"key": "up/" + "k" * 1022}, 400, "KeyTooLongError"),
        ({"AWSAccessKeyId": ACCESS_KEY, "signature": "abc"}, 400, "InvalidRequest"),
    ],
)
async def test_forms_that_were_changed(
    storage: Storage, changes: dict[str, str | None], status: int, code: str
) -> None:
    granted: dict[str, str | None] = dict(grant(KEY, {"acl": "private"}, key="up/x", acl="private"))
    fields = {name: value for name, value in {**granted, **changes}.items() if value is not None}
    assert (await storage.post(fields)).refusal == (status, code)
    assert not storage.fake.state.bucket(BUCKET).objects


async def test_a_policy_that_is_signed_but_none(storage: Storage) -> None:
    fields = grant(KEY, key="up/x")
    nonsense = base64.b64encode(json.dumps({"conditions": []}).encode()).decode()
    fields |= {"policy": nonsense, "x-amz-signature": sign(nonsense)}
    answer = await storage.post(fields)
    assert answer.refusal == (400, "InvalidPolicyDocument")
    assert answer.element("Message") == "Invalid Policy: Policy missing expiration."


async def test_a_grant_ends(storage: Storage) -> None:
    fields = grant(KEY, key="up/x", expiration="2013-05-24T00:10:00Z")
    storage.kernel.clock.advance(599)
    assert (await storage.post(fields)).status == 204
    storage.kernel.clock.advance(1)
    late = await storage.post(fields)
    assert late.refusal == (403, "AccessDenied")
    assert late.element("Message") == "Invalid according to Policy: Policy expired."


async def test_other_buckets(storage: Storage) -> None:
    fields = grant(KEY, key="up/x")
    assert (await storage.post(fields, host="nowhere.s3.amazonaws.com")).refusal == (404, "NoSuchBucket")
    storage.fake.create_bucket("elsewhere")
    answer = await storage.post(fields, host="elsewhere.s3.amazonaws.com")
    assert answer.refusal == (403, "AccessDenied")
    assert "[&quot;eq&quot;, &quot;$bucket&quot;, &quot;examplebucket&quot;]" in answer.element("Message")


@pytest.mark.parametrize(
    ("size", "status", "code", "bound"),
    [
        (1, 400, "EntityTooSmall", "MinSizeAllowed"),
        (2, 204, "", ""),
        (5, 204, "", ""),
        (6, 400, "EntityTooLarge", "MaxSizeAllowed"),
        (300_000, 400, "EntityTooLarge", "MaxSizeAllowed"),
    ],
)
async def test_the_size_of_the_file(storage: Storage, size: int, status: int, code: str, bound: str) -> None:
    fields = grant(KEY, ["content-length-range", 2, 5], key="up/x")
    answer = await storage.post(fields, b"x" * size)
    assert answer.refusal == (status, code)
    if bound:
        assert answer.element(bound) == ("2" if size < 2 else "5")
        assert int(answer.element("ProposedSize")) >= size


@pytest.mark.parametrize("bearer", ["Bearer token", "AWS4-HMAC-SHA256 Credential=x", f"AWS {ACCESS_KEY}:x"])
async def test_an_authorization_header_beside_a_form(storage: Storage, bearer: str) -> None:
    answer = await storage.post(grant(KEY, key="up/x"), headers={"Authorization": bearer})
    assert answer.refusal == (400, "InvalidArgument")
    assert answer.element("ArgumentName") == "Authorization"
    assert storage.fake.find("up/x") is None


async def test_what_is_no_form(storage: Storage) -> None:
    answer = await storage.send("POST", "/", {"Content-Type": "application/json"}, b"{}")
    assert answer.refusal == (412, "PreconditionFailed")
    assert answer.element("Condition") == "Bucket POST must be of the enclosure-type multipart/form-data"
    kind = {"Content-Type": "multipart/form-data; boundary=cut"}
    assert (await storage.send("POST", "/", kind, b"hello")).refusal == (400, "MalformedPOSTRequest")
    fields = grant(KEY, key="up/x")
    assert (await storage.post(fields, None)).element("Message") == (
        "POST requires exactly one file upload per request."
    )
    body = form_body(fields)
    assert (await storage.send("POST", "/", kind, body[:-12])).refusal == (400, "MalformedPOSTRequest")
    chunked = (
        b"POST / HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nConnection: close\r\n"
        b"Content-Type: multipart/form-data; boundary=cut\r\nTransfer-Encoding: chunked\r\n\r\n"
        + f"{len(body):x}\r\n".encode()
        + body
        + b"\r\n0\r\n\r\n"
    )
    assert (await storage.raw(chunked)).refusal == (411, "MissingContentLength")


@pytest.mark.parametrize("name", ["x-amz-checksum-crc32", "x-amz-checksum-sha256", "content-md5"])
async def test_checksums_in_fields(storage: Storage, name: str) -> None:
    right = {
        "x-amz-checksum-crc32": "NhCmhg==",
        "x-amz-checksum-sha256": "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        "content-md5": "XUFAKrxLKna5cZ2REBfFkg==",
    }[name]
    form = grant(KEY, ["starts-with", f"${name}", ""], key="up/x", **{name: right})
    assert (await storage.post(form)).status == 204
    assert (await storage.post(form, b"other")).refusal == (400, "BadDigest")


async def test_forms_that_another_fake_asked_for(storage: Storage) -> None:
    fields = storage.fake.form({"acl": "private", "key": "attaches/files/1/${filename}"})
    assert list(fields)[:2] == ["acl", "key"]
    assert json.loads(base64.b64decode(fields["policy"]))["conditions"][:3] == [
        {"bucket": BUCKET},
        {"acl": "private"},
        ["starts-with", "$key", "attaches/files/1/"],
    ]
    assert fields["x-amz-date"] == STAMP
    assert (await storage.post(fields, b"hello", "ü.txt")).status == 204
    assert storage.fake.read("attaches/files/1/ü.txt") == b"hello"
