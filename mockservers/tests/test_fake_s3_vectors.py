"""The vendor's published examples, letter by letter: as arithmetic, and sent over the wire."""

import base64
import hashlib

import pytest
from s3_desk import ACCESS_KEY, CREDENTIAL, REGION, SECRET, STAMP, Storage

from tolmach_mockservers.s3 import sigv4
from tolmach_mockservers.s3.checksums import checksum
from tolmach_mockservers.s3.chunked import ChunkSigner, Decoder

KEY = sigv4.signing_key(SECRET, "20130524", REGION)
SCOPE = "20130524/us-east-1/s3/aws4_request"
HOST = {"host": "examplebucket.s3.amazonaws.com"}
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
WELCOME = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
CHUNKS = [b"a" * 65536, b"a" * 1024, b""]
SEED = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"
SIGNED_CHUNKS = [
    "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
    "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
    "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
]
TRAILER_SEED = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e"
TRAILER_CHUNKS = [
    "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2",
    "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7",
    "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992",
]
TRAILER = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435"
POLICY = (
    "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6"
    "ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFj"
    "bCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tl"
    "dC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5"
    "cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZl"
    "ci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoN"
    "CiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVx"
    "dWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAx"
    "NTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9"
)


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "payload", "signature"),
    [
        (
            "GET",
            "/test.txt",
            "",
            {"range": "bytes=0-9", "x-amz-content-sha256": EMPTY, "x-amz-date": STAMP},
            EMPTY,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test$file.text",
            "",
            {
                "date": "Fri, 24 May 2013 00:00:00 GMT",
                "x-amz-content-sha256": WELCOME,
                "x-amz-date": STAMP,
                "x-amz-storage-class": "REDUCED_REDUNDANCY",
            },
            WELCOME,
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/",
            "lifecycle",
            {"x-amz-content-sha256": EMPTY, "x-amz-date": STAMP},
            EMPTY,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
        (
            "GET",
            "/",
            "max-keys=2&prefix=J",
            {"x-amz-content-sha256": EMPTY, "x-amz-date": STAMP},
            EMPTY,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
        (
            "GET",
            "/test.txt",
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3"
            "%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host",
            {},
            "UNSIGNED-PAYLOAD",
            "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
        ),
    ],
)
def test_signatures_of_requests(
    method: str, path: str, query: str, headers: dict[str, str], payload: str, signature: str
) -> None:
    given = {**HOST, **headers}
    canonical = sigv4.canonical_request(
        method,
        sigv4.canonical_path(path),
        sigv4.canonical_query(query, "X-Amz-Signature"),
        given,
        sorted(given),
        payload,
    )
    assert sigv4.sign(KEY, sigv4.string_to_sign(STAMP, SCOPE, canonical)) == signature


@pytest.mark.parametrize(("seed", "signatures"), [(SEED, SIGNED_CHUNKS), (TRAILER_SEED, TRAILER_CHUNKS)])
def test_signatures_of_chunks(seed: str, signatures: list[str]) -> None:
    signer = ChunkSigner(KEY, STAMP, SCOPE, seed)
    assert [signer.chunk(hashlib.sha256(data).hexdigest()) for data in CHUNKS] == signatures


def test_the_signature_of_a_trailer() -> None:
    signer = ChunkSigner(KEY, STAMP, SCOPE, TRAILER_CHUNKS[-1])
    assert signer.trailer([("x-amz-checksum-crc32c", "sOO8/Q==")]) == TRAILER


def test_the_signature_of_a_policy() -> None:
    assert b'"sigv4examplebucket"' in base64.b64decode(POLICY)
    key = sigv4.signing_key(SECRET, "20151229", REGION)
    assert sigv4.sign(key, POLICY) == "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"


@pytest.mark.parametrize(
    ("algorithm", "digest"),
    [
        ("crc32", "cbf43926"),
        ("crc32c", "e3069283"),
        ("crc64nvme", "ae8b14860a799888"),
        ("sha1", "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
        ("sha256", "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
    ],
)
def test_checksums_of_one_to_nine(algorithm: str, digest: str) -> None:
    found = checksum(algorithm)
    found.update(b"1234")
    found.update(b"56789")
    assert found.digest().hex() == digest


def framed(signatures: list[str], trailer: bytes = b"\r\n") -> bytes:
    body = b""
    for data, signature in zip(CHUNKS, signatures, strict=True):
        body += f"{len(data):x};chunk-signature={signature}\r\n".encode()
        body += data + b"\r\n" if data else trailer
    return body


def test_the_example_of_chunks_is_decoded() -> None:
    decoder = Decoder(66560, signer=ChunkSigner(KEY, STAMP, SCOPE, SEED))
    assert b"".join(decoder.receive(framed(SIGNED_CHUNKS))) == b"a" * 66560
    decoder.close()


async def test_the_examples_are_taken_over_the_wire(storage: Storage) -> None:
    lead = f"AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders="
    put = await storage.send(
        "PUT",
        "/test$file.text",
        {
            "Date": "Fri, 24 May 2013 00:00:00 GMT",
            "x-amz-content-sha256": WELCOME,
            "x-amz-date": STAMP,
            "x-amz-storage-class": "REDUCED_REDUNDANCY",
            "Authorization": f"{lead}date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class,Signature="
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        },
        b"Welcome to Amazon S3.",
    )
    assert put.status == 200
    assert storage.fake.read("test$file.text") == b"Welcome to Amazon S3."
    storage.fake.put("test.txt", b"0123456789abcdef")
    got = await storage.send(
        "GET",
        "/test.txt",
        {
            "Range": "bytes=0-9",
            "x-amz-content-sha256": EMPTY,
            "x-amz-date": STAMP,
            "Authorization": f"{lead}host;range;x-amz-content-sha256;x-amz-date,Signature="
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        },
    )
    assert (got.status, got.body, got.headers["content-range"]) == (206, b"0123456789", "bytes 0-9/16")
    link = (
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1"
        "%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )
    assert (await storage.send("GET", link)).body == b"0123456789abcdef"
    # What the link's parameters mean does not hang on how they are written.
    respelled = link.replace("%2F", "/").replace("/test.txt", "/%74est.txt")
    assert (await storage.send("GET", respelled)).body == b"0123456789abcdef"


@pytest.mark.parametrize("trailing", [False, True])
async def test_the_examples_of_chunked_uploads_are_taken_over_the_wire(
    storage: Storage, trailing: bool
) -> None:
    names = (
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length"
    )
    headers = {
        "x-amz-date": STAMP,
        "x-amz-storage-class": "REDUCED_REDUNDANCY",
        "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": "66560",
    }
    if trailing:
        names = names.replace("content-length;host", "host") + ";x-amz-storage-class;x-amz-trailer"
        headers |= {
            "x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            "x-amz-trailer": "x-amz-checksum-crc32c",
        }
        trailer = f"x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:{TRAILER}\r\n\r\n"
        body, seed = framed(TRAILER_CHUNKS, trailer.encode()), TRAILER_SEED
    else:
        names += ";x-amz-storage-class"
        body, seed = framed(SIGNED_CHUNKS), SEED
        assert len(body) == 66824
    headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={CREDENTIAL},SignedHeaders={names},Signature={seed}"
    )
    put = await storage.send("PUT", "/examplebucket/chunkObject.txt", headers, body, host="s3.amazonaws.com")
    assert put.status == 200, put.body
    assert storage.fake.read("chunkObject.txt") == b"a" * 66560
    stored = storage.fake.find("chunkObject.txt")
    assert stored is not None
    assert "Content-Encoding" not in stored.attributes.headers
    assert put.headers.get("x-amz-checksum-crc32c") == ("sOO8/Q==" if trailing else None)


async def test_the_example_of_a_form_is_taken_over_the_wire(storage: Storage) -> None:
    storage.kernel.clock.advance(86_400 * 949)
    storage.fake.create_bucket("sigv4examplebucket")
    fields = {
        "key": "user/user1/${filename}",
        "acl": "public-read",
        "success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html",
        "Content-Type": "image/jpeg",
        "x-amz-meta-uuid": "14365123651274",
        "x-amz-server-side-encryption": "AES256",
        "X-Amz-Credential": f"{ACCESS_KEY}/20151229/us-east-1/s3/aws4_request",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Date": "20151229T000000Z",
        "x-amz-meta-tag": "",
        "Policy": POLICY,
        "X-Amz-Signature": "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
    }
    host = "sigv4examplebucket.s3.amazonaws.com"
    done = await storage.post(fields, b"a picture", "me.jpg", host=host)
    assert done.status == 303, done.body
    assert done.headers["location"] == (
        "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html?bucket=sigv4examplebucket"
        "&key=user%2Fuser1%2Fme.jpg&etag=%22" + hashlib.md5(b"a picture").hexdigest() + "%22"
    )
    assert storage.fake.read("user/user1/me.jpg", "sigv4examplebucket") == b"a picture"
    other = await storage.post({**fields, "key": "user/user2/x"}, b"a picture", "me.jpg", host=host)
    assert other.refusal == (403, "AccessDenied")
    assert other.element("Message") == (
        "Invalid according to Policy: Policy Condition failed: "
        "[&quot;starts-with&quot;, &quot;$key&quot;, &quot;user/user1/&quot;]"
    )
