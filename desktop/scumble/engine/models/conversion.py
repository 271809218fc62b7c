"""Has a pickle file converted to safetensors, once, by a process that can do little else."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

from scumble.api import ScumbleError

DEADLINE: Final = 1800
"""Seconds that a conversion may take before it is ended."""

FOLDER: Final = "converted"
"""Where converted files lie below the program's own folder of models."""


def convert_file(source: Path, folder: Path) -> Path:
    """The safetensors file that was made of a pickle file, in `folder`. Nothing of the file is run.

    Raises `ScumbleError` (`model-unsafe`, `model-disk-full`), and then leaves nothing behind.
    """
    target = folder / f"{source.stem}.safetensors"
    new = target.with_name(f"{target.name}.{os.getpid()}.new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "scumble.engine.models.convert", str(source.absolute()), str(new.absolute())],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=DEADLINE,
            check=False,
        )
        if done.returncode:
            raise _fault(source, done.stdout, done.returncode)
        new.replace(target)
    except (OSError, subprocess.TimeoutExpired) as error:
        reason = "it took too long" if isinstance(error, subprocess.TimeoutExpired) else error.strerror or str(error)
        raise ScumbleError("model-unsafe", model=source.name, reason=reason) from error
    finally:
        with contextlib.suppress(OSError):
            new.unlink(missing_ok=True)
    return target


def _fault(source: Path, said: bytes, code: int) -> ScumbleError:
    try:
        last = json.loads(said.strip().splitlines()[-1])
    except (ValueError, IndexError):
        last = {"code": "model-unsafe", "reason": f"the converter ended with {code}"}
    if last["code"] == "model-disk-full":
        needed = f"{source.stat().st_size / 2**30:.1f} GiB"
        return ScumbleError("model-disk-full", model=source.name, needed=needed)
    return ScumbleError("model-unsafe", model=source.name, reason=last["reason"])
