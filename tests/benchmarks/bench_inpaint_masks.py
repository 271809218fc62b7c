"""What masks and prompts of their own add to a denoising step, on the starter model, where such things weigh most."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from measuring import row

SIZE = (128, 128)
STEPS = 6
ROUNDS = 9


def run() -> list[dict[str, Any]]:
    """Ratios to a plain run, each the best of its rounds, in which all take turns."""
    from scumble.engine.models import ModelLibrary

    library = ModelLibrary()
    model = library.load(library.infos()[0].id, "cpu", "float32", lambda: None)
    rng = np.random.default_rng(7)
    known = model.encode(rng.integers(0, 256, (*SIZE[::-1], 3), np.uint8))
    grey = rng.integers(0, 256, SIZE[::-1], np.uint8)
    left = np.zeros(SIZE[::-1], np.uint8)
    left[:, : SIZE[0] // 2] = 255
    words = {text: model.encode_prompt(text) for text in ("", "night city", "snowy hills")}

    def denoise(**given: Any) -> Callable[[], object]:
        return lambda: model.denoise(words[""], size=SIZE, seeds=[1], steps=STEPS, **given)

    alike = [(words[""], left, 1.0), (words[""], 255 - left, 0.5)]
    apart = [(words["night city"], left, 1.0), (words["snowy hills"], 255 - left, 1.0)]
    runs = {
        "plain": denoise(),
        "masked": denoise(known=known, mask=grey),
        "alike": denoise(known=known, mask=grey, regions=alike),
        "apart": denoise(regions=apart),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS + 1):
        for name, work in runs.items():
            times[name].append(seconds(work))
    return [
        compared("inpaint.step_under_a_grey_mask", "masked", 1.05, times),
        compared("inpaint.step_with_two_regions_of_one_prompt", "alike", 1.05, times),
        compared("inpaint.step_with_two_prompts", "apart", 1.6, times),
    ]


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compared(name: str, kind: str, limit: float, times: dict[str, list[float]]) -> dict[str, Any]:
    """How the best runs compare; p50 and p99 in ms a step, without the first round."""
    steps = [each / STEPS * 1e3 for each in times[kind][1:]]
    value = min(times[kind]) / min(times["plain"])
    return row(name, value, "ratio to a plain step", limit, steps)
