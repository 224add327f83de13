"""The service and its buckets: create, list, find, delete; listings of objects.

What it is for: HTTP of buckets. What it must not do: rules of paging; `listing` has them.
"""

import base64
import binascii
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote_plus

from aiohttp import web

from tolmach_mockservers.s3 import times, wire
from tolmach_mockservers.s3.body import receive_document
from tolmach_mockservers.s3.call import Call, operation, xml
from tolmach_mockservers.s3.errors import S3Error
from tolmach_mockservers.s3.listing import Page, page
from tolmach_mockservers.s3.routes_object import acl_answer
from tolmach_mockservers.s3.state import Bucket, Stored

__all__ = ["Spelling", "limit_of"]

_MOST: Final = 1000
_LARGEST_NUMBER: Final = 2**31 - 1


@operation("ListBuckets")
async def list_buckets(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBuckets.html."""
    prefix = call.param("prefix")
    shown = (
        wire.node(
            "Bucket",
            wire.leaf("Name", bucket.name),
            wire.leaf("CreationDate", times.xml_date(bucket.created)),
        )
        for name, bucket in sorted(call.state.buckets.items())
        if name.startswith(prefix)
    )
    return xml("ListAllMyBucketsResult", _owner(call.owner), wire.node("Buckets", *shown))


@operation("CreateBucket")
async def create_bucket(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html."""
    data = await receive_document(call.request, call.head, call.signed, call.spool)
    wanted = ""
    if data.strip():
        wanted = wire.read_document(data, "CreateBucketConfiguration").value("LocationConstraint") or ""
    if (wanted or "us-east-1") != call.region:
        raise S3Error(
            "IllegalLocationConstraintException",
            f"The {wanted or 'unspecified'} location constraint is incompatible for the region specific "
            "endpoint this request was sent to.",
        )
    name = call.bucket_name
    if name in call.state.buckets and call.region == "us-east-1":
        # The oldest region answers as if the bucket had just been made.
        return web.Response(headers={"Location": f"/{name}"})
    call.state.create_bucket(name)
    return web.Response(headers={"Location": f"/{name}"})


@operation("HeadBucket")
async def head_bucket(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html."""
    found = call.bucket
    headers = {"x-amz-bucket-region": call.region, "x-amz-access-point-alias": "false"}
    call.note["objects"] = len(found.objects)
    return web.Response(headers={**headers, "Content-Type": "application/xml"})


@operation("DeleteBucket")
async def delete_bucket(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html."""
    call.state.delete_bucket(call.bucket_name)
    return web.Response(status=204)


@operation("GetBucketLocation")
async def get_bucket_location(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html."""
    _found, region = call.bucket, call.region
    return xml("LocationConstraint", "" if region == "us-east-1" else region)


@operation("GetBucketVersioning")
async def get_bucket_versioning(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html."""
    _found = call.bucket
    return xml("VersioningConfiguration")


@operation("GetBucketAcl")
async def get_bucket_acl(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAcl.html."""
    _found = call.bucket
    return acl_answer(call.owner, "private")


@operation("ListObjects")
async def list_objects(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjects.html."""
    bucket = call.bucket
    marker, limit, spelling = call.param("marker"), limit_of(call, "max-keys"), Spelling(call)
    found = _page(call, bucket, marker, limit)
    head = [
        wire.leaf("Name", bucket.name),
        wire.leaf("Prefix", spelling(call.param("prefix"))),
        wire.leaf("Marker", spelling(marker)),
        wire.leaf("MaxKeys", limit),
    ]
    if found.truncated and call.param("delimiter"):
        head.append(wire.leaf("NextMarker", spelling(found.last)))
    return xml(
        "ListBucketResult",
        *head,
        *_listed(call, bucket, found, spelling, owners=True),
    )


@operation("ListObjectsV2")
async def list_objects_v2(call: Call) -> web.StreamResponse:
    """Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html."""
    bucket = call.bucket
    limit, spelling = limit_of(call, "max-keys"), Spelling(call)
    token, start_after = call.head.params.get("continuation-token"), call.param("start-after")
    found = _page(call, bucket, start_after if token is None else _after(token), limit)
    head = [
        wire.leaf("Name", bucket.name),
        wire.leaf("Prefix", spelling(call.param("prefix"))),
        wire.leaf("KeyCount", len(found.keys) + len(found.prefixes)),
        wire.leaf("MaxKeys", limit),
    ]
    if token is not None:
        head.append(wire.leaf("ContinuationToken", token))
    if start_after:
        head.append(wire.leaf("StartAfter", spelling(start_after)))
    if found.truncated:
        head.append(wire.leaf("NextContinuationToken", base64.b64encode(found.last.encode()).decode()))
    owners = call.param("fetch-owner") == "true"
    return xml("ListBucketResult", *head, *_listed(call, bucket, found, spelling, owners=owners))


class Spelling:
    """Write names as the request wants them: as they are, or percent-encoded."""

    def __init__(self, call: Call) -> None:
        kind = call.head.params.get("encoding-type")
        if kind not in {None, "url"}:
            raise S3Error(
                "InvalidArgument",
                "Invalid Encoding Method specified in Request",
                {"ArgumentName": "encoding-type", "ArgumentValue": kind or ""},
            )
        self.encoded = kind == "url"

    def __call__(self, text: str) -> str:
        """Return a name as it goes into the XML."""
        return quote_plus(text, safe="/") if self.encoded else text

    def elements(self) -> Iterable[str]:
        """Return the element that tells the encoding."""
        return (wire.leaf("EncodingType", "url"),) if self.encoded else ()


def limit_of(call: Call, name: str) -> int:
    """Return how many entries a page may have: 1000 unless less is asked for."""
    given = call.head.params.get(name)
    if not given:
        return _MOST
    if not given.isascii() or not given.isdecimal() or len(given) > 10 or int(given) > _LARGEST_NUMBER:
        raise S3Error(
            "InvalidArgument",
            f"Provided {name} not an integer or within integer range",
            {"ArgumentName": name, "ArgumentValue": given},
        )
    return min(_MOST, int(given))


def _page(call: Call, bucket: Bucket, after: str, limit: int) -> Page:
    return page(
        bucket.keys(),
        prefix=call.param("prefix"),
        delimiter=call.param("delimiter"),
        after=after,
        limit=limit,
    )


def _listed(call: Call, bucket: Bucket, found: Page, spelling: Spelling, *, owners: bool) -> Iterable[str]:
    if call.param("delimiter"):
        yield wire.leaf("Delimiter", spelling(call.param("delimiter")))
    yield from spelling.elements()
    yield wire.leaf("IsTruncated", found.truncated)
    owner = _owner(call.owner) if owners else ""
    for key in found.keys:
        yield _contents(bucket.objects[key], spelling, owner)
    for prefix in found.prefixes:
        yield wire.node("CommonPrefixes", wire.leaf("Prefix", spelling(prefix)))


def _contents(stored: Stored, spelling: Spelling, owner: str) -> str:
    inner = [
        wire.leaf("Key", spelling(stored.key)),
        wire.leaf("LastModified", times.xml_date(stored.modified)),
        wire.leaf("ETag", f'"{stored.etag}"'),
    ]
    inner += [wire.leaf("ChecksumAlgorithm", name.upper()) for name in stored.checksums]
    inner += [
        wire.leaf("Size", stored.blob.size),
        owner,
        wire.leaf("StorageClass", stored.attributes.storage_class),
    ]
    return wire.node("Contents", *inner)


def _owner(owner: str) -> str:
    return wire.node("Owner", wire.leaf("ID", owner))


def _after(token: str) -> str:
    try:
        return base64.b64decode(token.encode("ascii"), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise S3Error(
            "InvalidArgument",
            "The continuation token provided is incorrect",
            {"ArgumentName": "continuation-token", "ArgumentValue": token},
        ) from error
