"""Atomic saves: whatever fails, and whenever, the file is the old one or the new one, whole."""

import errno
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from scumble.api import Cancelled, ScumbleError
from scumble.document import Document
from scumble.document.edits import add_layer
from scumble.files import atomic, atomic_write, open_document, save_document
from scumble.files.locks import try_lock

CALLS = ("stat", "open", "chmod", "fsync", "replace")
OLD, NEW = b"old" * 1000, b"new" * 1000


def write(path, data=NEW):
    with atomic_write(path) as file:
        file.write(data)


def left_in(folder):
    return sorted(entry.name for entry in folder.iterdir())


class Faults:
    """Counts the calls into the system that a save makes, and makes one of them fail."""

    def __init__(self, monkeypatch, fail_at=None, action=None):
        self.calls = []
        self._fail_at = fail_at
        self._action = action
        self._patch = monkeypatch

    def __enter__(self):
        for name in CALLS:
            self._patch.setattr(os, name, self._wrapped(name, getattr(os, name)))
        return self

    def __exit__(self, *error):
        self._patch.undo()

    def _wrapped(self, name, call):
        def counted(*given, **options):
            self.calls.append(name)
            if len(self.calls) - 1 == self._fail_at:
                self._action()
            return call(*given, **options)

        return counted


def calls_of_a_save(folder, monkeypatch):
    path = folder / "a.ora"
    path.write_bytes(OLD)
    with Faults(monkeypatch) as faults:
        write(path)
    path.unlink()
    return faults.calls


def raising(number):
    def action():
        raise OSError(number, os.strerror(number))

    return action


def test_a_save_flushes_the_file_before_and_the_folder_after_the_exchange(tmp_path, monkeypatch):
    calls = calls_of_a_save(tmp_path, monkeypatch)
    assert calls[-5:] == ["chmod", "fsync", "replace", "open", "fsync"]


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_failure_of_any_call_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch, number):
    path = tmp_path / "a.ora"
    calls = calls_of_a_save(tmp_path, monkeypatch)
    outcomes = set()
    for place in range(len(calls)):
        path.write_bytes(OLD)
        try:
            with Faults(monkeypatch, place, raising(number)):
                write(path)
        except ScumbleError as error:
            outcomes.add(error.code)
            assert path.read_bytes() == (NEW if error.code == "file-not-confirmed" else OLD), calls[place]  # noqa: PT017
        else:
            outcomes.add("saved")
            assert path.read_bytes() == NEW
        assert left_in(tmp_path) == ["a.ora"], calls[place]
    assert outcomes >= {"disk-full" if number == errno.ENOSPC else "file-unwritable"}


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_an_end_of_the_process_at_any_call_leaves_the_old_file_or_the_new_one(tmp_path, monkeypatch):
    path = tmp_path / "a.ora"
    for place in range(len(calls_of_a_save(tmp_path, monkeypatch))):
        path.write_bytes(OLD)
        child = os.fork()
        if child == 0:
            with Faults(monkeypatch, place, lambda: os._exit(9)):
                write(path)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        assert path.read_bytes() in (OLD, NEW)
        for name in left_in(tmp_path):
            (tmp_path / name).unlink()


SERVER = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    import numpy as np
    from scumble.document import Document, Rect
    from scumble.document.edits import add_layer
    from scumble.files.openraster_write import write_openraster

    document = Document(300, 300)
    add_layer(document, "a", pixels=np.random.default_rng(1).integers(0, 255, (300, 300, 4)).astype(np.uint8) | 255)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            while True:
                write_openraster(document.snapshot(), Path(line.strip()), merged=None)
        print(child, flush=True)
""")


def test_a_file_is_whole_after_every_kill(tmp_path):
    path, luck = tmp_path / "a.ora", random.Random(3)
    document = Document(300, 300)
    add_layer(document, "a", pixels=np.full((300, 300, 4), 255, np.uint8))
    save_document(document.snapshot(), path)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", SERVER], text=True, bufsize=1, **pipes) as server:
        stamps = set()
        for _ in range(40):
            server.stdin.write(f"{path}\n")
            child = int(server.stdout.readline())
            time.sleep(luck.uniform(0.0, 0.06))
            os.kill(child, signal.SIGKILL)
            stamps.add(path.stat().st_ino)
            assert len(open_document(path).document.layers) == 1
        server.stdin.close()
    assert len(stamps) > 5, "the kills came after saves, not before the first one"


def test_a_full_disk(tmp_path, monkeypatch):
    path = tmp_path / "a.ora"
    path.write_bytes(OLD)
    monkeypatch.setattr(atomic, "_create", lambda temporary: open("/dev/full", "w+b"))  # noqa: SIM115
    with pytest.raises(ScumbleError) as caught:
        write(path)
    assert str(caught.value) == (
        f"“{path}” could not be saved because the disk is full. "
        "The old file is as it was; free some space and save again."
    )
    assert path.read_bytes() == OLD


def test_a_disk_that_fills_up_in_the_middle_of_a_document(tmp_path, monkeypatch):
    path = tmp_path / "a.ora"
    path.write_bytes(OLD)
    document = Document(300, 300)
    add_layer(document, "a", pixels=np.random.default_rng(1).integers(0, 255, (300, 300, 4)).astype(np.uint8))
    monkeypatch.setattr(atomic, "_create", lambda temporary: open("/dev/full", "w+b"))  # noqa: SIM115
    with pytest.raises(ScumbleError) as caught:
        save_document(document.snapshot(), path)
    assert caught.value.code == "disk-full"
    assert path.read_bytes() == OLD


def test_a_file_larger_than_is_allowed(tmp_path):
    path = tmp_path / "a.ora"
    path.write_bytes(OLD)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(ScumbleError) as caught:
            write(path, b"x" * (2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert str(caught.value) == (
        f"“{path}” could not be saved: the file would be larger than is allowed there. "
        "The picture is still open, and the old file is as it was."
    )
    assert left_in(tmp_path) == ["a.ora"]
    assert path.read_bytes() == OLD


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing/a.ora", "the folder does not exist"),
        ("file/a.ora", "a part of its path is not a folder"),
        ("folder", "there is a folder of that name"),
        ("x" * 300 + ".ora", "its name is too long"),
        ("device", "it is not an ordinary file"),
    ],
)
def test_where_nothing_can_be_written(tmp_path, name, reason):
    (tmp_path / "file").write_bytes(OLD)
    (tmp_path / "folder").mkdir()
    (tmp_path / "device").symlink_to("/dev/full")
    before = left_in(tmp_path)
    with pytest.raises(ScumbleError) as caught:
        write(tmp_path / name)
    assert str(caught.value) == (
        f"“{tmp_path / name}” could not be saved: {reason}. The picture is still open, and the old file is as it was."
    )
    assert left_in(tmp_path) == before
    assert stat.S_ISCHR(os.stat("/dev/full").st_mode)


def test_a_folder_that_takes_no_files():
    with pytest.raises(ScumbleError) as caught:
        write(Path("/proc/a.ora"))
    assert caught.value.code == "file-unwritable"


@pytest.mark.parametrize("error", [Cancelled(), KeyboardInterrupt(), MemoryError(), ValueError()])
def test_any_exception_of_the_block_leaves_the_old_file(tmp_path, error):
    path = tmp_path / "a.ora"
    path.write_bytes(OLD)

    def write_and_fail():
        with atomic_write(path) as file:
            file.write(NEW)
            raise error

    with pytest.raises(type(error)):
        write_and_fail()
    assert path.read_bytes() == OLD
    assert left_in(tmp_path) == ["a.ora"]


def test_permissions_are_kept_and_new_files_obey_the_umask(tmp_path):
    path = tmp_path / "a.ora"
    old = os.umask(0o027)
    try:
        write(path)
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    path.chmod(0o604)
    write(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o604


def test_a_link_stays_a_link_and_its_file_is_written(tmp_path):
    (tmp_path / "real").mkdir()
    real, link = tmp_path / "real" / "a.ora", tmp_path / "link.ora"
    real.write_bytes(OLD)
    link.symlink_to(real)
    write(link)
    assert link.is_symlink()
    assert real.read_bytes() == NEW
    assert left_in(tmp_path / "real") == ["a.ora"]


def test_what_a_crash_left_is_swept_away_but_nothing_else(tmp_path):
    path = tmp_path / "a.ora"
    stale, fresh, busy, other = (atomic._temporary_path(path) for _ in range(4))
    other = atomic._temporary_path(tmp_path / "b.ora")
    for left in (stale, fresh, busy, other):
        left.write_bytes(b"half")
    long_ago = time.time() - 2 * atomic.STALE
    for left in (stale, busy, other):
        os.utime(left, (long_ago, long_ago))
    with busy.open("r+b") as held:
        assert try_lock(held)
        write(path)
    assert left_in(tmp_path) == sorted(["a.ora", fresh.name, busy.name, other.name])
