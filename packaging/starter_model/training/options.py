"""What a run is told on the command line."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

import torch

STAGES: Final = ("data", "tokenizer", "vae", "text", "preview", "unet", "export")
"""In the order in which `all` runs them."""


@dataclass(frozen=True, slots=True)
class Options:
    """`minutes` 0 means until the stage's samples are done; the learning rate's course depends on samples alone, so
    that a run cut into pieces is the run in one piece."""

    out: Path
    init: Path | None = None
    device: str = "cpu"
    seed: int = 0
    pictures: int = 12_000
    side: int = 128
    held_out: int = 256
    workers: int = 1
    threads: int = 1
    batch: int = 32
    samples: int = 200_000
    rate: float = 1e-3
    minutes: float = 0.0
    stop: int = 0
    save_minutes: float = 3.0
    validate_every: int = 4_000
    sheet_every: int = 40_000
    attributes: float = 0.05
    compiled: bool = False
    shard: bool = False
    begin: float = field(default_factory=time.monotonic)

    def go_on(self, samples: int) -> bool:
        """Whether the session may go on, after so many samples of the stage."""
        if self.stop and samples >= self.stop:
            return False
        return not self.minutes or time.monotonic() - self.begin < 60 * self.minutes


HELP: Final = {
    "out": "folder of everything that the run makes, and from which it continues",
    "init": "diffusers folder whose weights and tokenizer to begin with",
    "pictures": "how many to draw for training",
    "held_out": "how many to draw for validation",
    "workers": "processes that draw ahead",
    "threads": "threads that learn side by side on a CPU, each on its part of a batch",
    "samples": "samples of the stage, over which the learning rate runs its course",
    "rate": "the highest learning rate",
    "minutes": "end the session after so many (0: when the samples are done)",
    "stop": "end the session after so many samples of the stage (0: all of them)",
    "save_minutes": "between checkpoints",
    "validate_every": "samples between two lines of the curve",
    "sheet_every": "samples between two sheets of pictures",
    "attributes": "weight of the text encoder's second task, to name the scene's attributes",
    "compiled": "compile the UNet",
    "shard": "no file of a checkpoint or of the export above 16 MiB",
}


def parse(arguments: list[str] | None = None) -> tuple[str, Options]:
    """The stage and the options."""
    parser = argparse.ArgumentParser(description="Trains the starter model from nothing, or from --init.")
    parser.add_argument("--stage", choices=(*STAGES, "all"), default="all")
    for item in fields(Options):
        if item.name in ("begin", "device"):
            continue
        name, text = "--" + item.name.replace("_", "-"), HELP.get(item.name)
        if item.type == "bool":
            parser.add_argument(name, action="store_true", help=text)
        elif item.name == "out":
            parser.add_argument(name, type=Path, default=Path("build/starter_model"), help=text)
        else:
            kind = Path if "Path" in str(item.type) else {"int": int, "float": float}[str(item.type)]
            parser.add_argument(name, type=kind, default=item.default, help=text)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, mps")
    values = vars(parser.parse_args(arguments))
    stage = str(values.pop("stage"))
    values["device"] = chosen_device(values["device"])
    return stage, Options(**values)


def chosen_device(name: str) -> str:
    """The device of a name; `auto` is a GPU where there is one."""
    if name != "auto":
        return name
    return "cuda" if torch.cuda.is_available() else "cpu"
