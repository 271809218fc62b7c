"""What is thrown at a fill: odd selections, odd layers, odd canvases, and all that may happen in the middle of one."""

import os
import signal
import sys

import numpy as np
import pytest

from scumble.document import PaintLayer, Rect
from scumble.document.document import Document
from scumble.document.edits import add_group, add_layer, deselect, move_layers, select, set_layer
from scumble.generation import composite_mask
from scumble.paint import reshape
from scumble.paint.transform import Resampling
from scumble.render import flatten
from scumble.service import EngineSettings, ModelService
from scumble.ui.reshaping import reshape as reshape_in


class Witness:
    """Remembers a document, and tells whether a fill kept to its area. `near` is where what is seen is compared."""

    def __init__(self, document, near=None):
        self.document, self.near = document, near or document.bounds
        self.before, self.position = document.snapshot(), document.history.position
        self.seen = flatten(self.before, self.near)

    def kept(self, *results):
        """One step for each result; every older layer bit for bit; what is seen differs in the outlined area alone."""
        assert self.document.history.position == self.position + len(results)
        after = self.document.snapshot()
        for surface, tiles in self.before.planes.items():
            assert dict(after.planes[surface]) == dict(tiles)
        changed = (flatten(after, self.near) != self.seen).any(axis=2)
        for result in results:
            prepared, _ = result.placed()
            part = prepared.anchor.box & self.near
            mask = composite_mask(prepared.selection, prepared.blend) > 0
            changed[part.slices(self.near)] &= ~mask[part.slices(prepared.anchor.box)]
        assert not changed.any()
        return after

    def unchanged(self):
        """Nothing was done to the document."""
        after = self.document.snapshot()
        assert self.document.history.position == self.position
        assert after.structure == self.before.structure
        assert {key: dict(tiles) for key, tiles in after.planes.items()} == {
            key: dict(tiles) for key, tiles in self.before.planes.items()
        }

    def undone(self, steps=1):
        """Undo leads back to every pixel and every layer; redo comes next."""
        for _ in range(steps):
            self.document.history.undo()
        assert self.document.snapshot().structure.layers == self.before.structure.layers
        assert (flatten(self.document.snapshot(), self.near) == self.seen).all()


CORNER = Rect(0, 0, 20, 20)


def paint(document, box=CORNER, value=255):
    with document.history.transaction("Paint") as edit:
        surface = next(layer for layer in document.layers if isinstance(layer, PaintLayer)).surface
        edit.put(surface, box, np.full((box.height, box.width, 4), value, document.format.dtype))


def said(bench):
    message = bench.generation.dock.message
    return message.text.text() if message.isVisible() else ""


def started(bench, **values):
    """A job that has taken its first step."""
    bench.pick("quick-fill", **{"steps": 8, "pause": 0.05, **values})
    bench.generation.generate()
    bench.wait(lambda: bench.generation.board.jobs[0].step > 0, what="a step")


def ended(bench):
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    return bench.generation.candidates.offered


def islands(document, gap):
    for x in range(3, 250, gap):
        for y in range(3, 250, gap):
            select(document, Rect(x, y, 2, 3), mode="add")


SELECTIONS = {
    "a pixel": lambda document: select(document, Rect(131, 77, 1, 1)),
    "a pixel in the corner": lambda document: select(document, Rect(255, 255, 1, 1)),
    "all": lambda document: select(document, document.bounds),
    "a line": lambda document: select(document, Rect(0, 100, 256, 1)),
    "a frame": lambda document: (
        select(document, document.bounds),
        select(document, Rect(1, 1, 254, 254), mode="subtract"),
    ),
    "holes": lambda document: (
        select(document, Rect(60, 60, 120, 120)),
        select(document, Rect(80, 80, 30, 30), mode="subtract"),
        select(document, Rect(150, 150, 1, 1), mode="subtract"),
    ),
    "many islands": lambda document: islands(document, 17),
}


@pytest.mark.parametrize(
    ("name", "edge"), [*((name, None) for name in SELECTIONS), ("a pixel", 0), ("holes", 0), ("many islands", 0)]
)
def test_every_selection_is_filled_and_nothing_else(bench, name, edge):
    bench.open()
    SELECTIONS[name](bench.document)
    witness = Witness(bench.document)
    selected = bench.document.selection.read(bench.document.bounds)
    bench.pick("quick-fill")
    if edge is not None:
        _, fields = bench.generation.dock._forms["quick-fill"]
        fields.set_values({"grow": edge, "feather": edge})
    (result,) = bench.run(steps=1)
    layer_id = bench.generation.candidates.apply(result)
    after = witness.kept(result)
    mask = after.read_mask(bench.document.paint_layer(layer_id).mask, bench.document.bounds)
    assert (mask[selected == 255] == 255).all()
    if edge == 0:
        assert ((mask > 0) == (selected > 0)).all()
    witness.undone()
    bench.document.history.redo()
    assert (flatten(bench.document.snapshot(), witness.near) == flatten(after, witness.near)).all()


ACTIVE = {
    "locked": lambda document: set_layer(document, document.active.id, "Lock", locked=True),
    "hidden": lambda document: set_layer(document, document.active.id, "Hide", visible=False),
    "empty": lambda document: add_layer(document, "Empty"),
    "see-through": lambda document: set_layer(document, document.active.id, "Fade", opacity=0.0),
    "alpha-locked": lambda document: set_layer(document, document.active.id, "Lock", alpha_locked=True),
    "a group": lambda document: add_group(document, "Group"),
    "clipped": lambda document: (
        add_layer(document, "Clip", pixels=np.full((9, 9, 4), 255, np.uint8)),
        set_layer(document, document.active.id, "Clip", clip=True),
    ),
    "in a locked group": lambda document: inside(document, locked=True),
    "in a hidden group": lambda document: inside(document, visible=False),
}


def inside(document, **fields):
    group = add_group(document, "Group")
    add_layer(document, "Inner")
    set_layer(document, group, "Set", **fields)


@pytest.mark.parametrize("name", ACTIVE)
def test_whatever_layer_is_active_a_fill_is_a_layer_that_is_seen(bench, name):
    bench.open()
    ACTIVE[name](bench.document)
    bench.select()
    witness = Witness(bench.document)
    (result,) = bench.run(steps=1)
    bench.generation.candidates.apply(result)
    after = witness.kept(result)
    middle = Rect(100, 100, 9, 9)
    assert (flatten(after, middle) != flatten(witness.before, middle)).any()
    witness.undone()


def test_a_document_without_layers_is_filled(bench):
    bench.window.open_document(Document(128, 96), None, "Bare")
    bench.select(20, 20, 40, 30)
    witness = Witness(bench.document)
    (result,) = bench.run(steps=1)
    bench.generation.candidates.apply(result)
    witness.kept(result)
    assert len(bench.document.layers) == 1


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "cut off"])
def test_a_selection_that_a_crop_cut_through(bench, keep):
    bench.open()
    bench.select(100, 100, 100, 100)
    reshape_in(bench.window, bench.session, reshape.crop(Rect(40, 40, 120, 120), keep_outside=keep), "Crop")
    witness = Witness(bench.document)
    (result,) = bench.run(steps=1)
    assert bench.document.bounds.covers(result.prepared.affected)
    bench.generation.candidates.apply(result)
    witness.kept(result)
    witness.undone()


def test_a_selection_that_was_cropped_away_is_said_in_a_sentence(bench):
    bench.open()
    bench.select(10, 10, 30, 30)
    reshape_in(bench.window, bench.session, reshape.crop(Rect(100, 100, 100, 100), keep_outside=True), "Crop")
    witness = Witness(bench.document)
    bench.pick("quick-fill")
    bench.generation.generate()
    assert not bench.generation.board.jobs
    assert "Select what should change first" in said(bench)
    witness.unchanged()


def test_a_huge_canvas_is_filled_where_it_is_asked_and_keeps_to_its_few_tiles(bench):
    document = Document(16384, 16384)
    bench.window.open_document(document, None, "Huge")
    add_layer(document, "Dot", pixels=np.full((9, 9, 4), 255, np.uint8), origin=(16000, 16000))
    select(document, Rect(16300, 16300, 84, 84))
    witness = Witness(document, Rect(15600, 15600, 784, 784))
    (result,) = bench.run(steps=1)
    layer_id = bench.generation.candidates.apply(result)
    after = witness.kept(result)
    assert len(after.planes[document.paint_layer(layer_id).surface]) < 120
    witness.undone()


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_both_ends_of_strength(bench, strength):
    bench.open()
    witness = Witness(bench.document)
    (result,) = bench.run("quick-vary", strength=strength)
    bench.generation.candidates.apply(result)
    assert bench.document.history.position == witness.position + 1
    witness.undone()


# In the middle of a job


def test_undo_of_all_there_was_in_the_middle_of_a_job(bench):
    bench.open()
    paint(bench.document)
    bench.select()
    started(bench)
    while bench.document.history.position:
        bench.document.history.undo()
    witness = Witness(bench.document)
    (result,) = ended(bench)
    witness.unchanged()
    bench.generation.candidates.apply(result)
    witness.kept(result)
    witness.undone()


def test_redo_is_lost_to_nothing_but_applying(bench):
    """What waits in the strip does not take the redo steps away."""
    bench.open()
    bench.select()
    paint(bench.document)
    started(bench)
    bench.document.history.undo()
    ended(bench)
    assert bench.document.history.redo() == "Paint"


def test_all_that_one_edits_in_the_middle_of_a_job_stays(bench):
    session = bench.open()
    bench.select()
    started(bench)
    ground = bench.document.active.id
    paint(bench.document, Rect(90, 90, 30, 30), 200)
    other = add_layer(bench.document, "Above")
    move_layers(bench.document, [ground], parent=None, index=1)
    deselect(bench.document)
    witness = Witness(bench.document)
    (result,) = ended(bench)
    witness.unchanged()
    bench.generation.candidates.apply(result)
    witness.kept(result)
    assert {layer.id for layer in bench.document.layers} > {ground, other}
    assert session.modified


def test_a_stroke_in_progress_is_not_ended_by_a_result(bench):
    bench.open()
    bench.select()
    bench.window.settings.set("generate.apply", True)
    started(bench)
    edit = bench.document.history.transaction("Stroke")
    surface = bench.document.active.surface
    edit.put(surface, Rect(0, 0, 9, 9), np.full((9, 9, 4), 255, np.uint8))
    (result,) = ended(bench)
    assert bench.document.history.busy
    assert bench.generation.candidates.shown is result
    edit.commit()
    witness = Witness(bench.document)
    bench.generation.candidates.apply(result)
    witness.kept(result)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_an_engine_that_is_killed_in_the_middle_costs_its_job_alone(make_bench, plugin_folder, tmp_path):
    service = ModelService(EngineSettings(tmp_path / "engine", plugin_folder, warm_up=False, threads=1))
    service.start()
    try:
        kill_in_the_middle(make_bench(service), service)
    finally:
        service.shutdown()


def kill_in_the_middle(bench, service):
    bench.open()
    bench.select()
    (waiting,) = bench.run(steps=1, pause=0.0)
    witness = Witness(bench.document)
    started(bench, steps=1000)
    bench.generation.dock.form.set_values({"steps": 1, "pause": 0.0})
    bench.generation.generate()
    os.kill(service.engine_pid, signal.SIGKILL)
    bench.wait(lambda: len(bench.generation.candidates.offered) == 2, seconds=40, what="the second job")
    assert "the picture is unharmed" in said(bench)
    witness.unchanged()
    kept, second = bench.generation.candidates.offered
    assert kept is waiting
    bench.generation.candidates.apply(second)
    witness.kept(second)


def test_a_window_that_is_closed_in_the_middle_of_a_job_ends(make_bench, service, qtbot):
    bench = make_bench(service)
    session = bench.open()
    session.mark_saved(session.document.revision, None)
    bench.select()
    session.mark_saved(session.document.revision, None)
    started(bench, steps=1000)
    bench.window.drop_session(session)
    bench.generation.board.cancel_all()
    assert bench.window.close()
    bench.wait(lambda: service.state == "idle", what="the engine's rest")


RESHAPES = {
    "cropped": lambda structure: reshape.crop(Rect(60, 50, 130, 150), keep_outside=False),
    "cropped through it": lambda structure: reshape.crop(Rect(100, 90, 100, 100), keep_outside=False),
    "flipped": lambda structure: reshape.flip(structure, across=True),
    "turned": lambda structure: reshape.rotate_quarters(structure, 1),
    "turned a little": lambda structure: reshape.rotate(structure, 11.0, Resampling.BICUBIC, enlarge=True),
    "doubled": lambda structure: reshape.resize_picture(structure, 512, 512, Resampling.BICUBIC),
    "shrunk": lambda structure: reshape.resize_picture(structure, 64, 64, Resampling.BICUBIC),
    "larger canvas": lambda structure: reshape.resize_canvas(structure, 400, 300, (0.5, 0.5)),
}


@pytest.mark.parametrize(
    ("name", "meanwhile"),
    [*((name, False) for name in RESHAPES), ("cropped through it", True), ("flipped", True), ("doubled", True)],
)
def test_a_candidate_is_applied_to_a_document_that_was_reshaped(bench, name, meanwhile):
    session = bench.open()
    bench.select()
    if meanwhile:
        started(bench, steps=4, pause=0.02)
    else:
        bench.run(steps=1, pause=0.0)
    frame = bench.document.structure.frame
    reshape_in(bench.window, session, RESHAPES[name](bench.document.structure), name)
    bench.wait(lambda: bench.document.structure.frame != frame, what="the reshaping")
    (result,) = ended(bench)
    witness = Witness(bench.document)
    layer_id = bench.generation.candidates.apply(result)
    after = witness.kept(result)
    assert (flatten(after, witness.near) != witness.seen).any()
    assert bench.document.paint_layer(layer_id).recipe.crop is not None
    witness.undone()


def test_blending_anew_after_a_crop_keeps_to_the_area(bench):
    session = bench.open()
    bench.select()
    (result,) = bench.run(steps=1)
    layer_id = bench.generation.candidates.apply(result)
    reshape_in(bench.window, session, reshape.crop(Rect(100, 90, 100, 100), keep_outside=False), "Crop")
    witness = Witness(bench.document)
    layer = bench.document.paint_layer(layer_id)
    mask = witness.before.read_mask(layer.mask, witness.near) > 0
    bench.document.activate(layer_id)
    bench.generation.recipe.blend.edge.rows["grow"][0].setValue(9)
    bench.wait(lambda: bench.document.history.position == witness.position + 1, what="the new edge")
    changed = (flatten(bench.document.snapshot(), witness.near) != witness.seen).any(axis=2)
    recipe = bench.document.paint_layer(layer_id).recipe
    mask |= bench.document.snapshot().read_mask(layer.mask, witness.near) > 0
    assert recipe.blend["grow"] == 9
    assert not (changed & ~mask).any()
