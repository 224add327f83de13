"""The fake S3 as one thing: its application, its keys, and what other fakes and the control API do to it.

What it is for: the only name that other parts of the fakes import from here. What it must not do:
HTTP of the control API, or rules of the storage.
"""

from collections.abc import Iterable, Mapping
from typing import Final, cast

from aiohttp import web

from tolmach_mockservers.kernel import Kernel
from tolmach_mockservers.refusal import RefusalError
from tolmach_mockservers.s3 import presign
from tolmach_mockservers.s3.attributes import read_attributes
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.keys import Key, Keyring
from tolmach_mockservers.s3.routes import Storage
from tolmach_mockservers.s3.spool import Blob, Spool
from tolmach_mockservers.s3.state import State, Stored, check_key

__all__ = ["BUCKET", "REGION", "S3Fake"]

REGION: Final = "eu-central-1"
"""A region that, as the vendor's younger ones, knows no signatures but version 4."""

BUCKET: Final = "tolmach"

_KEY_ALPHABET: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class S3Fake:
    """Be one storage in one region.

    ``url`` is where it listens, set by whoever starts it. ``key`` is the key of the ready file.
    """

    def __init__(self, kernel: Kernel, *, region: str = REGION, bucket: str = BUCKET) -> None:
        self._kernel = kernel
        self._seed = kernel.seed.child("s3")
        self.region = region
        self.bucket = bucket
        self.url = ""
        self.keys = Keyring()
        self.spool = Spool()
        self.state = State(kernel.clock, self._seed)
        self.key = self._new_key()
        self.keys.add(self.key)
        self._storage = Storage(kernel, self.state, self.spool, self.keys, region)
        self.state.create_bucket(bucket)

    # lifecycle

    def server(self) -> web.Server:
        """Return what answers: a bare server, for every path means the same, and bodies stay as they come.

        It also leaves it to the storage when to ask for a body that waits for "100 Continue".
        """
        return web.Server(self._storage.handle, access_log=None, auto_decompress=False)

    async def aclose(self) -> None:
        """Remove every temporary file."""
        self.state.clear()
        self.spool.close()

    def snapshot(self) -> object:
        """Return a copy of buckets, objects and keys, for `restore`."""
        return self.state.save(), dict(self.keys.keys), self._seed.state()

    def restore(self, state: object) -> None:
        """Go back to a copy."""
        saved, keys, seed = cast("tuple[object, dict[str, Key], object]", state)
        self.state.load(saved)
        self.keys.keys = dict(keys)
        self._seed.restore(seed)

    def reset(self) -> None:
        """Forget everything but the first key and an empty first bucket."""
        self.state.clear()
        self.state.create_bucket(self.bucket)
        self.keys.keys = {self.key.access_key: self.key}

    def reseed(self) -> None:
        """Draw ids from the beginning of the run's seed."""
        self._seed.restart(self._kernel.seed.child("s3").number)

    def world(self) -> Mapping[str, object]:
        """Return the buckets with how many objects and bytes they hold."""
        return {
            "region": self.region,
            "buckets": [
                {
                    "name": bucket.name,
                    "objects": len(bucket.objects),
                    "bytes": sum(each.blob.size for each in bucket.objects.values()),
                }
                for bucket in self.state.buckets.values()
            ],
        }

    # control

    def create_bucket(self, name: str) -> Mapping[str, object]:
        """Make a bucket."""
        try:
            bucket = self.state.create_bucket(name)
        except S3Error as error:
            status = 409 if error.status == 409 else 400
            raise RefusalError(f"name: {error.message}", field="name", status=status) from error
        return {"name": bucket.name, "objects": 0, "bytes": 0}

    def create_key(
        self,
        *,
        access_key: str | None = None,
        secret: str | None = None,
        expires_in: float | None = None,
    ) -> Mapping[str, object]:
        """Let another key sign; one that expires (seconds) is temporary and has a session token."""
        drawn = self._new_key()
        access_key, secret = access_key or drawn.access_key, secret or drawn.secret
        if access_key in self.keys.keys:
            raise RefusalError(f'access_key: "{access_key}" is taken', field="access_key", status=409)
        made = Key(access_key, secret)
        if expires_in is not None:
            made = Key(access_key, secret, self._seed.token(120), self._kernel.clock.now() + expires_in)
        self.keys.add(made)
        shown: dict[str, object] = {"access_key": made.access_key, "secret_key": made.secret}
        if made.token is not None:
            shown |= {"session_token": made.token, "expires_at": made.expires}
        return shown

    # for other fakes and tests

    def link(
        self,
        key: str,
        *,
        method: str = "GET",
        bucket: str | None = None,
        expires_in: int = 604_800,
        query: Mapping[str, str] | None = None,
    ) -> str:
        """Return a presigned URL, path style."""
        path = f"/{bucket or self.bucket}/{key}"
        return presign.link(
            self.key,
            self.region,
            self._kernel.clock.now(),
            method=method,
            base=self.url,
            path=path,
            expires_in=expires_in,
            query=query,
        )

    def form(
        self,
        fields: Mapping[str, str],
        *,
        bucket: str | None = None,
        expires_in: float = 3600.0,
        conditions: Iterable[object] = (),
    ) -> dict[str, str]:
        """Return the fields of a POST form to `form_url`; see `presign.form_fields`."""
        return presign.form_fields(
            self.key,
            self.region,
            self._kernel.clock.now(),
            bucket=bucket or self.bucket,
            expires_in=expires_in,
            fields=fields,
            conditions=conditions,
        )

    def form_url(self, bucket: str | None = None) -> str:
        """Return where a form of `form` is sent."""
        return f"{self.url}/{bucket or self.bucket}"

    def find(self, key: str, bucket: str | None = None) -> Stored | None:
        """Return an object, None when there is none: ``blob.size``, ``etag``, ``attributes.headers``."""
        found = self.state.buckets.get(bucket or self.bucket)
        return None if found is None else found.objects.get(key)

    def read(self, key: str, bucket: str | None = None) -> bytes:
        """Return an object's bytes."""
        return b"".join(self.state.stored(bucket or self.bucket, key).blob.read())

    def put(
        self,
        key: str,
        data: bytes,
        *,
        bucket: str | None = None,
        content_type: str = "binary/octet-stream",
    ) -> Stored:
        """Keep an object without a request."""
        import hashlib

        check_key(key)
        etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
        attributes = read_attributes({"content-type": content_type})
        stored = Stored(key, Blob.of(data), etag, self.state.now(), attributes)
        self.state.bucket(bucket or self.bucket).put(stored)
        return stored

    def remove(self, key: str, bucket: str | None = None) -> None:
        """Forget an object; one that is not there is no error."""
        self.state.bucket(bucket or self.bucket).remove(key)

    def _new_key(self) -> Key:
        drawn = self._seed.hex_id(32)
        letters = "".join(_KEY_ALPHABET[int(drawn[at : at + 2], 16) % 32] for at in range(0, 32, 2))
        return Key(f"AKIA{letters}", self._seed.token(40))
