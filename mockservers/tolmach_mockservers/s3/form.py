"""A form of multipart/form-data, read piece by piece: fields first, then one file.

What it is for: POST uploads at constant memory. What it must not do: I/O, or judge the fields.
What follows the file is ignored, as S3 does.
"""

import re
from typing import Final, Literal
from urllib.parse import unquote

from tolmach_mockservers.s3.errors import S3Error

__all__ = ["Form", "boundary_of"]

_MOST_FIELDS: Final = 20_480
"""Bytes that everything before the file's data may have."""

_BOUNDARY: Final = re.compile(
    r"""multipart/form-data\s*;.*?boundary=(?:"([^"]{1,200})"|([^\s;,"]{1,200}))""", re.IGNORECASE | re.DOTALL
)
_PARAMETER: Final = re.compile(r';\s*([a-z*]+)=(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*))', re.IGNORECASE)
_ESCAPED: Final = re.compile(r'\\(["\\])')

_State = Literal["between", "headers", "field", "file", "done"]


def boundary_of(content_type: str) -> bytes | None:
    """Return the boundary that a Content-Type names; None when it is no multipart form."""
    found = _BOUNDARY.match(content_type.strip())
    return None if found is None else (found[1] or found[2]).encode("utf-8", "surrogateescape")


class Form:
    """Read one form.

    ``fields`` (names in lower case) are complete once ``at_file`` is true. `receive` returns the
    file's data, `close` says that the body has ended.
    """

    def __init__(self, boundary: bytes) -> None:
        self.fields: dict[str, str] = {}
        self.filename = ""
        self.at_file = False
        self._delimiter = b"\r\n--" + boundary
        # The first delimiter stands at the very beginning, without its line break.
        self._buffer = bytearray(b"\r\n")
        self._state: _State = "between"
        self._begun = False
        self._name = ""
        self._before = 0

    @property
    def done(self) -> bool:
        """Whether the file has ended."""
        return self._state == "done"

    def receive(self, data: bytes) -> list[bytes]:
        """Take a piece of the body; return pieces of the file."""
        if self._state == "done":
            return []
        self._buffer += data
        out: list[bytes] = []
        while self._advance(out):
            pass
        return out

    def close(self) -> None:
        """Say that the body has ended; a form without a whole file is refused."""
        if not self.at_file:
            if not self._begun or self._state != "between":
                raise _malformed()
            raise S3Error(
                "InvalidArgument",
                "POST requires exactly one file upload per request.",
                {"ArgumentName": "file", "ArgumentValue": "0"},
            )
        if not self.done:
            raise _malformed()

    def _advance(self, out: list[bytes]) -> bool:
        match self._state:
            case "between":
                return self._between()
            case "headers":
                return self._headers()
            case "field":
                return self._field()
            case "file":
                return self._file(out)
            case "done":
                self._buffer.clear()
                return False

    def _between(self) -> bool:
        """Stand at a delimiter: another part, or the end."""
        delimiter = self._delimiter
        if len(self._buffer) < len(delimiter) + 2:
            if not delimiter.startswith(self._buffer[: len(delimiter)]):
                raise _malformed()
            return False
        if not self._buffer.startswith(delimiter):
            raise _malformed()
        self._begun = True
        after = bytes(self._buffer[len(delimiter) : len(delimiter) + 2])
        if after == b"--":
            self._buffer.clear()
            self.close()
            return False
        if after != b"\r\n":
            raise _malformed()
        # The line break stays: it begins the block of headers, which may be empty.
        del self._buffer[: len(delimiter)]
        self._state = "headers"
        return True

    def _headers(self) -> bool:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            self._within(len(self._buffer))
            return False
        block = bytes(self._buffer[2:end])
        del self._buffer[: end + 4]
        self._before += end + 4
        self._within(0)
        name, filename = _disposition(block)
        self._name = name.lower()
        if self._name == "file":
            self.filename = filename
            self.at_file = True
            self._state = "file"
        else:
            self._state = "field"
        return True

    def _field(self) -> bool:
        end = self._buffer.find(self._delimiter)
        if end < 0:
            self._within(len(self._buffer))
            return False
        raw = bytes(self._buffer[:end])
        del self._buffer[:end]
        self._before += end
        self._within(0)
        if self._name in self.fields:
            raise _malformed()
        try:
            self.fields[self._name] = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _malformed() from error
        self._state = "between"
        return True

    def _file(self, out: list[bytes]) -> bool:
        end = self._buffer.find(self._delimiter)
        if end >= 0:
            if end:
                out.append(bytes(self._buffer[:end]))
            self._buffer.clear()
            self._state = "done"
            return False
        certain = len(self._buffer) - len(self._delimiter) + 1
        if certain > 0:
            out.append(bytes(self._buffer[:certain]))
            del self._buffer[:certain]
        return False

    def _within(self, more: int) -> None:
        if self._before + more > _MOST_FIELDS:
            raise S3Error("MaxPostPreDataLengthExceededError")


def _disposition(block: bytes) -> tuple[str, str]:
    """Return name and file name that the headers of a part give."""
    try:
        lines = block.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as error:
        raise _malformed() from error
    for line in lines:
        header, colon, value = line.partition(":")
        if not colon or header.strip().lower() != "content-disposition":
            continue
        kind = value.partition(";")[0].strip().lower()
        found: dict[str, str] = {}
        for name, quoted, bare in _PARAMETER.findall(value):
            found[name.lower()] = _ESCAPED.sub(r"\1", quoted) if quoted else bare
        if kind != "form-data" or "name" not in found:
            raise _malformed()
        extended = found.get("filename*", "")
        if extended.lower().startswith("utf-8''"):
            return found["name"], unquote(extended[7:])
        return found["name"], found.get("filename", "")
    raise _malformed()


def _malformed() -> S3Error:
    return S3Error("MalformedPOSTRequest")
