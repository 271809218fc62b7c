"""Runs one job at a time and tells the window how it ended."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from scumble.api import BLURRED, Cancelled, JobRegion, ScumbleError, ToolJob, ToolResult
from scumble.engine.clerk import ready
from scumble.engine.context import EngineContext
from scumble.engine.control import JobControl
from scumble.engine.devices import Device
from scumble.engine.faults import MAX_DETAILS, clean, is_out_of_memory, out_of_memory, report
from scumble.engine.host import PluginHost
from scumble.engine.ladder import Rung
from scumble.engine.stock import Stock
from scumble.plugins import resolve_params
from scumble.protocol import (
    CancelledJob,
    CandidateBlob,
    Failed,
    Finished,
    Frame,
    FrameWriter,
    PluginFault,
    ProtocolError,
    RunJob,
    Standing,
    Started,
)

MAX_PARAMS: Final = 32
"""Parameters of an error that are passed on; a plugin may raise one with any number."""


class Runner:
    """The road of a job through the engine. For the worker thread."""

    def __init__(
        self,
        host: PluginHost,
        stock: Stock,
        writer: FrameWriter,
        scratch: Path,
        taken: tuple[Rung, ...] = (),
        processor: Stock | None = None,
        *,
        safety: bool = False,
    ) -> None:
        """`taken` is what every job gives up from the start to need less memory. `processor` has the models on the
        processor, for a job that another device has no memory for. With `safety` what the safety checker flags is
        blurred."""
        self._host = host
        self._stock = stock
        self._writer = writer
        self._scratch = scratch
        self._taken = taken
        self._processor = processor
        self._safety = safety
        self._told: Device | None = None

    def run(self, frame: Frame[RunJob], control: JobControl) -> None:
        """Runs the job to its end; whatever happens, the window hears of it."""
        request = frame.message
        job = ToolJob(request.job, request.plugin, request.tool, {}, {}, request.size, request.model)
        self._rest(False)
        try:
            control.check()
            self._writer.write(Started(job=job.id))
            self._finish(job, self._compute(frame, control))
        except ScumbleError as error:
            self._fail(job, error, control)
        except Exception as error:
            memory = is_out_of_memory(error)
            where = ScumbleError("internal", where="the engine", details=report(error))
            self._fail(job, out_of_memory(job, error) if memory else where, control)
        self._tell_device()
        self._rest(True)

    def _rest(self, resting: bool) -> None:
        for stock in filter(None, (self._stock, self._processor)):
            stock.rest(resting)

    def _tell_device(self) -> None:
        """Says what we compute on where a job has found out more about it."""
        device = self._stock.settled_device
        if device is not None and device is not self._told:
            self._told = device
            self._writer.write(ready(device))

    def _compute(self, frame: Frame[RunJob], control: JobControl) -> ToolResult:
        """The result; from the processor, where the device had no memory for all that was given up."""
        processor = self._processor
        at = frame.message.standing
        standing = b"" if at is None else frame.blob(at).tobytes()
        try:
            return self._compute_on(self._stock, frame, control, standing=standing)
        except ScumbleError as error:
            apart = self._stock.known_device not in ("", "cpu")
            if error.code != "out-of-memory" or processor is None or not apart:
                raise
        # outside of the handler, where the failed attempt's tensors are no longer held by its traceback
        self._stock.unload()
        try:
            return self._compute_on(processor, frame, control, (Rung.PROCESSOR,))
        finally:
            processor.unload()

    def _compute_on(
        self,
        stock: Stock,
        frame: Frame[RunJob],
        control: JobControl,
        forced: tuple[Rung, ...] = (),
        standing: bytes | None = None,
    ) -> ToolResult:
        request = frame.message
        plugin, tool = self._host.find(request.plugin, request.tool)
        job = ToolJob(
            id=request.job,
            plugin=request.plugin,
            tool=request.tool,
            params=resolve_params(tool, request.params),
            inputs={name: frame.blob(index) for name, index in request.inputs.items()},
            size=request.size,
            model=request.model,
            origin=request.origin,
            scale=request.scale,
            first=request.first,
            regions=tuple(
                JobRegion(each.name, frame.blob(each.mask), each.prompt, each.negative, each.strength)
                for each in request.regions
            ),
            vae=request.vae,
        )
        with tempfile.TemporaryDirectory(dir=self._scratch, prefix="job-", ignore_cleanup_errors=True) as folder:
            context = EngineContext(job, stock, self._writer, control, Path(folder), self._taken, forced, standing)
            result = self._host.run(plugin, tool, job, context)
        context.check_cancelled()
        made = replace(result, notes=_joined(result.notes, context.notes))
        return self._looked_at(made, stock, context) if self._safety and job.model else made

    def _looked_at(self, result: ToolResult, stock: Stock, context: EngineContext) -> ToolResult:
        """The result with what the safety checker flags blurred, and a note that says so, or why it could not look."""
        pictures = [made.image for made in result.candidates]
        try:
            seen = stock.blurred(pictures, context.check_cancelled)
        except ScumbleError as error:
            if error.code != "safety-broken":
                raise
            return replace(result, notes={**result.notes, "safety": str(error)})
        candidates = tuple(replace(made, image=image) for made, image in zip(result.candidates, seen, strict=True))
        flagged = [made.seed for made, old in zip(candidates, pictures, strict=True) if made.image is not old]
        notes = {BLURRED: ", ".join(map(str, flagged))} if flagged else {}
        return replace(result, candidates=candidates, notes={**result.notes, **notes})

    def _finish(self, job: ToolJob, result: ToolResult) -> None:
        candidates = tuple(CandidateBlob(index, made.seed) for index, made in enumerate(result.candidates))
        message = Finished(job=job.id, candidates=candidates, notes=dict(result.notes))
        try:
            self._writer.write(message, [made.image for made in result.candidates])
        except ProtocolError as error:
            raise ScumbleError("plugin-bad-result", plugin=job.plugin, reason=error) from error

    def _fail(self, job: ToolJob, error: ScumbleError, control: JobControl) -> None:
        if control.left is not None and not control.cancelled:
            done, standing = control.left
            kept = np.frombuffer(standing, np.uint8)
            self._writer.write(Standing(job=job.id, done=done, standing=0, aside=True), [kept])
            return
        if isinstance(error, Cancelled) or control.cancelled:
            self._writer.write(CancelledJob(job=job.id))
            return
        if error.code == "out-of-memory":
            self._stock.unload()
        code, details = clean(error.code), clean(error.details, MAX_DETAILS)
        params = {clean(name): clean(value) for name, value in list(error.params.items())[:MAX_PARAMS]}
        if code == "plugin-import-failed":
            self._writer.write(PluginFault(plugin=job.plugin, code=code, params=params, details=details))
        self._writer.write(Failed(job=job.id, code=code, params=params, details=details))


def _joined(tool: Mapping[str, str], engine: Mapping[str, str]) -> dict[str, str]:
    """What the tool and the engine say; of what was given up for want of memory, both."""
    memory = ", ".join(notes["memory"] for notes in (engine, tool) if "memory" in notes)
    return {**tool, **engine, **({"memory": memory} if memory else {})}
