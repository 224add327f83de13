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
_LEAD: Final = b'\r\nContent-Disposition: form-data; name="'
_END: Final = b'"\r\n\r\n'
_NAME: Final = re.compile(rb"(?!(?i:file)$)[A-Za-z0-9_\-]{1,64}")
_ESCAPED: Final = re.compile(r'\\(["\\])')

_State = Literal["parts", "file", "done"]


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
        self._rest = b"\r\n"
        self._state: _State = "parts"
        self._before = 0

    @property
    def done(self) -> bool:
        """Whether the file has ended."""
        return self._state == "done"

    def receive(self, data: bytes) -> list[bytes]:
        """Take a piece of the body; return pieces of the file."""
        out: list[bytes] = []
        if self._state == "parts":
            data = self._parts(self._rest + data)
        elif self._state == "file":
            data = self._rest + data
        if self._state == "file":
            self._file(data, out)
        return out

    def close(self) -> None:
        """Say that the body has ended; a form without a whole file is refused."""
        if not self.done:
            raise _malformed()

    def _parts(self, data: bytes) -> bytes:
        """Read whole fields, up to the file's data; return what is left."""
        delimiter = self._delimiter
        if not data.startswith(delimiter) and not delimiter.startswith(data):
            raise _malformed()
        at, width = 0, len(delimiter)
        # Whole parts as nearly every client writes them; each has a delimiter behind it.
        for part in data.split(delimiter)[1:-1]:
            name, found, value = part[len(_LEAD) :].partition(_END)
            if not found or not part.startswith(_LEAD) or not _NAME.fullmatch(name):
                break
            self._keep(name.decode(), value)
            at += width + len(part)
        while not self.at_file:
            # Here a delimiter stands at ``at``, or the data ends within it.
            after = self._part(data, at)
            if after == at:
                break
            at = after
        self._before += at
        self._rest = data[at:]
        if self.at_file:
            self._state = "file"
        elif self._before + len(self._rest) > _MOST_FIELDS:
            raise _too_much()
        return self._rest

    def _part(self, data: bytes, at: int) -> int:
        """Read one part, however its head is written.

        Returns where the rest begins: at the next delimiter, or at the file's data; ``at`` itself
        when more bytes are needed.
        """
        begins = at + len(self._delimiter)
        lead = data[begins : begins + 2]
        if lead == b"--":
            raise S3Error(
                "InvalidArgument",
                "POST requires exactly one file upload per request.",
                {"ArgumentName": "file", "ArgumentValue": "0"},
            )
        if not b"\r\n".startswith(lead):
            raise _malformed()
        # The line break counts: it begins the block of headers, which may be empty.
        head_ends = data.find(b"\r\n\r\n", begins)
        if head_ends < 0:
            return at
        name, filename = _disposition(data[begins + 2 : head_ends])
        if name.lower() != "file":
            return self._field(data, at, name, head_ends + 4)
        if self._before + head_ends + 4 > _MOST_FIELDS:
            raise _too_much()
        self.filename = filename
        self.at_file = True
        return head_ends + 4

    def _field(self, data: bytes, at: int, name: str, begins: int) -> int:
        ends = data.find(self._delimiter, begins)
        if ends < 0:
            return at
        self._keep(name, data[begins:ends])
        return ends

    def _keep(self, name: str, value: bytes) -> None:
        name = name.lower()
        if name in self.fields:
            raise _malformed()
        try:
            self.fields[name] = value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _malformed() from error

    def _file(self, data: bytes, out: list[bytes]) -> None:
        ends = data.find(self._delimiter)
        if ends >= 0:
            if ends:
                out.append(data[:ends])
            self._rest = b""
            self._state = "done"
            return
        certain = len(data) - len(self._delimiter) + 1
        if certain > 0:
            out.append(data[:certain])
            self._rest = data[certain:]
        else:
            self._rest = data


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


def _too_much() -> S3Error:
    return S3Error("MaxPostPreDataLengthExceededError")


def _malformed() -> S3Error:
    return S3Error("MalformedPOSTRequest")
