"""From what a user writes as a server address to the one form used inside.

What it is for: one place that accepts a trailing slash and an API suffix, and refuses what is not
safe. What it must not do: connect, or repeat credentials that stand in an address.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from tolmach.errors import ConfigError

__all__ = ["server_url"]


def server_url(
    url: str, *, suffixes: Sequence[str] = (), insecure: bool = False, path: str = "url", remedy: str = ""
) -> str:
    """Return ``scheme://host[:port][/prefix]`` without trailing slash and without any of ``suffixes``.

    Only https passes; plain http, to this very machine as well, takes ``insecure=True``. ``path``
    names the setting in the ConfigError, ``remedy`` says how to allow plain http.
    """
    text = url.strip()
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError(
            "this is no https address of a server", path=path, remedy="Write it like https://chat.example.com"
        )
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "an address must not hold credentials", path=path, remedy="Give user and token on their own."
        )
    if parts.query or parts.fragment:
        raise ConfigError("an address must end with its path", path=path, remedy="Leave out ? and #.")
    try:
        port = parts.port
    except ValueError as error:
        raise ConfigError("the port is no port", path=path, remedy="Ports go from 1 to 65535.") from error
    if parts.scheme == "http" and not insecure:
        raise ConfigError(
            "plain http would send the token readable to everybody on the way",
            path=path,
            remedy=remedy or "Use https, or pass insecure=True for a test server.",
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    origin = f"{parts.scheme}://{host}" if port is None else f"{parts.scheme}://{host}:{port}"
    prefix = parts.path.rstrip("/")
    for suffix in suffixes:
        if prefix.endswith(suffix):
            prefix = prefix[: -len(suffix)].rstrip("/")
            break
    return origin + prefix
