"""Every picture that a tool has made, kept on disk: a file each, and a small database that knows what is in them.

The files are the truth: a database that is lost or damaged is made anew from them, without the stars.
"""

from __future__ import annotations

import os
import sqlite3
import uuid
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal, TypeAlias

import cv2
import msgspec
import numpy as np

from scumble.api import Picture, ResultKind, ScumbleError
from scumble.document import FIRST_FRAME, Frame, Recipe
from scumble.files.archive import Archive, DamagedEntry
from scumble.files.atomic import atomic_write, reason_of, sweep
from scumble.files.limits import Limits
from scumble.files.locks import try_lock
from scumble.files.png import Png, PngError, encode_whole
from scumble.files.recipes import RecipeError, read_recipe, recipe_entries

State: TypeAlias = Literal["waiting", "done"]
"""`waiting`: in the strip of its document; `done`: applied or let go."""

FOLDER: Final = "results"
"""What the folder is called, among a person's data."""

PATIENCE: Final = 10.0
"""Seconds to wait for another program that writes to the database."""

LATEST: Final = 1e11
"""Seconds since 1970 that a result may have been made at; a calendar knows no more."""

SMALLEST: Final = 1e-12
"""What a frame may make of an area; no canvas becomes so much smaller, or larger."""

THUMBNAIL: Final = 192
"""The longest side of the small picture in each file, in pixels."""

UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError)
"""What msgspec raises for text that is no JSON, or no text."""

_SUFFIX: Final = ".result"
_LIMITS: Final = Limits(members=80, total=1 << 30, member=1 << 29, directory=1 << 16)
_UNREACHED: Final = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_READONLY,
    )
)
"""What hinders a database that is not damaged."""

_TABLE: Final = """
create table if not exists results (
    id text primary key, made real not null, document text not null, path text not null, session text not null,
    waiting integer not null, starred integer not null, bytes integer not null, about blob not null
)"""


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a result without its pictures. `made` is in seconds since 1970.

    `job` is shared by the candidates of one job, and `group` by the jobs for several places of one picture that were
    asked for at once. `document` is the key of the document that it was made for and `path`
    that document's file, empty where it had none; `session` names the run of the program. `title` is what a layer of
    it is called, `tool_title` and `result` what the tool's manifest says, `size` the picture's (width, height).
    """

    id: str
    made: Annotated[float, msgspec.Meta(ge=0.0, le=LATEST)]
    job: str = ""
    group: str = ""
    document: str = ""
    path: str = ""
    session: str = ""
    title: str = ""
    tool: str = ""
    tool_title: str = ""
    result: ResultKind = "layer"
    prompt: str = ""
    model: str = ""
    seed: int = 0
    size: tuple[Annotated[int, msgspec.Meta(ge=0)], Annotated[int, msgspec.Meta(ge=0)]] = (0, 0)
    canvas: tuple[int, int] = (0, 0)
    frame: Frame = FIRST_FRAME
    format: str = "bgra8"
    version: int = 1

    def __post_init__(self) -> None:
        across, slant, _, lean, down, _ = self.frame
        if not SMALLEST < abs(across * down - slant * lean) < 1 / SMALLEST:
            raise ValueError("its frame leads nowhere")


@dataclass(frozen=True, slots=True)
class Entry:
    """A result as the database knows it; `bytes` is how large its file is."""

    about: About
    waiting: bool
    starred: bool
    bytes: int


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A result with its pictures, whose colours are sRGB."""

    about: About
    recipe: Recipe
    starred: bool = False


class ResultStore:
    """A folder of results. Used on one thread at a time; several programs may have the same folder open.

    Raises `ScumbleError` where the folder cannot be written. `faults` counts the files that could not be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session = uuid.uuid4().hex
        self.faults = 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = _lock(folder / f"{self.session}.lock")
            sweep(folder)
        except OSError as error:
            raise ScumbleError("results-unwritable", reason=reason_of(error)) from error
        try:
            self._base = self._opened()
        except ScumbleError:
            self._unlock()
            raise

    def close(self) -> None:
        """Ends the session."""
        self._base.close()
        self._unlock()

    def add(self, kept: Kept) -> None:
        """Keeps a result, which waits in the strip of its document. Raises `results-unwritable`."""
        path = self._file(kept.about.id)
        try:
            with atomic_write(path) as file, zipfile.ZipFile(file, "w") as archive:
                archive.writestr("about.json", msgspec.json.encode(kept.about))
                if kept.recipe.crop is not None:
                    archive.writestr("thumbnail.png", encode_whole(small_picture(kept.recipe.crop)))
                for name, make in recipe_entries(kept.recipe, "recipe"):
                    archive.writestr(name, make())
        except ScumbleError as error:
            raise ScumbleError("results-unwritable", reason=error.params.get("reason", "the disk is full")) from error
        self._insert(kept.about, waiting=True, starred=kept.starred)

    def entries(self) -> list[Entry]:
        """All that there are, the newest first."""
        return self._select("order by made desc, rowid desc")

    def waiting(self, document: str, path: str) -> list[Entry]:
        """Those that wait for a document, by its key or by its file, the oldest first; not another program's."""
        found = self._select(
            "where waiting and (document = ? or (path != '' and path = ?)) order by made, rowid", document, path
        )
        return [entry for entry in found if not self._lives(entry.about.session)]

    def stranded(self) -> list[Entry]:
        """Those that wait for a document without a file, and whose program has ended, the oldest first."""
        found = self._select("where waiting and path = '' order by made, rowid")
        return [entry for entry in found if not self._lives(entry.about.session)]

    def load(self, result_id: str) -> Kept:
        """A result with its pictures. Raises `result-broken`."""
        path = self._file(result_id)
        try:
            with Archive(path, _LIMITS) as archive:
                about = msgspec.json.decode(archive.read("about.json", 1 << 20), type=About)
                recipe, _ = read_recipe(archive.read("recipe.json"), _checked(archive))
        except (
            OSError,
            DamagedEntry,
            PngError,
            RecipeError,
            msgspec.DecodeError,
            UnicodeDecodeError,
            ScumbleError,
        ) as error:
            raise ScumbleError("result-broken", reason=_why(error)) from error
        if recipe.crop is None:
            raise ScumbleError("result-broken", reason="it holds no picture")
        starred = self._base.execute("select starred from results where id = ?", (result_id,)).fetchone()
        return Kept(about, recipe, bool(starred and starred[0]))

    def thumbnail(self, result_id: str) -> Picture:
        """The small picture, straight `(h, w, 3 or 4)` uint8. Raises `result-broken`."""
        try:
            with Archive(self._file(result_id), _LIMITS) as archive:
                return Png(_checked(archive)("thumbnail.png")).pixels()
        except (OSError, DamagedEntry, PngError, ScumbleError) as error:
            raise ScumbleError("result-broken", reason=_why(error)) from error

    def settle(self, ids: Iterable[str]) -> None:
        """These wait no more."""
        self._update("update results set waiting = 0 where id = ?", ids)

    def star(self, ids: Iterable[str], starred: bool) -> None:
        """Gives stars, or takes them; what has one is never pruned."""
        self._update(f"update results set starred = {int(starred)} where id = ?", ids)

    def adopt(self, ids: Iterable[str], document: str, path: str) -> None:
        """These wait for a document of this session from now on, whose file it may be that changed."""
        rows = [(document, path, self.session, name) for name in ids]
        with self._base:
            self._base.executemany("update results set document = ?, path = ?, session = ? where id = ?", rows)

    def remove(self, ids: Sequence[str]) -> None:
        """Deletes results for good."""
        for name in ids:
            self._file(name).unlink(missing_ok=True)
        self._update("delete from results where id = ?", ids)

    def prune(self, budget: int, spared: Sequence[str] = ()) -> list[str]:
        """Deletes the oldest without a star, those that wait last of all, until all fit into `budget` bytes.

        Neither `spared` nor what waits in a program that runs is deleted. Returns the ids of those that were.
        """
        (total,) = self._base.execute("select coalesce(sum(bytes), 0) from results").fetchone()
        gone: list[str] = []
        if total <= budget:
            return gone
        for entry in self._select("where not starred order by waiting, made, rowid"):
            if total <= budget:
                break
            runs = entry.about.session == self.session or self._lives(entry.about.session)
            if entry.about.id not in spared and not (entry.waiting and runs):
                total -= entry.bytes
                gone.append(entry.about.id)
        self.remove(gone)
        return gone

    # Parts

    def _unlock(self) -> None:
        self._lock.close()
        with suppress(OSError):
            (self.folder / f"{self.session}.lock").unlink()

    def _file(self, result_id: str) -> Path:
        return self.folder / f"{result_id}{_SUFFIX}"

    def _select(self, rest: str, *values: str) -> list[Entry]:
        columns = "about, document, path, session, waiting, starred, bytes"
        rows = self._base.execute(f"select {columns} from results {rest}", values)
        return [entry for row in rows if (entry := _entry(row)) is not None]

    def _update(self, statement: str, ids: Iterable[str]) -> None:
        with self._base:
            self._base.executemany(statement, [(name,) for name in ids])

    def _insert(self, about: About, *, waiting: bool, starred: bool = False) -> None:
        size = self._file(about.id).stat().st_size
        row = (about.id, about.made, about.document, about.path, about.session, waiting, starred, size)
        with self._base:
            self._base.execute(
                "insert or replace into results values (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, msgspec.json.encode(about))
            )

    def _opened(self) -> sqlite3.Connection:
        """The database; where it cannot be read it is put aside and made anew from the files."""
        path = self.folder / "results.sqlite"
        lost = False
        try:
            base = _connected(path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF in _UNREACHED:
                raise ScumbleError("results-unwritable", reason=str(error)) from error
            for damaged in self.folder.glob("results.sqlite*"):
                os.replace(damaged, damaged.with_name(damaged.name + ".broken"))
            base = _connected(path)
            lost = True
        self._base = base
        self._take_in(waiting=not lost)
        return base

    def _take_in(self, *, waiting: bool) -> None:
        """Files that the database does not know: a crash came between, or the database was lost. And the other way."""
        known = {row[0] for row in self._base.execute("select id from results")}
        there = {path.stem: path for path in self.folder.glob(f"*{_SUFFIX}")}
        self._update("delete from results where id = ?", known - there.keys())
        for name in there.keys() - known:
            try:
                with Archive(there[name], _LIMITS) as archive:
                    about = msgspec.json.decode(archive.read("about.json", 1 << 20), type=About)
            except (OSError, DamagedEntry, ScumbleError, *UNREADABLE):
                self.faults += 1
                continue
            if about.id == name:
                self._insert(about, waiting=waiting)

    def _lives(self, session: str) -> bool:
        """Whether another program that runs now has made something."""
        lock = self.folder / f"{session}.lock"
        if session == self.session or not session:
            return False
        with suppress(OSError):  # no lock: it ended as it should
            with lock.open("r+b") as file:
                if not try_lock(file):
                    return True
            lock.unlink()
        return False


def small_picture(picture: Picture, side: int = THUMBNAIL) -> Picture:
    """A picture whose longest side is `side` pixels at the most."""
    height, width = picture.shape[:2]
    shrink = max(max(width, height) / side, 1.0)
    size = (max(round(width / shrink), 1), max(round(height / shrink), 1))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _connected(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=PATIENCE, check_same_thread=False)
    try:
        base.execute("pragma journal_mode = wal")
        base.execute("pragma synchronous = normal")
        base.execute(_TABLE)
        base.execute("select count(id), sum(bytes), max(about) from results").fetchone()
    except sqlite3.DatabaseError:
        base.close()
        raise
    return base


def _lock(path: Path) -> BinaryIO:
    lock = path.open("x+b")
    try_lock(lock)
    return lock


def _checked(archive: Archive) -> Callable[[str], bytes]:
    """Reads PNG entries of bearable size."""

    def read(name: str) -> bytes:
        data = archive.read(name)
        header = Png(data).header
        _LIMITS.check_size(archive.path, header.width, header.height)
        return data

    return read


def _entry(row: tuple[bytes, str, str, str, int, int, int]) -> Entry | None:
    data, document, path, session, waiting, starred, size = row
    try:
        about = msgspec.json.decode(data, type=About)
    except UNREADABLE:
        return None
    about = msgspec.structs.replace(about, document=document, path=path, session=session)
    return Entry(about, bool(waiting), bool(starred), size)


def _why(error: Exception) -> str:
    if isinstance(error, ScumbleError):
        return error.params.get("reason", "it is damaged")
    return reason_of(error) if isinstance(error, OSError) else str(error) or "it is damaged"
