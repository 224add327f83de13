"""Downloads: both kinds of link, no token abroad, whole files or none."""

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pachca_stub import TOKEN, Answer, stubbed

from tolmach.errors import Forbidden, LocalProtocolError, NotSent, OutcomeUnknown
from tolmach.pachca import File

BYTES = Answer(
    body=b"\x00\x01report",
    kind="application/pdf",
    headers={"Content-Disposition": 'attachment; filename="r.pdf"'},
)


def file(url: str) -> File:
    return File.model_validate({"id": 1, "key": "k", "name": "Отчёт.pdf", "file_type": "file", "url": url})


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def test_a_file_of_the_api_is_asked_for_with_the_token():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /files/7", BYTES)
        async with pachca.files.download(7, target="thumb") as download:
            assert (download.name, download.size, download.content_type) == ("r.pdf", 8, "application/pdf")
            assert await download.read(limit=8) == b"\x00\x01report"
        assert stub.last.query == "target=thumb"
        assert stub.last.headers["Authorization"] == f"Bearer {TOKEN}"


async def test_a_link_into_the_api_gets_the_token_and_a_link_of_storage_does_not(tmp_path: Path):
    async with stubbed() as (stub, pachca):
        stub.answer("GET /files/7", BYTES)
        stub.answer("GET /bucket/a%20b.pdf", BYTES)
        stub.answer("GET /bucket/a b.pdf", BYTES)
        async with pachca.files.open(file(f"{stub.url}/api/shared/v1/files/7")) as download:
            assert download.name == "Отчёт.pdf"
            assert await download.save(tmp_path / "one") == 8
        assert stub.last.headers["Authorization"] == f"Bearer {TOKEN}"
        async with pachca.files.open(f"{stub.url}/files/7?target=image"):
            assert stub.last.query == "target=image"
        async with pachca.files.open(f"{stub.url}/bucket/a%20b.pdf?X-Amz-Signature=a%2Fb%3D") as download:
            assert [chunk async for chunk in download] == [b"\x00\x01report"]
        assert "Authorization" not in stub.last.headers
        assert stub.last.query == "X-Amz-Signature=a%2Fb%3D"
    assert (tmp_path / "one").read_bytes() == b"\x00\x01report"
    assert names(tmp_path) == ["one"]


async def test_a_refusal_is_the_error_it_says():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /files/7", Answer(403, '{"errors":[{"code":"confidential_download_denied"}]}'))
        stub.answer("GET /gone", Answer(403, "<Error><Code>AccessDenied</Code></Error>"))
        with pytest.raises(Forbidden, match="confidential_download_denied"):
            async with pachca.files.download(7):
                pass
        with pytest.raises(Forbidden):
            async with pachca.files.open(f"{stub.url}/gone"):
                pass


async def test_trouble_before_the_first_byte_is_tried_again():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /files/7", Answer(503), Answer(cut=True), BYTES)
        async with pachca.files.download(7) as download:
            assert await download.read(limit=100) == b"\x00\x01report"


async def test_half_a_file_is_none(tmp_path: Path):
    async def half(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    app = web.Application()
    app.router.add_get("/f", half)
    async with TestServer(app) as storage, stubbed() as (_, pachca):
        with pytest.raises(OutcomeUnknown):
            async with pachca.files.open(str(storage.make_url("/f"))) as download:
                await download.save(tmp_path / "f")
    assert names(tmp_path) == []


async def test_a_file_larger_than_wanted_is_refused():
    async with stubbed() as (stub, pachca):
        stub.answer("GET /files/7", BYTES)
        with pytest.raises(LocalProtocolError, match="more than 3 bytes"):
            async with pachca.files.download(7) as download:
                await download.read(limit=3)


@pytest.mark.parametrize("url", ["", "/files/7", "file:///etc/passwd", "ftp://a/b", "http://"])
async def test_what_is_no_address_is_refused(url: str):
    async with stubbed() as (_, pachca):
        with pytest.raises(NotSent):
            pachca.files.open(url)
        with pytest.raises(LocalProtocolError):
            _ = pachca.files.download(7).name


@pytest.mark.parametrize("said", ["..", ".", "a/..", "..\\\\.."])
async def test_a_name_is_never_a_path(said: str):
    async with stubbed() as (stub, pachca):
        headers = {"Content-Disposition": f'attachment; filename="{said}"'}
        stub.answer("GET /files/7", Answer(200, "x", headers=headers))
        async with pachca.files.download(7) as download:
            assert download.name == ""
