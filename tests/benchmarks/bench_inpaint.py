"""What a fill costs besides the model, on a huge document and on a small one, and a whole fill beside diffusers'.

The first part runs in the real window: context, masks, crop, blend, layer, repaint. The second runs whole processes,
each with the starter model in it: our engine with the inpainting plugin, and a program that calls diffusers' pipeline
the way its documentation shows.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np

from scumble.api import Candidate, Input, Param, Tool
from scumble.app.headless import Headless
from scumble.app.window import Program, build
from scumble.document import Document, Rect
from scumble.document.edits import add_layer, select
from scumble.engine.models import default_folders
from scumble.generation import Prepared, apply, default_blend, prepare, region_for
from scumble.generation.reblend import Flatten
from scumble.plugins import resolve_params
from scumble.render import flatten
from scumble.settings.paths import Paths
from scumble.ui.generate.witness import Witness

FILL = Tool(
    id="fill",
    title="Fill",
    result="masked-layer",
    inputs=(Input(name="image", kind="canvas"), Input(name="mask", kind="selection")),
    params={"seed": Param(type="seed", title="Seed", default=-1)},
)
NATIVE = 512
SIDE = 512
REACH = 112
"""How far inside the context the selection lies, for what the edge needs."""
LAYERS = 20
ROUNDS = 15
PROMPT = "a red balloon in a blue sky"

PEER = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, torch
from PIL import Image
from diffusers import DPMSolverMultistepScheduler, StableDiffusionInpaintPipeline
folder, full, x, y, w, h, crop, steps, guidance, prompt = json.loads(sys.argv[1])
pipeline = StableDiffusionInpaintPipeline.from_pretrained(folder, local_files_only=True, use_safetensors=True,
    safety_checker=None)
pipeline.scheduler = DPMSolverMultistepScheduler.from_config(pipeline.scheduler.config)
pipeline.set_progress_bar_config(disable=True)
picture = np.random.default_rng(1).integers(0, 256, (full // 64, full // 64, 3), np.uint8)
image = Image.fromarray(picture).resize((full, full), Image.Resampling.BICUBIC)
mask = Image.new("L", (full, full), 0)
mask.paste(255, (x, y, x + w, y + h))
size = {"padding_mask_crop": 32} if crop else {"width": full, "height": full}
for turn in range(2 if crop else 1):
    start = time.perf_counter()
    pipeline(prompt, image=image, mask_image=mask, strength=1.0, num_inference_steps=steps, guidance_scale=guidance,
        generator=torch.Generator().manual_seed(1), **size)
    taken = time.perf_counter() - start
print(json.dumps([taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
"""


@dataclass(frozen=True)
class Work:
    """A fill of `place` in a square picture."""

    side: int
    place: Rect
    steps: int
    guidance: float


def run() -> list[dict[str, Any]]:
    """The rows of this suite."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        paths = Paths(root / "data", root / "config", root / "cache")
        return [*without_the_model(paths), *against_diffusers(paths)]


def without_the_model(paths: Paths) -> list[dict[str, Any]]:
    """All but the model, on 8192² and on 1024² with twenty layers each."""
    program = build(paths, service=False)
    program.window.resize(1920, 1080)
    program.window.show()
    program.finish()
    large, small = (rounds(program, side, around(side)) for side in (8192, 1024))
    automatic = rounds(program, 8192, None)
    program.close()
    ratio = statistics.median(large) / statistics.median(small)
    return [
        row("inpaint.all_but_the_model_8k", max(large), 60.0, "ms, the slowest of the fills", "", large),
        row("inpaint.all_but_the_model_8k_over_1k", ratio, 1.5, "ratio of medians", "the same on 1024²", small),
        row("inpaint.all_but_the_model_8k_automatic_context", max(automatic), None, "ms, the slowest", "", automatic),
    ]


def around(side: int) -> Rect:
    """A context of 512² in the middle of a square document."""
    return Rect((side - SIDE) // 2, (side - SIDE) // 2, SIDE, SIDE)


def rounds(program: Program, side: int, box: Rect | None) -> list[float]:
    """Milliseconds of fills in the middle of a document, each undone again: of what is selected in a context of 512²,
    or, where nobody has set the context, of 512²."""
    document = Document(side, side)
    tile = np.random.default_rng(3).integers(0, 256, (256, 256, 4), np.uint8)
    tile[..., 3] = 255
    pixels = np.tile(tile, (side // 256, side // 256, 1))
    for number in range(LAYERS):
        add_layer(document, f"Layer {number}", pixels=pixels, opacity=1.0 if number == 0 else 0.6)
    select(document, around(side).expanded(-REACH if box is not None else 0))
    document.history.clear()
    session = program.window.open_document(document, title="Benchmark")
    canvas = program.window.canvas_of(session)
    canvas.set_viewport(canvas.viewport.zoomed(1.0).centred_on(side / 2, side / 2))
    settle(program)
    times, witness = [], Witness()
    for number in range(ROUNDS + 2):
        witness.forget()
        start = time.perf_counter()
        prepared = prepared_fill(document, number, box, witness.flatten)
        taken = time.perf_counter() - start
        width, height = prepared.job.size
        picture = np.random.default_rng(number).integers(0, 256, (height, width, 3), np.uint8)
        start = time.perf_counter()
        apply(document, prepared, Candidate(picture, number), flatten=witness.flatten, within=witness.within)
        canvas.repaint()
        times.append((taken + time.perf_counter() - start) * 1000.0)
        document.history.undo()
        settle(program)
    program.window.drop_session(session)
    return times[2:]


def prepared_fill(document: Document, seed: int, box: Rect | None, flatten: Flatten) -> Prepared:
    """From the selection to a job, in a context that a person has set or in one that is found."""
    selection = document.selection_bounds
    blend = default_blend(selection, native=NATIVE)
    region = region_for(FILL, {"seed": seed}, document.bounds, selection, native=NATIVE, blend=blend, box=box)
    seen = flatten(document.snapshot(), region.box)
    return prepare(str(seed), FILL, {"seed": seed}, document, region, seen, plugin="p", blend=blend)


def against_diffusers(paths: Paths) -> list[dict[str, Any]]:
    """A fill of 300 × 200 in a 4K picture beside the pipeline's crop, and in a 2K picture beside the whole of it.

    The whole of 2K takes diffusers minutes a step, and so there is one, without guidance.
    """
    few, one = Work(4096, Rect(1800, 1900, 300, 200), 10, 5.0), Work(2048, Rect(900, 900, 300, 200), 1, 1.0)
    fill_4k, fill_2k, memory = ours(paths, (few, one))
    crop, _ = theirs(few, crop=True)
    whole, most = theirs(one, crop=False)
    return [
        row("inpaint.fill_4k_vs_diffusers_crop", fill_4k / crop, 0.5, "ratio of time", f"diffusers {crop:.2f} s"),
        row("inpaint.fill_2k_vs_diffusers_whole", fill_2k / whole, 0.1, "ratio of time", f"diffusers {whole:.1f} s"),
        row(
            "inpaint.memory_2k_vs_diffusers_whole",
            memory / most,
            0.2,
            "ratio of peaks",
            f"diffusers {most / 1e9:.2f} GB",
        ),
    ]


def ours(paths: Paths, works: tuple[Work, ...]) -> tuple[float, ...]:
    """Seconds of the second fill of each case, from the selection to the layer; then the engine's peak, in bytes."""
    with Headless(paths) as headless:
        plugin, tool = next(found for found in headless.catalogue.tools() if found[1].id == "inpaint")
        tool = msgspec.structs.replace(tool, two_passes=False)  # the pipeline makes one, at the model's own size
        model = headless.find_model()
        times = []
        for work in works:
            side, place = work.side, work.place
            document = Document(side, side)
            add_layer(document, "Ground", pixels=ground(side))
            select(document, place)
            for turn in range(2):
                start = time.perf_counter()
                wish = {"prompt": PROMPT, "steps": work.steps, "guidance": work.guidance, "seed": 1}
                params = resolve_params(tool, wish)
                blend = default_blend(place, native=model.native)
                region = region_for(tool, params, document.bounds, place, native=model.native, blend=blend)
                seen = flatten(document.snapshot(), region.box)
                job = f"{side} {turn}"
                given = prepare(job, tool, params, document, region, seen, plugin=plugin.id, model=model, blend=blend)
                apply(document, given, headless.run(given.job).candidates[0])
                taken = time.perf_counter() - start
            times.append(taken)
        status = Path(f"/proc/{headless.engine_pid}/status").read_text()
        peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return (*times, float(peak))


def theirs(work: Work, *, crop: bool) -> tuple[float, float]:
    """Seconds of the last call, and the most memory that the process held, in bytes."""
    place = (work.place.x, work.place.y, work.place.width, work.place.height)
    values = (str(default_folders()[0]), work.side, *place, crop, work.steps, work.guidance, PROMPT)
    done = subprocess.run(
        [sys.executable, "-c", PEER, json.dumps(values)],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    seconds, most = json.loads(done.stdout.splitlines()[-1])
    return float(seconds), float(most)


def ground(side: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """An opaque picture of soft patches."""
    small = np.random.default_rng(1).integers(0, 256, (side // 64, side // 64, 4), np.uint8)
    pixels = np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    pixels[..., 3] = 255
    return pixels


def settle(program: Program) -> None:
    """Lets the window do all that it has put off."""
    until = time.perf_counter() + 0.1
    while time.perf_counter() < until:
        program.app.processEvents()


def row(
    name: str, value: float, limit: float | None, unit: str, peer: str, times: Sequence[float] = ()
) -> dict[str, Any]:
    """A row of the table; less is better in all of them."""
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "better": "lower",
        "holds": limit is None or value <= limit,
        "p50": statistics.median(times) if times else None,
        "p99": max(times) if times else None,
        "peer": peer,
    }
