"""A link to an engine: a child process, and the three threads that serve its pipes. Knows no Qt."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, cast

from scumble.protocol import Frame, FrameReader, FrameWriter, InFlight, Message, ProtocolError, Shutdown, ToWindow
from scumble.protocol.framing import Array, Stream
from scumble.service.launch import EngineSettings, engine_command, engine_environment, process_options

if sys.platform == "linux":
    import fcntl

LOG = logging.getLogger("scumble.engine")

TAIL_LINES: Final = 200
"""Lines of the engine's standard error that are kept for a report."""

MAX_LINE: Final = 4096
"""Bytes of a line of it; a longer one is broken."""

EXIT_GRACE: Final = 1.0
"""Seconds between the end of an engine's output and its end, before it is killed."""

KILLED: Final = 9
"""The number of the signal that no process survives."""

PIPE_BYTES: Final = 1 << 20
"""How much a pipe holds where the system lets one choose: a picture passes with fewer changes between processes."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The engine is gone. `code` is as `subprocess` has it, `tail` the last it wrote to its standard error,
    `inflight` what a plugin was doing, if it died in one."""

    code: int
    tail: str
    inflight: InFlight | None = None

    @property
    def reason(self) -> str:
        """How it ended, in a few words."""
        if self.code >= 0:
            return f"exit code {self.code}"
        if self.code == -KILLED:
            return "SIGKILL: it was ended from outside, perhaps because memory ran out"
        with contextlib.suppress(ValueError):
            return signal.Signals(-self.code).name
        return f"signal {-self.code}"

    @property
    def blames_plugin(self) -> bool:
        """Whether it died of what a plugin did. A kill comes from outside: a person, or a system short of memory."""
        return self.inflight is not None and self.code != -KILLED


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that does not fit into a frame and was not sent."""

    message: Message
    reason: str


Event = Frame[ToWindow] | Refused | Ended


class EngineLink:
    """Starts an engine at once; `on_event` is then called on threads of the link's, with `Ended` as the last."""

    def __init__(self, settings: EngineSettings, on_event: Callable[[EngineLink, Event], None]) -> None:
        """Raises `OSError` if the engine cannot be started."""
        settings.home.mkdir(parents=True, exist_ok=True)
        self.scratch = Path(tempfile.mkdtemp(prefix="engine-", dir=settings.home))
        self._on_event = on_event
        self._outgoing: queue.SimpleQueue[tuple[Message, Sequence[Array]] | None] = queue.SimpleQueue()
        self._tail: deque[str] = deque(maxlen=TAIL_LINES)
        try:
            self._process = subprocess.Popen(
                engine_command(settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                env=engine_environment(settings),
                **process_options(),
            )
        except OSError:
            shutil.rmtree(self.scratch, ignore_errors=True)
            raise
        self._threads = [
            threading.Thread(target=work, name=f"engine {work.__name__.strip('_')}", daemon=True)
            for work in (self._write, self._collect, self._read)
        ]
        for pipe in (self._process.stdin, self._process.stdout):
            _widen(cast(IO[bytes], pipe))
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def send(self, message: Message, arrays: Sequence[Array] = ()) -> None:
        """Hands a message to the writing thread."""
        self._outgoing.put((message, arrays))

    def kill(self) -> None:
        """Ends the engine and all that it started, at once. `Ended` follows."""
        if sys.platform == "win32":
            self._process.kill()
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Hangs up and waits until process and threads are gone: as a rule for some ms, at worst a bit above
        `EXIT_GRACE`. Not to be called from `on_event`."""
        self.send(Shutdown())
        self._outgoing.put(None)
        try:
            self._process.wait(EXIT_GRACE)
        except subprocess.TimeoutExpired:
            self.kill()
        for thread in self._threads:
            thread.join()

    def _write(self) -> None:
        stdin = cast(IO[bytes], self._process.stdin)
        writer = FrameWriter(cast(Stream, stdin))
        with contextlib.suppress(OSError), stdin:  # the reading thread sees that the engine is gone
            while (item := self._outgoing.get()) is not None:
                try:
                    writer.write(*item)
                except ProtocolError as error:
                    self._on_event(self, Refused(item[0], str(error)))

    def _read(self) -> None:
        stdout = cast(IO[bytes], self._process.stdout)
        reader: FrameReader[ToWindow] = FrameReader(cast(Stream, stdout), ToWindow)
        with stdout:
            try:
                while (frame := reader.read()) is not None:
                    self._on_event(self, frame)
            except (ProtocolError, OSError) as error:
                self._tail.append(f"the engine's output cannot be read: {error}")
                self.kill()
        self._on_event(self, self._end())

    def _collect(self) -> None:
        with io.BufferedReader(cast(io.RawIOBase, self._process.stderr)) as stderr:
            # a line may be without an end
            while raw := stderr.readline(MAX_LINE):
                line = raw.decode("utf-8", "replace").rstrip()
                self._tail.append(line)
                LOG.debug("%s", line)

    def _end(self) -> Ended:
        try:
            code = self._process.wait(EXIT_GRACE)
        except subprocess.TimeoutExpired:
            self.kill()
            code = self._process.wait()
        self.kill()  # what it may have started and left behind
        self._outgoing.put(None)
        self._threads[0].join()
        self._threads[1].join(EXIT_GRACE)
        inflight = InFlight.left(self.scratch)
        shutil.rmtree(self.scratch, ignore_errors=True)
        return Ended(code, "\n".join(self._tail), inflight)


def _widen(pipe: IO[bytes]) -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, PIPE_BYTES)
