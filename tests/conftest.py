"""What holds for every test: nothing touches the user's own folders, and nothing is left running or lying about."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtTest import QTest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
os.environ.setdefault("OMP_NUM_THREADS", "2")
_HOME = tempfile.TemporaryDirectory(prefix="scumble-tests-")
os.environ["SCUMBLE_HOME"] = _HOME.name

GRACE = 3.0
"""Seconds that threads and processes have to end after a test."""


@pytest.fixture(scope="session", autouse=True)
def _application(qapp: object) -> object:
    """The one QApplication of the run, made before a test of the command line makes one without widgets."""
    return qapp


def _processes() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def _shared_memory() -> set[str]:
    folder = Path("/dev/shm")
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


@pytest.fixture(scope="session")
def x_server() -> Callable[[str], AbstractContextManager[str]]:
    """Opens an X server with a screen of a size such as 800x600, which ends with the block; gives its name."""

    @contextmanager
    def opened(size: str) -> Iterator[str]:
        program = shutil.which("Xvfb")
        assert program is not None, "install Xvfb, or let packaging/bootstrap.py do it"
        command = [program, "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            assert process.stdout is not None
            try:
                yield f":{process.stdout.readline().strip()}"
            finally:
                process.terminate()

    return opened


@pytest.fixture(scope="session")
def as_nobody() -> Callable[[], AbstractContextManager[None]]:
    """What is done in the block has not the rights of root; skips where there is no other user to become."""

    @contextmanager
    def become() -> Iterator[None]:
        if not hasattr(os, "geteuid"):
            pytest.skip("this system has other rights")
        me = os.geteuid()
        try:
            os.seteuid(65534 if me == 0 else me)
        except OSError:
            pytest.skip("there is no other user here")
        try:
            yield
        finally:
            os.seteuid(me)

    return become


@pytest.fixture(autouse=True)
def _buttons_let_go() -> Iterator[None]:
    """Lets go of what is still pressed: a double click of QTest ends so, and what waits for the hand waits for good."""
    yield
    pressed = [button for button in Qt.MouseButton if button & QGuiApplication.mouseButtons()]
    if pressed:
        window = QWindow()
        window.create()
        for button in pressed:
            QTest.mouseRelease(window, button)


@pytest.fixture(autouse=True)
def no_leaks() -> Iterator[None]:
    """Fails a test that leaves a thread, a process or shared memory behind."""
    threads, processes, memory = set(threading.enumerate()), _processes(), _shared_memory()
    yield
    deadline = time.monotonic() + GRACE
    while True:
        left: dict[str, list[object]] = {
            "threads": [t for t in threading.enumerate() if t not in threads and not _belongs_to_library(t)],
            "processes": [p for p in _processes() - processes if p.is_running() and p.status() != "zombie"],
            "shared memory": sorted(_shared_memory() - memory),
        }
        if not any(left.values()) or time.monotonic() > deadline:
            break
        time.sleep(0.02)
    assert not any(left.values()), f"left behind: {left}"


def _belongs_to_library(thread: threading.Thread) -> bool:
    """A thread that a library keeps for the life of the process, such as a progress bar's monitor."""
    return type(thread).__name__ in {"TMonitor", "_DummyThread"}
