"""What a storage holds: buckets, objects, multipart uploads.

What it is for: the rules of keeping and finding. What it must not do: HTTP, XML, signatures.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final, cast

from tolmach_mockservers.clock import FakeClock
from tolmach_mockservers.s3.address import LONGEST_KEY, check_bucket_name
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.spool import Blob
from tolmach_mockservers.seed import Seed

__all__ = ["Attributes", "Bucket", "Part", "State", "Stored", "Upload", "check_key"]

SMALLEST_PART: Final = 5 * 2**20
MOST_PARTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Attributes:
    """Hold what a writer says about an object beside its bytes; names as they are sent back."""

    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    storage_class: str = "STANDARD"
    acl: str = "private"


@dataclass(frozen=True, slots=True)
class Stored:
    """Hold one object; ``modified`` in whole seconds, ``parts`` are the sizes of a multipart upload's."""

    key: str
    blob: Blob
    etag: str
    modified: int
    attributes: Attributes
    checksums: Mapping[str, str] = field(default_factory=dict[str, str])
    parts: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """Hold one part of an upload."""

    number: int
    blob: Blob
    etag: str
    modified: int
    checksums: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Upload:
    """Hold a multipart upload that is under way."""

    id: str
    bucket: str
    key: str
    initiated: int
    owner: str
    attributes: Attributes
    parts: dict[int, Part] = field(default_factory=dict[int, Part])


@dataclass(slots=True)
class Bucket:
    """Hold one bucket; read its objects, change them by `put` and `remove`."""

    name: str
    created: int
    objects: dict[str, Stored] = field(default_factory=dict[str, Stored])
    _sorted: list[str] | None = None

    def put(self, stored: Stored) -> None:
        """Keep an object, in the place of one with the same key."""
        if self._sorted is not None and stored.key not in self.objects:
            self._sorted = None
        self.objects[stored.key] = stored

    def remove(self, key: str) -> None:
        """Forget an object; one that is not there is no error."""
        if self.objects.pop(key, None) is not None:
            self._sorted = None

    def keys(self) -> Sequence[str]:
        """Return the keys in the order of their UTF-8."""
        if self._sorted is None:
            self._sorted = sorted(self.objects)
        return self._sorted

    def copy(self) -> "Bucket":
        """Return an independent bucket with the same objects."""
        return Bucket(self.name, self.created, dict(self.objects))


class State:
    """Hold all buckets of one storage."""

    def __init__(self, clock: FakeClock, seed: Seed) -> None:
        self._clock = clock
        self.seed = seed
        self.buckets: dict[str, Bucket] = {}
        self.uploads: dict[str, Upload] = {}

    def now(self) -> int:
        """Return whole seconds since the epoch."""
        return int(self._clock.now())

    def create_bucket(self, name: str) -> Bucket:
        """Make a bucket; one that is there already is refused."""
        check_bucket_name(name)
        if name in self.buckets:
            raise S3Error("BucketAlreadyOwnedByYou", extra={"BucketName": name})
        made = self.buckets[name] = Bucket(name, self.now())
        return made

    def delete_bucket(self, name: str) -> None:
        """Forget an empty bucket."""
        if self.bucket(name).objects:
            raise S3Error("BucketNotEmpty", extra={"BucketName": name})
        del self.buckets[name]
        for upload in [each for each in self.uploads.values() if each.bucket == name]:
            del self.uploads[upload.id]

    def bucket(self, name: str) -> Bucket:
        """Return a bucket."""
        found = self.buckets.get(name)
        if found is None:
            raise S3Error("NoSuchBucket", extra={"BucketName": name})
        return found

    def stored(self, bucket: str, key: str) -> Stored:
        """Return an object."""
        found = self.bucket(bucket).objects.get(key)
        if found is None:
            raise S3Error("NoSuchKey", extra={"Key": key})
        return found

    def begin_upload(self, bucket: str, key: str, owner: str, attributes: Attributes) -> Upload:
        """Start a multipart upload."""
        self.bucket(bucket)
        check_key(key)
        made = Upload(self.seed.token(86), bucket, key, self.now(), owner, attributes)
        self.uploads[made.id] = made
        return made

    def upload(self, bucket: str, key: str, upload_id: str) -> Upload:
        """Return an upload that is under way for this very key."""
        self.bucket(bucket)
        found = self.uploads.get(upload_id)
        if found is None or found.bucket != bucket or found.key != key:
            raise S3Error("NoSuchUpload", extra={"UploadId": upload_id})
        return found

    def complete(self, upload: Upload, wanted: Sequence[tuple[int, str]]) -> Stored:
        """Join the parts ``wanted`` (number and etag) into the object; the upload ends."""
        numbers = [number for number, _ in wanted]
        if any(later <= earlier for earlier, later in pairwise(numbers)):
            raise S3Error("InvalidPartOrder", extra={"UploadId": upload.id})
        chosen: list[Part] = []
        for number, etag in wanted:
            part = upload.parts.get(number)
            if part is None or part.etag != etag:
                raise S3Error(
                    "InvalidPart", extra={"UploadId": upload.id, "PartNumber": str(number), "ETag": etag}
                )
            chosen.append(part)
        for part in chosen[:-1]:
            if part.blob.size < SMALLEST_PART:
                raise S3Error(
                    "EntityTooSmall",
                    "Your proposed upload is smaller than the minimum allowed size",
                    {
                        "ProposedSize": str(part.blob.size),
                        "MinSizeAllowed": str(SMALLEST_PART),
                        "PartNumber": str(part.number),
                        "ETag": part.etag,
                    },
                )
        digests = b"".join(bytes.fromhex(part.etag) for part in chosen)
        stored = Stored(
            upload.key,
            Blob.joined([part.blob for part in chosen]),
            f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(chosen)}",
            self.now(),
            upload.attributes,
            parts=tuple(part.blob.size for part in chosen),
        )
        self.bucket(upload.bucket).put(stored)
        del self.uploads[upload.id]
        return stored

    # copies of the whole

    def save(self) -> object:
        """Return a copy of everything, for `load`; objects never change and are shared."""
        return (
            {name: bucket.copy() for name, bucket in self.buckets.items()},
            {name: replace(each, parts=dict(each.parts)) for name, each in self.uploads.items()},
        )

    def load(self, saved: object) -> None:
        """Go back to a copy; it can be loaded again."""
        buckets, uploads = cast("tuple[dict[str, Bucket], dict[str, Upload]]", saved)
        self.buckets = {name: bucket.copy() for name, bucket in buckets.items()}
        self.uploads = {name: replace(each, parts=dict(each.parts)) for name, each in uploads.items()}

    def clear(self) -> None:
        """Forget everything."""
        self.buckets.clear()
        self.uploads.clear()


def check_key(key: str) -> None:
    """Refuse a key that no object can have."""
    size = len(key.encode())
    if size > LONGEST_KEY:
        raise S3Error("KeyTooLongError", extra={"Size": str(size), "MaxSizeAllowed": str(LONGEST_KEY)})
