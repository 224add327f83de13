"""Objects over the wire: what comes back, ranges, conditions, bodies that are not what they say, size."""

import asyncio
import base64
import gzip
import hashlib
import resource
import zlib

import pytest
from s3_desk import HOST, Storage, authorization, eventually

UNSIGNED = "UNSIGNED-PAYLOAD"
MEGABYTE = 2**20


async def test_a_body_is_kept_as_it_comes_even_when_it_says_that_it_is_compressed(storage: Storage) -> None:
    packed = gzip.compress(b"hello")
    assert (await storage.signed("PUT", "/x.gz", packed, Content_Encoding="gzip")).status == 200
    assert storage.fake.read("x.gz") == packed
    got = await storage.signed("GET", "/x.gz")
    assert (got.body, got.headers["content-encoding"]) == (packed, "gzip")
    both = await storage.signed("PUT", "/y.gz", packed, Content_Encoding="gzip, aws-chunked")
    assert both.status == 200
    assert (await storage.signed("HEAD", "/y.gz")).headers["content-encoding"] == "gzip"


async def test_a_head_tells_all_but_the_body(storage: Storage) -> None:
    await storage.signed("PUT", "/x", b"hello", Content_Type="text/plain", x_amz_meta_who="me")
    head = await storage.signed("HEAD", "/x")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "5")
    assert head.headers["last-modified"] == "Fri, 24 May 2013 00:00:00 GMT"
    assert head.headers["etag"] == '"5d41402abc4b2a76b9719d911017c592"'
    assert (head.headers["content-type"], head.headers["x-amz-meta-who"]) == ("text/plain", "me")
    assert (head.headers["accept-ranges"], head.headers["server"]) == ("bytes", "AmazonS3")
    gone = await storage.signed("HEAD", "/none")
    assert (gone.status, gone.body) == (404, b"")


@pytest.mark.parametrize(
    ("wanted", "status", "body"),
    [
        ("bytes=0-0", 206, b"0"),
        ("bytes=8-99", 206, b"89"),
        ("bytes=-99", 206, b"0123456789"),
        ("bytes=5-3", 200, b"0123456789"),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("lines=0-1", 200, b"0123456789"),
        ("bytes=-", 200, b"0123456789"),
        ("bytes=-0", 416, None),
        ("bytes=10-12", 416, None),
    ],
)
async def test_ranges(storage: Storage, wanted: str, status: int, body: bytes | None) -> None:
    storage.fake.put("x", b"0123456789")
    got = await storage.signed("GET", "/x", Range=wanted)
    assert got.status == status
    if body is not None:
        assert got.body == body
    else:
        assert (got.element("Code"), got.element("ActualObjectSize")) == ("InvalidRange", "10")
        assert got.headers["content-range"] == "bytes */10"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If_Match": '"781e5e245d69b566979b86e28d23f2c7"'}, 200),
        ({"If_Match": "*"}, 200),
        ({"If_Match": '"a", "781e5e245d69b566979b86e28d23f2c7"'}, 200),
        ({"If_Match": '"a"'}, 412),
        ({"If_None_Match": '"a"'}, 200),
        ({"If_None_Match": "781e5e245d69b566979b86e28d23f2c7"}, 304),
        ({"If_Modified_Since": "Thu, 23 May 2013 00:00:00 GMT"}, 200),
        ({"If_Modified_Since": "Fri, 24 May 2013 00:00:00 GMT"}, 304),
        ({"If_Modified_Since": "some day"}, 200),
        ({"If_Unmodified_Since": "Thu, 23 May 2013 00:00:00 GMT"}, 412),
        ({"If_Unmodified_Since": "Fri, 24 May 2013 00:00:00 GMT"}, 200),
        ({"If_Match": "*", "If_Unmodified_Since": "Thu, 23 May 2013 00:00:00 GMT"}, 200),
        ({"If_None_Match": '"a"', "If_Modified_Since": "Fri, 24 May 2013 00:00:00 GMT"}, 200),
    ],
)
async def test_conditions_on_reading(storage: Storage, headers: dict[str, str], status: int) -> None:
    storage.fake.put("x", b"0123456789")
    got = await storage.signed("GET", "/x", **headers)
    assert got.status == status
    assert got.headers["etag" if status != 412 else "date"]
    assert got.body == b"" or status != 304


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content_MD5": "XUFAKrxLKna5cZ2REBfFkg=="}, 200, ""),
        ({"Content_MD5": base64.b64encode(bytes(16)).decode()}, 400, "BadDigest"),
        ({"Content_MD5": "short"}, 400, "InvalidDigest"),
        ({"x_amz_checksum_crc32": "NhCmhg=="}, 200, ""),
        ({"x_amz_checksum_crc32": "AAAAAA=="}, 400, "BadDigest"),
        ({"x_amz_checksum_crc32": "nonsense"}, 400, "InvalidRequest"),
        ({"x_amz_checksum_crc32c": "mnG7TA=="}, 200, ""),
        ({"x_amz_checksum_crc64nvme": "M3eFcAZSQlc="}, 200, ""),
        ({"x_amz_checksum_crc64nvme": "AAAAAAAAAAA="}, 400, "BadDigest"),
        ({"x_amz_checksum_sha1": "qvTGHdzF6KLavt4PO0gs2a6pQ00="}, 200, ""),
        ({"x_amz_checksum_md4": "AAAAAA=="}, 400, "InvalidRequest"),
        ({"x_amz_checksum_sha1": "x", "x_amz_checksum_crc32": "x"}, 400, "InvalidRequest"),
        ({"x_amz_sdk_checksum_algorithm": "CRC32"}, 400, "InvalidRequest"),
        ({"x_amz_meta_long": "x" * 2050}, 400, "MetadataTooLarge"),
        ({"x_amz_storage_class": "CELLAR"}, 400, "InvalidStorageClass"),
    ],
)
async def test_what_comes_with_a_body(
    storage: Storage, headers: dict[str, str], status: int, code: str
) -> None:
    answer = await storage.signed("PUT", "/x", b"hello", **headers)
    assert answer.refusal == (status, code), answer.body
    assert (storage.fake.find("x") is None) is (status != 200)


async def test_a_body_that_is_not_the_signed_one(storage: Storage) -> None:
    answer = await storage.signed("PUT", "/x", b"hello", payload=hashlib.sha256(b"other").hexdigest())
    assert answer.refusal == (400, "XAmzContentSHA256Mismatch")
    assert answer.element("S3ComputedContentSHA256") == hashlib.sha256(b"hello").hexdigest()
    assert storage.fake.find("x") is None
    assert (await storage.signed("PUT", "/x", b"hello", payload=UNSIGNED)).status == 200


async def test_an_upload_must_tell_its_length(storage: Storage) -> None:
    link = storage.fake.link("x", method="PUT")
    target, host = link.removeprefix(storage.fake.url), storage.fake.url.removeprefix("http://")
    head = f"PUT {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n".encode()
    assert (await storage.raw(head + b"\r\n")).refusal == (411, "MissingContentLength")
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    assert (await storage.raw(chunked)).refusal == (501, "NotImplemented")
    huge = head + f"Content-Length: {5 * 2**30 + 1}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", storage.port)
    writer.write(huge)
    answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    assert answer.startswith("HTTP/1.1 400 ")
    writer.close()
    await writer.wait_closed()


async def test_an_unsigned_chunked_upload_with_a_trailer(storage: Storage) -> None:
    crc = base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big"))

    async def upload(value: bytes) -> tuple[int, str]:
        body = b"5\r\nhello\r\n0\r\nx-amz-checksum-crc32:" + value + b"\r\n\r\n"
        answer = await storage.signed(
            "PUT",
            "/x",
            body,
            payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Content_Encoding="aws-chunked",
            x_amz_decoded_content_length="5",
            x_amz_trailer="x-amz-checksum-crc32",
        )
        return answer.refusal

    assert await upload(b"AAAAAA==") == (400, "BadDigest")
    assert await upload(b"?") == (400, "InvalidRequest")
    assert storage.fake.find("x") is None
    assert await upload(crc) == (200, "")
    assert storage.fake.read("x") == b"hello"
    no_length = await storage.signed("PUT", "/x", b"", payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    assert no_length.refusal == (411, "MissingContentLength")
    other = await storage.signed(
        "PUT",
        "/x",
        b"0\r\n\r\n",
        payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        x_amz_decoded_content_length="0",
        x_amz_trailer="x-amz-secret",
    )
    assert other.refusal == (400, "InvalidRequest")


async def test_only_a_welcome_request_is_asked_for_its_body(storage: Storage) -> None:
    def begin(path: str) -> bytes:
        lines = [f"PUT {path} HTTP/1.1", f"Host: {storage.fake.url.removeprefix('http://')}"]
        return "\r\n".join(
            [*lines, "Expect: 100-continue", "Content-Length: 5", "Connection: close\r\n\r\n"]
        ).encode()

    async def ask(path: str, body: bytes) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", storage.port)
        writer.write(begin(path))
        found = [int((await reader.readuntil(b"\r\n\r\n")).split()[1])]
        if found == [100]:
            writer.write(body)
            found.append(int((await reader.readuntil(b"\r\n\r\n")).split()[1]))
        writer.close()
        await writer.wait_closed()
        return found

    target = storage.fake.link("x", method="PUT").removeprefix(storage.fake.url)
    assert await ask(target, b"hello") == [100, 200]
    assert storage.fake.read("x") == b"hello"
    assert await ask(target[:-1] + "z", b"other") == [403]
    assert storage.fake.read("x") == b"hello"


async def test_a_client_that_goes_away_leaves_nothing(storage: Storage) -> None:
    target = storage.fake.link("x", method="PUT").removeprefix(storage.fake.url)
    host = storage.fake.url.removeprefix("http://")
    _, writer = await asyncio.open_connection("127.0.0.1", storage.port)
    writer.write(f"PUT {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 8000000\r\n\r\n".encode())
    writer.write(b"x" * 4 * MEGABYTE)
    await writer.drain()
    spool = storage.fake.spool
    await eventually(lambda: spool.folder is not None)
    writer.close()
    await writer.wait_closed()
    await eventually(lambda: spool.folder is not None and not list(spool.folder.iterdir()))
    assert storage.fake.find("x") is None
    await eventually(lambda: len(storage.kernel.journal) > 0)
    (entry,) = storage.kernel.journal
    assert (entry.operation, entry.status, entry.detail["cut"]) == ("PutObject", None, "client")


async def test_a_hundred_megabytes_pass_at_constant_memory(storage: Storage) -> None:
    piece, pieces = b"0123456789abcdef" * 65536, 104
    size = len(piece) * pieces
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    host = storage.fake.url.removeprefix("http://")
    for make in (_put_head, _post_head):
        head, tail = make(storage, host, size)
        reader, writer = await asyncio.open_connection("127.0.0.1", storage.port)
        writer.write(head)
        for _ in range(pieces):
            writer.write(piece)
            await writer.drain()
        writer.write(tail)
        assert (await reader.readuntil(b"\r\n\r\n")).split()[1] in {b"200", b"204"}
        writer.close()
        await writer.wait_closed()
    got, expected = hashlib.sha256(), hashlib.sha256()
    target = storage.fake.link("big").removeprefix(storage.fake.url)
    reader, writer = await asyncio.open_connection("127.0.0.1", storage.port)
    writer.write(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    while data := await reader.read(MEGABYTE):
        got.update(data)
    writer.close()
    await writer.wait_closed()
    for _ in range(pieces):
        expected.update(piece)
    assert got.digest() == expected.digest()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 40, f"{grown:.0f} MB more"
    folder = storage.fake.spool.folder
    assert folder is not None
    assert len(list(folder.iterdir())) == 2
    storage.fake.remove("big")
    assert len(list(folder.iterdir())) == 1


def _put_head(storage: Storage, host: str, size: int) -> tuple[bytes, bytes]:
    target = storage.fake.link("big", method="PUT").removeprefix(storage.fake.url)
    return f"PUT {target} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {size}\r\n\r\n".encode(), b""


def _post_head(storage: Storage, host: str, size: int) -> tuple[bytes, bytes]:
    fields = storage.fake.form({"key": "form"})
    parts = "".join(
        f'--cut\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    parts += '--cut\r\nContent-Disposition: form-data; name="file"; filename="b"\r\n\r\n'
    tail = b"\r\n--cut--\r\n"
    head = (
        f"POST /{storage.fake.bucket} HTTP/1.1\r\nHost: {host}\r\n"
        "Content-Type: multipart/form-data; boundary=cut\r\n"
        f"Content-Length: {len(parts) + size + len(tail)}\r\n\r\n"
    )
    return (head + parts).encode(), tail


async def test_browsers_from_elsewhere_may_ask(storage: Storage) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    answer = await storage.send("OPTIONS", "/x", asked)
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert (await storage.send("OPTIONS", "/x")).refusal == (400, "BadRequest")
    got = await storage.signed("GET", "/", unsigned={"Origin": "https://app.example"})
    assert "ETag" in got.headers["access-control-expose-headers"]


async def test_a_delete_of_many(storage: Storage) -> None:
    storage.fake.put("a&b", b"")
    body = b"<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>none</Key></Object></Delete>"
    digest = base64.b64encode(hashlib.md5(body).digest()).decode()
    answer = await storage.signed("POST", "/?delete=", body, Content_MD5=digest)
    assert answer.body.count(b"<Deleted>") == 2
    assert storage.fake.find("a&b") is None
    assert (await storage.signed("POST", "/?delete=", body)).refusal == (400, "InvalidRequest")
    for wrong in (
        b"",
        b"<Delete/>",
        b"<Other/>",
        b"<Delete><Object>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><Delete/>',
    ):
        digest = base64.b64encode(hashlib.md5(wrong).digest()).decode()
        answer = await storage.signed("POST", "/?delete=", wrong, Content_MD5=digest)
        assert answer.refusal == (400, "MalformedXML"), wrong
    much = b"<Delete>" + b" " * MEGABYTE + b"</Delete>"
    digest = base64.b64encode(hashlib.md5(much).digest()).decode()
    answer = await storage.signed("POST", "/?delete=", much, Content_MD5=digest)
    assert answer.refusal == (400, "MaxMessageLengthExceeded")


async def test_a_date_header_alone_is_enough(storage: Storage) -> None:
    headers = {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-content-sha256": UNSIGNED}
    bearer = authorization("GET", "/", {"host": HOST, **headers})
    assert (await storage.send("GET", "/", {**headers, "Authorization": bearer})).status == 200
