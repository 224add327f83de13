"""Which operation a request means, by method, address and the sub-resource in its query.

What it is for: the table of the vendor's reference. What it must not do: answer, or look at bodies.
"""

from collections.abc import Mapping
from typing import Final

from tolmach_mockservers.s3.address import Address
from tolmach_mockservers.s3.errors import S3Error

__all__ = ["operation_of"]

_SUB_RESOURCES: Final = (
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "tagging",
    "torrent",
    "versionId",
    "versioning",
    "versions",
    "website",
)
_BUCKET: Final = {
    "PUT": "CreateBucket",
    "HEAD": "HeadBucket",
    "DELETE": "DeleteBucket",
    "GET": "ListObjects",
    "POST": "PostObject",
}
_BUCKET_SUB: Final = {
    ("GET", "location"): "GetBucketLocation",
    ("GET", "versioning"): "GetBucketVersioning",
    ("GET", "acl"): "GetBucketAcl",
}
_OBJECT: Final = {"PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject", "GET": "GetObject"}


def operation_of(method: str, address: Address, params: Mapping[str, str], headers: Mapping[str, str]) -> str:
    """Return the operation's name; what S3 has and this fake has not is `NotImplemented`."""
    if method == "OPTIONS":
        return "Preflight"
    if address.bucket is None:
        if method == "GET":
            return "ListBuckets"
        raise _not_allowed(method, "SERVICE")
    sub = next((name for name in _SUB_RESOURCES if name in params), None) if params else None
    if address.key is None:
        return _of_bucket(method, params, sub)
    if sub is not None:
        if (method, sub) == ("GET", "acl"):
            return "GetObjectAcl"
        raise _not_implemented(sub)
    if "uploads" in params and method == "POST":
        return "CreateMultipartUpload"
    if "uploadId" in params:
        return _of_upload(method, headers)
    if method == "PUT" and "x-amz-copy-source" in headers:
        return "CopyObject"
    if method not in _OBJECT:
        raise _not_allowed(method, "OBJECT")
    return _OBJECT[method]


def _of_bucket(method: str, params: Mapping[str, str], sub: str | None) -> str:
    if sub is not None:
        known = _BUCKET_SUB.get((method, sub))
        if known is None:
            raise _not_implemented(sub)
        return known
    if method == "GET" and "uploads" in params:
        return "ListMultipartUploads"
    if method == "GET" and "list-type" in params:
        if params["list-type"] != "2":
            raise S3Error("InvalidArgument", extra={"ArgumentName": "list-type"})
        return "ListObjectsV2"
    if method == "POST" and "delete" in params:
        return "DeleteObjects"
    if method not in _BUCKET:
        raise _not_allowed(method, "BUCKET")
    return _BUCKET[method]


def _of_upload(method: str, headers: Mapping[str, str]) -> str:
    match method:
        case "PUT":
            return "UploadPartCopy" if "x-amz-copy-source" in headers else "UploadPart"
        case "POST":
            return "CompleteMultipartUpload"
        case "DELETE":
            return "AbortMultipartUpload"
        case "GET":
            return "ListParts"
        case _:
            raise _not_allowed(method, "UPLOAD")


def _not_allowed(method: str, kind: str) -> S3Error:
    return S3Error("MethodNotAllowed", extra={"Method": method, "ResourceType": kind})


def _not_implemented(sub: str) -> S3Error:
    return S3Error(
        "NotImplemented", f"The sub-resource {sub} is not part of this storage.", {"Resource": sub}
    )
