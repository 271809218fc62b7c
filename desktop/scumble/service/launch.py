"""How an engine is started: its interpreter, its environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

OFFLINE: Final[Mapping[str, str]] = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_XET": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "DISABLE_SAFETENSORS_CONVERSION": "1",
}
"""What keeps the libraries from looking things up; most of it is read once, when they are imported."""

CALM: Final[Mapping[str, str]] = {
    # threads that spin while they wait take the window's core
    "OMP_WAIT_POLICY": "PASSIVE",
    # large tensors come and go at every step: glibc would give each back to the system and fault it in again
    "MALLOC_MMAP_THRESHOLD_": "33554432",
    "MALLOC_TRIM_THRESHOLD_": "2147483648",
    "TOKENIZERS_PARALLELISM": "false",
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
}
"""What keeps the engine from being in the way."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """Where an engine finds things and how it computes.

    `home` is a folder for caches and for what the engine leaves behind while it runs. `threads` 0 means one fewer than
    there are cores, `device` empty the best one, `dtype` empty the numbers in which it is quickest. `thrift` is how
    much memory to save where that costs time: nothing, `frugal` or `least`. `warm_up` imports torch as soon as the
    engine is up; a `light` engine never does, and runs the light tools alone. `vaes` are the autoencoders that were
    chosen for models. With `safety` what a safety checker flags is blurred. `backend` is what computes UNets: `torch`,
    `openvino`, or `auto`, the faster that there is. `attention` is how theirs is computed on a processor: `fused`,
    `plain`, or empty for the quicker.
    """

    home: Path
    plugin_folder: Path
    model_folders: tuple[Path, ...] = ()
    python: str = sys.executable
    threads: int = 0
    device: str = ""
    dtype: str = ""
    thrift: str = ""
    warm_up: bool = True
    light: bool = False
    vaes: Mapping[str, str] = field(default_factory=dict)
    backend: str = "auto"
    safety: bool = False
    attention: str = ""


def engine_command(settings: EngineSettings) -> list[str]:
    """The command line. `-P` keeps the current folder off the module path, whatever lies in it."""
    return [settings.python, "-P", "-m", "scumble.engine"]


def engine_environment(settings: EngineSettings, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The engine's whole environment, to be in place before its interpreter starts."""
    threads = str(settings.threads or max(1, (os.cpu_count() or 2) - 1))
    return {**base, **OFFLINE, **CALM, "HF_HOME": str(settings.home / "huggingface"), "OMP_NUM_THREADS": threads}


def process_options() -> dict[str, Any]:
    """Keeps the engine and what it starts in a group of their own, to be ended together, and in the background."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    return {"start_new_session": True}
