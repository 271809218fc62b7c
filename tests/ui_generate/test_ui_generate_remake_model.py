"""The starter model in the window: the same recipe gives the same bytes, and live painting follows the brush."""

import numpy as np
import pytest

from scumble.document import Rect
from scumble.document.edits import deselect, select
from scumble.plugins import Catalogue
from scumble.render import flatten
from scumble.service import EngineSettings, ModelService


@pytest.fixture
def service(qapp, tmp_path):
    made = ModelService(EngineSettings(tmp_path / "engine", tmp_path / "plugins", threads=1))
    made.start()
    yield made
    made.shutdown()


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "plugins")


def made(bench):
    generation = bench.generation
    bench.wait(lambda: not generation.board.jobs and bool(generation.candidates.offered), seconds=90, what="the job")
    (result,) = generation.candidates.offered
    generation.candidates.apply(result)
    return result


def test_again_vary_and_live_painting_with_the_bundled_model(bench):
    generation, live = bench.generation, bench.generation.live
    bench.open(200, 160)
    bench.wait(lambda: bool(generation.dock.models), seconds=90, what="the models")
    select(bench.document, Rect(60, 50, 70, 50))
    bench.pick("inpaint", prompt="a red boat", steps=4, seed=7)
    generation.generate()
    first = made(bench)
    layer = bench.document.active
    deselect(bench.document)
    generation.recipe.bar.same.trigger()
    assert (made(bench).candidate.image == first.candidate.image).all()
    generation.recipe.bar.vary.click()
    varied = made(bench)
    assert varied.prepared.job.params["strength"] == 0.6
    assert (varied.candidate.image != first.candidate.image).any()
    generation.recipe.bar.same.trigger()
    assert (made(bench).candidate.image == varied.candidate.image).all()
    assert (bench.document.active.id, len(bench.document.layers)) == (layer.id, 2)

    select(bench.document, Rect(20, 20, 64, 64))
    seen = flatten(bench.document.snapshot(), bench.document.bounds)
    bench.window.commands.action("generate.live").trigger()
    bench.wait(lambda: live.shown is not None, seconds=90, what="the first live picture")
    before = live.shown
    with bench.document.history.transaction("Stroke") as edit:
        edit.put(layer.surface, Rect(90, 70, 20, 20), np.full((20, 20, 4), 255, np.uint8))
    bench.wait(lambda: live.shown is not before and not live.running, seconds=90, what="the next one")
    assert (live.shown.image != before.image).any()
    shown = live.shown
    live.take()
    made_of = bench.document.active.recipe
    assert (made_of.crop == shown.image).all()
    assert made_of.params["steps"] == 6
    mask = bench.document.surface(bench.document.active.mask).read(bench.document.bounds)
    after = flatten(bench.document.snapshot(), bench.document.bounds)
    untouched = mask == 0
    untouched[70:90, 90:110] = False
    assert (after[untouched] == seen[untouched]).all()
