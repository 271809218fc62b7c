"""Cached steps: the same as full ones where nothing changes, near them where little does, gone afterwards."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from diffusers import UNet2DConditionModel

from scumble.engine.models import ModelLibrary
from scumble.engine.sampling.cache import CachedUNet, cacheable, cached, full_steps


def make_unet(last_attends, **given):
    torch.manual_seed(1)
    down = ("CrossAttnDownBlock2D", "CrossAttnDownBlock2D") if last_attends else ("DownBlock2D", "CrossAttnDownBlock2D")
    return UNet2DConditionModel(
        sample_size=16,
        layers_per_block=1,
        block_out_channels=(16, 32),
        down_block_types=down,
        up_block_types=tuple(name.replace("Down", "Up") for name in reversed(down)),
        cross_attention_dim=24,
        attention_head_dim=4,
        norm_num_groups=8,
        **given,
    ).eval()


def ask(unet, seed=0, batch=2, timestep=500, **added):
    generator = torch.Generator().manual_seed(seed)
    sample = torch.randn((batch, 4, 16, 16), generator=generator)
    text = torch.randn((batch, 7, 24), generator=torch.Generator().manual_seed(9))
    with torch.no_grad():
        return unet(sample, torch.tensor(timestep), encoder_hidden_states=text, return_dict=False, **added)[0]


class Counted:
    """Counts the passes of a UNet through its middle."""

    def __init__(self, unet):
        self.full = 0
        unet.mid_block.register_forward_pre_hook(self)

    def __call__(self, *_):
        self.full += 1


@pytest.mark.parametrize("last_attends", [False, True])
def test_a_cached_step_on_the_same_latent_is_the_full_one(last_attends):
    unet = make_unet(last_attends)
    counted = Counted(unet)
    with cached(unet, 3, 3) as quick:
        answers = [ask(quick) for _ in range(3)]
    assert counted.full == 1
    assert all(torch.equal(answers[0], answer) for answer in answers)
    assert torch.equal(answers[0], ask(unet))


def make_large_unet():
    """One that reads what SDXL's does besides."""
    return make_unet(
        last_attends=False,
        addition_embed_type="text_time",
        addition_time_embed_dim=4,
        projection_class_embeddings_input_dim=4 * 6 + 8,
    )


def test_a_cached_step_of_sdxl_is_the_full_one_and_hears_what_is_added():
    unet = make_large_unet()
    counted = Counted(unet)
    sizes = torch.tensor([[64.0, 64, 0, 0, 64, 64]]).expand(2, -1)
    added = {"text_embeds": torch.ones((2, 8)), "time_ids": sizes}
    other = {**added, "text_embeds": torch.zeros((2, 8))}
    with cached(unet, 9, 9) as quick:
        full, again, changed = (ask(quick, added_cond_kwargs=each) for each in (added, added, other))
    assert counted.full == 1
    assert torch.equal(full, again)
    assert float((changed - full).abs().max()) > 1e-4


def test_one_step_in_three_is_a_full_one():
    unet = make_unet(last_attends=True)
    counted = Counted(unet)
    with cached(unet, 3, 7) as quick:
        for step in range(7):
            ask(quick, seed=step)
    assert counted.full == 3


@pytest.mark.parametrize("every", [1, 2, 3, 6, 30])
@pytest.mark.parametrize("steps", [1, 2, 4, 7, 20, 50])
def test_full_steps_are_as_many_as_asked_for_and_closer_together_at_first(steps, every):
    full = sorted(full_steps(steps, every))
    assert len(full) == -(-steps // every)
    assert full[0] == 0
    assert full[-1] < steps
    assert np.all(np.diff(full, append=steps)[-1:] >= np.diff(full, append=steps)[:1])


def test_the_first_of_twenty_steps_are_full_more_often():
    assert sorted(full_steps(20, 6)) == [0, 3, 7, 13]


def test_a_cached_step_sees_the_new_latent_and_the_new_time():
    unet = make_unet(last_attends=False)
    with cached(unet, 4, 8) as quick:
        first = ask(quick)
        assert not torch.equal(ask(quick, seed=1), first)
        assert not torch.equal(ask(quick, timestep=100), first)


def test_another_batch_is_a_full_step():
    unet = make_unet(last_attends=True)
    counted = Counted(unet)
    with cached(unet, 5, 5) as quick:
        ask(quick, batch=2)
        assert ask(quick, batch=1).shape[0] == 1
    assert counted.full == 2


def test_nothing_is_left_behind():
    unet = make_unet(last_attends=True)
    before = ask(unet)
    with pytest.raises(TypeError, match="encoder_hidden_states"), cached(unet, 3, 3) as quick:
        quick(torch.zeros((1, 4, 16, 16)), torch.tensor(5), text=None)
    assert not unet.up_blocks[-1].resnets[-1]._forward_pre_hooks
    assert torch.equal(ask(unet), before)


def test_a_unet_that_takes_more_than_time_and_text_is_not_cached():
    plain, classes = make_unet(last_attends=False), make_unet(last_attends=False, class_embed_type="timestep")
    assert cacheable(plain)
    assert not cacheable(classes)
    with cached(classes, 3, 6) as same:
        assert same is classes
    with cached(plain, 1, 6) as same:
        assert same is plain
    with cached(plain, 2, 6) as quick:
        assert isinstance(quick, CachedUNet)


@pytest.fixture(scope="module")
def model():
    library = ModelLibrary()
    return library.load(library.infos()[0].id, "cpu", "float32", lambda: None)


def paint(model, **given):
    latent = model.denoise(
        model.encode_prompt("a lake in the mountains"), size=(128, 128), seeds=[3], steps=12, guidance=5.0, **given
    )
    return model.decode(latent)[0]


def likeness(one, other):
    """PSNR in dB."""
    return 10 * np.log10(255**2 / max(((one.astype(float) - other.astype(float)) ** 2).mean(), 1e-9))


def test_the_picture_stays_much_the_same_and_less_so_with_fewer_full_steps(model):
    best = paint(model)
    states = model.encode_prompt("a city at night")
    other = model.decode(model.denoise(states, size=(128, 128), seeds=[3], steps=12, guidance=5.0))[0]
    balanced, quick = (likeness(paint(model, full_every=every), best) for every in (2, 6))
    assert balanced > 22
    assert balanced > quick > likeness(other, best)


def test_who_looks_into_attention_gets_every_step(model):
    steps = []

    def hook(site, step, query, key, value):
        steps.append(step)
        return query, key, value

    assert np.array_equal(paint(model, full_every=6, attention_hook=hook), paint(model, attention_hook=hook))
    assert set(steps) == set(range(12))


def test_cached_steps_hold_what_is_kept(model):
    known = model.encode(np.full((128, 128, 3), 90, np.uint8))
    mask = np.zeros((128, 128), np.uint8)
    mask[32:96, 32:96] = 255
    made = model.denoise(
        model.encode_prompt("a red cup"),
        size=(128, 128),
        seeds=[1],
        steps=9,
        guidance=4.0,
        known=known,
        mask=mask,
        full_every=3,
    )
    outside = torch.ones(made.shape[2:], dtype=torch.bool)
    outside[8:24, 8:24] = False
    assert torch.equal(made[..., outside], known[..., outside])


def test_the_same_words_are_encoded_once(model):
    calls = []
    handle = model._parts.text_encoder.register_forward_pre_hook(lambda *_: calls.append(1))
    try:
        first = model.encode_prompt("a castle that nobody has asked for", "rain over it")
        asked = len(calls)
        assert torch.equal(model.encode_prompt("a castle that nobody has asked for", "rain over it"), first)
        assert len(calls) == asked == 2
        model.encode_prompt("a castle that nobody has asked for", "rain over it", 1)
        assert len(calls) == 4
        for number in range(40):
            model.encode_prompt(f"castle {number}")
        assert len(model._parts.texts) <= 32
    finally:
        handle.remove()
