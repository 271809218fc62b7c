"""Fills beside diffusers' inpainting pipeline, called as its documentation shows: with the pipeline's own crop, on
a model of the true size of SD 1 with random weights and on the starter model, and on the whole of a picture.

Ours is the engine with the inpainting plugin; each side is a process of its own, on all cores: there is no window here
for which the engine would leave one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
from measuring import Row, row

from scumble.app.headless import Headless
from scumble.document import Document, Rect
from scumble.document.edits import add_layer, select
from scumble.engine.models import default_folders
from scumble.generation import apply, default_blend, prepare, region_for
from scumble.plugins import resolve_params
from scumble.render import flatten
from scumble.settings import Settings
from scumble.settings.paths import Paths

PROMPT = "a red balloon in a blue sky"

MAKE = """
import sys, torch
from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer
from scumble.engine.models.presets import SD1
folder, tokenizer = sys.argv[1:]
torch.manual_seed(0)
torch.set_default_dtype(torch.bfloat16)
StableDiffusionPipeline(
    unet=UNet2DConditionModel(**SD1.unet), vae=AutoencoderKL(**SD1.vae),
    text_encoder=CLIPTextModel(CLIPTextConfig(**SD1.text_encoder)), tokenizer=CLIPTokenizer.from_pretrained(tokenizer),
    scheduler=DDIMScheduler(**SD1.scheduler), safety_checker=None, feature_extractor=None,
    requires_safety_checker=False).save_pretrained(folder)
"""

PEER = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
import numpy as np, torch
from PIL import Image
from diffusers import DPMSolverMultistepScheduler, StableDiffusionInpaintPipeline
folder, full, x, y, w, h, crop, warm, steps, guidance, prompt = json.loads(sys.argv[1])
pipeline = StableDiffusionInpaintPipeline.from_pretrained(folder, local_files_only=True, use_safetensors=True,
    safety_checker=None, torch_dtype=torch.float32)
pipeline.scheduler = DPMSolverMultistepScheduler.from_config(pipeline.scheduler.config)
pipeline.set_progress_bar_config(disable=True)
picture = np.random.default_rng(1).integers(0, 256, (full // 64, full // 64, 3), np.uint8)
image = Image.fromarray(picture).resize((full, full), Image.Resampling.BICUBIC)
mask = Image.new("L", (full, full), 0)
mask.paste(255, (x, y, x + w, y + h))
size = {"padding_mask_crop": 32} if crop else {"width": full, "height": full}
for count in (warm, steps) if warm else (steps,):
    start = time.perf_counter()
    pipeline(prompt, image=image, mask_image=mask, strength=1.0, num_inference_steps=count, guidance_scale=guidance,
        generator=torch.Generator().manual_seed(1), **size)
    taken = time.perf_counter() - start
print(json.dumps([taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024]))
"""


@dataclass(frozen=True)
class Work:
    """A fill of `place` in a square picture, after one of `warm` steps, which is not timed. With `crop`, the pipeline
    cuts out what it needs; otherwise it takes the whole picture."""

    side: int
    place: Rect
    steps: int
    guidance: float
    crop: bool
    warm: int


@dataclass(frozen=True)
class Taken:
    """Seconds of the fill, and the most memory in bytes that the process of the model held."""

    seconds: float
    peak: float


SELECTED = Rect(1800, 1900, 300, 200)
SMALL = Work(4096, SELECTED, steps=10, guidance=5.0, crop=True, warm=10)
TRUE = Work(4096, SELECTED, steps=4, guidance=5.0, crop=True, warm=1)
WHOLE = Work(2048, Rect(900, 900, 300, 200), steps=1, guidance=1.0, crop=False, warm=0)
"""One step without guidance, as the whole of 2K takes diffusers minutes a step."""


def run() -> list[Row]:
    """The rows of this suite."""
    with tempfile.TemporaryDirectory() as folder:
        root, starter = Path(folder), default_folders()[0]
        true = root / "data" / "models" / "true-size"
        tokenizer = starter.parent / "clip_tokenizer"
        subprocess.run([sys.executable, "-c", MAKE, str(true), str(tokenizer)], check=True, stdout=subprocess.DEVNULL)
        paths = Paths(root / "data", root / "config", root / "cache")
        Settings(paths.settings).set("engine.threads", os.cpu_count() or 1)
        return [
            *rows("inpaint.fill_4k_vs_diffusers_crop", ours(paths, true.name, TRUE), theirs(true, TRUE), 0.5, None),
            *rows("inpaint.starter_4k_vs_diffusers_crop", ours(paths, "", SMALL), theirs(starter, SMALL), None, None),
            *rows("inpaint.fill_2k_vs_diffusers_whole", ours(paths, "", WHOLE), theirs(starter, WHOLE), 0.1, 0.2),
        ]


def ours(paths: Paths, wanted: str, work: Work) -> Taken:
    """A fill from the selection to the layer, in one pass at the model's own size, as the pipeline makes it."""
    with Headless(paths) as headless:
        plugin, tool = next(found for found in headless.catalogue.tools() if found[1].id == "inpaint")
        tool = msgspec.structs.replace(tool, two_passes=False)
        model = next(model for model in headless.models() if wanted in model.id)
        document = Document(work.side, work.side)
        add_layer(document, "Ground", pixels=ground(work.side))
        select(document, work.place)
        for steps in (work.warm or work.steps, work.steps):
            start = time.perf_counter()
            wish = {"prompt": PROMPT, "steps": steps, "guidance": work.guidance, "seed": 1}
            params = resolve_params(tool, wish)
            blend = default_blend(work.place, native=model.native)
            region = region_for(tool, params, document.bounds, work.place, native=model.native, blend=blend)
            seen = flatten(document.snapshot(), region.box)
            job = f"{steps}"
            given = prepare(job, tool, params, document, region, seen, plugin=plugin.id, model=model, blend=blend)
            apply(document, given, headless.run(given.job).candidates[0])
            taken = time.perf_counter() - start
        status = Path(f"/proc/{headless.engine_pid}/status").read_text()
        peak = next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    return Taken(taken, peak)


def theirs(folder: Path, work: Work) -> Taken:
    """The same by diffusers."""
    place = (work.place.x, work.place.y, work.place.width, work.place.height)
    values = (str(folder), work.side, *place, work.crop, work.warm, work.steps, work.guidance, PROMPT)
    done = subprocess.run(
        [sys.executable, "-c", PEER, json.dumps(values)],
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return Taken(*json.loads(done.stdout.splitlines()[-1]))


def ground(side: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """An opaque picture of soft patches."""
    small = np.random.default_rng(1).integers(0, 256, (side // 64, side // 64, 4), np.uint8)
    pixels = np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC), np.uint8)
    pixels[..., 3] = 255
    return pixels


def rows(name: str, ours: Taken, theirs: Taken, time_limit: float | None, memory_limit: float | None) -> list[Row]:
    """A row for the time and one for the memory."""
    seconds, peak = f"diffusers {theirs.seconds:.2f} s", f"diffusers {theirs.peak / 1e9:.2f} GB"
    return [
        row(name, ours.seconds / theirs.seconds, "ratio of time", time_limit, peer=seconds),
        row(f"{name}_memory", ours.peak / theirs.peak, "ratio of peaks", memory_limit, peer=peak),
    ]
