"""Keeps one engine alive: starts it, greets it, starts it again when it dies, and gives up when that is no use."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from scumble.api import API_VERSION
from scumble.protocol import PROTOCOL_VERSION, Configure, Frame, Hello, Message, Ready, ToWindow
from scumble.protocol.framing import Array
from scumble.service.jobs import Failure
from scumble.service.launch import EngineSettings
from scumble.service.link import Ended, EngineLink, Event, Refused

MAX_STARTS: Final = 3
"""Deaths in a row, each at the start, after which no other engine is started."""

STEADY_S: Final = 3.0
"""Seconds for which an engine that is ready has lived when its death is no longer one at the start."""

BACK_OFF_MS: Final = (0, 200, 1000)
"""How long to wait before the first, second, third start in a row."""

HELLO_MS: Final = 60_000
"""How long an engine may take to greet: importing numpy from a cold, slow disk is the worst that is usual."""


class EngineKeeper(QObject):
    """Lives on the service's thread. `up` follows each successful handshake, `down` each death after that or before.

    `unavailable` means that it gave up; `start` tries again.
    """

    up = Signal(int)
    received = Signal(object)
    refused = Signal(object, str)
    down = Signal(object)
    unavailable = Signal(object)
    _arrived = Signal(object, object)

    def __init__(self, settings: EngineSettings, parent: QObject) -> None:
        super().__init__(parent)
        self.settings = settings
        self._link: EngineLink | None = None
        self._early: list[tuple[Message, Sequence[Array]]] = []
        self._greeted = False
        self._ready = False
        self._expected_end = False
        self._launched = 0.0
        self._deaths = 0
        self._restart = self._timer(self._launch)
        self._patience = self._timer(self._lose_patience)
        self._arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Starts an engine, and forgets earlier failures."""
        self._deaths = 0
        self._launch()

    def send(self, message: Message, arrays: Sequence[Array] = ()) -> bool:
        """Sends to the engine, once it has been greeted; False, and for nothing, where there is none."""
        if self._link is not None and self._greeted:
            self._link.send(message, arrays)
        elif self._link is not None:
            self._early.append((message, arrays))
        return self._link is not None

    def kill(self) -> None:
        """Ends the engine at once, which is then no failure of its own; `down` follows, and another is started."""
        self._expected_end = True
        if self._link is not None:
            self._link.kill()

    def stop(self) -> None:
        """Hangs up and waits until the engine is gone, for little more than a second at worst."""
        self._restart.stop()
        self._patience.stop()
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _timer(self, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.timeout.connect(slot)
        return timer

    @Slot()
    def _launch(self) -> None:
        self._greeted = self._ready = self._expected_end = False
        self._launched = time.monotonic()
        self._early.clear()
        try:
            self._link = EngineLink(self.settings, self._arrived.emit)
        except OSError as error:
            self.unavailable.emit(Failure("engine-unavailable", {"reason": str(error)}))
            return
        self._patience.start(HELLO_MS)

    @Slot()
    def _lose_patience(self) -> None:
        if self._link is not None:
            self._link.kill()

    @Slot(object, object)
    def _take(self, link: EngineLink, event: Event) -> None:
        if link is not self._link:
            return
        match event:
            case Ended():
                self._bury(event)
            case Refused(message=message, reason=reason):
                self.refused.emit(message, reason)
            case Frame(message=Hello() as hello) if not self._greeted:
                self._greet(link, hello)
            case Frame() if self._greeted:
                self._ready = self._ready or isinstance(event.message, Ready)
                self.received.emit(event)
            case _:
                link.kill()

    def _greet(self, link: EngineLink, hello: Hello) -> None:
        self._patience.stop()
        if hello.protocol != PROTOCOL_VERSION:
            self.stop()
            versions = {"theirs": str(hello.protocol), "ours": str(PROTOCOL_VERSION)}
            self.unavailable.emit(Failure("protocol-mismatch", versions))
            return
        self._greeted = True
        link.send(Hello(protocol=PROTOCOL_VERSION, api=API_VERSION, pid=hello.pid))
        link.send(
            Configure(
                scratch_folder=str(link.scratch),
                plugin_folder=str(self.settings.plugin_folder),
                model_folders=tuple(str(folder) for folder in self.settings.model_folders),
                device=self.settings.device,
                dtype=self.settings.dtype,
                thrift=self.settings.thrift,
                warm_up=self.settings.warm_up,
                light=self.settings.light,
                cache_folder=str(self.settings.home) if self.settings.model_folders else "",
                vaes=dict(self.settings.vaes),
                backend=self.settings.backend,
                attention=self.settings.attention,
                safety=self.settings.safety,
            )
        )
        for message, arrays in self._early:
            link.send(message, arrays)
        self._early.clear()
        self.up.emit(link.pid)

    def _bury(self, ended: Ended) -> None:
        self._patience.stop()
        self._link = None
        steady = self._ready and time.monotonic() - self._launched > STEADY_S
        own_fault = not (steady or self._expected_end or ended.inflight)
        self._deaths = self._deaths + 1 if own_fault else 0
        self.down.emit(ended)
        if self._deaths >= MAX_STARTS:
            reason = ended.tail.strip().splitlines()[-1:] or [ended.reason]
            self.unavailable.emit(Failure("engine-unavailable", {"reason": reason[0]}, ended.tail))
        else:
            self._restart.start(BACK_OFF_MS[self._deaths])


Received = Frame[ToWindow]
"""What `received` carries."""
