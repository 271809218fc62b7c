"""Checks on what a plugin returns."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from scumble.api import Candidate, ScumbleError, Tool, ToolJob, ToolResult

MAX_CANDIDATES: Final = 64
"""How many pictures a tool may return."""

MAX_SIDE: Final = 1 << 16
"""The longest side of a picture, in pixels."""


def checked_result(result: object, tool: Tool, job: ToolJob, plugin: str) -> ToolResult:
    """The result, if it is what the manifest promises. Raises `ScumbleError` (`plugin-bad-result`)."""
    problem = _result_problem(result, tool, job)
    if problem:
        raise ScumbleError("plugin-bad-result", plugin=plugin, reason=problem)
    assert isinstance(result, ToolResult)
    return result


def picture_problem(image: object) -> str:
    """Why that is no `Picture`, or nothing."""
    if not isinstance(image, np.ndarray):
        return f"a picture is a {type(image).__name__}, not an array"
    if image.dtype != np.uint8:
        return f"a picture is of {image.dtype}, not uint8"
    if image.ndim != 3 or image.shape[2] not in (3, 4):
        return f"a picture has the shape {image.shape}, not (height, width, 3 or 4)"
    if not all(1 <= side <= MAX_SIDE for side in image.shape[:2]):
        return f"a picture has the shape {image.shape}"
    return ""


def _result_problem(result: object, tool: Tool, job: ToolJob) -> str:
    if not isinstance(result, ToolResult):
        return f"it is a {type(result).__name__}, not a ToolResult"
    if not isinstance(result.candidates, tuple) or not 1 <= len(result.candidates) <= MAX_CANDIDATES:
        return f"candidates must be a tuple of 1 to {MAX_CANDIDATES}"
    if tool.result == "adjustment" and len(result.candidates) != 1:
        return "an adjustment has one candidate"
    for candidate in result.candidates:
        problem = _candidate_problem(candidate, tool, job)
        if problem:
            return problem
    return _notes_problem(result.notes)


def _candidate_problem(candidate: object, tool: Tool, job: ToolJob) -> str:
    if not isinstance(candidate, Candidate):
        return f"a candidate is a {type(candidate).__name__}"
    if type(candidate.seed) is not int or abs(candidate.seed) >= 1 << 63:
        return "a seed is not an integer of 64 bits"
    adjusts = tool.result == "adjustment"
    problem = _adjusted_problem(candidate.image, job) if adjusts else picture_problem(candidate.image)
    if problem:
        return problem
    height, width = candidate.image.shape[:2]
    if tool.result != "picture" and (width, height) != tuple(job.size):
        return f"a picture is {width} × {height} and not {job.size[0]} × {job.size[1]}"
    return ""


def _adjusted_problem(image: object, job: ToolJob) -> str:
    """Why that is not the job's input with other values."""
    given = next(iter(job.inputs.values()), None)
    if given is None:
        return "there was nothing to adjust"
    if not isinstance(image, np.ndarray):
        return f"a picture is a {type(image).__name__}, not an array"
    if (image.dtype, image.shape) != (given.dtype, given.shape):
        return f"a picture is {image.dtype} {image.shape} and not {given.dtype} {given.shape}"
    return ""


def _notes_problem(notes: Any) -> str:
    try:
        fits = all(isinstance(name, str) and isinstance(note, str) for name, note in notes.items())
    except AttributeError:
        return f"notes are a {type(notes).__name__}"
    return "" if fits else "notes must be texts"
