"""Progress on the standard error: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

from typing import Final, TextIO

WIDTH: Final = 30
"""Characters of the bar."""


class ProgressLine:
    """Shows how far a job is. On a terminal one line is written over and over; elsewhere a line each tenth."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._bar = stream.isatty()
        self._shown = 0
        self._tenth = -1

    def show(self, step: int, steps: int, seconds_left: float | None) -> None:
        """`step` of `steps` is done; `seconds_left` is None while nobody knows."""
        steps = max(steps, 1)
        seconds_left = None if step >= steps else seconds_left
        if self._bar:
            done = WIDTH * min(step, steps) // steps
            self._overwrite(f"[{'#' * done}{'.' * (WIDTH - done)}] {step}/{steps}{_left(seconds_left)}")
        elif 10 * step // steps != self._tenth:
            self._tenth = 10 * step // steps
            self._write(f"step {step} of {steps}{_left(seconds_left)}\n")

    def close(self) -> None:
        """Takes the bar away."""
        if self._bar and self._shown:
            self._overwrite("")
            self._write("\r")

    def _overwrite(self, line: str) -> None:
        self._write("\r" + line + " " * (self._shown - len(line)))
        self._shown = len(line)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _left(seconds: float | None) -> str:
    if seconds is None or seconds < 0:
        return ""
    whole = round(seconds)
    return f", {whole} s left" if whole < 100 else f", {round(whole / 60)} min left"
