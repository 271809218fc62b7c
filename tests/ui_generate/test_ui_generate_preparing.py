"""From a click to the engine: the window goes on meanwhile, and what it shows then is no part of the job."""

import numpy as np
import pytest
from PySide6.QtCore import QTimer

from scumble.api import ScumbleError
from scumble.document import Rect
from scumble.document.edits import add_layer
from scumble.render import flatten
from scumble.ui.generate import preparing
from scumble.ui.generate.jobs import Job, Stage
from scumble.ui.generate.remake import Way


@pytest.fixture
def slow(monkeypatch):
    """Nothing but one piece of work in each turn of the window."""
    monkeypatch.setattr(preparing, "SLICE", 0.0)


def click(bench, **values):
    bench.pick("quick-fill", steps=1, **values)
    return bench.generation.generator.generate(bench.generation.dock.wish())


def started(bench):
    """The jobs in the order in which the engine begins them."""
    begun = []
    bench.generation.board._service.started.connect(begun.append)
    return begun


def test_a_click_is_acknowledged_at_once_and_can_be_called_off(bench):
    bench.open()
    bench.select()
    begun = started(bench)
    job = click(bench, prompt="a boat")
    assert job.stage is Stage.PREPARING
    row = bench.generation.jobs.rows[job.id]
    assert row.isVisible()
    assert (row.name.text(), row.state.text()) == ("a boat", "preparing…")
    assert not row.first.isVisible()
    with pytest.raises(RuntimeError):
        _ = job.prepared
    row.cancel.click()
    assert not bench.generation.board.jobs
    (result,) = bench.run(steps=1, prompt="a house")
    assert begun == [result.prepared.job.id]


def test_the_window_goes_on_between_any_two_tiles(bench, slow):
    bench.open(width=1024, height=1024)
    bench.select(256, 256, 500, 500)
    turns = []
    timer = QTimer(interval=0)
    timer.timeout.connect(lambda: turns.append(bench.generation.board.jobs[0].stage))
    job = click(bench)
    timer.start()
    bench.wait(lambda: job.asked is not None, what="the preparation")
    timer.stop()
    assert turns.count(Stage.PREPARING) > len(list(job.prepared.anchor.box.tiles()))


def test_what_is_painted_after_the_click_is_no_part_of_the_job(bench, slow):
    bench.open()
    bench.select()
    job = click(bench)
    before = flatten(bench.document.snapshot(), bench.document.bounds)
    add_layer(bench.document, "Later", pixels=np.full((256, 256, 4), 255, np.uint8))
    bench.select(0, 0, 20, 20)
    bench.wait(lambda: job.asked is not None, what="the preparation")
    box = job.prepared.anchor.box
    seen = before[box.slices(bench.document.bounds)]
    assert np.array_equal(job.prepared.job.inputs["image"][0, 0], seen[0, 0, [2, 1, 0]])
    assert job.prepared.affected.covers(Rect(80, 80, 60, 50))
    assert job.prepared.anchor.document == bench.document.key
    assert job.prepared.anchor.above == bench.document.layers[0].id


def test_jobs_begin_in_the_order_of_the_clicks(bench, slow):
    bench.open(width=1024, height=1024)
    begun = started(bench)
    jobs = []
    for side in (600, 30, 200):
        bench.select(200, 200, side, side)
        jobs.append(click(bench))
    assert bench.generation.board.jobs == tuple(jobs)
    bench.wait(lambda: not bench.generation.board.jobs, what="the jobs")
    assert begun == [job.id for job in jobs]


def test_one_in_the_place_of_others_is_in_that_of_those_being_prepared(bench, slow):
    bench.open()
    bench.select()
    bench.pick("quick-fill", steps=1)
    board, generation = bench.generation.board, bench.generation
    generation.generate()
    generation.generate()
    generation.generate("instead")
    assert len(board.jobs) == 1
    bench.wait(lambda: not board.jobs, what="the job")
    assert len(generation.candidates.offered) == 1


def test_a_document_that_is_closed_meanwhile_loses_nothing(bench, slow):
    bench.open(width=1024, height=1024)
    bench.select(256, 256, 500, 500)
    key = bench.document.key
    click(bench)
    bench.window.drop_session(bench.session)
    bench.open(title="Another")
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    (result,) = bench.generation.candidates.offered
    assert (result.session, result.prepared.anchor.document) == (None, key)


def test_a_fault_is_said_and_the_next_job_is_prepared(bench):
    bench.open()
    bench.select()
    board, preparing_ = bench.generation.board, bench.generation.generator.preparing

    def refusing(error):
        yield lambda: None
        raise error

    for error in (ScumbleError("mask-empty"), ValueError("an oversight")):
        job = Job(None, bench.session, "Broken")
        preparing_.add(job, refusing(error))
        assert job in board
        bench.wait(lambda: not board.jobs, what="the refusal")
        assert bench.generation.dock.message.isVisible()
    assert "oversight" in bench.generation.dock.message._details
    assert len(bench.run(steps=1)) == 1


def test_a_layer_made_anew_is_prepared_the_same_way(bench, slow):
    bench.open()
    bench.select()
    (result,) = bench.run("quick-refine", steps=1)
    bench.generation.candidates.apply(result)
    layer = bench.document.active
    job = bench.generation.remaker.remake(bench.session, layer, Way.SAME)
    assert job.stage is Stage.PREPARING
    add_layer(bench.document, "Below nothing", pixels=np.full((256, 256, 4), 255, np.uint8))
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    (again,) = bench.generation.candidates.offered
    assert np.array_equal(again.candidate.image, result.candidate.image)
    assert again.prepared.below == layer.recipe.below
    assert again.prepared.anchor.document == bench.document.key


def test_closing_the_window_ends_what_is_being_prepared(bench, slow):
    bench.open()
    bench.select()
    job = click(bench)
    bench.window.close()
    bench.generation.board.cancel_all()
    assert job.asked is None
