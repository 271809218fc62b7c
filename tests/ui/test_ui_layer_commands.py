"""Commands on several layers, and those that make pixels anew."""

from __future__ import annotations

import numpy as np
import pytest
from numpy import array_equal as same

from scumble.document import Group, PaintLayer, Rect
from scumble.document.edits import add_layer, set_layer
from scumble.document.selecting import select


@pytest.fixture
def layers(session):
    """A white background and three layers of a colour, each in a place of its own."""
    document = session.document
    for number, colour in enumerate(((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))):
        pixels = np.full((60, 60, 4), document.format.solid(*colour), np.uint8)
        add_layer(document, f"Layer {number + 1}", pixels=pixels, origin=(40 * number, 30 * number))
    document.history.clear()
    return document


def named(document, name):
    return next(layer for layer in document.layers if layer.name == name)


def names(document):
    return [layer.name for layer in document.layers]


def test_several_are_duplicated_in_one_step_and_the_copies_are_chosen(layers, session, hand, picture):
    one, two = named(layers, "Layer 1"), named(layers, "Layer 2")
    session.choose([one.id, two.id], two.id)
    before = layers.structure
    hand.do("layer.duplicate")
    assert names(layers)[:5] == ["Background", "Layer 1", "Layer 2", "Layer 1 copy", "Layer 2 copy"]
    assert {layers.layer(layer_id).name for layer_id in session.chosen} == {"Layer 1 copy", "Layer 2 copy"}
    assert layers.history.names == ("Duplicate layers",)
    hand.do("edit.undo")
    assert layers.structure == before


def test_a_group_is_taken_apart_again(layers, session, hand, picture):
    seen = picture(session)
    one, two = named(layers, "Layer 1"), named(layers, "Layer 2")
    session.choose([one.id, two.id], two.id)
    hand.do("layer.group-chosen")
    assert isinstance(layers.active, Group)
    hand.do("layer.ungroup")
    assert names(layers) == ["Background", "Layer 1", "Layer 2", "Layer 3"]
    assert same(picture(session), seen)


def test_a_mask_is_applied_to_the_pixels(layers, session, hand, picture):
    layers.activate(named(layers, "Layer 2").id)
    select(layers, Rect(40, 30, 30, 60))
    hand.do("layer.mask")
    seen = picture(session)
    hand.do("layer.mask-apply")
    active = layers.active
    assert isinstance(active, PaintLayer)
    assert active.mask is None
    assert same(picture(session), seen)
    assert not layers.surface(active.surface).read(Rect(70, 30, 30, 60)).any()
    hand.do("edit.undo")
    assert layers.active.mask is not None
    assert same(picture(session), seen)


def test_what_is_seen_is_merged_and_what_is_hidden_stays(layers, session, hand, picture):
    set_layer(layers, named(layers, "Layer 2").id, "Hide", visible=False)
    seen = picture(session)
    hand.do("layer.merge-visible")
    assert names(layers) == ["Background", "Layer 2"]
    assert not named(layers, "Layer 2").visible
    assert same(picture(session), seen)
    hand.do("edit.undo")
    assert len(layers.layers) == 4


def test_what_is_clipped_to_a_hidden_layer_is_not_merged(layers, session, hand, picture):
    set_layer(layers, named(layers, "Layer 3").id, "Clip", clip=True)
    set_layer(layers, named(layers, "Layer 2").id, "Hide", visible=False)
    seen = picture(session)
    hand.do("layer.merge-visible")
    assert "Layer 3" in names(layers)
    assert same(picture(session), seen)


@pytest.mark.parametrize(("command", "kept"), [("layer.from-selection", True), ("layer.cut-selection", False)])
def test_the_selection_becomes_a_layer(layers, session, hand, picture, command, kept):
    layer = named(layers, "Layer 1")
    layers.activate(layer.id)
    area = Rect(10, 10, 20, 20)
    select(layers, area)
    before, seen = layers.surface(layer.surface).read(layers.bounds), picture(session)
    hand.do(command)
    made = layers.active
    assert isinstance(made, PaintLayer)
    assert layers.layers.index(made) == layers.layers.index(layer) + 1
    assert same(layers.surface(made.surface).read(area), before[10:30, 10:30])
    assert layers.surface(made.surface).read(layers.bounds)[..., 3].sum() == 20 * 20 * 255
    assert layers.surface(layer.surface).read(area).any() == kept
    assert same(picture(session), seen)
    assert len(layers.history.names) == 2
    hand.do("edit.undo")
    assert same(layers.surface(layer.surface).read(layers.bounds), before)


def test_a_locked_layer_is_not_cut_from(layers, session, hand, program):
    layer = named(layers, "Layer 1")
    layers.activate(layer.id)
    set_layer(layers, layer.id, "Lock", locked=True)
    select(layers, Rect(10, 10, 20, 20))
    before = layers.structure
    hand.do("layer.cut-selection")
    assert layers.structure == before
    assert program.window.messages.notes


def test_commands_that_cannot_work_are_not_offered(layers, session, program, qapp):
    layers.activate(named(layers, "Layer 1").id)
    qapp.processEvents()
    for name in ("layer.ungroup", "layer.mask-apply", "layer.from-selection", "layer.cut-selection"):
        assert not program.window.commands.action(name).isEnabled(), name
