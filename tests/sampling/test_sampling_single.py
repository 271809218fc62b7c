"""Where memory is short the UNet sees one latent at a time, and the pictures are those that it makes alone."""

import pytest
import torch

from scumble.engine.ladder import Ladder, Rung
from scumble.engine.models import ModelLibrary

SEEDS = (3, 4, 5)


@pytest.fixture(scope="module")
def library():
    return ModelLibrary()


@pytest.fixture
def load(library):
    return lambda ladder: library.load(library.infos()[0].id, "cpu", "float32", lambda: None, ladder)


def run(model, seeds, **given):
    prompt = model.encode_prompt("a red cup", "a blue one")
    return model.denoise(prompt, size=(64, 64), seeds=seeds, steps=4, guidance=3.0, **given)


@pytest.mark.parametrize("full_every", [1, 3])
def test_one_after_the_other_they_are_what_they_are_alone(load, full_every):
    frugal = load(Ladder(taken=(Rung.SINGLE,)))
    together = run(frugal, SEEDS, full_every=full_every)
    alone = torch.cat([run(frugal, (seed,), full_every=full_every) for seed in SEEDS])
    assert torch.equal(together, alone)
    assert float((together - run(load(Ladder()), SEEDS, full_every=full_every)).abs().max()) < 1e-3


class Small:
    """A memory that holds one latent's pass of the UNet, and no more."""

    def __init__(self, unet):
        self.widths = []
        self.handle = unet.conv_in.register_forward_pre_hook(self)

    def __call__(self, _module, given):
        self.widths.append(len(given[0]))
        if len(given[0]) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory")


@pytest.mark.parametrize("full_every", [1, 3])
def test_a_run_for_which_memory_is_short_begins_anew(load, full_every):
    ladder, steps = Ladder(), []
    model = load(ladder)
    memory = Small(model._parts.unet)
    try:
        made = run(
            model, SEEDS, full_every=full_every, scheduler="ddpm", on_step=lambda step, count, _: steps.append(step)
        )
    finally:
        memory.handle.remove()
    assert ladder.told == f"{Rung.OTHERS.value}, {Rung.SINGLE.value}"
    assert memory.widths == [6, 6] + [1] * 6 * 4
    assert steps == [1, 2, 3, 4]
    assert float((made - run(model, SEEDS, full_every=full_every, scheduler="ddpm")).abs().max()) < 1e-3


def test_with_a_tool_that_looks_on_nothing_begins_anew(load):
    ladder = Ladder()
    model = load(ladder)
    memory = Small(model._parts.unet)
    try:
        with pytest.raises(torch.OutOfMemoryError):
            run(model, SEEDS, attention_hook=lambda site, step, query, key, value: (query, key, value))
    finally:
        memory.handle.remove()
    assert memory.widths == [6]
    assert ladder.told == ""
