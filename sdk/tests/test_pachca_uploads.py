"""Uploads: the form byte by byte, refusals, expired grants, faults, constant memory."""

import asyncio
import base64
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from struct import pack

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pachca_stub import Answer, Stub, stubbed

from tolmach.errors import ConnectFailed, LocalProtocolError, NotSent, OutcomeUnknown, StorageRefused
from tolmach.pachca import Pachca
from tolmach.pachca.images import image_size
from tolmach.pachca.multipart import frame

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + pack(">II", 640, 480) + b"\x08\x06\x00\x00\x00"
EXPIRED = (
    '<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>'
    "<Message>Invalid according to Policy: Policy expired.</Message></Error>"
)
DENIED = (
    "<Error><Code>SignatureDoesNotMatch</Code><Message>It does not match &amp; never will</Message></Error>"
)


def grant(url: str, number: int = 1, policy: str = "eyJ9") -> str:
    return json.dumps(
        {
            "Content-Disposition": "attachment",
            "acl": "private",
            "policy": policy,
            "x-amz-credential": "cred",
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-date": "20211122T065734Z",
            "x-amz-signature": "87e8f3",
            "key": f"attaches/files/12/{number}/${{filename}}",
            "x-amz-new": "kept",
            "direct_url": url,
        }
    )


@asynccontextmanager
async def storing(*answers: Answer) -> AsyncIterator[tuple[Stub, Pachca]]:
    async with stubbed() as (stub, pachca):
        address = f"{stub.url}/storage"
        stub.answer("POST /uploads", *(Answer(201, grant(address, number)) for number in (1, 2, 3)))
        stub.answer("POST /storage", *answers)
        yield stub, pachca


def test_the_form_is_known_byte_by_byte():
    made = frame([("acl", "private"), ("key", "k/Отчёт.pdf")], 'Отчёт "1".pdf', "application/pdf", "B")
    assert made.content_type == "multipart/form-data; boundary=B"
    assert made.before.decode() == (
        '--B\r\nContent-Disposition: form-data; name="acl"\r\n\r\nprivate\r\n'
        '--B\r\nContent-Disposition: form-data; name="key"\r\n\r\nk/Отчёт.pdf\r\n'
        '--B\r\nContent-Disposition: form-data; name="file"; filename="Отчёт %221%22.pdf"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    )
    assert made.after == b"\r\n--B--\r\n"


@pytest.mark.parametrize("status", [200, 201, 204])
async def test_an_upload_sends_the_grant_in_order_and_returns_what_to_attach(status: int, tmp_path: Path):
    path = tmp_path / "Фото $& 1.png"
    path.write_bytes(PNG)
    seen = list[int]()
    async with storing(Answer(status)) as (stub, pachca):
        file = await pachca.uploads.file(path, on_progress=seen.append)
        asked = stub.last
    assert "Authorization" not in asked.headers
    assert int(asked.headers["Content-Length"]) == len(asked.body)
    names = [
        part.split(b'"')[1].decode() for part in asked.body.split(b"form-data; name=")[1:] for part in [part]
    ]
    assert names == [
        "Content-Disposition",
        "acl",
        "policy",
        "x-amz-credential",
        "x-amz-algorithm",
        "x-amz-date",
        "x-amz-signature",
        "key",
        "x-amz-new",
        "file",
    ]
    assert "attaches/files/12/1/Фото $& 1.png\r\n".encode() in asked.body
    assert 'filename="Фото $& 1.png"'.encode() in asked.body
    assert file.to_wire() == {
        "key": "attaches/files/12/1/Фото $& 1.png",
        "name": "Фото $& 1.png",
        "file_type": "image",
        "size": len(PNG),
        "width": 640,
        "height": 480,
    }
    assert seen == [len(PNG)]


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_bytes_and_streams_are_uploaded_with_their_kind():
    async with storing(Answer(204)) as (stub, pachca):
        text = await pachca.uploads.file(b"hello", name="dir/notes.txt")
        video = await pachca.uploads.file(stream(b"a", b"b"), name="film.mp4", duration_ms=1000)
        sized = await pachca.uploads.file(stream(b"ab", b"c"), name="song.ogg", size=3, file_type="file")
        again = await pachca.uploads.file(lambda: stream(b"abc"), name="x", size=3)
        buffers = [
            await pachca.uploads.file(kind(b"hello"), name="x.txt") for kind in (bytearray, memoryview)
        ]
        with pytest.raises(NotSent, match="an asynchronous stream, not list"):
            await pachca.uploads.file([b"x"], name="x")  # type: ignore[arg-type]
    assert [(one.file_type, one.size) for one in buffers] == [("file", 5), ("file", 5)]
    assert (text.name, text.file_type, text.size) == ("notes.txt", "file", 5)
    assert (video.file_type, video.size, video.duration_ms) == ("video", 2, 1000)
    assert (sized.file_type, sized.size, again.size) == ("file", 3, 3)
    assert all("Content-Length" in one.headers for one in stub.calls("POST /storage"))


async def test_a_refusal_of_storage_is_read_from_its_xml():
    async with storing(Answer(403, DENIED, "application/xml")) as (stub, pachca):
        with pytest.raises(StorageRefused) as caught:
            await pachca.uploads.file(b"x", name="x")
        assert (caught.value.status, caught.value.code) == (403, "SignatureDoesNotMatch")
        assert "It does not match & never will" in str(caught.value)
        assert len(stub.calls("POST /storage")) == 1


async def test_an_expired_grant_is_renewed_once():
    async with storing(Answer(403, EXPIRED, "application/xml"), Answer(204)) as (stub, pachca):
        file = await pachca.uploads.file(b"x", name="x")
        assert file.key == "attaches/files/12/2/x"
        stub.answer("POST /storage", Answer(403, EXPIRED, "application/xml"))
        with pytest.raises(StorageRefused):
            await pachca.uploads.file(b"x", name="x")
        assert len(stub.calls("POST /storage")) == 4


async def test_a_policy_that_is_over_counts_as_expired_whatever_storage_says():
    policy = base64.b64encode(b'{"expiration":"2020-01-01T00:00:00.000Z"}').decode()
    async with storing(Answer(403, "<Error><Code>AccessDenied</Code></Error>"), Answer(204)) as (
        stub,
        pachca,
    ):
        address = f"{stub.url}/storage"
        stub.answer("POST /uploads", Answer(201, grant(address, 1, policy)), Answer(201, grant(address, 2)))
        assert (await pachca.uploads.file(b"x", name="x")).key.endswith("/2/x")


@pytest.mark.parametrize("fault", [Answer(503, "<Error><Code>SlowDown</Code></Error>"), Answer(cut=True)])
async def test_storage_that_fails_is_tried_again_with_what_can_be_read_again(fault: Answer):
    async with storing(fault, fault, Answer(204)) as (stub, pachca):
        steps = list[int]()
        file = await pachca.uploads.file(b"x", name="x", on_progress=steps.append)
        assert file.key == "attaches/files/12/1/x"
        assert len(stub.calls("POST /storage")) == 3
        assert steps == [1, -1, 1, -1, 1]
    async with storing(fault, Answer(204)) as (stub, pachca):
        with pytest.raises((StorageRefused, OutcomeUnknown)):
            await pachca.uploads.file(stream(b"x"), name="x", size=1)
        assert len(stub.calls("POST /storage")) == 1


async def test_storage_that_is_not_there_was_sent_nothing():
    async with storing() as (stub, pachca):
        stub.answer("POST /uploads", Answer(201, grant("http://127.0.0.1:9/")))
        with pytest.raises(ConnectFailed):
            await pachca.uploads.file(b"x", name="x")


@pytest.mark.parametrize("chunks", [(b"ab",), (b"abcd",)])
async def test_a_stream_of_another_length_than_said_is_an_error_of_the_caller(chunks: tuple[bytes, ...]):
    async with storing(Answer(204)) as (_, pachca):
        with pytest.raises(LocalProtocolError, match=r"of 3 bytes|longer than 3 bytes"):
            await pachca.uploads.file(stream(*chunks), name="x", size=3)


async def test_what_has_no_name_or_no_sound_is_refused_before_a_grant():
    async with storing() as (stub, pachca):
        for arguments in ({"name": ""}, {"name": "x" * 256}, {"name": "v.ogg", "file_type": "voice"}):
            with pytest.raises(NotSent):
                await pachca.uploads.file(b"x", **arguments)  # type: ignore[arg-type]
        with pytest.raises(FileNotFoundError):
            await pachca.uploads.file("/nowhere/at/all")
        assert stub.asked == []


async def test_a_grant_is_used_by_hand():
    async with storing(Answer(204)) as (stub, pachca):
        key = await pachca.uploads.store(await pachca.uploads.grant(), b"x", name="a.txt")
        assert key == "attaches/files/12/1/a.txt"
        assert stub.last.path == "/storage"


async def test_memory_stays_the_same_however_long_the_stream():
    total = 0

    async def swallow(request: web.Request) -> web.Response:
        nonlocal total
        async for chunk in request.content.iter_chunked(65_536):
            total += len(chunk)
        return web.Response(status=204)

    chunk = b"x" * 262_144
    size = 200 * len(chunk)

    async def long() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield chunk

    app = web.Application()
    app.router.add_post("/storage", swallow)
    async with TestServer(app) as storage, stubbed() as (stub, pachca):
        stub.answer("POST /uploads", Answer(201, grant(str(storage.make_url("/storage")))))
        tracemalloc.start()
        try:
            await pachca.uploads.file(long(), name="big.bin", size=size)
            await pachca.uploads.file(long(), name="big.bin")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert total > 2 * size
    assert peak < 8 * 2**20
    await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (PNG, (640, 480)),
        (b"GIF89a" + pack("<HH", 3, 4), (3, 4)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x11\x08" + pack(">HH", 5, 6) + b"\x00" * 9, (6, 5)),
        (b"RIFF\0\0\0\0WEBPVP8X" + b"\0" * 8 + b"\x09\0\0\x13\0\0", (10, 20)),
        (b"RIFF\0\0\0\0WEBPVP8L" + b"\0" * 4 + b"\x2f\x09\xc0\x04\0" + b"\0" * 8, (10, 20)),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 10 + pack("<HH", 10, 20), (10, 20)),
        (b"BM" + b"\0" * 16 + pack("<ii", 7, -8), (7, 8)),
        (b"", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (b"\xff\xd8\xff\xd9", None),
        (b"\xff\xd8" + b"\xff\xe0\x00\x00" * 40, None),
        (b"not a picture at all, but long enough", None),
    ],
)
def test_a_picture_states_its_size(head: bytes, size: tuple[int, int] | None):
    assert image_size(head) == size
