"""What one press of Generate made for several places of a picture is applied together, or one by one."""

import numpy as np
import pytest

from scumble.api import ScumbleError
from scumble.document import Rect
from scumble.document.edits import select
from scumble.render import flatten
from scumble.ui.candidates.records import revived, written

PLACES = (Rect(40, 50, 60, 60), Rect(1000, 800, 70, 50))


@pytest.fixture
def apart(bench):
    """Results for two islands of a selection, two of each."""
    bench.open(width=1200, height=1000)
    for place, part in enumerate(PLACES):
        select(bench.document, part, mode="add" if place else "replace")
    bench.run(steps=1, count=2)
    assert len(bench.generation.candidates.offered) == 4
    return bench


def command(bench):
    return bench.window.commands.action("candidates.apply-set")


def test_a_set_is_applied_in_one_step(apart):
    candidates = apart.generation.candidates
    before = flatten(apart.document.snapshot(), apart.document.bounds)
    steps = apart.document.history.position
    first = [result for result in candidates.offered if result.prepared.affected.covers(PLACES[0])]
    second = [result for result in candidates.offered if result.prepared.affected.covers(PLACES[1])]
    candidates.star([second[1]], True)
    candidates.show(first[1])
    assert command(apart).isEnabled()
    command(apart).trigger()
    assert apart.document.history.position == steps + 1
    recipes = [layer.recipe for layer in apart.document.layers if layer.recipe is not None]
    assert {recipe.params["seed"] for recipe in recipes} == {first[1].candidate.seed, second[1].candidate.seed}
    assert candidates.offered == (first[0], second[0])
    assert apart.window.status.currentMessage() == "Applied 2 results · 0 pixels changed outside"
    changed = (flatten(apart.document.snapshot(), apart.document.bounds) != before).any(axis=2)
    for result in (first[1], second[1]):
        area = result.prepared.affected.slices(apart.document.bounds)
        assert changed[area].any()
        changed[area] = False
    assert not changed.any()
    apart.document.history.undo()
    assert apart.document.history.position == steps
    assert np.array_equal(flatten(apart.document.snapshot(), apart.document.bounds), before)


def test_one_of_a_set_is_applied_alone(apart):
    candidates = apart.generation.candidates
    shown = candidates.shown
    apart.generation.strip.apply_shown()
    assert apart.document.active.recipe.params["seed"] == shown.candidate.seed
    assert len(candidates.offered) == 3


def test_what_was_made_for_one_place_is_no_set(bench):
    bench.open()
    bench.select()
    bench.run(steps=1, count=2)
    assert bench.generation.candidates.shown is not None
    assert not command(bench).isEnabled()
    assert not bench.generation.strip.set_button.isEnabled()


def test_where_one_cannot_be_applied_none_is(apart, monkeypatch):
    """The second does not pass the proof."""
    candidates, steps, layers = (
        apart.generation.candidates,
        apart.document.history.position,
        len(apart.document.layers),
    )
    proofs = []

    def prove(document, layer_id, flatten):
        proofs.append(layer_id)
        if len(proofs) == 2:
            raise ScumbleError("outside-changed", count=3, layer="b")
        return

    monkeypatch.setattr("scumble.ui.generate.witness.prove", prove)
    with pytest.raises(ScumbleError):
        candidates.apply_set(candidates.set_of(candidates.offered[0]))
    assert (apart.document.history.position, len(apart.document.layers)) == (steps, layers)
    assert len(candidates.offered) == 4


def test_a_set_is_still_one_after_a_restart(apart):
    result = apart.generation.candidates.offered[0]
    kept = written(result, "", "run")
    assert revived(kept, {result.prepared.tool.id: result.prepared.tool}).group == result.group != ""
