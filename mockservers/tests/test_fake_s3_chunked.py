"""The decoder of aws-chunked: any cut of the stream, and nothing that was not signed."""

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from s3_desk import SECRET

from tolmach_mockservers.s3 import sigv4
from tolmach_mockservers.s3.chunked import ChunkSigner, Decoder
from tolmach_mockservers.s3.errors import S3Error

KEY = sigv4.signing_key(SECRET, "20130524", "us-east-1")
SEED = "0" * 64
BIG = 8192


def signer() -> ChunkSigner:
    return ChunkSigner(KEY, "20130524T000000Z", "20130524/us-east-1/s3/aws4_request", SEED)


def signed_body(*chunks: bytes, trailers: dict[str, str] | None = None) -> bytes:
    mine, body = signer(), b""
    for data in (*chunks, b""):
        signature = mine.chunk(hashlib.sha256(data).hexdigest())
        body += f"{len(data):x};chunk-signature={signature}\r\n".encode() + data + (b"\r\n" if data else b"")
    if trailers is not None:
        for name, value in trailers.items():
            body += f"{name}:{value}\r\n".encode()
        body += f"x-amz-trailer-signature:{mine.trailer(trailers.items())}\r\n".encode()
    return body + b"\r\n"


def decoded(body: bytes, length: int, cuts: list[int] | None = None, **options: object) -> bytes:
    """Return what a decoder makes of a body that comes in pieces."""
    decoder = Decoder(length, **options)  # type: ignore[arg-type]
    out, places = b"", [0, *sorted(cut % (len(body) + 1) for cut in cuts or []), len(body)]
    for start, stop in pairwise(places):
        out += b"".join(decoder.receive(body[start:stop]))
    decoder.close()
    return out


def refused(body: bytes, length: int, **options: object) -> str:
    with pytest.raises(S3Error) as error:
        decoded(body, length, **options)
    return error.value.code


@given(st.lists(st.integers(0, 100_000), max_size=12), st.binary(min_size=1, max_size=300))
def test_it_does_not_matter_where_the_stream_is_cut(cuts: list[int], last: bytes) -> None:
    data = b"x" * BIG + last
    body = signed_body(b"x" * BIG, last)
    assert decoded(body, len(data), cuts, signer=signer()) == data
    plain = (
        b"2000\r\n"
        + b"x" * BIG
        + f"\r\n{len(last):X}\r\n".encode()
        + last
        + b"\r\n0\r\nx-amz-checksum-crc32: abcd\r\n\r\n"
    )
    assert decoded(plain, len(data), cuts, expected=["x-amz-checksum-crc32"]) == data


@settings(max_examples=400)
@given(st.data())
def test_a_changed_byte_is_never_accepted(data: st.DataObject) -> None:
    body = signed_body(b"a" * BIG, b"bcd", trailers={"x-amz-checksum-crc32": "AAAAAA=="})
    at = data.draw(st.integers(0, len(body) - 1))
    value = data.draw(st.integers(0, 255).filter(lambda each: each != body[at]))
    forged = body[:at] + bytes([value]) + body[at + 1 :]
    try:
        out = decoded(forged, BIG + 3, signer=signer(), expected=["x-amz-checksum-crc32"])
    except S3Error:
        return
    # Only the spelling of sizes and trailer names may vary; never what they say.
    assert out == b"a" * BIG + b"bcd"
    assert forged.lower() == body.lower()


@settings(max_examples=300)
@given(st.binary(max_size=400), st.booleans(), st.integers(0, 300))
def test_noise_is_refused_and_nothing_else_happens(noise: bytes, sealed: bool, length: int) -> None:
    try:
        out = decoded(noise, length, signer=signer() if sealed else None)
    except S3Error:
        return
    assert not sealed
    assert len(out) == length


def test_a_chunk_is_not_given_out_before_its_signature_is_proved() -> None:
    body = signed_body(b"a" * BIG)
    decoder = Decoder(BIG, signer=signer())
    assert decoder.receive(body[:-100]) == []
    forged = Decoder(BIG, signer=signer())
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        forged.receive(body.replace(b"aaa", b"aba", 1))


@pytest.mark.parametrize(
    ("body", "length", "code"),
    [
        (b"5\r\nhello\r\n0\r\n\r\n", 6, "IncompleteBody"),
        (b"5\r\nhello\r\n0\r\n\r\n", 4, "IncompleteBody"),
        (b"5\r\nhello\r\n", 5, "IncompleteBody"),
        (b"5\r\nhel", 5, "IncompleteBody"),
        (b"5\r\nhelloXX0\r\n\r\n", 5, "InvalidRequest"),
        (b"five\r\nhello\r\n0\r\n\r\n", 5, "InvalidRequest"),
        (b"-5\r\nhello\r\n0\r\n\r\n", 5, "InvalidRequest"),
        (b"5" * 2000, 5, "InvalidRequest"),
        (b"5\r\nhello\r\n0\r\n\r\nmore", 5, "InvalidRequest"),
        (b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", 5, "InvalidChunkSizeError"),
        (b"ffffffffffffffff\r\n", 5, "IncompleteBody"),
    ],
)
def test_broken_framing(body: bytes, length: int, code: str) -> None:
    assert refused(body, length) == code


def test_chunks_in_another_order_or_left_out() -> None:
    one, two = b"1" * BIG, b"2" * BIG
    whole = signed_body(one, two)
    half = len(signed_body(one)) - len(signed_body())
    first, rest = whole[:half], whole[half:]
    second = rest[: len(first)]
    assert refused(second + first + rest[len(first) :], 2 * BIG, signer=signer()) == "SignatureDoesNotMatch"
    assert refused(first + rest[len(first) :], BIG, signer=signer()) == "SignatureDoesNotMatch"
    assert refused(first + first + rest, 3 * BIG, signer=signer()) == "SignatureDoesNotMatch"
    assert refused(b"2000\r\n" + one + b"\r\n0\r\n\r\n", BIG, signer=signer()) == "InvalidRequest"


@pytest.mark.parametrize(
    ("trailer", "code"),
    [
        (b"", "MalformedTrailerError"),
        (b"x-amz-checksum-sha1:abc\r\n", "MalformedTrailerError"),
        (b"x-amz-checksum-crc32:abc\r\nx-amz-checksum-crc32:abc\r\n", "MalformedTrailerError"),
        (b"x-amz-checksum-crc32:abc\r\nother:abc\r\n", "MalformedTrailerError"),
        (b"x-amz-checksum-crc32\r\n", "MalformedTrailerError"),
    ],
)
def test_trailers_that_were_not_announced(trailer: bytes, code: str) -> None:
    body = b"5\r\nhello\r\n0\r\n" + trailer + b"\r\n"
    assert refused(body, 5, expected=["x-amz-checksum-crc32"]) == code


def test_a_signed_upload_needs_a_signed_trailer() -> None:
    names = ["x-amz-checksum-crc32"]
    body = signed_body(b"hello", trailers={"x-amz-checksum-crc32": "NhCmhg=="})
    assert decoded(body, 5, signer=signer(), expected=names) == b"hello"
    lines = body.split(b"\r\n")
    unsigned = b"\r\n".join(line for line in lines if not line.startswith(b"x-amz-trailer-signature"))
    assert refused(unsigned, 5, signer=signer(), expected=names) == "MalformedTrailerError"
    assert refused(body.replace(b"NhCmhg==", b"AAAAAA=="), 5, signer=signer(), expected=names) == (
        "SignatureDoesNotMatch"
    )
