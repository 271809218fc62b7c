"""The UNet on OpenVINO: torch's own prediction, what it cannot do left to torch, and nothing sent anywhere."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel

from scumble.api import Cancelled
from scumble.engine.backends.openvino import FILE, Accelerator, suits, version
from scumble.engine.models import ModelLibrary
from scumble.engine.models.weights import WeightCache

needs_openvino = pytest.mark.skipif(not version(), reason="OpenVINO is not installed")

PROMPT, SIZE = "a red cup on a table", (64, 64)


def go_on():
    pass


def make_unet(kind=torch.float32, **given):
    torch.manual_seed(1)
    unet = UNet2DConditionModel(
        sample_size=16,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=24,
        attention_head_dim=4,
        norm_num_groups=8,
        **given,
    )
    return unet.to(kind).to(memory_format=torch.channels_last).eval().requires_grad_(False)


def ask(unet, kind=torch.float32, batch=2, height=16, width=24, tokens=7, **more):
    generator = torch.Generator().manual_seed(5)
    sample = torch.randn((batch, 4, height, width), generator=generator)
    states = torch.randn((batch, tokens, 24), generator=generator)
    with torch.no_grad():
        return unet(
            sample.to(kind), torch.tensor(500), encoder_hidden_states=states.to(kind), return_dict=False, **more
        )[0].float()


def load(backend, **given):
    library = ModelLibrary(backend=backend)
    return library.load(library.infos()[0].id, "cpu", "float32", go_on, **given)


def run(model, size=SIZE, **given):
    return model.denoise(model.encode_prompt(PROMPT), size=size, seeds=[1], steps=3, guidance=5.0, **given)


@pytest.mark.parametrize(
    ("backend", "device", "native", "dtype", "wanted"),
    [
        ("torch", "cpu", 512, "float32", False),
        ("auto", "cuda", 512, "float32", False),
        ("openvino", "cuda", 512, "float32", False),
        ("auto", "cpu", 128, "float32", False),
        ("auto", "cpu", 512, "bfloat16", False),
        pytest.param("auto", "cpu", 512, "float32", True, marks=needs_openvino),
        pytest.param("openvino", "cpu", 128, "bfloat16", True, marks=needs_openvino),
    ],
)
def test_it_is_for_processors_and_by_itself_for_large_models_in_full(backend, device, native, dtype, wanted):
    assert suits(backend, device, native, dtype) == wanted


@pytest.mark.skipif(bool(version()), reason="OpenVINO is installed")
def test_without_it_torch_computes_and_only_who_asked_is_told():
    plain, asked = load("auto"), load("openvino")
    assert torch.equal(run(plain), run(asked))
    assert plain.notes == {"attention": "fused"}
    assert asked.notes == {"backend": "torch, as OpenVINO is not installed", "attention": "fused"}


@needs_openvino
@pytest.mark.parametrize(("kind", "tolerance"), [(torch.float32, 1e-4), (torch.bfloat16, 0.05)])
def test_it_predicts_what_torch_does_at_any_size_and_length(kind, tolerance):
    unet = make_unet(kind)
    compiled = Accelerator(unet).get(go_on)
    for given in ({}, {"batch": 1, "height": 20, "width": 8}, {"batch": 4, "tokens": 154}):
        theirs = ask(unet, kind, **given)
        assert (ask(compiled, kind, **given) - theirs).abs().max() < tolerance * theirs.abs().max()


@needs_openvino
def test_what_sdxl_reads_besides_reaches_it():
    unet = make_unet(
        addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=12 + 6 * 8
    )
    generator = torch.Generator().manual_seed(2)
    added = {"text_embeds": torch.randn((2, 12), generator=generator), "time_ids": torch.rand((2, 6)) * 64}
    theirs = ask(unet, added_cond_kwargs=added)
    ours = ask(Accelerator(unet).get(go_on), added_cond_kwargs=added)
    assert torch.allclose(ours, theirs, atol=1e-4)


@needs_openvino
def test_the_starter_model_makes_the_same_picture():
    latents = []
    for backend in ("torch", "openvino"):
        model = load(backend)
        latents.append(run(model))
    assert model.notes == {"backend": "openvino"}
    assert torch.allclose(*latents, atol=1e-3)
    pictures = [model.decode(latent)[0].astype(np.int16) for latent in latents]
    assert np.abs(pictures[0] - pictures[1]).max() <= 1
    other = load("openvino", attention="plain")
    assert torch.equal(run(other), latents[1]), "torch's way of attention is none of its business"
    assert other.notes == {"backend": "openvino"}


@needs_openvino
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"full_every": 3}, "cached"),
        ({"attention_hook": lambda site, step, *qkv: qkv}, "attention"),
        ({"size": (72, 64)}, "halve"),
    ],
)
def test_what_it_cannot_do_is_left_to_torch_and_said(given, reason):
    model = load("openvino")
    ours = run(model, **given)
    assert model.notes["backend"].startswith("torch, as ")
    assert reason in model.notes["backend"]
    assert torch.equal(ours, run(load("torch"), **given))


@needs_openvino
def test_a_cancelled_step_ends_and_the_next_run_is_whole():
    accelerator = Accelerator(make_unet())
    wanted = ask(accelerator.get(go_on))

    def check():
        raise Cancelled

    for _ in range(3):
        with pytest.raises(Cancelled):
            ask(accelerator.get(check), batch=64, height=64, width=64)
        assert torch.equal(ask(accelerator.get(go_on)), wanted)


@needs_openvino
def test_cancelled_while_it_is_made_it_goes_on_being_made():
    accelerator = Accelerator(make_unet())
    looks = []

    def check():
        looks.append(None)
        if accelerator._making is not None:
            raise Cancelled

    with pytest.raises(Cancelled):
        accelerator.get(check)
    assert looks
    assert accelerator.get(go_on) is not None
    assert not accelerator.fault


@needs_openvino
def test_the_compiled_model_is_kept_for_the_next_process(tmp_path):
    unet, cache = make_unet(torch.bfloat16), WeightCache(tmp_path, spare=0, smallest=0)
    first = ask(Accelerator(unet, "abc-bfloat16", cache).get(go_on))
    kept = tmp_path / f"abc-bfloat16-openvino-{version()}" / FILE
    written = kept.stat().st_mtime_ns
    assert torch.equal(ask(Accelerator(unet, "abc-bfloat16", cache).get(go_on)), first)
    assert kept.stat().st_mtime_ns == written


@needs_openvino
def test_a_damaged_file_of_the_cache_is_made_anew(tmp_path):
    unet, cache = make_unet(), WeightCache(tmp_path, spare=0, smallest=0)
    wanted = ask(Accelerator(unet, "abc", cache).get(go_on))
    (tmp_path / f"abc-openvino-{version()}" / FILE).write_bytes(b"nothing of the kind")
    assert torch.equal(ask(Accelerator(unet, "abc", cache).get(go_on)), wanted)


@needs_openvino
def test_importing_it_sends_nothing_and_writes_nothing(tmp_path):
    code = (
        "import sys\n"
        "from scumble.engine.backends.openvino import _openvino\n"
        "_openvino().Core()\n"
        "from openvino.tools.ovc import convert_model\n"
        "assert not [name for name in sys.modules if name.startswith('openvino_telemetry.')]"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "HOME": str(tmp_path)}, check=True, timeout=300)
    assert not list(tmp_path.iterdir())
