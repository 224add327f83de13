"""The package boto3, unmodified, against the fake S3."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from interop_environments import Driver
from interop_fakes import running

Ready = dict[str, Any]
pytestmark = pytest.mark.interop
MEGABYTE = 2**20


class Storage:
    """Speak through one boto3 client to one bucket."""

    def __init__(self, driver: Driver, bucket: str) -> None:
        self.driver = driver
        self.bucket = bucket

    def do(self, name: str, **kwargs: object) -> Any:
        return self.driver.ask(call="method", name=name, kwargs={"Bucket": self.bucket, **kwargs})

    def refused(self, name: str, **kwargs: object) -> tuple[object, object]:
        """Return status and code of a call that must fail."""
        answer: Any = self.driver.send(call="method", name=name, kwargs={"Bucket": self.bucket, **kwargs})
        assert "error" in answer, answer
        return answer["error"].get("status"), answer["error"].get("code", answer["error"])

    def put(self, key: str, data: bytes = b"hello", **more: object) -> Any:
        return self.do("put_object", Key=key, Body=packed(data), **more)

    def get(self, key: str, **more: object) -> bytes:
        return base64.b64decode(self.do("get_object", Key=key, **more)["Body"]["base64"])

    def link(self, name: str, key: str, expires: int = 600, **more: object) -> str:
        kwargs = {"Bucket": self.bucket, "Key": key, **more}
        return str(self.driver.ask(call="presign", name=name, kwargs=kwargs, expires=expires))

    def form(self, key: str, **more: object) -> Any:
        return self.driver.ask(call="presign_post", kwargs={"Bucket": self.bucket, "Key": key, **more})


def packed(data: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(data).decode()}


def settings(ready: Ready, **changes: object) -> dict[str, object]:
    where = ready["s3"]
    return {
        "endpoint_url": where["url"],
        "aws_access_key_id": where["access_key"],
        "aws_secret_access_key": where["secret_key"],
        "region_name": where["region"],
        **changes,
    }


def control(ready: Ready, method: str, path: str, body: object) -> Any:
    headers = {"Authorization": f"Bearer {ready['control']['token']}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        ready["control"]["url"] + path, json.dumps(body).encode(), headers, method=method
    )
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read())


def fetch(url: str, method: str = "GET", data: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Return status and body, whatever the status is."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data, named, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def send_form(url: str, fields: dict[str, str], data: bytes, filename: str = "f.txt") -> tuple[int, str]:
    """Return status and code of a form that is sent as a browser sends it."""
    lines = [
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    lines.append(
        f'--cut\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    )
    body = "".join(lines).encode() + data + b"\r\n--cut--\r\n"
    status, text = fetch(url, "POST", body, Content_Type="multipart/form-data; boundary=cut")
    return status, code_of(text)


def code_of(text: bytes) -> str:
    return text.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


@pytest.fixture(scope="module")
def storage(ready: Ready) -> Iterator[Storage]:
    with Driver("boto3") as driver:
        driver.ask(**settings(ready))
        yield Storage(driver, ready["s3"]["bucket"])


def test_an_object_comes_back_with_its_headers_and_metadata(storage: Storage) -> None:
    put = storage.put(
        "one/ä b+c.txt", ContentType="text/plain", Metadata={"who": "me"}, CacheControl="no-store"
    )
    got = storage.do("get_object", Key="one/ä b+c.txt", ChecksumMode="ENABLED")
    assert base64.b64decode(got["Body"]["base64"]) == b"hello"
    assert (got["ContentType"], got["Metadata"], got["CacheControl"]) == (
        "text/plain",
        {"who": "me"},
        "no-store",
    )
    assert got["ETag"] == put["ETag"] == '"5d41402abc4b2a76b9719d911017c592"'
    # The client sends it as a trailer of an unsigned chunked body, and checks it on the way back.
    assert got["ChecksumCRC32"] == put["ChecksumCRC32"] == "NhCmhg=="
    head = storage.do("head_object", Key="one/ä b+c.txt")
    assert (head["ContentLength"], head["ETag"]) == (5, put["ETag"])
    storage.do("delete_object", Key="one/ä b+c.txt")
    assert storage.refused("get_object", Key="one/ä b+c.txt") == (404, "NoSuchKey")
    assert storage.refused("head_object", Key="one/ä b+c.txt") == (404, "404")


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_it_sends_checksums_that_are_verified(storage: Storage, algorithm: str) -> None:
    put = storage.put("sum.txt", ChecksumAlgorithm=algorithm)
    got = storage.do("get_object", Key="sum.txt", ChecksumMode="ENABLED")
    assert got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    assert storage.refused(
        "put_object",
        Key="sum.txt",
        Body=packed(b"hello"),
        ChecksumSHA256=base64.b64encode(bytes(32)).decode(),
    ) == (400, "BadDigest")
    assert storage.refused(
        "put_object", Key="sum.txt", Body=packed(b"hello"), ContentMD5=base64.b64encode(bytes(16)).decode()
    ) == (400, "BadDigest")
    assert storage.refused("put_object", Key="sum.txt", Body=packed(b"hello"), ContentMD5="bm8=") == (
        400,
        "InvalidDigest",
    )


def test_ranges_and_conditions(storage: Storage) -> None:
    etag = storage.put("range.txt", b"0123456789")["ETag"]
    assert storage.get("range.txt", Range="bytes=2-4") == b"234"
    assert storage.get("range.txt", Range="bytes=-3") == b"789"
    assert storage.get("range.txt", Range="bytes=7-") == b"789"
    assert storage.refused("get_object", Key="range.txt", Range="bytes=10-") == (416, "InvalidRange")
    assert storage.get("range.txt", IfMatch=etag) == b"0123456789"
    assert storage.refused("get_object", Key="range.txt", IfMatch='"other"') == (412, "PreconditionFailed")
    assert storage.refused("get_object", Key="range.txt", IfNoneMatch=etag) == (304, "304")
    assert storage.refused("put_object", Key="range.txt", Body=packed(b"x"), IfNoneMatch="*") == (
        412,
        "PreconditionFailed",
    )
    assert storage.refused("put_object", Key="range.txt", Body=packed(b"x"), IfMatch='"other"') == (
        412,
        "PreconditionFailed",
    )
    storage.put("range.txt", b"new", IfMatch=etag)
    assert storage.get("range.txt") == b"new"


def test_a_big_file_goes_up_and_down_in_parts(storage: Storage) -> None:
    place = {"Bucket": storage.bucket, "Key": "big.bin"}
    sent = storage.driver.ask(call="upload", kwargs=place, megabytes=20)
    assert storage.do("head_object", Key="big.bin")["ETag"].endswith('-4"')
    assert storage.driver.ask(call="download", kwargs=place) == sent
    assert storage.do("head_object", Key="big.bin", PartNumber=4)["ContentLength"] == 2 * MEGABYTE


def test_a_multipart_upload_step_by_step(storage: Storage) -> None:
    upload = storage.do("create_multipart_upload", Key="parts.bin", ContentType="text/x")["UploadId"]
    place = {"Key": "parts.bin", "UploadId": upload}
    first, last = b"a" * 5 * MEGABYTE, b"b" * 10
    one = storage.do("upload_part", **place, PartNumber=1, Body=packed(first))["ETag"]
    two = storage.do("upload_part", **place, PartNumber=2, Body=packed(last))["ETag"]
    listed = storage.driver.ask(
        call="pages",
        name="list_parts",
        kwargs={"Bucket": storage.bucket, **place, "PaginationConfig": {"PageSize": 1}},
    )
    assert [part["Size"] for page in listed for part in page["Parts"]] == [len(first), len(last)]  # type: ignore[attr-defined]
    assert [each["UploadId"] for each in storage.do("list_multipart_uploads")["Uploads"]] == [upload]

    def complete(*parts: tuple[int, str]) -> dict[str, object]:
        return {"Parts": [{"PartNumber": number, "ETag": etag} for number, etag in parts]}

    finish = "complete_multipart_upload"
    assert storage.refused(finish, **place, MultipartUpload=complete((2, two), (1, one))) == (
        400,
        "InvalidPartOrder",
    )
    assert storage.refused(finish, **place, MultipartUpload=complete((1, two))) == (400, "InvalidPart")
    assert storage.refused(finish, **place, MultipartUpload=complete((1, one), (3, two))) == (
        400,
        "InvalidPart",
    )
    assert storage.refused("upload_part", **place, PartNumber=10_001, Body=packed(b"x")) == (
        400,
        "InvalidArgument",
    )
    storage.do(finish, **place, MultipartUpload=complete((1, one), (2, two)))
    got = storage.do("get_object", Key="parts.bin", Range=f"bytes={len(first) - 2}-{len(first) + 1}")
    assert (base64.b64decode(got["Body"]["base64"]), got["ContentType"]) == (b"aabb", "text/x")
    assert storage.refused("list_parts", **place) == (404, "NoSuchUpload")


def test_parts_that_are_too_small_and_an_abort(storage: Storage) -> None:
    upload = storage.do("create_multipart_upload", Key="small.bin")["UploadId"]
    place = {"Key": "small.bin", "UploadId": upload}
    etags = [
        storage.do("upload_part", **place, PartNumber=each, Body=packed(b"x"))["ETag"] for each in (1, 2)
    ]
    parts = {"Parts": [{"PartNumber": each, "ETag": etags[each - 1]} for each in (1, 2)]}
    assert storage.refused("complete_multipart_upload", **place, MultipartUpload=parts) == (
        400,
        "EntityTooSmall",
    )
    storage.do("abort_multipart_upload", **place)
    assert storage.refused("abort_multipart_upload", **place) == (404, "NoSuchUpload")
    assert storage.refused("upload_part", **place, PartNumber=1, Body=packed(b"x")) == (404, "NoSuchUpload")


def test_copies(storage: Storage) -> None:
    storage.put("copy/from.txt", b"copied", Metadata={"a": "1"})
    source = {"Bucket": storage.bucket, "Key": "copy/from.txt"}
    storage.do("copy_object", Key="copy/to ü.txt", CopySource=source)
    storage.do(
        "copy_object", Key="copy/new.txt", CopySource=source, MetadataDirective="REPLACE", Metadata={"b": "2"}
    )
    assert storage.do("head_object", Key="copy/to ü.txt")["Metadata"] == {"a": "1"}
    assert storage.do("head_object", Key="copy/new.txt")["Metadata"] == {"b": "2"}
    missing = {**source, "Key": "copy/none.txt"}
    assert storage.refused("copy_object", Key="copy/x", CopySource=missing) == (404, "NoSuchKey")
    assert storage.refused("copy_object", Key="copy/from.txt", CopySource=source) == (400, "InvalidRequest")
    assert storage.refused("copy_object", Key="copy/x", CopySource=source, CopySourceIfMatch='"no"') == (
        412,
        "PreconditionFailed",
    )
    upload = storage.do("create_multipart_upload", Key="copy/part.txt")["UploadId"]
    place = {"Key": "copy/part.txt", "UploadId": upload}
    part = storage.do(
        "upload_part_copy", **place, PartNumber=1, CopySource=source, CopySourceRange="bytes=1-3"
    )
    etag = part["CopyPartResult"]["ETag"]
    storage.do(
        "complete_multipart_upload", **place, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}
    )
    assert storage.get("copy/part.txt") == b"opi"


@pytest.mark.parametrize(
    ("name", "size"), [("list_objects", 2), ("list_objects_v2", 2), ("list_objects_v2", 1000)]
)
def test_lists_come_in_pages(storage: Storage, name: str, size: int) -> None:
    keys = [f"list/{each}" for each in ("a b", "d/1", "d/2", "é&<>", "z+z")]
    for key in keys:
        storage.put(key, b"")

    def listed(**more: object) -> Any:
        kwargs = {"Bucket": storage.bucket, "Prefix": "list/", "PaginationConfig": {"PageSize": size}, **more}
        return storage.driver.ask(call="pages", name=name, kwargs=kwargs)

    assert [each["Key"] for page in listed() for each in page.get("Contents", [])] == sorted(keys)
    folded = listed(Delimiter="/")
    assert [each["Key"] for page in folded for each in page.get("Contents", [])] == [
        "list/a b",
        "list/z+z",
        "list/é&<>",
    ]
    assert [each["Prefix"] for page in folded for each in page.get("CommonPrefixes", [])] == ["list/d/"]


def test_buckets_come_and_go(storage: Storage, ready: Ready) -> None:
    here = {"LocationConstraint": ready["s3"]["region"]}
    other = Storage(storage.driver, "another-bucket")
    assert other.refused("head_bucket") == (404, "404")
    assert other.refused("create_bucket") == (400, "IllegalLocationConstraintException")
    other.do("create_bucket", CreateBucketConfiguration=here)
    assert other.refused("create_bucket", CreateBucketConfiguration=here) == (409, "BucketAlreadyOwnedByYou")
    assert other.do("get_bucket_location")["LocationConstraint"] == ready["s3"]["region"]
    other.put("x")
    other.put("y")
    assert other.refused("delete_bucket") == (409, "BucketNotEmpty")
    gone = other.do("delete_objects", Delete={"Objects": [{"Key": "x"}, {"Key": "y"}, {"Key": "never"}]})
    assert [each["Key"] for each in gone["Deleted"]] == ["x", "y", "never"]
    names: Any = storage.driver.ask(call="method", name="list_buckets", kwargs={})
    assert {"another-bucket", storage.bucket} <= {each["Name"] for each in names["Buckets"]}
    other.do("delete_bucket")
    assert other.refused("list_objects_v2") == (404, "NoSuchBucket")
    assert other.refused("put_object", Key="x", Body=packed(b"x")) == (404, "NoSuchBucket")


def test_virtual_hosts_are_buckets(ready: Ready) -> None:
    port = ready["s3"]["url"].rpartition(":")[2]
    with Driver("boto3") as driver:
        driver.ask(**settings(ready, endpoint_url=f"http://localhost:{port}", addressing_style="virtual"))
        url = str(
            driver.ask(
                call="presign", name="put_object", kwargs={"Bucket": ready["s3"]["bucket"], "Key": "v/h"}
            )
        )
    host = url.removeprefix("http://").partition("/")[0]
    assert host == f"{ready['s3']['bucket']}.localhost:{port}"
    # Not every resolver knows names below localhost.
    assert fetch(url.replace(host, f"127.0.0.1:{port}"), "PUT", b"hosted", Host=host)[0] == 200


def test_presigned_links(storage: Storage) -> None:
    assert fetch(storage.link("put_object", "link/a b.txt"), "PUT", b"linked")[0] == 200
    assert fetch(storage.link("get_object", "link/a b.txt")) == (200, b"linked")
    named = storage.link("get_object", "link/a b.txt", ResponseContentType="text/html")
    with urllib.request.urlopen(named) as answer:
        assert answer.headers["Content-Type"] == "text/html"
    assert fetch(storage.link("head_object", "link/a b.txt"), "HEAD") == (200, b"")
    typed = storage.link("put_object", "link/t.txt", ContentType="text/plain")
    status, text = fetch(typed, "PUT", b"x", Content_Type="text/html")
    assert (status, code_of(text)) == (403, "SignatureDoesNotMatch")
    assert fetch(typed, "PUT", b"x", Content_Type="text/plain")[0] == 200
    assert fetch(storage.link("delete_object", "link/a b.txt"), "DELETE")[0] == 204


def test_links_that_were_changed_or_have_no_right(storage: Storage, ready: Ready) -> None:
    storage.put("guard.txt")
    link = storage.link("get_object", "guard.txt")
    plain = link.partition("?")[0]
    for changed, code in (
        (plain, "AccessDenied"),
        (link.replace("guard.txt", "other.txt"), "SignatureDoesNotMatch"),
        (link.replace("X-Amz-Expires=600", "X-Amz-Expires=6000"), "SignatureDoesNotMatch"),
        (f"{link}&extra=1", "SignatureDoesNotMatch"),
        (link.replace("/tolmach/", "/elsewhere/"), "SignatureDoesNotMatch"),
        (link.replace(ready["s3"]["access_key"], "AKIANOBODY"), "InvalidAccessKeyId"),
        (link[:-4] + "beef", "SignatureDoesNotMatch"),
    ):
        status, text = fetch(changed)
        assert (status, code_of(text)) == (403, code), changed
    assert code_of(fetch(link, "DELETE")[1]) == "SignatureDoesNotMatch"
    status, text = fetch(link, Authorization="AWS4-HMAC-SHA256 Credential=x")
    assert (status, code_of(text)) == (400, "InvalidArgument")


def test_old_signatures_are_refused(ready: Ready) -> None:
    url, key = f"{ready['s3']['url']}/tolmach/x", ready["s3"]["access_key"]
    status, text = fetch(f"{url}?AWSAccessKeyId={key}&Signature=abc%3D&Expires=99999999999")
    assert (status, code_of(text)) == (400, "InvalidRequest")
    status, text = fetch(url, Authorization=f"AWS {key}:abc=")
    assert (status, code_of(text)) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"aws_secret_access_key": "wrong"}, 403, "SignatureDoesNotMatch"),
        ({"aws_access_key_id": "AKIANOBODY"}, 403, "InvalidAccessKeyId"),
        ({"aws_session_token": "made-up"}, 400, "InvalidToken"),
    ],
)
def test_clients_with_wrong_credentials(
    ready: Ready, changes: dict[str, object], status: int, code: str
) -> None:
    with Driver("boto3") as driver:
        driver.ask(**settings(ready, **changes))
        stranger = Storage(driver, ready["s3"]["bucket"])
        assert stranger.refused("put_object", Key="x", Body=packed(b"x")) == (status, code)
        assert stranger.refused("list_objects_v2") == (status, code)


def test_temporary_credentials_work_until_they_expire(ready: Ready) -> None:
    made = control(ready, "POST", "/s3/keys", {"expires_in": 3600})
    ended = control(ready, "POST", "/s3/keys", {"expires_in": 0})
    for key, code in ((made, None), (ended, "ExpiredToken")):
        with Driver("boto3") as driver:
            driver.ask(
                **settings(
                    ready,
                    aws_access_key_id=key["access_key"],
                    aws_secret_access_key=key["secret_key"],
                    aws_session_token=key["session_token"],
                )
            )
            here = Storage(driver, ready["s3"]["bucket"])
            if code is None:
                here.put("temporary.txt")
                assert fetch(here.link("get_object", "temporary.txt")) == (200, b"hello")
            else:
                assert here.refused("put_object", Key="x", Body=packed(b"x")) == (400, code)


def test_a_form_of_its_own_making(storage: Storage) -> None:
    form = storage.form(
        "form/${filename}",
        Fields={"acl": "private", "Content-Type": "text/plain", "success_action_status": "201"},
        Conditions=[
            {"acl": "private"},
            ["starts-with", "$Content-Type", "text/"],
            {"success_action_status": "201"},
            ["content-length-range", 2, 10],
        ],
    )
    url, fields = form["url"], form["fields"]
    assert send_form(url, fields, b"posted", "C:\\folder\\näme.txt") == (201, "")
    assert storage.get("form/näme.txt") == b"posted"
    assert storage.do("head_object", Key="form/näme.txt")["ContentType"] == "text/plain"
    assert send_form(url, fields, b"x") == (400, "EntityTooSmall")
    assert send_form(url, fields, b"x" * 11) == (400, "EntityTooLarge")
    assert send_form(url, {**fields, "key": "elsewhere/x"}, b"posted") == (403, "AccessDenied")
    assert send_form(url, {**fields, "acl": "public-read"}, b"posted") == (403, "AccessDenied")
    assert send_form(url, {**fields, "x-amz-meta-more": "1"}, b"posted") == (403, "AccessDenied")
    assert send_form(url, {**fields, "x-ignore-this": "1"}, b"posted") == (201, "")
    assert send_form(url, {**fields, "x-amz-signature": "0" * 64}, b"posted") == (
        403,
        "SignatureDoesNotMatch",
    )
    other = base64.b64encode(b'{"expiration":"2999-01-01T00:00:00Z","conditions":[]}').decode()
    assert send_form(url, {**fields, "policy": other}, b"posted") == (403, "SignatureDoesNotMatch")
    without = {name: value for name, value in fields.items() if name != "policy"}
    assert send_form(url, without, b"posted") == (403, "AccessDenied")
    assert send_form(url.replace("/tolmach", "/nowhere"), fields, b"posted") == (404, "NoSuchBucket")
    storage.driver.ask(
        call="method",
        name="create_bucket",
        kwargs={"Bucket": "form-bucket", "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}},
    )
    assert send_form(url.replace("/tolmach", "/form-bucket"), fields, b"posted") == (403, "AccessDenied")


def test_a_client_in_the_wrong_region_is_told_the_right_one(ready: Ready) -> None:
    with Driver("boto3") as driver:
        driver.ask(**settings(ready, region_name="ap-south-1"))
        lost = Storage(driver, ready["s3"]["bucket"])
        status, text = fetch(lost.link("get_object", "region.txt"))
        assert (status, code_of(text)) == (400, "AuthorizationQueryParametersError")
        assert f"<Region>{ready['s3']['region']}</Region>".encode() in text
        # The client reads the region from the refusal and signs again by itself.
        lost.put("region.txt")
        assert lost.get("region.txt") == b"hello"


def test_time_passes_for_links_forms_and_clients() -> None:
    with running("s3") as ready, Driver("boto3") as driver:
        driver.ask(**settings(ready))
        storage = Storage(driver, ready["s3"]["bucket"])
        storage.put("late.txt")
        link, form = storage.link("get_object", "late.txt", expires=60), storage.form("late/x", ExpiresIn=60)
        assert fetch(link) == (200, b"hello")
        control(ready, "POST", "/clock/advance", {"seconds": 61})
        status, text = fetch(link)
        assert (status, code_of(text)) == (403, "AccessDenied")
        assert b"<Message>Request has expired</Message>" in text
        assert send_form(form["url"], form["fields"], b"posted") == (403, "AccessDenied")
        control(ready, "POST", "/clock/advance", {"seconds": 900})
        assert storage.refused("get_object", Key="late.txt") == (403, "RequestTimeTooSkewed")
