"""The starter model in the window: invent, then fill, and nothing outside changes."""

import numpy as np
import pytest

from scumble.document import BGRA8, Rect
from scumble.document.edits import new_document, select
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


def test_invent_and_fill_with_the_bundled_model(bench):
    generation = bench.generation
    bench.pick("txt2img", prompt="a boat on the sea", steps=4, seed=7)
    generation.generate()
    if not generation.board.jobs:
        assert "The engine is starting" in generation.dock.message.text.text()
    bench.wait(lambda: bool(generation.candidates.offered), seconds=60, what="the picture")
    assert not generation.dock.message.text.text() or not generation.dock.message.isVisible()
    prompt = generation.dock.form.fields["prompt"]
    bench.wait(lambda: "/ 77" in prompt.counter.text(), what="the count of tokens")
    bench.window.open_document(new_document(256, 192, BGRA8, background=(0.2, 0.5, 0.8), name="Ground"))
    select(bench.document, Rect(90, 70, 50, 40))
    seen = flatten(bench.document.snapshot(), bench.document.bounds)
    bench.pick("inpaint", prompt="a red house", steps=4, seed=7)
    generation.generate()
    bench.wait(lambda: not generation.board.jobs, seconds=60, what="the fill")
    (result,) = generation.candidates.offered
    generation.candidates.apply(result)
    after = flatten(bench.document.snapshot(), bench.document.bounds)
    changed = (after != seen).any(axis=2)
    allowed = np.zeros(changed.shape, bool)
    allowed[result.prepared.affected.slices(bench.document.bounds)] = True
    assert changed.any()
    assert not (changed & ~allowed).any()
    recipe = bench.document.active.recipe
    assert recipe.model == result.prepared.job.model != ""
    assert recipe.params["seed"] == 7


def test_a_held_job_lets_another_pass_and_says_where_it_is(bench):
    board, window = bench.generation.board, bench.window
    bench.open(64, 64)
    bench.pick("txt2img", prompt="a boat on the sea", steps=100, seed=7)
    bench.generation.generate()
    bench.wait(lambda: bool(board.jobs), seconds=60, what="the engine")
    (held,) = board.jobs
    bench.wait(lambda: held.preview is not None, seconds=60, what="a step")
    row = bench.generation.jobs.rows[held.id]
    row.hold.click()
    bench.wait(lambda: held.paused, what="the pause")
    bench.pick("txt2img", steps=1)
    bench.generation.generate()
    bench.wait(lambda: board.jobs == (held,), seconds=60, what="the other")
    assert len(bench.generation.candidates.offered) == 1
    assert row.state.text() == f"paused at step {held.step} of 100"
    assert row.bar.isVisibleTo(window)
    assert row.preview.isVisibleTo(window)
    bench.pick("txt2img", steps=100)
    bench.generation.generate()
    bench.wait(lambda: len(board.jobs) == 2 and board.jobs[1].step > 0, seconds=60, what="a step of the third")
    step = held.step
    row.hold.click()
    bench.wait(lambda: not row.hold.isVisibleTo(window), what="going on")
    assert row.state.text() == f"put aside at step {step} of 100"
    assert row.first.isVisibleTo(window)
    row.first.click()
    bench.wait(lambda: held.step > step, seconds=60, what="going on")
    assert row.state.text().startswith("Step")
    overtaken = board.jobs[1]
    assert bench.generation.jobs.rows[overtaken.id].state.text().startswith("put aside at step")
    assert bench.generation.jobs.rows[overtaken.id].preview.isVisibleTo(window)
    board.cancel_all()
