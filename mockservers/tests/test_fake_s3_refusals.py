"""Requests that the storage refuses: who signed, what was changed, when, and in which words."""

import hashlib
from urllib.parse import quote

import pytest
from s3_desk import ACCESS_KEY, BUCKET, CREDENTIAL, HOST, STAMP, Storage, authorization, sign

from tolmach_mockservers.faults import Do, Rule

EMPTY = hashlib.sha256(b"").hexdigest()
LEAD = (
    f"AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders=host;x-amz-content-sha256;x-amz-date,Signature="
)


def link(method: str = "GET", path: str = "/test.txt", **changes: str) -> str:
    """Return a presigned target; the signature is made after the changes."""
    params = {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": CREDENTIAL,
        "X-Amz-Date": STAMP,
        "X-Amz-Expires": "600",
        "X-Amz-SignedHeaders": "host",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    query = "&".join(sorted(f"{name}={quote(value, safe='')}" for name, value in params.items() if value))
    canonical = f"{method}\n{path}\n{query}\nhost:{HOST}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{STAMP}\n20130524/us-east-1/s3/aws4_request\n{digest}"
    return f"{path}?{query}&X-Amz-Signature={sign(text)}"


async def test_the_body_of_a_refusal_is_as_the_vendors(storage: Storage) -> None:
    answer = await storage.send("GET", link(path="/none&<.txt".replace("&", "%26").replace("<", "%3C")))
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/xml"
    request_id, host_id = answer.headers["x-amz-request-id"], answer.headers["x-amz-id-2"]
    assert len(request_id) == 16
    assert answer.body.decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>"
        f"<Key>none&amp;&lt;.txt</Key><RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>"
    )


async def test_a_wrong_signature_shows_what_was_signed(storage: Storage) -> None:
    answer = await storage.signed("GET", "/test.txt", secret="another")
    assert answer.refusal == (403, "SignatureDoesNotMatch")
    assert answer.element("AWSAccessKeyId") == ACCESS_KEY
    canonical = answer.element("CanonicalRequest")
    assert canonical.startswith(f"GET\n/test.txt\n\nhost:{HOST}\nx-amz-content-sha256:{EMPTY}\n")
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    assert answer.element("StringToSign") == (
        f"AWS4-HMAC-SHA256\n{STAMP}\n20130524/us-east-1/s3/aws4_request\n{digest}"
    )
    assert bytes.fromhex(answer.element("CanonicalRequestBytes")) == canonical.encode()
    # The right signature is not given away.
    right = authorization(
        "GET", "/test.txt", {"host": HOST, "x-amz-content-sha256": EMPTY, "x-amz-date": STAMP}
    )
    assert right.rpartition("=")[2] not in answer.body.decode()


@pytest.mark.parametrize(
    ("changes", "status", "code", "words"),
    [
        ({"X_Amz_Expires": ""}, 400, "AuthorizationQueryParametersError", "Query-string authentication"),
        ({"X_Amz_Date": ""}, 400, "AuthorizationQueryParametersError", "Query-string authentication"),
        ({"X_Amz_SignedHeaders": ""}, 400, "AuthorizationQueryParametersError", "Query-string authent"),
        ({"X_Amz_Algorithm": "AWS4-HMAC-SHA1"}, 400, "AuthorizationQueryParametersError", "only supports"),
        ({"X_Amz_Expires": "soon"}, 400, "AuthorizationQueryParametersError", "should be a number"),
        ({"X_Amz_Expires": "-1"}, 400, "AuthorizationQueryParametersError", "non-negative"),
        ({"X_Amz_Expires": "604801"}, 400, "AuthorizationQueryParametersError", "less than a week"),
        ({"X_Amz_Expires": "٣"}, 400, "AuthorizationQueryParametersError", "should be a number"),
        ({"X_Amz_Date": "Friday"}, 400, "AuthorizationQueryParametersError", "ISO8601 Long Format"),
        ({"X_Amz_Credential": "AKIA"}, 400, "AuthorizationQueryParametersError", "mal-formed"),
        (
            {"X_Amz_Credential": CREDENTIAL.replace("us-east-1", "mars")},
            400,
            "AuthorizationQueryParametersError",
            "the region &apos;mars&apos; is wrong; expecting &apos;us-east-1&apos;",
        ),
        (
            {"X_Amz_Credential": CREDENTIAL.replace("/s3/", "/ec2/")},
            400,
            "AuthorizationQueryParametersError",
            "This endpoint belongs to",
        ),
        (
            {"X_Amz_Credential": CREDENTIAL.replace("aws4_request", "aws5")},
            400,
            "AuthorizationQueryParametersError",
            "incorrect terminal",
        ),
        (
            {"X_Amz_Credential": CREDENTIAL.replace("20130524", "20130525")},
            400,
            "AuthorizationQueryParametersError",
            "Invalid credential date",
        ),
        (
            {"X_Amz_Credential": CREDENTIAL.replace(ACCESS_KEY, "AKIANOBODY")},
            403,
            "InvalidAccessKeyId",
            "does not exist in our records",
        ),
        ({"X_Amz_Security_Token": "made-up"}, 400, "InvalidToken", "malformed or otherwise invalid"),
        ({"X_Amz_SignedHeaders": "range"}, 403, "AccessDenied", "which were not signed"),
    ],
)
async def test_links_that_are_no_links(
    storage: Storage, changes: dict[str, str], status: int, code: str, words: str
) -> None:
    answer = await storage.send("GET", link(**changes))
    assert answer.refusal == (status, code)
    assert words in answer.element("Message").replace("'", "&apos;")


@pytest.mark.parametrize(
    ("later", "code", "words"),
    [
        (599, "NoSuchKey", "The specified key does not exist."),
        (600, "AccessDenied", "Request has expired"),
        (-900, "NoSuchKey", "The specified key does not exist."),
        (-901, "AccessDenied", "Request is not valid yet"),
    ],
)
async def test_a_link_is_good_for_its_time(storage: Storage, later: int, code: str, words: str) -> None:
    stamp, target = STAMP, link()
    if later < 0:
        # Time never goes back: the link comes from the future instead.
        stamp = f"20130524T00{-later // 60:02d}{-later % 60:02d}Z"
        target = await _future(stamp)
    else:
        storage.kernel.clock.advance(later)
    answer = await storage.send("GET", target)
    assert (answer.element("Code"), answer.element("Message")) == (code, words)
    if words == "Request has expired":
        assert answer.element("Expires") == "2013-05-24T00:10:00Z"
        assert answer.element("ServerTime") == "2013-05-24T00:10:00Z"
        assert answer.element("X-Amz-Expires") == "600"


async def _future(stamp: str) -> str:
    query = link(X_Amz_Date=stamp).partition("?")[2].rpartition("&X-Amz-Signature")[0]
    canonical = f"GET\n/test.txt\n{query}\nhost:{HOST}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n20130524/us-east-1/s3/aws4_request\n{digest}"
    return f"/test.txt?{query}&X-Amz-Signature={sign(text)}"


@pytest.mark.parametrize(
    ("authorized", "status", "code"),
    [
        ("Bearer token", 400, "InvalidArgument"),
        ("Basic dTpw", 400, "InvalidArgument"),
        (f"AWS {ACCESS_KEY}:signature", 400, "InvalidRequest"),
        ("AWS4-HMAC-SHA256", 400, "AuthorizationHeaderMalformed"),
        (f"AWS4-HMAC-SHA256 Credential={CREDENTIAL}", 400, "AuthorizationHeaderMalformed"),
        (f"{LEAD}{'0' * 64}", 403, "SignatureDoesNotMatch"),
        (f"{LEAD}é", 403, "SignatureDoesNotMatch"),
        (LEAD.replace(CREDENTIAL, "a/b") + "0", 400, "AuthorizationHeaderMalformed"),
        (LEAD.replace("20130524", "20130601") + "0", 400, "AuthorizationHeaderMalformed"),
        (LEAD.replace(ACCESS_KEY, "nobody") + "0", 403, "InvalidAccessKeyId"),
        (LEAD.replace("x-amz-date", "x") + "0", 403, "AccessDenied"),
    ],
)
async def test_authorization_headers_that_are_refused(
    storage: Storage, authorized: str, status: int, code: str
) -> None:
    headers = {"x-amz-content-sha256": EMPTY, "x-amz-date": STAMP, "Authorization": authorized}
    assert (await storage.send("GET", "/test.txt", headers)).refusal == (status, code)


async def test_what_a_signed_request_must_have(storage: Storage) -> None:
    bearer = f"{LEAD}{'0' * 64}"
    dated = {"Authorization": bearer, "x-amz-date": STAMP}
    answer = await storage.send("GET", "/x", {**dated})
    assert answer.element("Message") == "Missing required header for this request: x-amz-content-sha256"
    answer = await storage.send("GET", "/x", {**dated, "x-amz-content-sha256": "abc"})
    assert answer.refusal == (400, "InvalidArgument")
    answer = await storage.send("GET", "/x", {"Authorization": bearer, "x-amz-content-sha256": EMPTY})
    assert answer.element("Message") == "AWS authentication requires a valid Date or x-amz-date header"
    answer = await storage.send("GET", f"{link()}", {"Authorization": bearer})
    assert answer.element("Message").startswith("Only one auth mechanism allowed")


@pytest.mark.parametrize(("later", "fine"), [(900, True), (901, False)])
async def test_clocks_may_differ_by_a_quarter_of_an_hour(storage: Storage, later: int, fine: bool) -> None:
    storage.kernel.clock.advance(later)
    answer = await storage.signed("GET", "/")
    if fine:
        assert answer.status == 200
        return
    assert answer.refusal == (403, "RequestTimeTooSkewed")
    assert answer.element("MaxAllowedSkewMilliseconds") == "900000"
    assert (answer.element("RequestTime"), answer.element("ServerTime")) == (STAMP, "2013-05-24T00:15:01Z")
    # Clients set their clocks by it.
    assert answer.headers["date"] == "Fri, 24 May 2013 00:15:01 GMT"


async def test_headers_of_the_vendor_must_be_signed(storage: Storage) -> None:
    answer = await storage.signed("PUT", "/x", b"x", unsigned={"x-amz-acl": "public-read"})
    assert answer.refusal == (403, "AccessDenied")
    assert answer.element("HeadersNotSigned") == "x-amz-acl"
    assert storage.fake.find("x") is None


async def test_without_a_signature_nothing_is_open(storage: Storage) -> None:
    storage.fake.put("secret.txt", b"secret")
    for method, target in (
        ("GET", "/secret.txt"),
        ("HEAD", "/secret.txt"),
        ("GET", "/none.txt"),
        ("PUT", "/new.txt"),
        ("DELETE", "/secret.txt"),
        ("GET", "/"),
        ("GET", "/?list-type=2"),
        ("POST", "/?delete"),
        ("POST", "/x?uploads"),
        ("PUT", "/"),
    ):
        answer = await storage.send(method, target)
        assert answer.status == 403, (method, target)
        assert method == "HEAD" or answer.element("Code") == "AccessDenied"
    assert (await storage.send("GET", "/", host="s3.amazonaws.com")).refusal == (403, "AccessDenied")
    assert storage.fake.read("secret.txt") == b"secret"


async def test_objects_that_are_public_are_read_by_everybody(storage: Storage) -> None:
    assert (await storage.signed("PUT", "/open.txt", b"open", x_amz_acl="public-read")).status == 200
    assert (await storage.send("GET", "/open.txt")).body == b"open"
    assert (await storage.send("GET", "/open.txt?response-content-type=a")).refusal == (400, "InvalidRequest")
    assert (await storage.send("PUT", "/open.txt", body=b"shut")).refusal == (403, "AccessDenied")
    assert (await storage.signed("PUT", "/x", b"", x_amz_acl="everybody")).refusal == (400, "InvalidArgument")


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("POST", "/key", 405, "MethodNotAllowed"),
        ("PATCH", "/", 405, "MethodNotAllowed"),
        ("GET", "/?policy", 501, "NotImplemented"),
        ("PUT", "/x?tagging", 501, "NotImplemented"),
        ("GET", "/%ff", 400, "InvalidURI"),
        ("GET", "/?max-keys=-1", 400, "InvalidArgument"),
        ("GET", "/?encoding-type=base64", 400, "InvalidArgument"),
        ("GET", "/?continuation-token=%21&list-type=2", 400, "InvalidArgument"),
    ],
)
async def test_requests_that_mean_nothing_here(
    storage: Storage, method: str, target: str, status: int, code: str
) -> None:
    path, _, query = target.partition("?")
    pieces = sorted(piece if "=" in piece else f"{piece}=" for piece in query.split("&") if piece)
    canonical = path.replace("%ff", "%FF") + ("?" + "&".join(pieces) if pieces else "")
    headers = {"x-amz-content-sha256": EMPTY, "x-amz-date": STAMP}
    bearer = authorization(method, canonical, {"host": HOST, **headers})
    answer = await storage.send(method, target, {**headers, "Authorization": bearer})
    assert answer.refusal == (status, code)


async def test_what_is_not_modelled_is_a_violation(storage: Storage) -> None:
    await storage.signed("GET", "/?policy=")
    found = [each for each in storage.kernel.journal if each.kind == "violation"]
    assert [(each.fake, each.text) for each in found] == [("s3", "GET ?policy is not modelled")]


def violations(storage: Storage) -> list[tuple[str | None, str | None]]:
    return [(each.operation, each.text) for each in storage.kernel.journal if each.kind == "violation"]


@pytest.mark.parametrize(
    ("method", "target", "body", "operation", "code"),
    [
        ("GET", "/?max-keys=-1", b"", "ListObjects", "InvalidArgument"),
        ("GET", "/?list-type=3", b"", "GET", "InvalidArgument"),
        ("PUT", "/", b"<no", "CreateBucket", "MalformedXML"),
        ("PATCH", "/", b"", "PATCH", "MethodNotAllowed"),
    ],
)
async def test_a_malformed_request_is_a_violation(
    storage: Storage, method: str, target: str, body: bytes, operation: str, code: str
) -> None:
    assert (await storage.signed(method, target, body)).refusal[1] == code
    ((named, text),) = violations(storage)
    assert named == operation
    assert f"{operation}: {code}" in (text or "")


async def test_a_form_that_is_none_is_a_violation(storage: Storage) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    refused = await storage.send("POST", "/", kind, b"--b\r\nnothing of a form")
    assert refused.refusal == (400, "MalformedPOSTRequest")
    assert [each[0] for each in violations(storage)] == ["PostObject"]


async def test_a_header_that_is_not_modelled_is_named(storage: Storage) -> None:
    assert (await storage.signed("PUT", "/k", if_none_match='"etag"')).refusal[1] == "NotImplemented"
    assert violations(storage) == [("PutObject", "PutObject with If-None-Match is not modelled")]


async def test_what_is_refused_in_normal_use_is_no_violation(storage: Storage) -> None:
    signed = {
        "Authorization": "AWS4-HMAC-SHA256 nonsense",
        "x-amz-content-sha256": EMPTY,
        "x-amz-date": STAMP,
    }
    assert (await storage.send("GET", "/key", signed)).status >= 400
    assert (await storage.send("GET", "/key")).status == 403
    assert (await storage.signed("GET", "/key")).status == 404
    rule = Rule("s3", Do("status", status=400, body={"code": "InvalidRequest"}), operation="GetObject")
    storage.kernel.faults.add(rule)
    assert (await storage.signed("GET", "/key")).refusal == (400, "InvalidRequest")
    assert violations(storage) == []


async def test_path_style_and_host_style_mean_the_same(storage: Storage) -> None:
    storage.fake.put("a/b", b"here")
    query = storage.fake.link("a/b").partition("?")[2]
    own = f"127.0.0.1:{storage.port}"
    assert (await storage.send("GET", f"/{BUCKET}/a/b?{query}", host=own)).body == b"here"
    wrong = await storage.send("GET", f"/a/b?{query}", host=f"{BUCKET}.localhost:{storage.port}")
    assert wrong.refusal == (403, "SignatureDoesNotMatch")
    assert (await storage.signed("GET", "/a/b")).body == b"here"


async def test_a_bucket_of_another_region_is_not_made_here(storage: Storage) -> None:
    body = (
        b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>"
        b"</CreateBucketConfiguration>"
    )
    refused = await storage.signed("PUT", "/", body)
    assert (refused.status, refused.element("Code")) == (400, "IllegalLocationConstraintException")
    assert refused.element("Message") == (
        "The eu-west-1 location constraint is incompatible for the region specific endpoint this request "
        "was sent to."
    )
    assert (await storage.signed("PUT", "/")).status == 200
