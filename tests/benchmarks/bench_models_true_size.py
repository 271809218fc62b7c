"""What a person waits for with a model of Stable Diffusion 1's true size, on random weights: another model, the same
one again, the same words again, a cancelled step; and what it needs of memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.resources import as_file, files
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
from measuring import row

from scumble.engine.devices import choose_device
from scumble.engine.models import ModelLibrary
from scumble.engine.models.index import Index
from scumble.engine.models.presets import SD1

SIZE = (512, 512)
STEPS = 2
ROUNDS = 5
CLOCK = time.perf_counter
SWITCH_S, AGAIN_MS, CANCEL_MS, MEMORY = 0.5, 16.0, 400.0, 1.25


def run() -> list[dict[str, Any]]:
    """The rows; the weights are written, and converted, by another process, whose memory is not counted."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, __file__, name], check=True)
        library = library_in(folder)
        dtype = choose_device("cpu").large_dtype
        warm_up(dtype)
        base = resident("VmRSS")
        looks: list[float] = []
        model = library.load("one", "cpu", dtype, lambda: looks.append(CLOCK()))
        prompts = [seconds(lambda: model.encode_prompt("a red cup on a table")) for _ in range(ROUNDS)]
        states = model.encode_prompt("a red cup on a table")
        latent, step_gap = watched(looks, lambda: model.denoise(states, size=SIZE, seeds=[1], steps=STEPS))
        _, decode_gap = watched(looks, lambda: model.decode(latent))
        peak = resident("VmHWM") - base
        weights = sum(file.stat().st_size for file in (folder / "cache").glob("*/*.safetensors"))
        again = [seconds(lambda: library.load("one", "cpu", dtype, lambda: None)) * 1e3 for _ in range(ROUNDS)]
        switches = [switch(library, dtype) for _ in range(ROUNDS)]
    return [
        best("models.switch_to_cached_sd1", switches, "s", SWITCH_S),
        best("models.same_model_again", again, "ms", AGAIN_MS),
        best("models.same_prompt_again", [min(prompts[1:]) / prompts[0]], "ratio to its first time", 0.05),
        best("models.cancel_step_512", [step_gap * 1e3], "ms, the longest that a step does not look", CANCEL_MS),
        best("models.cancel_decode_512", [decode_gap * 1e3], "ms, the longest that decoding does not look", CANCEL_MS),
        best("models.peak_memory_512", [peak / weights], "ratio to the weights, libraries aside", MEMORY),
    ]


def library_in(folder: Path) -> ModelLibrary:
    """The models there, with what is known of them."""
    return ModelLibrary((folder / "models",), index=Index(folder / "models.json"), cache=folder / "cache")


def warm_up(dtype: str) -> None:
    """Has the libraries in memory, by way of a small picture."""
    library = ModelLibrary()
    model = library.load(library.infos()[0].id, "cpu", dtype, lambda: None)
    model.decode(model.denoise(model.encode_prompt("a cup"), size=(128, 128), seeds=[1], steps=1))


def switch(library: ModelLibrary, dtype: str) -> float:
    """Seconds until the second model can be used, which is not in memory."""
    library.unload(keep="one")
    return seconds(lambda: library.load("two", "cpu", dtype, lambda: None))


def watched(looks: list[float], work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work returns, and the longest time between two looks whether it is to stop, its end among them."""
    looks[:] = [CLOCK()]
    result = work()
    looks.append(CLOCK())
    return result, max(after - before for before, after in pairwise(looks))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = CLOCK()
    work()
    return CLOCK() - start


def resident(field: str) -> int:
    """Bytes of this process in memory, as Linux counts them: `VmRSS` now, `VmHWM` at most."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(field))


def best(name: str, values: list[float], unit: str, limit: float) -> dict[str, Any]:
    """The best of some values, which should be small."""
    return row(name, min(values), unit, limit, values)


def write_models(folder: Path) -> None:
    """Two models of one content, and both in the cache of converted weights, with their hashes known."""
    from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    one = folder / "models" / "one"
    networks = {
        "unet": lambda: UNet2DConditionModel(**SD1.unet),
        "vae": lambda: AutoencoderKL(**SD1.vae),
        "text_encoder": lambda: CLIPTextModel(CLIPTextConfig(**SD1.text_encoder)),
    }
    for name, make in networks.items():
        with torch.device("meta"):
            network = make().bfloat16()
        filled(network).save_pretrained(one / name)
    DDIMScheduler(**SD1.scheduler).save_pretrained(one / "scheduler")
    with as_file(files("scumble_resources") / "clip_tokenizer") as tokenizer:
        shutil.copytree(tokenizer, one / "tokenizer")
    (one / "model_index.json").write_text(json.dumps({"_class_name": "StableDiffusionPipeline"}))
    shutil.copytree(one, folder / "models" / "two", copy_function=os.link)
    library = library_in(folder)
    library.load("one", "cpu", choose_device("cpu").large_dtype, lambda: None)
    while library.hash_next(lambda: None):
        pass
    library.rest(resting=True)
    while not list((folder / "cache").glob("*/whole")):
        time.sleep(0.1)


def filled(network: Any) -> Any:
    """A network on the meta device, with small random numbers for weights: the same ones again and again."""
    network = network.to_empty(device="cpu")
    noise = torch.randn(1 << 20).mul_(0.02).bfloat16()
    for value in network.state_dict().values():
        if value.is_floating_point():
            count = value.numel()
            value.copy_(noise.repeat(-(-count // len(noise)))[:count].view_as(value))
    return network


if __name__ == "__main__":
    write_models(Path(sys.argv[1]))
