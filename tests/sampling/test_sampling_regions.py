"""Prompts that hold in a part of the picture each, on the starter model."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from scumble.api import ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.sampling.regions import lay_out

SIZE = (64, 64)
LEFT = np.zeros((64, 64), np.uint8)
LEFT[:, :32] = 255
RIGHT = 255 - LEFT


@pytest.fixture(scope="module")
def model():
    library = ModelLibrary()
    return library.load(library.infos()[0].id, "cpu", "float32", lambda: None)


@pytest.fixture(scope="module")
def known(model):
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    return model.encode(np.dstack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None], (1, 64)), np.full_like(LEFT, 90)]))


def run(model, prompt="", **given):
    defaults = {"size": SIZE, "seeds": [3], "steps": 4, "guidance": 4.0}
    return model.denoise(model.encode_prompt(prompt), **defaults | given)


def ask(model, mask, prompt, strength=1.0, negative=""):
    return model.encode_prompt(prompt, negative), mask, strength


@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_equal_prompts_everywhere_are_one_prompt(model, guidance):
    words = "a red cup"
    plain = run(model, words, guidance=guidance)
    parted = run(model, words, guidance=guidance, regions=[ask(model, LEFT, words), ask(model, RIGHT // 2, words)])
    assert float((plain - parted).abs().max()) < 1e-4


def test_in_one_step_a_prompt_changes_only_its_own_region(model):
    made = [run(model, steps=1, regions=[ask(model, LEFT, words)]) for words in ("snow", "a field of red flowers")]
    difference = (made[0] - made[1]).abs().mean(dim=(0, 1))
    assert float(difference[:, 8:].max()) < 1e-5
    assert float(difference[:, :8].mean()) > 0.05


def test_over_all_steps_a_region_follows_its_own_prompt(model):
    night, snow = (run(model, words, steps=8) for words in ("night city", "snowy hills"))
    both = run(model, steps=8, regions=[ask(model, LEFT, "night city"), ask(model, RIGHT, "snowy hills")])
    for half, own, other in ((np.s_[..., :8], night, snow), (np.s_[..., 8:], snow, night)):
        assert float((both[half] - own[half]).norm()) < float((both[half] - other[half]).norm())


def test_a_change_of_one_prompt_is_felt_most_where_it_holds(model):
    def made(words):
        return run(model, steps=6, regions=[ask(model, LEFT, words), ask(model, RIGHT, "snowy hills")])

    difference = (made("night city") - made("a field of red flowers")).abs()
    assert float(difference[..., 8:].mean()) < 0.5 * float(difference[..., :8].mean())


def test_nothing_outside_the_mask_changes_whatever_the_regions_say(model, known):
    mask = np.zeros((64, 64), np.uint8)
    mask[16:48, 16:48] = 255
    result = run(model, known=known, mask=mask, regions=[ask(model, LEFT, "snow"), ask(model, RIGHT, "night city")])
    inside = torch.zeros(16, 16, dtype=torch.bool)
    inside[4:12, 4:12] = True
    assert torch.equal(result[..., ~inside], known[..., ~inside])
    assert float((result - known)[..., inside].abs().mean()) > 0.05


def test_a_weaker_region_keeps_more_of_the_picture(model, known):
    regions = [ask(model, LEFT, "snow", 0.3), ask(model, RIGHT, "snow", 1.0)]
    result = run(model, "snow", known=known, mask=np.full_like(LEFT, 255), steps=10, regions=regions)
    change = (result - known).abs()
    assert float(change[..., :8].mean()) < 0.8 * float(change[..., 8:].mean())
    alone = run(model, "snow", known=known, mask=LEFT, steps=10, regions=[ask(model, LEFT, "snow", 0.3)])
    plain = run(model, "snow", known=known, mask=LEFT, steps=10, strength=0.3)
    assert torch.allclose(alone, plain, atol=1e-4)


def test_each_prompt_costs_a_pass_and_alike_ones_cost_none(model):
    counted = []
    hook = model._parts.unet.register_forward_pre_hook(lambda _unet, given: counted.append(len(given[0])))
    try:
        run(model, "hills", steps=1)
        run(model, "hills", steps=1, regions=[ask(model, LEFT, "hills")])
        run(model, "hills", steps=1, regions=[ask(model, LEFT, "snow")])
        run(model, "hills", steps=1, regions=[ask(model, LEFT, "snow"), ask(model, RIGHT, "night city")])
        run(model, "hills", steps=1, regions=[ask(model, LEFT, "snow", negative="red")])
        run(model, "hills", steps=1, guidance=1.0, regions=[ask(model, LEFT, "snow", negative="red")])
    finally:
        hook.remove()
    assert counted == [2, 2, 3, 3, 4, 2]


def test_prompts_of_unlike_lengths_and_batches_go_together(model):
    long = "a house BREAK a red cup BREAK snow"
    regions = [ask(model, LEFT, long), ask(model, RIGHT, "hills BREAK night")]
    two = run(model, steps=2, seeds=[3, 4], regions=regions)
    one = run(model, steps=2, seeds=[4], regions=regions)
    assert float((two[1:] - one).abs().max()) < 1e-4
    repeated = run(model, steps=2, seeds=[4], regions=[ask(model, LEFT, long), ask(model, RIGHT, "hills BREAK night")])
    assert torch.equal(one, repeated)


def test_many_pictures_of_many_prompts_go_through_in_parts(model):
    regions = [ask(model, LEFT, "hills"), ask(model, RIGHT, "night")]
    seeds = list(range(9))
    counted = []
    hook = model._parts.unet.register_forward_pre_hook(lambda _unet, given: counted.append(len(given[0])))
    try:
        many = run(model, steps=1, seeds=seeds, regions=regions)
    finally:
        hook.remove()
    assert counted == [9, 9, 9]
    assert float((many[8:] - run(model, steps=1, seeds=[8], regions=regions)).abs().max()) < 1e-4


def test_cached_steps_know_regions_too(model):
    regions = [ask(model, LEFT, "night city"), ask(model, RIGHT, "snowy hills")]
    whole, cached = (run(model, steps=6, full_every=every, regions=regions) for every in (1, 2))
    assert float((whole - cached).norm() / whole.norm()) < 0.5


def test_the_shares_of_a_cell_add_up():
    text = torch.stack([torch.zeros(77, 4), torch.ones(77, 4)])
    corner = np.zeros((64, 64), np.uint8)
    corner[:32, :32] = 128
    laid = lay_out(text, 0.5, [(text + 1, LEFT, 1.0), (text + 2, corner, 0.25)], 4, None)
    assert torch.allclose(laid.positives.sum(dim=0), torch.ones(1, 16, 16))
    assert laid.positives[:, 0, 0, 0].tolist() == pytest.approx([0, 255 / 383, 128 / 383])
    assert laid.positives[:, 0, 0, 12].tolist() == [1, 0, 0]
    assert laid.strength == 1.0
    assert float(laid.freedom[0, 0, 12, 12]) == pytest.approx(0.5, abs=1e-5)


def test_what_may_not_change_needs_no_prompt():
    text = torch.stack([torch.zeros(77, 4), torch.ones(77, 4)])
    free = torch.zeros(1, 1, 16, 16)
    free[..., :8] = 1.0
    laid = lay_out(text, 1.0, [(text + 1, LEFT, 0.4), (text + 2, RIGHT, 0.9)], 4, free)
    assert len(laid.positives) == 1
    assert laid.strength == 0.4


def test_a_mask_of_another_size_is_named(model):
    with pytest.raises(ScumbleError) as caught:
        run(model, regions=[ask(model, LEFT[:32], "snow")])
    assert caught.value.code == "mask-size"
