"""A certificate that nobody signed is not talked to."""

import ssl
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tolmach.errors import ConnectFailed
from tolmach.rocketchat import RocketChat

SELF_SIGNED = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcoabu5UzL6DCrv4C
CujZlp8j8Z48hHDs7aGzS284qP+hRANCAARLQNbzm7p52SdA5ZdBqt1r8FZaft+L
TtjvSiaqMFgTy6Kh8y0NStxFOflrWdLlKdTFY6xBsHVra+6oPTN1QbUI
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUdidzI4WPBMayXdOESSXPAE/d1TswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTEwMzA1OVoYDzIxMjYxMDI4
MTAzMDU5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARLQNbzm7p52SdA5ZdBqt1r8FZaft+LTtjvSiaqMFgTy6Kh8y0NStxF
OflrWdLlKdTFY6xBsHVra+6oPTN1QbUIo28wbTAdBgNVHQ4EFgQUrxlO3Re7XCmf
JbtpXumVdHgiuCMwHwYDVR0jBBgwFoAUrxlO3Re7XCmfJbtpXumVdHgiuCMwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgGySNZSkBLA54Co3Od5JO4lTCCvZPA3lB4Y61BK0jDO0CIF3O
zuytVDoBVqE7Igi1pxZhKTql0I5ib1vCrb200Jwr
-----END CERTIFICATE-----
"""
"""Made for this test with ``openssl req -x509``; it opens nothing."""


async def test_a_self_signed_server_gets_neither_credential_nor_request(tmp_path: Path) -> None:
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({})

    pem = tmp_path / "server.pem"
    pem.write_text(SELF_SIGNED)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context)
    try:
        url = str(server.make_url("/"))
        rc = RocketChat(url, user_id="u", token="sentinel-token", insecure=True)
        with pytest.raises(ConnectFailed, match=r"(?i)certificate"):
            async with rc:
                pass
    finally:
        await server.close()
    assert asked == []
