"""The judge's training: on drawings of its own seeds, roughened, so that it reads forms and not single pixels."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import torch
from torch import Tensor
from training.data import chunks, draw_seeds, load_pictures
from training.latents import to_tensor
from training.loop import Run, load_averages
from training.options import Options
from training.team import Team
from world import Picture, compose

from judging.network import WIDTHS, Judge, shrunk
from judging.readings import MISSING, NAMES, Values, readings

FIRST: Final = 20_000_000
"""The first seed of the pictures that the judge learns from; those of the models that it judges begin at 0."""
HELD_OUT: Final = 30_000_000
"""The first seed of those on which its own accuracy is measured."""
ROUGH: Final = 0.25
"""The share of pictures that are blurred."""
GRAIN: Final = 0.03
"""The strongest grain's deviation; half of the pictures have none."""
SHIFT: Final = 6
"""How many pixels a picture is moved at most."""
VALUES: Final = "values.json"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Some pictures `(count, SIDE, SIDE, 3)` and what they show, `(count, len(NAMES))`."""

    pictures: Picture
    targets: Tensor


def lesson(options: Options, block: range, values: Values) -> Lesson:
    """The drawings of some seeds, drawn now if they are not on disk."""
    return Lesson(shrunk(load_pictures(options, block)), values.encode(readings(compose(seed)) for seed in block))


def train_judge(options: Options, widths: tuple[int, ...] = WIDTHS) -> Judge:
    """Trains, or goes on, until `options` says it is over.

    Leaves `judge/` in `options.out`, which `load_judge` reads."""
    torch.manual_seed(options.seed)
    own = range(FIRST, FIRST + options.pictures)
    values = Values.of(compose(seed) for seed in own)
    judge = Judge(values, widths).to(options.device, memory_format=torch.channels_last).train()
    run = Run("judge", {"judge": judge}, options)
    run.restore()
    run.folder.mkdir(parents=True, exist_ok=True)
    (run.folder / VALUES).write_text(json.dumps({"widths": widths, "values": values.values}, indent=1) + "\n")
    held_out = range(HELD_OUT, HELD_OUT + options.held_out)
    draw_seeds(options, [own, held_out])
    lessons = [lesson(options, block, values) for block in chunks(own)]
    tests = [lesson(options, block, values) for block in chunks(held_out)]
    team = Team(run.modules, options.threads)
    readers = [judge, *(each["judge"] for each in team.copies)]
    while not run.done:
        pictures, targets = _batch(lessons, options, run.generator())
        parts = [(pictures[i :: len(readers)], targets[i :: len(readers)]) for i in range(len(readers))]
        run.clear()
        loss = team.backward([partial(_loss, reader, *part) for reader, part in zip(readers, parts, strict=True)])
        run.step(options.batch)
        if run.samples % options.validate_every < options.batch:
            with run.averaged():
                run.log(loss=loss.item(), **accuracy(judge, tests, options.device))
        run.save_if_due()
    run.save()
    return load_judge(options)


def _loss(judge: Judge, pictures: Tensor, targets: Tensor) -> Tensor:
    with torch.autocast(pictures.device.type, dtype=torch.bfloat16):
        return judge.loss(pictures, targets)


def _batch(lessons: list[Lesson], options: Options, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    part = lessons[int(torch.randint(len(lessons), (1,), generator=generator))]
    rows = torch.randint(len(part.targets), (options.batch,), generator=generator)
    shown = roughened(part.pictures[rows.numpy()], generator)
    shown = shown.to(options.device, memory_format=torch.channels_last)
    return shown, part.targets[rows].to(options.device)


def load_judge(options: Options) -> Judge:
    """The judge of `options.out` with its averaged weights. Raises FileNotFoundError where there is none."""
    folder: Path = options.out / "judge"
    kept = json.loads((folder / VALUES).read_text(encoding="utf-8"))
    judge = Judge(Values(kept["values"]), tuple(kept["widths"]))
    load_averages(folder, {"judge": judge})
    return judge.to(options.device).eval()


def roughened(pictures: Picture, generator: torch.Generator) -> Tensor:
    """Mirrored or not, moved, some blurred, some grainy, so that a decoder's softness does not mislead the judge.

    Returns `(count, 3, side, side)`, −1…1.
    """
    count, side = pictures.shape[:2]
    places = torch.randint(2 * SHIFT + 1, (count, 2), generator=generator).tolist()
    chances = torch.rand(count, 3, generator=generator).tolist()
    made = []
    for picture, (y, x), (mirror, soft, width) in zip(pictures, places, chances, strict=True):
        padded = cv2.copyMakeBorder(picture, SHIFT, SHIFT, SHIFT, SHIFT, cv2.BORDER_REFLECT_101)
        moved = padded[y : y + side, x : x + side]
        moved = moved[:, ::-1] if mirror < 0.5 else moved
        made.append(cv2.GaussianBlur(moved, (0, 0), 0.4 + 0.9 * width) if soft < ROUGH else moved)
    rough = to_tensor(np.stack(made))
    strength = (GRAIN * (2 * torch.rand(count, 1, 1, 1, generator=generator) - 1)).clamp(min=0)
    return rough.add_(strength * torch.randn(rough.shape[1:], generator=generator))


@torch.inference_mode()
def accuracy(judge: Judge, tests: list[Lesson], device: str) -> dict[str, float]:
    """The share read rightly of what is to be read, by attribute."""
    right, known = torch.zeros(len(NAMES)), torch.zeros(len(NAMES))
    for test in tests:
        for first in range(0, len(test.targets), 64):
            part = slice(first, first + 64)
            guesses = judge.guesses(to_tensor(test.pictures[part]).to(device)).cpu()
            shown = test.targets[part] != MISSING
            right += ((guesses == test.targets[part]) & shown).sum(dim=0)
            known += shown.sum(dim=0)
    return {name: float(right[i] / known[i].clamp(min=1)) for i, name in enumerate(NAMES)}
