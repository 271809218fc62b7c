"""Modes in the window: the picker, what stands for Automatic, what goes into the job and the recipe."""

import dataclasses
import json
import time

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt

from scumble.api import FILL_MODES
from scumble.document import Rect
from scumble.document.edits import deselect, select
from scumble.paint.reshape import crop
from scumble.plugins import Catalogue
from scumble.render import flatten
from scumble.service import EngineSettings, ModelService
from scumble.ui.generate.remake import Way
from scumble.ui.reshaping import reshape


@pytest.fixture(scope="module")
def service(qapp, tmp_path_factory):
    """Two engines for the whole module, one with the starter model."""
    home = tmp_path_factory.mktemp("engine")
    made = ModelService(EngineSettings(home, home / "plugins", threads=1))
    made.start()
    made.get_light_ready()
    wait(lambda: made.state == made.light_state == "idle", seconds=60, what="the engines' start")
    yield made
    made.shutdown()


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "plugins")


def wait(until, seconds, what):
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, f"{what} did not happen"
        QCoreApplication.processEvents()
        time.sleep(0.002)


@pytest.fixture
def fill(bench, service):
    """A picture with a part selected, and the tool that fills."""
    service.list_models()
    bench.wait(lambda: bool(bench.generation.dock.models), what="the models")
    bench.open()
    bench.select()
    bench.pick("inpaint", steps=2)
    return bench


def mode_field(bench):
    return bench.generation.dock.form.fields["mode"]


def pick_mode(bench, mode):
    """As a person picks one with the keyboard."""
    combo = mode_field(bench).combo
    combo.setCurrentIndex(combo.findData(mode))
    combo.activated.emit(combo.currentIndex())


def generated(bench):
    """Generates, waits, and gives back the one candidate."""
    before = len(bench.generation.candidates.offered)
    bench.generation.generate()
    bench.wait(lambda: len(bench.generation.candidates.offered) > before, seconds=30, what="the picture")
    bench.wait(lambda: not bench.generation.board.jobs, seconds=30, what="the end of the job")
    return bench.generation.candidates.offered[-1]


def test_every_mode_has_an_icon_a_tip_and_a_name(fill):
    field = mode_field(fill)
    combo = field.combo
    assert tuple(combo.itemData(place) for place in range(combo.count())) == FILL_MODES
    assert not any(combo.itemIcon(place).isNull() for place in range(combo.count()))
    assert all(combo.itemData(place, Qt.ItemDataRole.ToolTipRole) for place in range(combo.count()))
    assert combo.accessibleName() == "Mode"
    assert combo.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_what_automatic_stands_for_is_shown_and_follows(fill):
    field, form = mode_field(fill), fill.generation.dock.form
    under = form.fields["under"]
    fill.wait(lambda: field.combo.itemText(0) == "Automatic: fill", what="the mode")
    assert under.combo.itemText(0) == "Automatic: blurred"
    select(fill.document, Rect(0, 200, 256, 56))
    fill.wait(lambda: field.combo.currentText() == "Automatic: expand", what="the other mode")
    assert under.combo.itemText(0) == "Automatic: healed"
    form.set_values({"strength": 0.5})
    fill.wait(lambda: field.combo.currentText() == "Automatic: refine", what="the mode of a weak fill")
    pick_mode(fill, "add")
    fill.wait(lambda: under.combo.itemText(0) == "Automatic: a colour", what="what lies under it")
    assert field.combo.itemText(0) == "Automatic"


def test_picking_a_mode_sets_the_strength_and_setting_one_does_not(fill):
    form = fill.generation.dock.form
    form.set_values({"seed": 5, "mode": "vary"})
    assert form.values()["strength"] == 1.0
    assert form.values()["seed"] == 5
    pick_mode(fill, "vary")
    assert (form.values()["strength"], form.values()["seed"]) == (0.6, -1)
    pick_mode(fill, "auto")
    assert form.values()["strength"] == 1.0


def test_the_recipe_holds_what_automatic_stood_for(fill):
    result = generated(fill)
    assert (result.prepared.job.params["mode"], result.prepared.job.params["under"]) == ("fill", "blurred")
    fill.generation.candidates.apply(result)
    recipe = fill.document.active.recipe
    assert (recipe.params["mode"], recipe.params["under"]) == ("fill", "blurred")
    assert mode_field(fill).value() == "auto"


@pytest.mark.parametrize("mode", ["add", "remove", "vary"])
def test_outside_the_affected_area_nothing_changes(fill, mode):
    before = flatten(fill.document.snapshot(), fill.document.bounds)
    pick_mode(fill, mode)
    result = generated(fill)
    fill.generation.candidates.apply(result)
    changed = (flatten(fill.document.snapshot(), fill.document.bounds) != before).any(axis=2)
    allowed = np.zeros(changed.shape, bool)
    allowed[result.prepared.affected.slices(fill.document.bounds)] = True
    assert changed.any()
    assert not (changed & ~allowed).any()


@pytest.mark.parametrize("strength", [0.05, 1.0])
def test_both_ends_of_strength_keep_to_the_area(fill, strength):
    fill.generation.dock.form.set_values({"strength": strength})
    before = flatten(fill.document.snapshot(), fill.document.bounds)
    result = generated(fill)
    fill.generation.candidates.apply(result)
    changed = (flatten(fill.document.snapshot(), fill.document.bounds) != before).any(axis=2)
    changed[result.prepared.affected.slices(fill.document.bounds)] = False
    assert not changed.any()
    assert fill.document.active.recipe.params["strength"] == strength


def test_replacing_the_background_keeps_what_is_selected(fill):
    before = flatten(fill.document.snapshot(), fill.document.bounds)
    pick_mode(fill, "replace")
    deselect(fill.document)
    fill.wait(lambda: "should stay" in fill.generation.dock.hint.text(), what="the advice")
    fill.document.history.undo()
    overlay = fill.generation.presenters[fill.session].context
    fill.wait(lambda: overlay.affected.boundingRect().width() == 256, what="the outline of the background")
    result = generated(fill)
    fill.generation.candidates.apply(result)
    after = flatten(fill.document.snapshot(), fill.document.bounds)
    subject = Rect(80, 80, 60, 50).slices(fill.document.bounds)
    assert np.array_equal(after[subject], before[subject])
    assert (after != before).any(axis=2).mean() > 0.5
    layer = fill.document.active
    fill.generation.recipe.bar.again.click()
    job = fill.asked()
    assert job.prepared.job.params["mode"] == "replace"
    assert np.array_equal(job.prepared.selection, layer.recipe.selection)
    fill.generation.board.cancel_all()


def test_a_recipe_from_before_there_were_modes_is_made_again(fill):
    result = generated(fill)
    fill.generation.candidates.apply(result)
    layer = fill.document.active
    params = {key: value for key, value in layer.recipe.params.items() if key not in ("mode", "under", "colour")}
    old = dataclasses.replace(layer, recipe=dataclasses.replace(layer.recipe, params={**params, "strength": 0.5}))
    pick_mode(fill, "add")
    fill.generation.recipe.remake.emit(old, Way.ANOTHER, {})
    job = fill.asked()
    assert (job.prepared.job.params["mode"], job.prepared.job.params["under"]) == ("refine", "original")
    assert mode_field(fill).value() == "add"
    fill.generation.board.cancel_all()


def test_a_form_that_was_remembered_before_there_were_modes_is_shown(make_bench, service):
    first = make_bench(service)
    old = {"tool": "inpaint", "inpaint": {"prompt": "a lamp", "strength": 0.8, "edge.grow": 3}}
    first.window.memory.keep_blob("generate", json.dumps(old).encode())
    second = make_bench(service)
    second.generation.dock.remember = lambda: None
    form = second.generation.dock.form
    assert (form.values()["prompt"], form.values()["mode"]) == ("a lamp", "auto")


def test_an_expanded_canvas_is_ready_to_be_filled(fill):
    fill.pick("heal")
    wanted = dataclasses.replace(crop(Rect(-64, 0, 320, 256), keep_outside=False), select_new=True)
    reshape(fill.window, fill.session, wanted, "Crop")
    assert fill.generation.dock.tool.id == "inpaint"
    assert fill.generation.dock.form.fields["prompt"].edit.hasFocus()
    fill.wait(lambda: mode_field(fill).combo.currentText() == "Automatic: expand", what="the mode")
    old = flatten(fill.document.snapshot(), Rect(64, 0, 256, 256))
    result = generated(fill)
    assert result.prepared.job.params["mode"] == "expand"
    fill.generation.candidates.apply(result)
    new = flatten(fill.document.snapshot(), fill.document.bounds)
    assert (new[:, :64, 3] == 255).all()
    kept = result.prepared.affected.right
    assert kept < 320
    assert np.array_equal(new[:, kept:], old[:, kept - 64 :])


def test_healing_needs_no_model_and_is_done_at_once(bench):
    bench.open()
    bench.select()
    before = flatten(bench.document.snapshot(), bench.document.bounds)
    bench.pick("heal")
    result = generated(bench)
    bench.generation.candidates.apply(result)
    assert np.array_equal(flatten(bench.document.snapshot(), bench.document.bounds), before)  # the ground is plain
    assert bench.document.active.recipe.tool == "heal"
    assert bench.document.active.recipe.model == ""
    deselect(bench.document)
    assert bench.generation.generator.generate(bench.generation.dock.wish()) is None
