"""What a writer says about an object beside its bytes, from headers or from the fields of a form.

What it is for: one reading for PUT, POST, copies and multipart uploads. What it must not do: I/O.
"""

import re
from collections.abc import Mapping
from typing import Final

from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.state import Attributes

__all__ = ["read_attributes"]

_KEPT: Final = {
    "content-type": "Content-Type",
    "cache-control": "Cache-Control",
    "content-disposition": "Content-Disposition",
    "content-encoding": "Content-Encoding",
    "content-language": "Content-Language",
    "expires": "Expires",
    "x-amz-website-redirect-location": "x-amz-website-redirect-location",
}
_META: Final = "x-amz-meta-"
_MOST_METADATA: Final = 2048
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9a-z]+")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_CLASSES: Final = frozenset(
    {
        "STANDARD",
        "REDUCED_REDUNDANCY",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER",
        "GLACIER_IR",
        "DEEP_ARCHIVE",
        "EXPRESS_ONEZONE",
    }
)
_ACLS: Final = frozenset(
    {
        "private",
        "public-read",
        "public-read-write",
        "authenticated-read",
        "aws-exec-read",
        "bucket-owner-read",
        "bucket-owner-full-control",
    }
)


def read_attributes(given: Mapping[str, str]) -> Attributes:
    """Read headers or fields by lower-case name."""
    headers = {shown: _line(name, given[name]) for name, shown in _KEPT.items() if name in given}
    coding = headers.get("Content-Encoding")
    if coding is not None and "aws-chunked" in coding:
        # It describes the transfer, not the object.
        kept = [each.strip() for each in coding.split(",") if each.strip() != "aws-chunked"]
        if kept:
            headers["Content-Encoding"] = ",".join(kept)
        else:
            del headers["Content-Encoding"]
    headers.setdefault("Content-Type", "binary/octet-stream")
    metadata = {
        name[len(_META) :]: _line(name, value) for name, value in given.items() if name.startswith(_META)
    }
    size = sum(len(name) + len(value.encode()) for name, value in metadata.items())
    if size > _MOST_METADATA:
        raise S3Error("MetadataTooLarge", extra={"Size": str(size), "MaxSizeAllowed": str(_MOST_METADATA)})
    if not all(_TOKEN.fullmatch(name) for name in metadata):
        raise S3Error("InvalidArgument", "Metadata names must be tokens of HTTP.")
    storage_class = given.get("x-amz-storage-class", "STANDARD")
    if storage_class not in _CLASSES:
        raise S3Error("InvalidStorageClass", "The storage class you specified is not valid")
    acl = given.get("x-amz-acl", given.get("acl", "private"))
    if acl not in _ACLS:
        raise S3Error("InvalidArgument", extra={"ArgumentName": "x-amz-acl", "ArgumentValue": acl})
    return Attributes(headers, metadata, storage_class, acl)


def _line(name: str, value: str) -> str:
    """Return a value that can be sent back in a header; a form's field could hold line breaks."""
    if _UNPRINTABLE.search(value):
        raise S3Error("InvalidArgument", extra={"ArgumentName": name, "ArgumentValue": repr(value)})
    return value.encode("utf-8", "replace").decode()
