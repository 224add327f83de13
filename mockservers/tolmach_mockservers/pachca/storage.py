"""Where files of the workspace lie: grants for uploads and links for downloads.

What it is for: presigned POST forms and presigned links of an S3-like storage, signed with its
keys. What it must not do: move bytes over HTTP; a storage that runs beside the fake is called.
Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
"""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import quote

from tolmach_mockservers.s3 import sigv4

__all__ = ["FILENAME", "Objects", "Storage"]

FILENAME = "${filename}"
_GRANT_DAYS = 14


class Objects(Protocol):
    """Hold the bytes of a storage that runs in the same process."""

    def get(self, bucket: str, key: str) -> bytes | None:
        """Return an object's bytes, None when there is none."""
        ...

    def put(self, bucket: str, key: str, body: bytes, content_type: str) -> None:
        """Keep an object."""
        ...

    def remove(self, bucket: str, key: str) -> None:
        """Forget an object; none is no error."""
        ...


@dataclass(slots=True)
class Storage:
    """Sign for one bucket; ``objects`` is None when the bytes are out of reach."""

    url: str = "http://127.0.0.1:9"
    access_key: str = ""
    secret_key: str = ""
    region: str = "us-east-1"
    bucket: str = "pachca-uploads"
    objects: Objects | None = None

    def grant(self, user_id: int, uuid: str, now: float) -> dict[str, str]:
        """Return the fields of one upload form, in the order of the vendor's answer."""
        at = datetime.fromtimestamp(now, UTC)
        stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
        credential = f"{self.access_key}/{day}/{self.region}/s3/{sigv4.TERMINAL}"
        prefix = f"attaches/files/{user_id}/{uuid}/"
        expires = (at + timedelta(days=_GRANT_DAYS)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        document = {
            "expiration": expires,
            "conditions": [
                {"bucket": self.bucket},
                ["starts-with", "$key", prefix],
                {"Content-Disposition": "attachment"},
                {"acl": "private"},
                {"x-amz-credential": credential},
                {"x-amz-algorithm": sigv4.ALGORITHM},
                {"x-amz-date": stamp},
            ],
        }
        policy = base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()
        key = sigv4.signing_key(self.secret_key, day, self.region)
        return {
            "Content-Disposition": "attachment",
            "acl": "private",
            "policy": policy,
            "x-amz-credential": credential,
            "x-amz-algorithm": sigv4.ALGORITHM,
            "x-amz-date": stamp,
            "x-amz-signature": sigv4.sign(key, policy),
            "key": f"{prefix}{FILENAME}",
            "direct_url": f"{self.url}/{self.bucket}",
        }

    def link(self, key: str, name: str, now: float, seconds: int) -> str:
        """Return a presigned link that downloads an object under its own name."""
        at = datetime.fromtimestamp(now, UTC)
        stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
        scope = f"{day}/{self.region}/s3/{sigv4.TERMINAL}"
        host = self.url.partition("://")[2]
        path = sigv4.canonical_path(f"/{self.bucket}/{quote(key, safe='/')}")
        pairs = [
            ("X-Amz-Algorithm", sigv4.ALGORITHM),
            ("X-Amz-Credential", f"{self.access_key}/{scope}"),
            ("X-Amz-Date", stamp),
            ("X-Amz-Expires", str(seconds)),
            ("X-Amz-SignedHeaders", "host"),
            ("response-content-disposition", f"attachment; filename*=UTF-8''{quote(name, safe='')}"),
        ]
        query = sigv4.encoded_query(dict(pairs))
        canonical = sigv4.canonical_request("GET", path, query, {"host": host}, ["host"], sigv4.UNSIGNED)
        signing = sigv4.signing_key(self.secret_key, day, self.region)
        signature = sigv4.sign(signing, sigv4.string_to_sign(stamp, scope, canonical))
        return f"{self.url}{path}?{query}&X-Amz-Signature={signature}"

    def get(self, key: str) -> bytes | None:
        """Return an object's bytes, None when there is none or they are out of reach."""
        return None if self.objects is None else self.objects.get(self.bucket, key)

    def put(self, key: str, body: bytes, content_type: str) -> None:
        """Keep an object."""
        if self.objects is not None:
            self.objects.put(self.bucket, key, body, content_type)

    def remove(self, key: str) -> None:
        """Forget an object."""
        if self.objects is not None:
            self.objects.remove(self.bucket, key)
