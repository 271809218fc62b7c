"""The engine's process: the handshake, a thread that listens, and the main thread, which works.

It ends when the window hangs up, in mid-step if need be: what runs is told to stop, and after `GRACE` seconds the
process goes without asking.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NoReturn

from scumble.api import API_VERSION
from scumble.engine.clerk import Clerk
from scumble.engine.control import JobControl
from scumble.engine.faults import clean
from scumble.engine.host import PluginHost
from scumble.engine.ladder import THRIFT
from scumble.engine.librarian import Librarian
from scumble.engine.light import refuse_heavy
from scumble.engine.runner import Runner
from scumble.engine.stock import ModelPlaces, SharedDevice, Stock
from scumble.plugins import Catalogue
from scumble.protocol import (
    PROTOCOL_VERSION,
    CancelJob,
    Configure,
    ConvertModel,
    CountTokens,
    Frame,
    FrameReader,
    FrameWriter,
    Hello,
    ListModels,
    Log,
    PauseJob,
    ProtocolError,
    PutJobAside,
    RunJob,
    Shutdown,
    ToEngine,
    UseModels,
)
from scumble.protocol.framing import Stream

GRACE: Final = 0.5
"""Seconds that a running job has to stop by itself once the window has hung up."""

NICENESS: Final = 5
"""How much an engine that generates stands back behind the window, where the system knows niceness."""

MAX_LOG: Final = 8000
"""Characters of a line of the log that is sent to the window."""

EXIT_MISMATCH: Final = 3
"""The exit code after a handshake that failed."""

LOG = logging.getLogger(__name__)


def serve(source: Stream, sink: Stream) -> NoReturn:
    """Speaks the protocol until the window hangs up, then ends the process."""
    faulthandler.enable()
    # a terminal sends Ctrl-C to the whole group; what it means for the engine is the window's to say
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader: FrameReader[ToEngine] = FrameReader(source, ToEngine)
    writer = FrameWriter(sink)
    with contextlib.suppress(OSError):  # nobody reads any more
        writer.write(Hello(protocol=PROTOCOL_VERSION, api=API_VERSION, pid=os.getpid()))
        settings = _handshake(reader)
        if settings is None:
            _leave(EXIT_MISMATCH)
        if settings.light:
            refuse_heavy()
        elif hasattr(os, "nice"):
            os.nice(NICENESS)
        logging.basicConfig(level=logging.INFO, handlers=[_LogSender(writer)], force=True)
        Engine(settings, reader, writer).work()
    _leave(0)


class Engine:
    """The jobs that came in, in order, and the threads that know of them."""

    def __init__(self, settings: Configure, reader: FrameReader[ToEngine], writer: FrameWriter) -> None:
        scratch = Path(settings.scratch_folder)
        cache = Path(settings.cache_folder) / "device.json" if settings.cache_folder else None
        device = SharedDevice(settings.device, settings.dtype, cache, attention=settings.attention)
        host = PluginHost(Catalogue(Path(settings.plugin_folder)), scratch)
        self._reader = reader
        places = ModelPlaces.of(settings)
        self._places = places
        processor = Stock(places, SharedDevice("cpu", settings.dtype, cache, attention=settings.attention))
        thrift = THRIFT.get(settings.thrift, ())
        self._runner = Runner(host, Stock(places, device), writer, scratch, thrift, processor, safety=settings.safety)
        self._clerk = Clerk(Stock(places, device), writer)
        self._librarian: Librarian | None = None
        if settings.cache_folder and not settings.light:
            own = Path(settings.model_folders[0]) if settings.model_folders else None
            self._librarian = Librarian(Stock(places, device), writer, own)
        self._jobs: queue.SimpleQueue[tuple[Frame[RunJob], JobControl] | None] = queue.SimpleQueue()
        self._controls: dict[str, JobControl] = {}
        self._idle = threading.Event()
        if not settings.light:
            self._list_models()
        self._clerk.get_ready(settings.warm_up and not settings.light)

    def work(self) -> None:
        """Runs jobs on this thread until the window hangs up."""
        threading.Thread(target=self._listen, name="listener", daemon=True).start()
        while (waiting := self._jobs.get()) is not None:
            frame, control = waiting
            self._runner.run(frame, control)
            self._controls.pop(frame.message.job, None)
        self._idle.set()

    def _listen(self) -> None:
        try:
            for frame in _frames(self._reader):
                self._take(frame)
        finally:
            for control in list(self._controls.values()):
                control.cancel()
            self._jobs.put(None)
            self._idle.wait(GRACE)
            _leave(0)

    def _take(self, frame: Frame[ToEngine]) -> None:
        match frame.message:
            case RunJob() as request:
                control = self._controls[request.job] = JobControl()
                self._jobs.put((Frame(request, frame.blobs), control))
            case CancelJob(job=job):
                if (known := self._controls.get(job)) is not None:  # the job may end at any moment
                    known.cancel()
            case PauseJob(job=job, paused=paused):
                if (known := self._controls.get(job)) is not None:
                    known.pause(paused)
            case PutJobAside(job=job):
                if (known := self._controls.get(job)) is not None:
                    known.make_way()
            case CountTokens(model=model, text=text):
                self._clerk.count_tokens(model, text)
            case ListModels():
                self._list_models()
            case UseModels() as wanted:
                self._places.use(wanted)
                self._list_models()
            case ConvertModel(path=path):
                if self._librarian is not None:
                    self._librarian.convert(path)
            case Hello() | Configure() | Shutdown():
                LOG.error("a message out of turn: %s", frame.message)

    def _list_models(self) -> None:
        self._clerk.list_models()
        if self._librarian is not None:
            self._librarian.list_files()


class _LogSender(logging.Handler):
    """Sends the log to the window."""

    def __init__(self, writer: FrameWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        """Sends one line; a line that cannot be sent is lost."""
        try:
            self._writer.write(Log(level=record.levelno, logger=record.name, text=clean(self.format(record), MAX_LOG)))
        except Exception:
            self.handleError(record)


def _handshake(reader: FrameReader[ToEngine]) -> Configure | None:
    try:
        hello = reader.read()
        if hello is None or not isinstance(hello.message, Hello) or hello.message.protocol != PROTOCOL_VERSION:
            return None
        settings = reader.read()
    except ProtocolError:
        return None
    return settings.message if settings is not None and isinstance(settings.message, Configure) else None


def _frames(reader: FrameReader[ToEngine]) -> Iterator[Frame[ToEngine]]:
    """Frames until the window hangs up or says that it will."""
    while (frame := reader.read()) is not None and not isinstance(frame.message, Shutdown):
        yield frame


def _leave(code: int) -> NoReturn:
    """Ends the process at once: threads of libraries may hang in a regular exit, and nothing of ours is open."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)
