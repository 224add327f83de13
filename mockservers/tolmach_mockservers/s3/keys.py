"""Who may sign: access keys, their secrets, and temporary ones with a token.

What it is for: looking a key up. What it must not do: I/O, or read a clock.
"""

from dataclasses import dataclass

from tolmach_mockservers.s3.errors import S3Error

__all__ = ["Key", "Keyring"]


@dataclass(frozen=True, slots=True)
class Key:
    """Hold one access key; ``token`` and ``expires`` (seconds since the epoch) are of temporary ones."""

    access_key: str
    secret: str
    token: str | None = None
    expires: float | None = None


class Keyring:
    """Hold the keys of one storage."""

    def __init__(self) -> None:
        self.keys: dict[str, Key] = {}

    def add(self, key: Key) -> None:
        """Let a key sign."""
        self.keys[key.access_key] = key

    def find(self, access_key: str, token: str | None, now: float) -> Key:
        """Return a key that may sign now with ``token``, or refuse it as S3 does."""
        key = self.keys.get(access_key)
        if key is None:
            raise S3Error("InvalidAccessKeyId", extra={"AWSAccessKeyId": access_key})
        if key.token != token:
            if key.token is not None and token is None:
                raise S3Error("InvalidAccessKeyId", extra={"AWSAccessKeyId": access_key})
            raise S3Error("InvalidToken", extra={"Token-0": token or ""})
        if key.expires is not None and now >= key.expires:
            raise S3Error("ExpiredToken", extra={"Token-0": token or ""})
        return key
