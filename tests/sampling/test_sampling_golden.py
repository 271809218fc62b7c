"""Our loop against diffusers' pipelines, on tiny random weights: the same seed, the same latents."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.utils import logging as diffusers_logging

from scumble.api import ModelInfo
from scumble.engine.models.diffusion import DiffusionModel
from scumble.engine.models.loader import Components

SIDE, STEPS = 64, 6
SCHEDULERS = {"ddim": DDIMScheduler, "dpmpp-2m": DPMSolverMultistepScheduler}
TOLERANCE = 2e-4

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # in diffusers itself

diffusers_logging.set_verbosity_error()
diffusers_logging.disable_progress_bar()


def make_unet(channels):
    torch.manual_seed(1)
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=channels,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=24,
        attention_head_dim=4,
        norm_num_groups=8,
    ).eval()


def make_vae():
    torch.manual_seed(2)
    return AutoencoderKL(
        block_out_channels=(8, 16, 16),
        down_block_types=("DownEncoderBlock2D",) * 3,
        up_block_types=("UpDecoderBlock2D",) * 3,
        latent_channels=4,
        norm_num_groups=8,
        scaling_factor=0.3,
    ).eval()


def make_config(prediction):
    return {
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": prediction,
        "timestep_spacing": "trailing" if prediction == "v_prediction" else "leading",
        "steps_offset": 1,
        "set_alpha_to_one": False,
    }


class World:
    """One set of random weights, as our model and as diffusers' pipelines."""

    def __init__(self, prediction="epsilon", channels=4):
        self.config = make_config(prediction)
        self.unet, self.vae = make_unet(channels), make_vae()
        parts = Components(self.unet, self.vae, None, None, self.config, torch.device("cpu"), torch.float32, size=0)
        info = ModelInfo("tiny", "Tiny", "small", 64, 4, 4, inpainting=channels == 9)
        self.model = DiffusionModel(info, parts, lambda: None)
        self.prompt = torch.randn((2, 7, 24), generator=torch.Generator().manual_seed(3))

    def pipeline(self, kind, scheduler):
        config = self.config | ({"clip_sample": False} if scheduler == "ddim" else {})
        if scheduler != "ddim":
            config.pop("set_alpha_to_one")
        pipeline = kind(
            vae=self.vae,
            unet=self.unet,
            text_encoder=None,
            tokenizer=None,
            scheduler=SCHEDULERS[scheduler](**config),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def theirs(self, kind, scheduler, guidance, seeds=(5,), **given):
        count = len(seeds)
        return self.pipeline(kind, scheduler)(
            prompt_embeds=self.prompt[1:].expand(count, -1, -1),
            negative_prompt_embeds=self.prompt[:1].expand(count, -1, -1),
            num_inference_steps=given.pop("steps", STEPS),
            guidance_scale=guidance,
            generator=[torch.Generator().manual_seed(seed) for seed in seeds],
            output_type="latent",
            **given,
        ).images

    def ours(self, scheduler, guidance, seeds=(5,), **given):
        return self.model.denoise(
            self.prompt,
            size=(SIDE, SIDE),
            seeds=seeds,
            steps=given.pop("steps", STEPS),
            guidance=guidance,
            scheduler=scheduler,
            **given,
        )


def assert_same(ours, theirs):
    assert ours.shape == theirs.shape
    assert float((ours - theirs).abs().max()) <= TOLERANCE * max(1.0, float(theirs.abs().max()))


@pytest.mark.parametrize("guidance", [1.0, 6.0])
@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_text_to_image_equals_diffusers(scheduler, prediction, guidance):
    world = World(prediction)
    theirs = world.theirs(StableDiffusionPipeline, scheduler, guidance, width=SIDE, height=SIDE)
    assert_same(world.ours(scheduler, guidance), theirs)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_image_to_image_equals_diffusers(scheduler, prediction):
    world = World(prediction)
    known = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(9))
    theirs = world.theirs(StableDiffusionImg2ImgPipeline, scheduler, 4.0, steps=10, image=known, strength=0.5)
    assert_same(world.ours(scheduler, 4.0, steps=10, known=known, strength=0.5), theirs)


def test_nine_channel_inpainting_equals_diffusers():
    world = World(channels=9)
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[16:48, 24:56] = 255
    image = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    masked = image * (torch.from_numpy(mask)[None, None] < 128)
    with torch.no_grad():
        masked_latent = world.vae.encode(masked).latent_dist.mean * world.vae.config.scaling_factor
    theirs = world.theirs(
        StableDiffusionInpaintPipeline,
        "ddim",
        4.0,
        image=image / 2 + 0.5,
        mask_image=torch.from_numpy(mask)[None, None].float() / 255,
        masked_image_latents=masked_latent,
        height=SIDE,
        width=SIDE,
        strength=1.0,
    )
    assert_same(world.ours("ddim", 4.0, known=picture, mask=mask), theirs)


def test_nine_channel_model_generates_without_a_picture():
    latent = World(channels=9).ours("ddim", 1.0)
    assert latent.shape == (1, 4, 16, 16)
    assert bool(latent.isfinite().all())


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_a_batch_equals_single_runs(scheduler):
    world = World()
    batch = world.ours(scheduler, 5.0, seeds=(3, 4, 5))
    single = torch.cat([world.ours(scheduler, 5.0, seeds=(seed,)) for seed in (3, 4, 5)])
    assert_same(batch, single)
    assert float((batch[0] - batch[1]).abs().max()) > 0.1
