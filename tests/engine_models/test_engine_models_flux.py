"""Flux on tiny random weights: the states and latents of diffusers' own pipelines, from a folder."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import DPMSolverMultistepScheduler, FluxImg2ImgPipeline, FluxPipeline
from diffusers.utils import logging as diffusers_logging
from engine_models_joint import CHANNELS, Flux

from scumble.api import ScumbleError, Suits
from scumble.engine.models import ModelLibrary

SIDE, STEPS = 64, 4
PROMPT = "a red cup on a table"

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in diffusers itself

diffusers_logging.set_verbosity_error()
diffusers_logging.disable_progress_bar()


class Bench:
    """A tiny model as a folder, in our library and in diffusers' pipelines."""

    def __init__(self, folder, *, told):
        self.parts = Flux(told=told)
        self.parts.pipeline().save_pretrained(folder / "model")
        self.library = ModelLibrary([folder])
        self.model = self.library.load("model", "cpu", "float32", lambda: None)

    def theirs(self, kind=FluxPipeline, scheduler=None, seed=3, guidance=3.5, **given):
        pipeline = self.parts.pipeline(kind, scheduler)
        width, height = given.pop("size", (SIDE, SIDE))
        made = pipeline(
            PROMPT,
            width=width,
            height=height,
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(seed)],
            output_type="latent",
            **{"num_inference_steps": STEPS} | given,
        ).images
        return pipeline._unpack_latents(made, height, width, 8)

    def ours(self, sampler="euler", seeds=(3,), guidance=3.5, **given):
        settings = {"size": (SIDE, SIDE), "steps": STEPS} | given
        states = self.model.encode_prompt(PROMPT)
        return self.model.denoise(states, seeds=seeds, guidance=guidance, scheduler=sampler, **settings)


@pytest.fixture(scope="module", params=[True, False])
def bench(tmp_path_factory, request):
    return Bench(tmp_path_factory.mktemp("flux"), told=request.param)


def assert_same(ours, theirs):
    assert ours.shape == theirs.shape
    assert float((ours - theirs).abs().max()) <= 2e-4 * max(1.0, float(theirs.abs().max()))


def test_the_folder_says_what_it_is_and_what_it_wants(bench):
    (info,) = bench.library.infos()
    assert (info.family, info.native, info.factor, info.latent_channels) == ("flux", 1024, 8, CHANNELS)
    assert info.suits == (Suits(28, 3.5, "euler") if bench.parts.told else Suits(4, 1.0, "euler"))


def test_t5_and_the_summary_of_clip_are_read_as_diffusers_does(bench):
    with torch.no_grad():
        states, pooled, _ = bench.parts.pipeline().encode_prompt(PROMPT, None)
    ours = bench.model.encode_prompt(PROMPT)
    assert_same(ours[1:], states)
    assert_same(bench.model._given_with(ours).pooled[1:], pooled)


@pytest.mark.parametrize("size", [(SIDE, SIDE), (128, 96)])
def test_text_to_image_equals_diffusers(bench, size):
    assert_same(bench.ours(size=size), bench.theirs(size=size))
    if bench.parts.told:
        assert float((bench.ours(size=size, guidance=9.0) - bench.ours(size=size)).abs().max()) > 1e-3


def test_image_to_image_equals_diffusers(bench):
    image = torch.rand((1, 3, SIDE, SIDE), generator=torch.Generator().manual_seed(9))
    vae = bench.parts.vae
    with torch.no_grad():
        mean = vae.encode(image * 2 - 1).latent_dist.mean
    known = (mean - vae.config.shift_factor) * vae.config.scaling_factor
    vae.encode, encode = lambda _: type("Output", (), {"latents": mean})(), vae.encode
    try:
        theirs = bench.theirs(FluxImg2ImgPipeline, image=image, strength=0.5, num_inference_steps=8)
    finally:
        vae.encode = encode
    assert_same(bench.ours(known=known, strength=0.5, steps=8), theirs)


def test_a_solver_equals_diffusers(bench):
    size = 128, 96
    tokens = size[0] * size[1] // 256
    shift = float(np.exp(0.5 + (1.15 - 0.5) * (tokens - 256) / (4096 - 256))) if bench.parts.told else 1.0
    solver = DPMSolverMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=shift)
    lay_out = solver.set_timesteps
    solver.set_timesteps = lambda steps, device, sigmas=None, mu=None: lay_out(steps, device)
    assert_same(bench.ours("dpmpp-2m", size=size), bench.theirs(scheduler=solver, size=size))


def test_what_is_kept_stays_exactly_and_regions_compose(bench):
    known = torch.randn((1, CHANNELS, 8, 8), generator=torch.Generator().manual_seed(9))
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[:, :32] = 255
    made = bench.ours(known=known, mask=mask, strength=0.8, steps=8)
    assert torch.equal(made[..., 4:], known[..., 4:])
    assert float((made - known)[..., :4].abs().min()) > 0
    same = bench.model.encode_prompt(PROMPT)
    assert_same(bench.ours(regions=[(same, mask, 1.0), (same, 255 - mask, 1.0)]), bench.ours())


def test_a_batch_equals_single_runs_and_a_side_may_be_odd(bench):
    batch = bench.ours(seeds=(3, 4), size=(72, 64))
    assert_same(batch, torch.cat([bench.ours(seeds=(seed,), size=(72, 64)) for seed in (3, 4)]))
    assert batch.shape == (2, CHANNELS, 8, 9)


def test_without_the_tokenizer_of_t5_it_is_refused_in_one_sentence(tmp_path):
    Flux().pipeline().save_pretrained(tmp_path / "model")
    (tmp_path / "model" / "tokenizer_2" / "tokenizer.json").unlink()
    with pytest.raises(ScumbleError, match="tokenizer_2"):
        ModelLibrary([tmp_path]).load("model", "cpu", "float32", lambda: None)
