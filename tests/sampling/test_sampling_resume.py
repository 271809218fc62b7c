"""A run that is put aside and taken up again, in another process's memory as it were, ends in the same bytes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel

from scumble.engine.sampling.loop import Keep, Predictor, Standing, denoise, draw_noise, free_cells, make_generators
from scumble.engine.sampling.resume import pack, unpack
from scumble.engine.sampling.samplers import FLOW_SAMPLERS, SAMPLERS
from scumble.engine.sampling.schedule import make_schedule

CPU, STEPS, SEEDS = torch.device("cpu"), 5, (3, 4)
SHAPE = (4, 8, 8)

PLAIN = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1}
FLOW = {"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0}
RUNS = [*((name, PLAIN) for name in SAMPLERS), *((name, FLOW) for name in FLOW_SAMPLERS)]
NAMES = [*SAMPLERS, *(f"flow-{name}" for name in FLOW_SAMPLERS)]

pytestmark = [  # in diffusers and torchsde themselves
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Should have t:UserWarning"),
]


class Paused(Exception):
    """Nobody waits for the run any more."""


@pytest.fixture(scope="module")
def unet():
    torch.manual_seed(1)
    made = UNet2DConditionModel(
        sample_size=8,
        in_channels=4,
        out_channels=4,
        layers_per_block=1,
        block_out_channels=(8, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=8,
        attention_head_dim=4,
        norm_num_groups=4,
    )
    return made.eval().requires_grad_(False).to(memory_format=torch.channels_last)


@pytest.fixture(scope="module")
def prompt():
    return torch.randn((2, 7, 8), generator=torch.Generator().manual_seed(3))


class Run:
    """Everything that a job makes anew: the schedule, the generators, the noise, what is kept."""

    def __init__(self, unet, prompt, scheduler, config, eta=None):
        generators = make_generators(SEEDS)
        self.predict = Predictor(unet, prompt, 4.0)
        self.schedule = make_schedule(scheduler, config, STEPS, CPU, seeds=SEEDS, generators=generators, eta=eta)
        noise = draw_noise(generators, SHAPE, CPU)
        self.latent = noise * self.schedule.start
        mask = np.zeros((8, 8), np.uint8)
        mask[2:6, 1:7] = 255
        self.keep = Keep(torch.full_like(noise, 0.3), noise, free_cells(mask, 1, CPU))

    def denoise(self, begun, **given):
        return denoise(self.predict, self.schedule, begun, keep=self.keep, **given)

    def paused_after(self, done):
        saved = []

        def pause(standing):
            if standing.done == done:
                saved.append(pack(standing, self.schedule))
                raise Paused

        with pytest.raises(Paused):
            self.denoise(self.latent, on_standing=pause)
        return saved[0]


@pytest.mark.parametrize(("scheduler", "config"), RUNS, ids=NAMES)
def test_it_goes_on_as_if_it_had_never_stopped(unet, prompt, scheduler, config):
    whole = Run(unet, prompt, scheduler, config)
    told = []
    expected = whole.denoise(whole.latent, on_standing=told.append)
    steps = len(whole.schedule)
    assert [standing.done for standing in told] == list(range(1, steps))
    for done in range(1, steps):
        saved = Run(unet, prompt, scheduler, config).paused_after(done)
        anew = Run(unet, prompt, scheduler, config)
        standing = unpack(saved, anew.schedule)
        assert torch.equal(standing.latent, told[done - 1].latent)
        seen = []
        made = anew.denoise(standing, on_step=lambda step, count, clean, seen=seen: seen.append((step, count)))
        assert torch.equal(made, expected), f"after {done} of {steps}"
        assert seen == [(step, steps) for step in range(done + 1, steps + 1)]


def test_it_can_be_put_aside_more_than_once_and_noise_goes_on_where_it_was(unet, prompt):
    whole = Run(unet, prompt, "ddim", PLAIN, eta=0.8)
    expected = whole.denoise(whole.latent)
    saved = Run(unet, prompt, "ddim", PLAIN, eta=0.8).paused_after(1)
    for _ in range(STEPS - 2):
        anew, last = Run(unet, prompt, "ddim", PLAIN, eta=0.8), []

        def pause(standing, anew=anew, last=last):
            last.append(pack(standing, anew.schedule))
            raise Paused

        with pytest.raises(Paused):
            anew.denoise(unpack(saved, anew.schedule), on_standing=pause)
        (saved,) = last
    anew = Run(unet, prompt, "ddim", PLAIN, eta=0.8)
    assert torch.equal(anew.denoise(unpack(saved, anew.schedule)), expected)
    assert not torch.equal(Run(unet, prompt, "ddim", PLAIN, eta=0.0).denoise(whole.latent), expected)


def test_what_is_kept_is_small(unet, prompt):
    latent = len(SEEDS) * 4 * np.prod(SHAPE)
    for scheduler, histories in (("euler", 0), ("ddim", 0), ("dpmpp-2m", 2), ("dpmpp-3m", 3), ("pndm", 4)):
        saved = Run(unet, prompt, scheduler, PLAIN).paused_after(3)
        assert len(saved) < latent * (histories + 2) + 20_000


def test_a_way_of_lying_in_memory_is_given_back():
    latent = torch.rand(1, 4, 8, 8).to(memory_format=torch.channels_last)
    plan = [make_schedule("euler", PLAIN, STEPS, CPU) for _ in range(2)]
    made = unpack(pack(Standing(1, latent, 0.5), plan[0]), plan[1])
    assert made.latent.stride() == latent.stride()
    assert torch.equal(made.latent, latent)


@pytest.mark.parametrize("damage", [lambda data: data[:-9], lambda data: b"", lambda data: b"\0" * 99, bytes.swapcase])
def test_damaged_bytes_are_refused(unet, prompt, damage):
    saved = Run(unet, prompt, "euler", PLAIN).paused_after(2)
    with pytest.raises(ValueError, match="damaged"):
        unpack(damage(saved), Run(unet, prompt, "euler", PLAIN).schedule)


@pytest.mark.parametrize("other", [("ddim", PLAIN, STEPS), ("euler", FLOW, STEPS), ("euler", PLAIN, STEPS + 1)])
def test_those_of_another_run_are_refused(unet, prompt, other):
    saved = Run(unet, prompt, "euler", PLAIN).paused_after(2)
    scheduler, config, steps = other
    with pytest.raises(ValueError, match="another run"):
        unpack(saved, make_schedule(scheduler, config, steps, CPU))
