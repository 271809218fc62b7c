"""Parts of a model that wait until they are used: on a processor, and beside a device of its own."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_models_loras import made_by_peft
from engine_models_original import TINY1, Parts

from scumble.api import ScumbleError
from scumble.engine.ladder import Ladder, Rung
from scumble.engine.models import ModelLibrary, loader

ALONE = (Rung.OFFLOAD,)

SHORT = """
import resource, sys
from pathlib import Path
from dataclasses import replace
sys.path.insert(0, sys.argv[1])
import torch
from engine_models_original import TINY1, Parts
from scumble.engine.ladder import Ladder, Rung
from scumble.engine.models import ModelLibrary

class Without(Ladder):
    def climb(self, work, *rungs):
        return super().climb(work, *(rung for rung in rungs if rung is not Rung.OFFLOAD))

wide = replace(TINY1, text_encoder={**TINY1.text_encoder, "hidden_size": 1024, "num_attention_heads": 16},
    unet={**TINY1.unet, "cross_attention_dim": 1024}, context=1024)
folder = Path(sys.argv[2])
if not list(folder.iterdir()):
    Parts(wide).save(folder / "model.safetensors")
library, ladder = ModelLibrary([folder], presets=(wide,)), (Ladder if sys.argv[3] == "with" else Without)()
model = library.load("model", "cpu", "float32", lambda: None, ladder)
words = model.encode_prompt("a cup")
small = torch.zeros(1, 4, 8, 8)
model.decode(small)
pages = int(open("/proc/self/statm").read().split()[0])
most = resource.getrlimit(resource.RLIMIT_AS)[1]
resource.setrlimit(resource.RLIMIT_AS, (pages * 4096 + int(sys.argv[4]) * 2**20, most))
made = model.decode(torch.zeros(1, 4, 64, 64))[0]
assert made.shape == (512, 512, 3)
print(ladder.told)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
assert torch.equal(words, library.load("model", "cpu", "float32", lambda: None).encode_prompt("a cup"))
"""


def short_of(megabytes, folder, how):
    """A picture decoded with so much room, beside a text encoder of 200 MB, by one thread with one heap: others would
    reserve 64 MiB each, or not, as the machine is busy."""
    command = [sys.executable, "-c", SHORT, str(Path(__file__).parent), str(folder), how, str(megabytes)]
    lean = {**os.environ, "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=lean)


@pytest.mark.skipif(sys.platform != "linux", reason="address space is limited by Linux alone")
def test_weights_that_wait_elsewhere_let_a_job_end_that_fails_without(tmp_path):
    failed = short_of(25, tmp_path, "without")
    assert failed.returncode == 1
    assert "There was not enough memory for 512 × 512" in failed.stderr
    done = short_of(25, tmp_path, "with")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ", ".join(rung.value for rung in (Rung.OTHERS, Rung.TILES, Rung.OFFLOAD))


@pytest.fixture
def library(tmp_path):
    """A tiny model with a LoRA."""
    parts = Parts(TINY1)
    parts.save(tmp_path / "model.safetensors")
    made_by_peft(parts, tmp_path, "line")
    return ModelLibrary([tmp_path], presets=(TINY1,))


def painted(model):
    """A whole job, none of whose texts is remembered."""
    model._parts.texts.clear()
    words = model.encode_prompt("a cup <lora:line:0.8>", "blurry")
    steps = []
    known = np.full((64, 64, 3), 90, np.uint8)
    latent = model.denoise(
        words,
        size=(64, 64),
        seeds=(3, 4),
        steps=2,
        strength=0.8,
        known=known,
        on_step=lambda step, count, clean: steps.append(model.preview(clean)),
    )
    return [*model.decode(latent), *steps]


@pytest.mark.parametrize("device", ["cpu", "cpu:0"], ids=["processor", "device"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_a_picture_is_the_same_wherever_weights_wait_and_later_jobs_find_them(library, device, dtype):
    whole = painted(library.load("model", "cpu", dtype, lambda: None))
    aside = library.load("model", device, dtype, lambda: None, Ladder(taken=ALONE))
    made = painted(aside)
    assert aside._parts.residence.away == {"unet", "text_encoder"}
    again = painted(library.load("model", device, dtype, lambda: None))
    assert not aside._parts.residence.away
    for one, other, third in zip(whole, made, again, strict=True):
        assert np.array_equal(one, other)
        assert np.array_equal(one, third)


def test_weights_that_wait_take_no_memory_and_a_file_that_has_gone_is_named(library, tmp_path):
    model = library.load("model", "cpu", "float32", lambda: None, Ladder(taken=ALONE))
    model.decode(torch.zeros(1, 4, 8, 8))
    held = sum(weight.untyped_storage().nbytes() for weight in model._parts.unet.parameters())
    assert held < 10_000
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ScumbleError) as caught:
        model.encode_prompt("a cup")
    assert caught.value.code == "model-broken"


def test_memory_that_runs_out_in_a_network_is_told_as_such_once_all_is_given_up(library):
    model = library.load("model", "cpu", "float32", lambda: None, Ladder())
    words = model.encode_prompt("a cup")
    tried = []

    def short(*_given):
        tried.append(model.ladder.told)
        raise torch.OutOfMemoryError("HIP out of memory")

    handle = model._parts.unet.register_forward_pre_hook(short)
    with pytest.raises(ScumbleError) as caught:
        model.denoise(words, size=(64, 64), seeds=(1,), steps=1)
    handle.remove()
    assert caught.value.code == "out-of-memory"
    assert [told.count(",") + bool(told) for told in tried] == [0, 1, 2, 3]
    assert model.ladder.has(Rung.OFFLOAD)


def test_a_model_too_large_for_a_device_as_a_whole_is_loaded_beside_it(library, monkeypatch):
    elsewhere, arranged, ladder = torch.device("cpu:0"), loader.arranged, Ladder()

    def short(network, device, kind):
        if device == elsewhere:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return arranged(network, device, kind)

    monkeypatch.setattr(loader, "arranged", short)
    model = library.load("model", "cpu:0", "float32", lambda: None, ladder)
    assert ladder.has(Rung.OFFLOAD)
    assert model._parts.residence.away == {"unet", "vae", "text_encoder"}
    assert len(painted(model)) == 4
