"""Server addresses as people write them."""

import pytest

from tolmach.errors import ConfigError
from tolmach.transport.url import server_url

SUFFIXES = ("/api/v1", "/api")


@pytest.mark.parametrize(
    ("written", "used"),
    [
        ("https://chat.example.com", "https://chat.example.com"),
        ("https://chat.example.com/", "https://chat.example.com"),
        ("  https://chat.example.com//  ", "https://chat.example.com"),
        ("https://chat.example.com/api/v1", "https://chat.example.com"),
        ("https://chat.example.com/api/v1/", "https://chat.example.com"),
        ("https://chat.example.com:8443/rocket/api/v1/", "https://chat.example.com:8443/rocket"),
        ("https://CHAT.example.com/rocket", "https://chat.example.com/rocket"),
        ("https://[::1]:3000/", "https://[::1]:3000"),
    ],
)
def test_slash_and_api_suffix_are_accepted(written: str, used: str) -> None:
    assert server_url(written, suffixes=SUFFIXES) == used


@pytest.mark.parametrize("url", ["http://chat.example.com", "http://127.0.0.1:3000", "http://localhost"])
def test_plain_http_takes_a_flag_even_on_this_machine(url: str) -> None:
    with pytest.raises(ConfigError, match="plain http") as caught:
        server_url(url, path="channels.rocketchat.serverUrl")
    assert caught.value.path == "channels.rocketchat.serverUrl"
    assert caught.value.remedy
    assert server_url(url, insecure=True) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "chat.example.com",
        "ftp://chat.example.com",
        "wss://x",
        "https://",
        "https://h?x=1",
        "https://h#x",
        "https://h:99999",
    ],
)
def test_what_is_no_server_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        server_url(url, insecure=True)


def test_credentials_in_an_address_are_refused_and_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        server_url("https://user:hunter22@chat.example.com")
    assert "hunter22" not in str(caught.value)
