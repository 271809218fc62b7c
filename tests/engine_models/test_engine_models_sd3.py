"""Stable Diffusion 3 on tiny random weights: the states and latents of diffusers' own pipelines."""

from __future__ import annotations

import functools
import inspect

import numpy as np
import pytest
import torch
from diffusers import (
    DEISMultistepScheduler,
    DPMSolverMultistepScheduler,
    FlowMatchEulerDiscreteScheduler,
    FlowMatchHeunDiscreteScheduler,
    FlowMatchLCMScheduler,
    StableDiffusion3Img2ImgPipeline,
    StableDiffusion3Pipeline,
    UniPCMultistepScheduler,
)
from diffusers.utils import logging as diffusers_logging
from engine_models_joint import CHANNELS, TINY3, Joint

from scumble.api import ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.models.presets import PRESETS
from scumble.engine.models.survey import describe, stamp_of
from scumble.engine.sampling.samplers import FLOW_SAMPLERS

SIDE, STEPS = 64, 4
PROMPT, NEGATIVE = "a red cup on a table", "blurry"
FLOW = {"prediction_type": "flow_prediction", "use_flow_sigmas": True, "flow_shift": 3.0}
THEIRS = {
    "euler": lambda: FlowMatchEulerDiscreteScheduler(shift=3.0),
    "heun": lambda: FlowMatchHeunDiscreteScheduler(shift=3.0),
    "lcm": lambda: FlowMatchLCMScheduler(shift=3.0),
    "dpmpp-2m": lambda: DPMSolverMultistepScheduler(**FLOW),
    "dpmpp-2m-sde": lambda: DPMSolverMultistepScheduler(**FLOW, algorithm_type="sde-dpmsolver++"),
    "unipc": lambda: UniPCMultistepScheduler(**FLOW),
    "deis": lambda: DEISMultistepScheduler(**FLOW),
}

pytestmark = [  # in diffusers itself
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning"),
]

diffusers_logging.set_verbosity_error()
diffusers_logging.disable_progress_bar()


class Bench:
    """A tiny model as a folder, in our library and in diffusers' pipelines."""

    def __init__(self, folder):
        self.parts = Joint()
        self.parts.pipeline().save_pretrained(folder / "model")
        self.library = ModelLibrary([folder])
        self.model = self.library.load("model", "cpu", "float32", lambda: None)

    def theirs(self, sampler="euler", kind=StableDiffusion3Pipeline, guidance=5.0, seed=3, **given):
        generators = [torch.Generator().manual_seed(seed)]
        scheduler = THEIRS[sampler]()
        if "generator" in inspect.signature(scheduler.step).parameters:  # which the pipeline forgets
            scheduler.step = functools.partial(scheduler.step, generator=generators)
        if not hasattr(scheduler, "scale_noise"):  # which the pipeline calls, but solvers for a flow call otherwise
            scheduler.scale_noise = lambda clean, timestep, noise: scheduler.add_noise(clean, noise, timestep)
        return self.parts.pipeline(kind, scheduler)(
            PROMPT,
            negative_prompt=NEGATIVE,
            guidance_scale=guidance,
            generator=generators,
            output_type="latent",
            **{"num_inference_steps": STEPS} | given,
        ).images

    def ours(self, sampler="euler", guidance=5.0, seeds=(3,), model=None, **given):
        model = model or self.model
        settings = {"size": (SIDE, SIDE), "steps": STEPS} | given
        states = model.encode_prompt(PROMPT, NEGATIVE)
        return model.denoise(states, seeds=seeds, guidance=guidance, scheduler=sampler, **settings)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("sd3"))


def assert_same(ours, theirs):
    assert ours.shape == theirs.shape
    assert float((ours - theirs).abs().max()) <= 2e-4 * max(1.0, float(theirs.abs().max()))


def test_the_folder_says_what_it_is(bench):
    (info,) = bench.library.infos()
    assert (info.family, info.native, info.factor, info.latent_channels) == ("sd3", SIDE, 8, CHANNELS)


def test_three_text_encoders_are_read_as_diffusers_does(bench):
    with torch.no_grad():
        positive, negative, pooled, negative_pooled = bench.parts.pipeline().encode_prompt(
            PROMPT, None, None, negative_prompt=NEGATIVE
        )
    states = bench.model.encode_prompt(PROMPT, NEGATIVE)
    assert_same(states, torch.cat([negative, positive]))
    assert_same(bench.model._given_with(states).pooled, torch.cat([negative_pooled, pooled]))


@pytest.mark.parametrize("guidance", [1.0, 5.0])
@pytest.mark.parametrize("sampler", FLOW_SAMPLERS)
def test_text_to_image_equals_diffusers(bench, sampler, guidance):
    assert_same(bench.ours(sampler, guidance), bench.theirs(sampler, guidance=guidance, width=SIDE, height=SIDE))


@pytest.mark.parametrize("sampler", FLOW_SAMPLERS)
def test_image_to_image_equals_diffusers(bench, sampler):
    known = torch.randn((1, CHANNELS, 8, 8), generator=torch.Generator().manual_seed(9))
    theirs = bench.theirs(
        sampler,
        StableDiffusion3Img2ImgPipeline,
        image=known,
        strength=0.5,
        num_inference_steps=8,
        width=SIDE,
        height=SIDE,
    )
    assert_same(bench.ours(sampler, known=known, strength=0.5, steps=8), theirs)


@pytest.mark.parametrize("sampler", FLOW_SAMPLERS)
def test_what_is_kept_stays_exactly(bench, sampler):
    known = torch.randn((1, CHANNELS, 8, 8), generator=torch.Generator().manual_seed(9))
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[16:48, 24:56] = 255
    made = bench.ours(sampler, known=known, mask=mask, strength=0.8, steps=8)
    inside = torch.zeros((8, 8), dtype=torch.bool)
    inside[2:6, 3:7] = True
    assert torch.equal(made[..., ~inside], known[..., ~inside])
    assert float((made - known)[..., inside].abs().min()) > 0


@pytest.mark.parametrize("sampler", FLOW_SAMPLERS)
def test_a_batch_equals_single_runs(bench, sampler):
    batch = bench.ours(sampler, seeds=(3, 4))
    assert_same(batch, torch.cat([bench.ours(sampler, seeds=(seed,)) for seed in (3, 4)]))
    assert float((batch[0] - batch[1]).abs().max()) > 0.1


def test_regions_that_say_the_same_are_the_plain_picture(bench):
    left = np.zeros((SIDE, SIDE), np.uint8)
    left[:, : SIDE // 2] = 255
    same, other = (bench.model.encode_prompt(words, NEGATIVE) for words in (PROMPT, "snow"))
    assert_same(bench.ours(regions=[(same, left, 1.0), (same, 255 - left, 1.0)]), bench.ours())
    one = bench.ours(regions=[(other, left, 1.0)], steps=1)
    apart = (one - bench.ours(steps=1)).abs().mean(dim=(0, 1))
    assert float(apart[:, 4:].max()) < 1e-4 < float(apart[:, :4].max())


def test_pictures_go_in_and_out_and_are_previewed(bench):
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    latent = bench.model.encode(picture)
    vae = bench.parts.vae
    with torch.no_grad():
        mean = vae.encode(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1).latent_dist.mean
        wanted = (mean - vae.config.shift_factor) * vae.config.scaling_factor
        shown = vae.decode(wanted / vae.config.scaling_factor + vae.config.shift_factor).sample[0]
    assert_same(latent, wanted)
    decoded = bench.model.decode(latent)[0].astype(np.float32)
    assert np.abs(decoded - (shown.permute(1, 2, 0).numpy() * 127.5 + 127.5).clip(0, 255)).max() <= 1.0
    assert bench.model.preview(latent).shape == (8, 8, 3)


def test_sides_that_are_no_multiple_of_a_patch(bench):
    known = torch.randn((1, CHANNELS, 8, 9), generator=torch.Generator().manual_seed(9))
    made = bench.ours(size=(72, 64), known=known, strength=0.5)
    assert made.shape == (1, CHANNELS, 8, 9)
    assert bool(made.isfinite().all())


@pytest.mark.parametrize("given", [{"size": (256, 64)}, {"sampler": "ddim"}, {"schedule": "karras"}])
def test_what_it_cannot_do_is_refused_in_one_sentence(bench, given):
    with pytest.raises(ScumbleError) as caught:
        bench.ours(**given)
    assert caught.value.code in ("size-invalid", "sampler-unsupported", "schedule-unsupported")


def test_a_tool_that_looks_into_the_unet_is_refused_in_one_sentence(bench):
    with pytest.raises(ScumbleError, match="another kind"):
        bench.ours(attention_hook=lambda site, step, query, key, value: (query, key, value))
    with pytest.raises(ScumbleError, match="another kind"):
        bench.model.invert(torch.zeros((1, CHANNELS, 8, 8)), bench.model.encode_prompt(PROMPT), steps=2)


def test_it_stops_between_two_blocks(bench):
    calls = []

    def check():
        calls.append(1)
        if len(calls) > 20:
            raise KeyboardInterrupt

    model = bench.library.load("model", "cpu", "float32", check)
    with pytest.raises(KeyboardInterrupt):
        bench.ours(model=model, steps=50)
    assert len(calls) == 21


@pytest.mark.parametrize("gone", ["tokenizer_3", "text_encoder_3"])
def test_without_t5_or_its_tokenizer_its_states_are_zeros(tmp_path, gone):
    parts = Joint()
    parts.pipeline().save_pretrained(tmp_path / "model")
    for file in (tmp_path / "model" / gone).iterdir():
        file.unlink()
    (entry,) = ModelLibrary([tmp_path]).entries
    assert entry.params == {"without": "T5"}
    model = ModelLibrary([tmp_path]).load("model", "cpu", "float32", lambda: None)
    parts.text_encoder_3 = None
    with torch.no_grad():
        positive, negative, _, _ = parts.pipeline().encode_prompt(PROMPT, None, None, negative_prompt=NEGATIVE)
    assert_same(model.encode_prompt(PROMPT, NEGATIVE), torch.cat([negative, positive]))


@pytest.mark.parametrize("newer", [False, True])
def test_the_file_of_its_authors_is_the_same_model(tmp_path, newer):
    parts = Joint(newer=newer, t5=False)
    parts.save(tmp_path / "model.safetensors")
    (tmp_path / "folder").mkdir()
    parts.pipeline().save_pretrained(tmp_path / "folder" / "other")
    library = ModelLibrary([tmp_path], presets=(TINY3,))
    one, other = (library.load(name, "cpu", "float32", lambda: None) for name in ("model", "other"))
    made = [Bench.ours(None, model=model) for model in (one, other)]
    assert_same(made[0], made[1])
    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    assert_same(one.encode(picture), other.encode(picture))


def test_a_file_that_brings_t5_is_used_without_it_and_says_so(tmp_path):
    path = Joint().save(tmp_path / "model.safetensors")
    entry = describe(path, stamp_of(path), (TINY3,))
    assert (entry.kind, entry.family, entry.fault, entry.params) == ("checkpoint", "sd3", "", {"without": "T5"})


@pytest.mark.parametrize("without", ["text_encoders.clip_g.", "first_stage_model."])
def test_a_file_that_lacks_a_part_says_which(tmp_path, without):
    path = Joint(t5=False).save(tmp_path / "model.safetensors", without=(without,))
    entry = describe(path, stamp_of(path), PRESETS)
    assert entry.fault == "model-broken"
    assert ("text encoders" if "clip" in without else "autoencoder") in entry.params["reason"]
