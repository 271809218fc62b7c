"""Zip archives from strangers: everything that they declare is checked before anything is unpacked."""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from pathlib import Path
from types import TracebackType
from typing import Final

from scumble.api import ScumbleError
from scumble.files.limits import Limits

_END: Final = b"PK\x05\x06"
_PIECE: Final = 1 << 20


class DamagedEntry(Exception):
    """One entry of an otherwise whole archive cannot be read; the text is the end of a sentence."""


class Archive:
    """A zip archive, checked against the limits as it is opened. Its entries may be read on any thread.

    Raises `file-truncated` when its table of contents cannot be read, `file-unsafe` when that asks for something that
    no picture needs.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self.path = path
        self._limits = limits
        self._check_directory()
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, struct.error) as error:
            raise self._cut_short() from error
        try:
            self._members = self._checked()
        except BaseException:
            self._zip.close()
            raise

    @property
    def names(self) -> tuple[str, ...]:
        """The entries, without folders, in the order of the archive."""
        return tuple(self._members)

    def size(self, name: str) -> int:
        """How many bytes an entry unpacks to. KeyError when there is none."""
        return self._members[name].file_size

    def crc(self, name: str) -> int:
        """The check sum of an entry. KeyError when there is none."""
        return self._members[name].CRC

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str, most: int | None = None) -> bytes:
        """An entry, unpacked; `most` stops after the first so many bytes. Raises DamagedEntry."""
        member = self._members.get(name)
        if member is None:
            raise DamagedEntry(f"“{name}” is missing")
        wanted = member.file_size if most is None else min(most, member.file_size)
        out = bytearray()
        try:
            with self._zip.open(member) as stream:
                while len(out) < wanted and (piece := stream.read(min(_PIECE, wanted - len(out)))):
                    out += piece
                if most is None and stream.read(1):
                    raise DamagedEntry(f"“{name}” is longer than it says")
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise DamagedEntry(f"“{name}” is damaged") from error
        if len(out) < wanted:
            raise DamagedEntry(f"“{name}” is cut short")
        return bytes(out)

    def close(self) -> None:
        """Closes the file."""
        self._zip.close()

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _check_directory(self) -> None:
        """Looks at the size of the table of contents, because reading it costs memory for every entry it lists."""
        with self.path.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(0, end - 65557))
            tail = file.read()
        place = tail.rfind(_END)
        if place < 0 or place + 22 > len(tail):
            raise self._cut_short()
        (size,) = struct.unpack("<I", tail[place + 12 : place + 16])
        if size > self._limits.directory:
            raise self._unsafe("it lists too many entries")

    def _checked(self) -> dict[str, zipfile.ZipInfo]:
        limits, members, total, packed = self._limits, dict[str, zipfile.ZipInfo](), 0, 0
        for member in self._zip.infolist():
            self._check_name(member)
            if member.is_dir():
                continue
            if member.filename in members:
                raise self._unsafe(f"it holds two entries called “{member.filename}”")
            members[member.filename] = member
            total += member.file_size
            packed += member.compress_size
            if member.file_size > limits.member or self._swells(member.file_size, member.compress_size):
                raise self._unsafe(f"its entry “{member.filename}” would unpack to {_megabytes(member.file_size)}")
        if len(members) > limits.members:
            raise self._unsafe(f"it holds {len(members)} entries")
        if total > limits.total or self._swells(total, packed):
            raise self._unsafe(f"it would unpack to {_megabytes(total)}")
        return members

    def _check_name(self, member: zipfile.ZipInfo) -> None:
        name = member.orig_filename
        if name.startswith("/") or ".." in name.split("/") or any(sign in name for sign in "\\:\0"):
            raise self._unsafe(f"its entry “{name}” points outside of it")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise self._unsafe(f"its entry “{name}” is a link")
        if member.flag_bits & 1:
            raise self._unsafe("it is encrypted")

    def _swells(self, size: int, packed: int) -> bool:
        return size > self._limits.small and size > packed * self._limits.ratio

    def _cut_short(self) -> ScumbleError:
        return ScumbleError("file-truncated", path=self.path, reason="its table of contents is missing")

    def _unsafe(self, reason: str) -> ScumbleError:
        return ScumbleError("file-unsafe", path=self.path, reason=reason)


def _megabytes(size: int) -> str:
    return f"{max(size >> 20, 1)} MB"
