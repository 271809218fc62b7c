"""Our loop against diffusers' pipelines, on tiny random weights: the same seed, the same latents."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import (
    AutoencoderKL,
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
    UNet2DConditionModel,
)
from diffusers.utils import logging as diffusers_logging

from scumble.api import ModelInfo, ScumbleError
from scumble.engine.models.diffusion import DiffusionModel
from scumble.engine.models.loader import Components
from scumble.engine.models.residence import Residence
from scumble.engine.sampling.loop import Keep, denoise, draw_noise, free_cells, make_generators, mix_noise
from scumble.engine.sampling.samplers import SAMPLERS, SCHEDULES, make_scheduler
from scumble.engine.sampling.schedule import add_noise, make_schedule

SIDE, STEPS = 64, 6
TOLERANCE = 2e-4

pytestmark = [  # in diffusers and torchsde themselves
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Should have t:UserWarning"),
]

diffusers_logging.set_verbosity_error()
diffusers_logging.disable_progress_bar()


def make_unet(channels, guided=None):
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
        time_cond_proj_dim=guided,
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


CPU = torch.device("cpu")


class World:
    """One set of random weights, as our model and as diffusers' pipelines."""

    def __init__(self, prediction="epsilon", channels=4, guided=None):
        self.config = make_config(prediction)
        self.unet, self.vae = make_unet(channels, guided), make_vae()
        parts = Components(
            self.unet, self.vae, None, None, self.config, CPU, torch.float32, 0, Residence({}, CPU, {}.__getitem__)
        )
        info = ModelInfo("tiny", "Tiny", "small", 64, 4, 4, inpainting=channels == 9)
        self.model = DiffusionModel(info, parts, lambda: None)
        self.prompt = torch.randn((2, 7, 24), generator=torch.Generator().manual_seed(3))

    def pipeline(self, kind, scheduler, schedule="model", seeds=(5,)):
        pipeline = kind(
            vae=self.vae,
            unet=self.unet,
            text_encoder=None,
            tokenizer=None,
            scheduler=make_scheduler(scheduler, schedule, self.config, list(seeds)),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def theirs(self, kind, scheduler, guidance, seeds=(5,), **given):
        count = len(seeds)
        return self.pipeline(kind, scheduler, given.pop("schedule", "model"), seeds)(
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
            **{"eta": 0.0} | given,  # as the pipelines have it
        )


def assert_same(ours, theirs):
    assert ours.shape == theirs.shape
    assert float((ours - theirs).abs().max()) <= TOLERANCE * max(1.0, float(theirs.abs().max()))


@pytest.mark.parametrize("guidance", [1.0, 6.0])
@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("scheduler", SAMPLERS)
def test_text_to_image_equals_diffusers(scheduler, prediction, guidance):
    world = World(prediction)
    theirs = world.theirs(StableDiffusionPipeline, scheduler, guidance, width=SIDE, height=SIDE)
    assert_same(world.ours(scheduler, guidance), theirs)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("scheduler", SAMPLERS)
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


@pytest.mark.parametrize("scheduler", SAMPLERS)
def test_a_batch_equals_single_runs(scheduler):
    world = World()
    batch = world.ours(scheduler, 5.0, seeds=(3, 4, 5))
    single = torch.cat([world.ours(scheduler, 5.0, seeds=(seed,)) for seed in (3, 4, 5)])
    assert_same(batch, single)
    assert float((batch[0] - batch[1]).abs().max()) > 0.1


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("scheduler", ["euler", "dpmpp-2m", "unipc"])
def test_every_noise_schedule_equals_diffusers(scheduler, schedule):
    world = World()
    theirs = world.theirs(StableDiffusionPipeline, scheduler, 3.0, width=SIDE, height=SIDE, schedule=schedule)
    assert_same(world.ours(scheduler, 3.0, schedule=schedule), theirs)


def test_noise_schedules_differ():
    world = World()
    made = {schedule: world.ours("dpmpp-2m", 3.0, schedule=schedule) for schedule in SCHEDULES}
    assert torch.equal(made["model"], made["leading"])
    assert torch.equal(made["model"], made["scaled-linear"])
    others = [latent for schedule, latent in made.items() if schedule not in ("leading", "scaled-linear")]
    pairs = [(one, other) for index, one in enumerate(others) for other in others[:index]]
    assert min(float((one - other).abs().max()) for one, other in pairs) > 1e-3


def test_more_noise_put_back_is_another_picture_and_as_diffusers_does_it():
    world = World()
    theirs = world.theirs(StableDiffusionPipeline, "ddim", 3.0, width=SIDE, height=SIDE, eta=0.7)
    assert_same(world.ours("ddim", 3.0, eta=0.7), theirs)
    assert float((world.ours("ddim", 3.0) - theirs).abs().max()) > 0.1


def test_rescaled_guidance_equals_diffusers():
    world = World()
    theirs = world.theirs(StableDiffusionPipeline, "ddim", 9.0, width=SIDE, height=SIDE, guidance_rescale=0.7)
    assert_same(world.ours("ddim", 9.0, rescale=0.7), theirs)


def test_a_unet_that_has_learnt_guidance_equals_diffusers():
    world = World(guided=8)
    theirs = world.theirs(StableDiffusionPipeline, "lcm", 8.0, width=SIDE, height=SIDE)
    assert_same(world.ours("lcm", 8.0), theirs)
    assert float((world.ours("lcm", 1.0) - theirs).abs().max()) > 1e-3
    seen = []
    world.ours("lcm", 8.0, attention_hook=lambda site, step, *rows: seen.append(len(rows[0])) or rows)
    assert set(seen) == {1}, "once for each latent, with nothing negative"


def test_guidance_in_an_interval_is_between_none_and_all():
    world = World()
    full, none = world.ours("ddim", 6.0), world.ours("ddim", 1.0)
    assert torch.equal(world.ours("ddim", 6.0, interval=(0.0, 0.0)), none)
    early = world.ours("ddim", 6.0, interval=(0.0, 0.5))
    assert float((early - full).abs().max()) > 1e-3
    assert float((early - none).abs().max()) > 1e-3


@pytest.mark.parametrize("scheduler", SAMPLERS)
def test_what_is_kept_stays_exactly(scheduler):
    world = World()
    known = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(9))
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[16:48, 24:56] = 255
    made = world.ours(scheduler, 3.0, known=known, mask=mask, strength=0.8, steps=10)
    inside = torch.zeros((16, 16), dtype=torch.bool)
    inside[4:12, 6:14] = True
    assert torch.equal(made[..., ~inside], known[..., ~inside])
    assert float((made - known)[..., inside].abs().min()) > 0


@pytest.mark.parametrize("scheduler", ["dpmpp-2m", "euler", "ddim"])
def test_a_varied_seed_is_itself_at_0_near_at_a_tenth_and_the_other_at_1(scheduler):
    world = World()
    base, other = world.ours(scheduler, 3.0, seeds=(3,)), world.ours(scheduler, 3.0, seeds=(8,))
    made = {share: world.ours(scheduler, 3.0, seeds=(3,), vary=(8, share)) for share in (0.0, 0.1, 0.5, 1.0)}
    assert torch.equal(made[0.0], base)
    assert torch.equal(made[1.0], other)
    away = [float((made[share] - base).norm() / (other - base).norm()) for share in (0.0, 0.1, 0.5, 1.0)]
    assert away == sorted(away)
    assert 0.02 < away[1] < 0.3


def test_every_picture_of_a_batch_is_varied_as_it_is_alone():
    world = World()
    batch = world.ours("ddim", 3.0, seeds=(3, 8, 5), vary=(8, 0.3))
    single = [world.ours("ddim", 3.0, seeds=(seed,), vary=(8, 0.3)) for seed in (3, 8, 5)]
    assert_same(batch, torch.cat(single))
    assert_same(batch[1:2], world.ours("ddim", 3.0, seeds=(8,)))


def test_mixed_noise_is_as_strong_as_noise():
    one, two = draw_noise(make_generators([1, 2]), (4, 64, 64), torch.device("cpu")).split(1)
    for share in (0.2, 0.5, 0.8):
        assert float(mix_noise(one, two, share).std()) == pytest.approx(1.0, abs=0.02)


class Oracle:
    """Knows the picture: says which noise a latent holds at the level that it is at."""

    def __init__(self, schedule, picture, unet):
        self.schedule, self.picture, self.unet = schedule, picture, unet
        self.alpha = float(schedule.alphas[0])

    def __getattr__(self, name):
        return getattr(self.schedule, name)

    def __len__(self):
        return len(self.schedule)

    def __call__(self, latent, timestep, progress):
        return (latent - self.alpha**0.5 * self.picture) / (1 - self.alpha) ** 0.5

    def step(self, index, output, latent, alpha):
        stepped, self.alpha = self.schedule.step(index, output, latent, alpha)
        return stepped, self.alpha


@pytest.mark.parametrize("strength", [1.0, 0.5])
@pytest.mark.parametrize("scheduler", SAMPLERS)
def test_a_model_that_knows_the_picture_is_led_to_it(scheduler, strength):
    """Only with the right level before every step, also where half of the picture is held to that level."""
    world = World()
    known = torch.randn((1, 4, 16, 16), generator=torch.Generator().manual_seed(9))
    mask = np.full((SIDE, SIDE), 255, np.uint8)
    mask[:, :32] = 0
    plan = make_schedule(
        scheduler, world.config, 12, torch.device("cpu"), strength, seeds=(5,), generators=make_generators([5])
    )
    noise = draw_noise(make_generators([5]), (4, 16, 16), torch.device("cpu"))
    keep = Keep(known, noise, free_cells(mask, 4, torch.device("cpu")))
    oracle = Oracle(plan, known, world.unet)
    begun = noise * plan.start if strength == 1.0 else add_noise(known, noise, float(plan.alphas[0]))
    made = denoise(oracle, oracle, begun, keep=keep)
    assert torch.equal(made[..., :8], known[..., :8])
    assert float((made - known).abs().max()) < 0.15, "some samplers end at the least noise of training, not at none"


@pytest.mark.parametrize("scheduler", ["ddim", "ddpm", "lcm", "tcd", "euler-a"])
def test_a_schedule_that_a_sampler_lacks_is_refused_in_one_sentence(scheduler):
    with pytest.raises(ScumbleError) as caught:
        World().ours(scheduler, 3.0, schedule="karras")
    assert caught.value.code == "schedule-unsupported"
    assert scheduler in str(caught.value)


@pytest.mark.parametrize("wrong", [{"schedule": "steep"}, {"scheduler": "eular"}])
def test_an_unknown_name_is_refused(wrong):
    with pytest.raises(ScumbleError, match=r"eular|steep"):
        World().ours(**{"scheduler": "ddim", "guidance": 3.0} | wrong)


def test_a_few_step_sampler_takes_more_steps_than_it_was_made_for():
    assert bool(World().ours("lcm", 1.0, steps=60).isfinite().all())
