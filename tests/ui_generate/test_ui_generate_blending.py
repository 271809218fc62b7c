"""The sliders of a generated layer in the real window: at once, one step a drag, also after reopening; the seam."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from scumble.api import ScumbleError
from scumble.document import BGRA8, RGBA16, Rect
from scumble.document.edits import set_layer
from scumble.files import open_document, save_document
from scumble.generation import Blend, standing
from scumble.render import flatten
from scumble.ui.generate import blendpanel
from scumble.ui.generate import witness as witness_module
from scumble.ui.generate.edge import AUTO, CONTROLS, EdgeFields


@pytest.fixture(params=[BGRA8, RGBA16], ids=lambda value: value.name)
def filled(bench, request):
    """A bench whose document has a fill on a picture with something in it."""
    bench.open(pixel_format=request.param)
    paint(bench, bench.document.layers[0].surface, slope(request.param))
    bench.select()
    bench.run(steps=1)
    bench.generation.strip.apply_shown()
    return bench


def slope(pixel_format):
    picture = np.empty((256, 256, 3), np.uint8)
    picture[..., 0], picture[..., 1] = np.arange(256), np.arange(256)[:, None]
    picture[..., 2] = 90
    return pixel_format.from_straight(picture)


def paint(bench, surface, pixels, at=(0, 0)):
    with bench.document.history.transaction("Paint") as edit:
        edit.put(surface, Rect(*at, pixels.shape[1], pixels.shape[0]), pixels)


def seen(bench):
    return flatten(bench.document.snapshot(), bench.document.bounds)


def drag(bench, row, *values):
    slider, _ = row
    slider.setSliderDown(True)
    for value in values:
        slider.setValue(value)
        bench.wait(lambda: not bench.generation.recipe.blend._later.isActive(), what="the frame")
    slider.setSliderDown(False)


@pytest.mark.parametrize("name", [control.name for control in CONTROLS] + ["opacity"])
def test_each_slider_acts_at_once_and_is_one_step(filled, name):
    panel = filled.generation.recipe.blend
    row = panel.edge.opacity if name == "opacity" else panel.edge.rows[name]
    before, steps = seen(filled), filled.document.history.position
    start = row[0].value()
    slider = row[0]
    slider.setSliderDown(True)
    live = []
    for value in (60, 20, 40):
        slider.setValue(value)
        filled.wait(lambda: not panel._later.isActive(), what="the frame")
        surfaces = [filled.document.active.surface, filled.document.active.mask]
        live.append([filled.document.surface(each).read(filled.document.bounds) for each in surfaces])
    assert filled.document.history.busy
    slider.setSliderDown(False)
    assert not filled.document.history.busy
    assert filled.document.history.position == steps + 1
    assert (seen(filled) != before).any()
    if name != "opacity":
        assert any((first != second).any() for first, second in zip(live[0], live[1], strict=True))
        assert panel.proof.text().startswith("0 px changed")
    filled.document.history.undo()
    assert (seen(filled) == before).all()
    assert row[0].value() == start
    filled.document.history.redo()
    assert row[0].value() == 40


def test_a_drag_that_comes_back_to_where_it_began_is_no_step(filled):
    before, steps = seen(filled), filled.document.history.position
    row = filled.generation.recipe.edge.grow
    drag(filled, row, 50, row[0].value() + 3, row[0].value())
    drag(filled, row, 90, filled.generation.recipe.edge.blend().grow)
    filled.document.history.go_to(steps)
    assert (seen(filled) == before).all()


def test_the_form_takes_a_blend_and_auto_takes_the_settings(bench):
    bench.open()
    bench.select()
    _, edge = bench.generation.dock._forms[bench.generation.dock.tool.id]
    bench.pick("quick-fill")
    _, edge = bench.generation.dock._forms["quick-fill"]
    bench.window.settings.set("generate.match", 30)
    edge.spins["seam"].setValue(45)
    edge.spins["fade"].setValue(70)
    (result,) = bench.run(steps=1)
    blend = result.prepared.blend
    assert (blend.match, blend.seam, blend.fade) == (0.3, 0.45, 0.7)
    edge.set_values({"seam": AUTO, "fade": AUTO, "match": 0})
    (result,) = bench.run(steps=1)
    assert (result.prepared.blend.match, result.prepared.blend.seam, result.prepared.blend.fade) == (0.0, 1.0, 0.0)
    fields = EdgeFields()
    fields.set_values(edge.values())
    assert fields.chosen() == edge.chosen()


def test_saved_closed_and_opened_again_the_sliders_still_act(filled, tmp_path):
    path = tmp_path / "picture.ora"
    save_document(filled.document.snapshot(), path)
    made = filled.generation.recipe.edge.blend()
    filled.window.drop_session(filled.session)
    filled.window.open_document(open_document(path).document, path, "Again")
    layer = next(layer for layer in filled.document.layers if layer.recipe is not None)
    filled.document.activate(layer.id)
    edge = filled.generation.recipe.edge
    assert edge.blend() == made
    before = seen(filled)
    for name in ("match", "seam"):
        drag(filled, edge.rows[name], 0)
    assert Blend.of(filled.document.active.recipe.blend).match == 0
    assert (seen(filled) != before).any()
    filled.document.history.undo()
    filled.document.history.undo()
    assert (seen(filled) == before).all()


def test_a_painted_layer_says_so_and_keeps_what_was_painted(filled, qtbot):
    panel = filled.generation.recipe.blend
    panel.section.set_shown(True)
    first = seen(filled)
    layer = filled.document.active
    white = np.full((10, 10, 4), filled.document.format.maximum, filled.document.format.dtype)
    paint(filled, layer.surface, white, (100, 100))
    panel.prepare()
    assert "painted on" in panel.why.text()
    assert panel.anew.isVisibleTo(panel)
    assert not panel.edge.rows["match"][0].isEnabled()
    assert panel.edge.grow[0].isEnabled()
    drag(filled, panel.edge.grow, 30)
    assert (filled.document.surface(layer.surface).read(Rect(100, 100, 10, 10)) == white).all()
    filled.document.history.undo()
    qtbot.mouseClick(panel.anew, Qt.MouseButton.LeftButton)
    assert (seen(filled) == first).all()
    assert panel.edge.rows["match"][0].isEnabled()
    assert not panel.anew.isVisibleTo(panel)
    filled.document.history.undo()
    assert (filled.document.surface(layer.surface).read(Rect(100, 100, 10, 10)) == white).all()


def test_a_layer_is_looked_at_again_only_when_its_pixels_are_others(filled, monkeypatch):
    looked = []
    monkeypatch.setattr(blendpanel, "standing", lambda *given: looked.append(1) or standing(*given))
    panel, layer = filled.generation.recipe.blend, filled.document.active
    panel.follow(filled.session, layer)
    looked.clear()
    set_layer(filled.document, layer.id, "Rename", name="Another name")
    assert not looked
    paint(filled, layer.surface, np.zeros((4, 4, 4), filled.document.format.dtype), (100, 100))
    panel.follow(filled.session, filled.document.active)
    assert looked == [1]
    assert "painted on" in panel.why.text()


def test_the_seam_inspector_shows_heat_and_a_figure(filled):
    panel, inspector = filled.generation.recipe.blend, filled.generation.inspector
    drag(filled, panel.edge.feather, 0)
    action = filled.window.commands.action("generate.seam")
    action.trigger()
    assert panel.inspect.isChecked()
    filled.wait(lambda: "ΔE" in panel.seam.text(), what="the figure")
    rough = float(panel.seam.text().split()[1])
    assert inspector.overlay.box.covers(Rect(80, 80, 60, 50))
    drag(filled, panel.edge.feather, 40)
    filled.wait(lambda: float(panel.seam.text().split()[1]) != rough, what="another figure")
    assert float(panel.seam.text().split()[1]) < rough
    action.trigger()
    assert not panel.inspect.isChecked()
    assert not panel.seam.isVisibleTo(panel)
    assert inspector.overlay.box.empty


def test_a_layer_without_a_seam_says_so(bench):
    bench.open()
    bench.generation.recipe.blend.inspect.setChecked(True)
    bench.wait(lambda: "no seam" in bench.generation.recipe.blend.seam.text(), what="the sentence")
    bench.window.drop_session(bench.session)
    bench.generation.recipe.blend.inspect.setChecked(False)


def test_a_step_that_would_change_something_else_is_not_made(filled, monkeypatch):
    def spoiled(document, layer_id, _flatten):
        raise ScumbleError("outside-changed", count=1, layer=document.layer(layer_id).name)

    before, steps = seen(filled), filled.document.history.position
    monkeypatch.setattr(witness_module, "prove", spoiled)
    drag(filled, filled.generation.recipe.edge.grow, 60)
    assert filled.document.history.position == steps
    assert (seen(filled) == before).all()
    assert any("would have changed" in note.text for note in filled.window.messages.notes)


def test_the_sliders_have_names_and_stops(filled):
    edge = filled.generation.recipe.edge
    for slider, spin in (*edge.rows.values(), edge.opacity):
        assert slider.accessibleName() == spin.accessibleName() != ""
        assert slider.toolTip()
        assert slider.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_picture_is_compared_afterwards(filled):
    panel, steps = filled.generation.recipe.blend, filled.document.history.position
    assert panel.proof.text().startswith("0 px changed")
    filled.wait(lambda: panel.seen.isVisibleTo(panel), what="the comparison")
    looked_at = filled.generation.candidates.witness.seen_of(filled.document, filled.document.active.id)
    assert looked_at.changed == 0 < looked_at.compared
    assert f"{looked_at.compared:,}" in panel.seen.toolTip()
    slider = panel.edge.feather[0]
    slider.setSliderDown(True)
    slider.setValue(slider.value() + 7)
    slider.setSliderDown(False)
    assert panel.proof.isVisibleTo(panel)
    assert not panel.seen.isVisibleTo(panel)
    filled.wait(lambda: panel.seen.isVisibleTo(panel), what="the comparison of the new step")
    assert filled.document.history.position == steps + 1


def test_a_step_that_shows_elsewhere_is_undone(filled, monkeypatch):
    panel, before, steps = filled.generation.recipe.blend, seen(filled), filled.document.history.position

    def spoiled(snapshot, rect):
        pixels = flatten(snapshot, rect)
        if snapshot.revision > revision:
            pixels[0, 0, :3] ^= 1
        return pixels

    revision = filled.document.revision
    monkeypatch.setattr(witness_module, "flatten", spoiled)
    drag(filled, panel.edge.grow, panel.edge.grow[0].value() + 5)
    assert filled.document.history.position == steps + 1
    filled.wait(lambda: filled.document.history.position == steps, what="the step to be undone")
    assert (seen(filled) == before).all()
    assert any("would have changed" in note.text for note in filled.window.messages.notes)
    assert not panel.proof.isVisibleTo(panel)


def test_comparing_gives_up_once_the_document_is_another(filled):
    panel = filled.generation.recipe.blend
    witness, layer = filled.generation.candidates.witness, filled.document.active
    drag(filled, panel.edge.grow, panel.edge.grow[0].value() + 5)
    paint(filled, filled.document.layers[0].surface, np.zeros((4, 4, 4), filled.document.format.dtype))
    filled.wait(lambda: not witness._idle.isActive(), what="giving up")
    assert witness.seen_of(filled.document, layer.id) is None
    assert witness.proof_of(filled.document, layer.id) is not None


def test_the_sliders_never_give_one_picture_what_belongs_to_another(bench):
    """Two pictures whose layers have the same ids, and that are as many steps old."""
    sessions, layers = [], []
    for seed in (4, 9):
        bench.open()
        bench.select()
        (result,) = bench.run(steps=1, seed=seed)
        bench.generation.candidates.apply(result)
        sessions.append(bench.session)
        layers.append(bench.document.active)
    assert layers[0].id == layers[1].id
    assert sessions[0].document.revision == sessions[1].document.revision
    panel = bench.generation.recipe.blend
    bench.window.show_session(sessions[0])
    panel.prepare()
    bench.window.show_session(sessions[1])
    panel.edge.grow[1].setValue(panel.edge.grow[1].value() + 3)
    assert (bench.document.active.recipe.crop == layers[1].recipe.crop).all()
    bench.wait(lambda: not bench.window.background.busy, what="what was being prepared")
