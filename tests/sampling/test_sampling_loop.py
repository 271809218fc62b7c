"""What the loop promises by itself, on the starter model."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scumble.api import Cancelled, ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.sampling.attention import attention_sites
from scumble.engine.sampling.loop import Keep, draw_noise, free_cells, make_generators
from scumble.engine.sampling.schedule import add_noise, plan_steps, split

SIZE = (64, 64)


class Button:
    """A Cancel button that is pressed after so many looks at it."""

    def __init__(self):
        self.looks = 0
        self.after = None

    def check(self):
        self.looks += 1
        if self.after is not None and self.looks > self.after:
            raise Cancelled


@pytest.fixture(scope="module")
def library():
    return ModelLibrary()


@pytest.fixture
def button():
    return Button()


@pytest.fixture
def model(library, button):
    return library.load(library.infos()[0].id, "cpu", "float32", button.check)


@pytest.fixture
def known(model):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    return model.encode(
        np.dstack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None], (1, 64)), np.full((64, 64), 90, np.uint8)])
    )


def run(model, **given):
    defaults = {"size": SIZE, "seeds": [1], "steps": 4, "guidance": 3.0}
    return model.denoise(model.encode_prompt("a red cup"), **defaults | given)


@pytest.mark.parametrize("scheduler", ["ddim", "dpmpp-2m"])
def test_what_is_not_masked_stays_exactly_as_it_was(model, known, scheduler):
    mask = np.zeros((64, 64), np.uint8)
    mask[16:40, 20:50] = 255
    result = run(model, known=known, mask=mask, scheduler=scheduler)
    kept = (free_cells(mask, 4, torch.device("cpu")) == 0).expand_as(result)
    assert torch.equal(result[kept], known[kept])
    assert float((result - known)[~kept].abs().mean()) > 0.05


def test_a_touched_cell_is_wholly_free():
    mask = np.zeros((16, 16), np.uint8)
    mask[5, 6] = 255
    cells = free_cells(mask, 4, torch.device("cpu"))
    assert float(cells[0, 0, 1, 1]) == 1.0
    assert float(cells.sum()) == 1.0


def test_grey_frees_a_cell_for_the_last_part_of_the_steps():
    keep = Keep(torch.zeros(1, 1, 1, 4), torch.zeros(1, 1, 1, 4), torch.tensor([[[[0.0, 0.25, 0.75, 1.0]]]]))
    freed = [keep.blend(torch.ones(1, 1, 1, 4), 1.0, progress).flatten().tolist() for progress in (0.0, 0.5, 1.0)]
    assert freed == [[0, 0, 0, 1], [0, 0, 1, 1], [0, 1, 1, 1]]


def test_darker_grey_changes_less(model, known):
    change = []
    for value in (60, 140, 255):
        result = run(model, known=known, mask=np.full((64, 64), value, np.uint8), steps=10)
        change.append(float((result - known).abs().mean()))
    assert change == sorted(change)
    assert change[0] < 0.8 * change[2]


def test_a_hook_that_changes_nothing_changes_nothing(model):
    calls = set()

    def hook(site, step, query, key, value):
        calls.add((site.name, step))
        return query, key, value

    plain, hooked = run(model), run(model, attention_hook=hook)
    assert float((plain - hooked).abs().max()) < 1e-5
    sites = attention_sites(model._parts.unet)
    assert calls == {(site.name, step) for site in sites for step in range(4)}
    assert [site.index for site in sites if site.part == "up" and not site.cross] == [0, 1, 2, 3]


def test_a_hook_that_fails_leaves_the_model_as_it_was(model):
    before = dict(model._parts.unet.attn_processors)

    def hook(site, step, query, key, value):
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        run(model, attention_hook=hook)
    assert model._parts.unet.attn_processors == before


def test_inversion_and_back(model, known):
    prompt = model.encode_prompt("")
    noise = model.invert(known, prompt, steps=20)
    back = model.denoise(prompt, size=SIZE, seeds=[0], steps=20, guidance=1.0, scheduler="ddim", start=noise)
    assert float((back - known).norm() / known.norm()) < 0.1


def test_on_step_reports_each_step_with_an_ever_better_guess(model):
    seen = []
    result = run(model, steps=5, on_step=lambda step, steps, clean: seen.append((step, steps, clean)))
    assert [(step, steps) for step, steps, _ in seen] == [(step, 5) for step in range(1, 6)]
    distances = [float((clean - result).norm()) for _, _, clean in seen]
    assert distances[-1] < 0.2 * distances[0]


def test_cancel_takes_effect_in_the_middle_of_a_step(model, button):
    steps = []

    def on_step(step, count, clean):
        steps.append(step)
        button.after = button.looks + 5

    with pytest.raises(Cancelled):
        run(model, steps=10, on_step=on_step)
    assert steps == [1]
    assert not any(module._forward_pre_hooks for module in model._parts.unet.modules())


def test_cancel_takes_effect_while_decoding(model, button, known):
    button.after = button.looks + 3
    with pytest.raises(Cancelled):
        model.decode(known)


def test_noise_depends_on_the_seed_alone():
    together = draw_noise(make_generators([1, 2, 2**32 - 1]), (4, 8, 8), torch.device("cpu"))
    assert torch.equal(together[1:2], draw_noise(make_generators([2]), (4, 8, 8), torch.device("cpu")))
    assert not torch.equal(together[0], together[1])


@pytest.mark.parametrize(
    ("steps", "strength", "planned"),
    [
        (20, 1.0, (20, 0)),
        (20, 0.5, (20, 10)),
        (20, 0.1, (40, 36)),
        (10, 0.3, (13, 9)),
        (2, 0.5, (4, 2)),
        (1, 1.0, (1, 0)),
    ],
)
def test_a_weak_start_still_gets_its_steps(steps, strength, planned):
    assert plan_steps(steps, strength) == planned


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "sample"])
def test_split_and_add_noise_belong_together(prediction):
    generator = torch.Generator().manual_seed(0)
    clean, noise = torch.randn(2, 3, generator=generator), torch.randn(2, 3, generator=generator)
    alpha = 0.3
    latent = add_noise(clean, noise, alpha)
    output = {"epsilon": noise, "sample": clean, "v_prediction": alpha**0.5 * noise - (1 - alpha) ** 0.5 * clean}
    for got, wanted in zip(split(output[prediction], latent, alpha, prediction), (clean, noise), strict=True):
        assert torch.allclose(got, wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"size": (65, 64)}, "size-invalid"),
        ({"size": (32, 64)}, "size-invalid"),
        ({"scheduler": "magic"}, "param-invalid"),
        ({"mask": np.zeros((8, 8), np.uint8)}, "mask-size"),
    ],
)
def test_bad_requests_are_named(model, given, code):
    with pytest.raises(ScumbleError) as caught:
        run(model, **given)
    assert caught.value.code == code
