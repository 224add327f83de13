"""Where the bytes of objects live: in memory while small, in a temporary file above a threshold.

What it is for: uploads and downloads of any size at constant memory. What it must not do: outlive
`Spool.close`; a file goes with the last object that refers to it.
"""

import tempfile
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

__all__ = ["Blob", "Spool", "Writer"]

THRESHOLD: Final = 1024 * 1024
_READ: Final = 256 * 1024


class _Memory:
    __slots__ = ("data", "size")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        for at in range(start, stop, _READ):
            yield self.data[at : min(stop, at + _READ)]


class _File:
    __slots__ = ("__weakref__", "_path", "size")

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self.size = size
        weakref.finalize(self, path.unlink, missing_ok=True)

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            file.seek(start)
            while start < stop:
                data = file.read(min(_READ, stop - start))
                if not data:
                    return
                start += len(data)
                yield data


class Blob:
    """Hold bytes that never change; joined blobs share their pieces."""

    __slots__ = ("pieces", "size")

    def __init__(self, pieces: Sequence[_Memory | _File] = ()) -> None:
        self.pieces = tuple(pieces)
        self.size = sum(piece.size for piece in self.pieces)

    @classmethod
    def of(cls, data: bytes) -> "Blob":
        """Hold bytes in memory."""
        return cls((_Memory(data),))

    @classmethod
    def joined(cls, blobs: Sequence["Blob"]) -> "Blob":
        """Hold the bytes of several blobs, one after the other."""
        return cls([piece for blob in blobs for piece in blob.pieces])

    @property
    def in_memory(self) -> bytes | None:
        """Return the bytes when they are one piece in memory."""
        if len(self.pieces) == 1:
            piece = self.pieces[0]
            return piece.data if isinstance(piece, _Memory) else None
        return None if self.pieces else b""

    def read(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``stop`` in pieces."""
        stop = self.size if stop is None else min(stop, self.size)
        begins = 0
        for piece in self.pieces:
            ends = begins + piece.size
            if start < ends and stop > begins:
                yield from piece.read(max(0, start - begins), min(piece.size, stop - begins))
            begins = ends


class Writer:
    """Collect the bytes of one blob; `blob` ends it, `discard` throws it away."""

    __slots__ = ("_file", "_memory", "_path", "_spool", "size")

    def __init__(self, spool: "Spool") -> None:
        self._spool = spool
        self._memory = bytearray()
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add bytes."""
        self.size += len(data)
        if self._file is not None:
            self._file.write(data)
            return
        self._memory += data
        if len(self._memory) > THRESHOLD:
            self._path, self._file = self._spool.new_file()
            self._file.write(self._memory)
            self._memory = bytearray()

    def blob(self) -> Blob:
        """Return what was written."""
        if self._file is None or self._path is None:
            return Blob.of(bytes(self._memory))
        self._file.close()
        path, self._path = self._path, None
        return Blob((_File(path, self.size),))

    def discard(self) -> None:
        """Throw away what no blob has taken; harmless afterwards."""
        if self._file is not None:
            self._file.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None


class Spool:
    """Own the folder of the temporary files; it is made when the first is needed."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._made = 0
        self._closed = False

    @property
    def folder(self) -> Path | None:
        """Return the folder, None while there is none."""
        return None if self._folder is None else Path(self._folder.name)

    def writer(self) -> Writer:
        """Start a blob."""
        return Writer(self)

    def new_file(self) -> tuple[Path, BinaryIO]:
        """Make a file; the caller closes it."""
        if self._closed:
            raise ConnectionAbortedError("the storage has stopped")
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="tolmach-s3-", ignore_cleanup_errors=True)
        self._made += 1
        path = Path(self._folder.name) / f"{self._made:08d}"
        return path, path.open("wb")

    def close(self) -> None:
        """Remove the folder with everything in it."""
        self._closed = True
        folder, self._folder = self._folder, None
        if folder is not None:
            folder.cleanup()
