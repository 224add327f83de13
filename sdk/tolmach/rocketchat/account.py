"""Who this client is: the credential and the user behind it.

What it is for: one holder that REST and realtime share. What it must not do: show the token.
"""

from collections.abc import Mapping

from tolmach.errors import ConfigError, LocalProtocolError
from tolmach.rocketchat.models import User
from tolmach.transport.redaction import forget, hide

__all__ = ["Account"]


class Account:
    """Hold user id and token; both are empty before a login with a password."""

    def __init__(self, user_id: str = "", token: str = "") -> None:
        self.user_id = ""
        self.token = ""
        self.me: User | None = None
        if token:
            self.use(user_id, token)

    def __repr__(self) -> str:
        return f"Account(user_id={self.user_id!r})"

    def use(self, user_id: str, token: str) -> None:
        """Sign with this credential from now on."""
        for name, value in (("user_id", user_id), ("token", token)):
            if not value.isascii() or not value.isprintable() or " " in value:
                raise ConfigError(
                    "it holds a space, a line break or another character that no credential has",
                    path=name,
                    remedy="Copy it again, without what stands around it.",
                )
        hide(token)
        forget(self.token)
        self.user_id, self.token = user_id, token

    def clear(self) -> None:
        """Forget the credential."""
        forget(self.token)
        self.user_id, self.token, self.me = "", "", None

    def headers(self) -> Mapping[str, str]:
        """Return the two credential headers."""
        if not self.token:
            raise LocalProtocolError("log in first: there is no credential to sign with")
        return {"X-Auth-Token": self.token, "X-User-Id": self.user_id}
