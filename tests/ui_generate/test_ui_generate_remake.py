"""A generated layer made anew in the window: again, varied, with other words; and told when it is stale."""

import numpy as np
from PySide6.QtCore import Qt

from scumble.document import Rect
from scumble.document.edits import add_layer, deselect, set_layer
from scumble.files import open_document, save_document
from scumble.generation import standing
from scumble.render import flatten
from scumble.ui.generate.remake import Way


def made(bench, tool="quick-refine", **values):
    """A generated layer in a fresh picture."""
    bench.open(700, 600)
    bench.select(400, 300, 60, 50)
    (result,) = bench.run(tool, steps=1, **values)
    bench.generation.strip.apply_shown()
    deselect(bench.document)
    return bench.document.active, result


def remade(bench):
    bench.wait(lambda: not bench.generation.board.jobs, what="the job")
    assert len(bench.generation.candidates.offered) == 1, bench.generation.dock.message.text.text()
    return bench.generation.candidates.offered[0]


def settled(bench):
    """Waits until the window knows which layers are stale."""
    watch = bench.generation.watches[bench.session]
    bench.wait(lambda: watch.idle, what="the look at what lies below")
    return bench.session.stale


def paint_below(bench, x=410, y=310):
    ground = bench.document.layers[0]
    with bench.document.history.transaction("Paint") as edit:
        edit.put(ground.surface, Rect(x, y, 5, 5), np.full((5, 5, 4), 255, np.uint8))


def test_the_same_seed_makes_the_same_pixels_and_leaves_the_form_alone(bench):
    layer, first = made(bench, prompt="a boat")
    bench.pick("quick-fill", prompt="something else")
    before = bench.document.surface(layer.surface).read(bench.document.bounds)
    count, steps = len(bench.document.layers), bench.document.history.position
    bench.generation.recipe.bar.same.trigger()
    again = remade(bench)
    assert (again.candidate.image == first.candidate.image).all()
    assert bench.generation.dock.tool.id == "quick-fill"
    assert bench.generation.dock.form.values()["prompt"] == "something else"
    bench.generation.strip.apply_shown()
    assert len(bench.document.layers) == count
    assert bench.document.history.position == steps + 1
    assert (bench.document.surface(layer.surface).read(bench.document.bounds) == before).all()


def test_again_gives_the_layer_other_pixels_and_keeps_its_mask(bench, qtbot):
    layer, first = made(bench)
    with bench.document.history.transaction("Mask") as edit:
        edit.put(layer.mask, Rect(420, 320, 8, 8), np.zeros((8, 8), np.uint8))
    mask = bench.document.surface(layer.mask).read(bench.document.bounds)
    bench.generation.recipe.bar.again.click()
    again = remade(bench)
    assert again.candidate.seed != first.candidate.seed
    qtbot.keyClick(bench.window.canvas, Qt.Key.Key_Return)
    after = bench.document.active
    assert (after.id, len(bench.document.layers)) == (layer.id, 2)
    assert after.recipe.params["seed"] == again.candidate.seed
    assert (bench.document.surface(after.mask).read(bench.document.bounds) == mask).all()
    assert standing(bench.document, after).mask == "mask-painted"
    bench.document.history.undo()
    assert bench.document.active.recipe is layer.recipe


def test_with_alt_it_becomes_a_layer_of_its_own(bench, qtbot):
    layer, _ = made(bench)
    bench.generation.recipe.bar.again.click()
    remade(bench)
    qtbot.keyClick(bench.window.canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(bench.window.canvas, Qt.Key.Key_Alt)  # let go
    assert len(bench.document.layers) == 3
    assert bench.document.paint_layer(layer.id).recipe is layer.recipe
    assert bench.document.active.id != layer.id
    assert settled(bench) == frozenset()


def test_a_variation_begins_from_the_layer_and_can_be_made_again(bench):
    layer, _ = made(bench, strength=1.0)
    seen = flatten(bench.document.snapshot(), layer.recipe.box)
    shown = bench.document.format.to_straight(seen)[..., :3]
    bench.generation.recipe.bar.vary.click()
    varied = remade(bench)
    given = varied.prepared.job.inputs["image"]
    assert varied.prepared.job.params["strength"] == 0.6
    assert (given == shown).all()
    bench.generation.strip.apply_shown()
    kept = bench.document.active.recipe
    assert (kept.inputs["image"] == given).all()
    assert settled(bench) == frozenset()
    bench.generation.recipe.bar.same.trigger()
    assert (remade(bench).candidate.image == kept.crop).all()


def test_other_words_are_written_in_the_panel(bench, qtbot):
    layer, first = made(bench, prompt="a boat")
    bar = bench.generation.recipe.bar
    bar.words.click()
    assert bar.text.toPlainText() == "a boat"
    bar.text.setPlainText("a red boat")
    qtbot.keyClick(bar.text, Qt.Key.Key_Return)
    again = remade(bench)
    assert not bar.editor.isVisible()
    assert again.prepared.job.params["prompt"] == "a red boat"
    assert again.candidate.seed == first.candidate.seed
    assert (again.candidate.image != first.candidate.image).any()
    bench.generation.strip.apply_shown()
    assert bench.document.active.name == "a red boat"
    bar.words.click()
    qtbot.keyClick(bar.text, Qt.Key.Key_Escape)
    assert not bar.editor.isVisible()
    assert not bench.generation.board.jobs
    assert layer.id == bench.document.active.id


def test_the_picture_of_a_style_is_in_the_recipe(bench):
    bench.open()
    other = add_layer(bench.document, "Sky", pixels=np.full((40, 40, 4), 200, np.uint8))
    bench.pick("quick-like")
    bench.generation.dock.form.picture_fields["style"].choose_layer(other)
    (first,) = bench.run("quick-like")
    bench.generation.strip.apply_shown()
    layer = bench.document.active
    assert set(layer.recipe.inputs) == {"image", "style"}
    bench.generation.dock.form.picture_fields["style"].clear()
    bench.generation.remaker.remake(bench.session, layer, Way.SAME)
    assert (remade(bench).candidate.image == first.candidate.image).all()


def test_a_layer_is_stale_when_what_lies_below_has_changed_and_only_then(bench, tmp_path):
    layer, _ = made(bench)
    bar = bench.generation.recipe.bar
    assert settled(bench) == frozenset()
    paint_below(bench, 3, 3)
    add_layer(bench.document, "Above", pixels=np.full((600, 700, 4), 255, np.uint8))
    assert settled(bench) == frozenset()
    bench.document.activate(layer.id)
    pixels = bench.document.surface(layer.surface).read(bench.document.bounds)
    paint_below(bench)
    assert settled(bench) == {layer.id}
    assert bar.note.isVisible()
    assert (bench.document.surface(layer.surface).read(bench.document.bounds) == pixels).all()
    bench.document.history.undo()
    assert settled(bench) == frozenset()
    assert not bar.note.isVisible()
    bench.document.history.redo()
    path = tmp_path / "stale.ora"
    save_document(bench.document.snapshot(), path)
    bench.window.open_document(open_document(path).document, path)
    (opened,) = settled(bench)
    bench.document.activate(opened)
    bar.refresh.click()
    remade(bench)
    bench.generation.strip.apply_shown()
    assert bench.document.active.id == opened
    assert settled(bench) == frozenset()


def test_a_hidden_layer_below_makes_it_stale(bench):
    layer, _ = made(bench)
    set_layer(bench.document, bench.document.layers[0].id, "Hide", visible=False)
    assert settled(bench) == {layer.id}


def test_what_a_recipe_needs_and_is_not_here_is_told(bench, monkeypatch):
    layer, _ = made(bench)
    monkeypatch.setattr(type(bench.generation.remaker._catalogue), "tools", lambda _self: ())
    bench.generation.remaker.remake(bench.session, layer, Way.SAME)
    assert not bench.generation.board.jobs
    assert "quick-refine" in bench.generation.dock.message.text.text()


def test_a_result_knows_its_document_by_more_than_its_title(bench, tmp_path):
    """Two pictures may have one title; and one that is closed and opened again has its candidates back."""
    made(bench)
    path = tmp_path / "a.ora"
    save_document(bench.document.snapshot(), path)
    bench.session.mark_saved(bench.document.revision, path)
    bench.generation.recipe.bar.same.trigger()
    again = remade(bench)
    bench.window.drop_session(bench.session)
    assert not again.in_place
    bench.window.open_document(open_document(path).document, path)
    assert again.in_place
