"""Live painting in the window: it follows, never holds up a stroke, and changes nothing until it is taken."""

import time

import numpy as np
import pytest
from PySide6.QtCore import Qt

from scumble.document import Rect
from scumble.document.edits import deselect
from scumble.render import flatten


@pytest.fixture
def live(bench):
    """A picture with a selection, and live painting on with a quick tool."""
    bench.open(700, 600)
    bench.select(300, 250, 80, 60)
    bench.pick("quick-refine", steps=1)
    bench.window.commands.action("generate.live").trigger()
    bench.wait(lambda: painter(bench).shown is not None, what="the first picture")
    yield bench
    painter(bench).stop()


def painter(bench):
    return bench.generation.live


def follow(bench, before):
    bench.wait(lambda: painter(bench).shown is not before and not painter(bench).running, what="another picture")
    return painter(bench).shown


def seen(bench):
    return flatten(bench.document.snapshot(), bench.document.bounds)


def dab(bench, edit, x=320, y=270, value=255):
    pixels = np.full((9, 9, 4), value, np.uint8)
    pixels[..., 3] = 255
    edit.put(bench.document.layers[0].surface, Rect(x, y, 9, 9), pixels)


def test_it_follows_what_is_painted_also_before_the_stroke_ends(live):
    bench = live
    first, steps = painter(bench).shown, bench.document.history.position
    edit = bench.document.history.transaction("Stroke")
    dab(bench, edit)
    second = follow(bench, first)
    assert bench.document.history.busy
    assert (second.image != first.image).any()
    assert second.seed == first.seed
    dab(bench, edit, x=345)
    third = follow(bench, second)
    assert (third.image != second.image).any()
    edit.rollback()
    fourth = follow(bench, third)
    assert (fourth.image == first.image).all()
    assert bench.document.history.position == steps


def test_what_it_does_not_see_starts_no_run(live):
    bench = live
    runs = []
    bench.generation._service.started.connect(runs.append)
    with bench.document.history.transaction("Far away") as edit:
        dab(bench, edit, x=2, y=2)
    bench.wait(lambda: not painter(bench).running, what="the look")
    first = painter(bench).shown
    with bench.document.history.transaction("Near") as edit:
        dab(bench, edit)
    follow(bench, first)
    assert len(runs) == 1


def test_nothing_changes_until_it_is_taken_and_then_only_what_is_selected(live, qtbot):
    bench = live
    before, layers = seen(bench), len(bench.document.layers)
    assert painter(bench)._overlay.picture.source is painter(bench).shown
    shown = painter(bench).shown
    steps = bench.document.history.position
    qtbot.keyClick(bench.window.canvas, Qt.Key.Key_Return)
    assert not painter(bench).on
    assert not bench.generation.live_panel.isVisible()
    assert bench.generation.recipe.isVisible()
    assert (len(bench.document.layers), bench.document.history.position) == (layers + 1, steps + 1)
    made = bench.document.active.recipe
    assert (made.crop == shown.image).all()
    assert (made.params["steps"], made.params["strength"], made.params["seed"]) == (6, 0.6, shown.seed)
    mask = bench.document.surface(bench.document.active.mask).read(bench.document.bounds)
    changed = (seen(bench) != before).any(axis=2)
    assert changed.any()
    assert not changed[mask == 0].any()
    bench.document.history.undo()
    assert (seen(bench) == before).all()


def test_escape_ends_it_and_leaves_no_trace(live, qtbot):
    bench = live
    before, steps = seen(bench), bench.document.history.position
    qtbot.keyClick(bench.window.canvas, Qt.Key.Key_Escape)
    assert not painter(bench).on
    assert not bench.window.commands.action("generate.live").isChecked()
    assert painter(bench)._overlay.picture.source is None
    assert (seen(bench) == before).all()
    assert bench.document.history.position == steps
    assert not bench.generation.candidates.offered


def test_the_newest_picture_takes_the_place_of_one_that_waits(live):
    bench = live
    bench.pick("quick-fill", steps=900, pause=0.2)
    bench.generation.generate()
    bench.wait(lambda: bench.generation.board.jobs[0].step > 0, what="the long job")
    bench.pick("quick-refine", steps=1)
    first = painter(bench).shown
    started = []
    bench.generation._service.started.connect(started.append)
    for value in (10, 90, 200):
        with bench.document.history.transaction("Dab") as edit:
            dab(bench, edit, value=value)
        bench.wait(lambda: not painter(bench)._timer.isActive() and not painter(bench)._preparing, what="the asking")
    assert not started
    bench.generation.board.cancel_all()
    follow(bench, first)
    assert len(started) == 1
    newest = painter(bench)._made[0]
    x, y = 320 - newest.anchor.box.x, 270 - newest.anchor.box.y
    assert (newest.job.inputs["image"][y + 4, x + 4] == 200).all()


def test_a_small_picture_without_a_selection_is_painted_as_a_whole(bench):
    bench.open(200, 150)
    bench.pick("quick-refine", steps=1)
    bench.window.commands.action("generate.live").trigger()
    bench.wait(lambda: painter(bench).shown is not None, what="the first picture")
    painter(bench).take()
    mask = bench.document.surface(bench.document.active.mask).read(bench.document.bounds)
    assert (mask == 255).all()


def test_what_it_lacks_is_said_in_its_panel(bench):
    bench.open(1100, 1100)
    bench.pick("quick-new")
    panel = bench.generation.live_panel
    bench.window.commands.action("generate.live").trigger()
    bench.wait(lambda: "looks at the picture" in panel.state.text(), what="the sentence")
    bench.pick("quick-refine", steps=1)
    bench.wait(lambda: "1024 × 1024" in panel.state.text(), what="the other sentence")
    assert panel.isVisible()
    bench.select()
    bench.wait(lambda: painter(bench).shown is not None, what="the first picture")
    assert "follows" in panel.state.text()
    deselect(bench.document)
    painter(bench).stop()


def test_a_failing_tool_ends_it_with_a_sentence(live):
    bench = live
    bench.pick("quick-refine", prompt="fail")
    bench.wait(lambda: not painter(bench).on, what="the end")
    assert "no paint left" in bench.generation.dock.message.text.text()
    bench.run("quick-refine", steps=1, prompt="")


def test_steps_strength_and_seed_are_chosen_in_the_panel(live):
    bench = live
    first = painter(bench).shown
    bench.generation.live_panel.strength.field.setValue(100)
    second = follow(bench, first)
    assert painter(bench)._made[0].job.params["strength"] == 1.0
    bench.generation.live_panel.dice.click()
    third = follow(bench, second)
    assert third.seed != second.seed
    bench.window.settings.set("live.strength", 60)


def test_another_picture_in_front_ends_it(live):
    bench = live
    bench.open(100, 100)
    assert not painter(bench).on
    bench.window.drop_session(bench.session)


def test_a_run_that_has_begun_is_let_finish_while_one_paints_on(live):
    bench = live
    first = painter(bench).shown
    bench.pick("quick-refine", pause=0.05)
    pictures = []
    bench.generation._service.finished.connect(lambda _id, result: pictures.append(result))
    bench.window.settings.set("live.steps", 6)
    for step in range(60):
        with bench.document.history.transaction("Dab") as edit:
            dab(bench, edit, x=302 + step, value=step)
        end = time.monotonic() + 0.03
        bench.wait(lambda end=end: time.monotonic() > end)
    assert pictures
    assert painter(bench).shown is not first
    last = follow(bench, first)
    newest = painter(bench)._made[0]
    x, y = 302 + 59 - newest.anchor.box.x, 270 - newest.anchor.box.y
    assert (newest.job.inputs["image"][y + 4, x + 8] == 59).all()
    assert last is painter(bench).shown


def test_its_panel_has_the_room_of_the_recipes(bench):
    bench.open()
    bench.select()
    bench.run("quick-refine", steps=1)
    bench.generation.strip.apply_shown()
    recipe, action = bench.generation.recipe, bench.window.commands.action("generate.live")
    assert recipe.isVisible()
    action.trigger()
    assert (recipe.isVisible(), bench.generation.live_panel.isVisible()) == (False, True)
    action.trigger()
    assert (recipe.isVisible(), bench.generation.live_panel.isVisible()) == (True, False)
