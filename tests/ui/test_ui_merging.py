"""Merge down and flatten: one step each, and the picture looks as it did."""

from __future__ import annotations

import numpy as np
import pytest
from numpy import array_equal as same

from scumble.document import BGRA8, RGBA16, SELECTION, BlendMode, Document, Group, PaintLayer, Rect
from scumble.document.edits import (
    add_group,
    add_layer,
    add_mask,
    group_layers,
    move_layer,
    select,
    set_layer,
    set_layers,
)
from scumble.render import flatten
from scumble.ui.merging import below, flatten_image, merge_down, merge_visible


@pytest.fixture(params=[BGRA8, RGBA16], ids=["8", "16"])
def document(qapp, request) -> Document:
    """An opaque ground and three layers of noise with soft alpha on 300 × 280, the third partly outside."""
    made = Document(300, 280, request.param)
    rng = np.random.default_rng(5)
    straight = rng.integers(0, 256, (280, 300, 4), np.uint8)
    straight[..., 3] = 255
    add_layer(made, "Ground", pixels=made.format.from_straight(straight))
    for number in range(1, 4):
        straight = rng.integers(0, 256, (200, 180, 4), np.uint8)
        add_layer(made, f"Layer {number}", pixels=made.format.from_straight(straight), origin=(number * 60 - 100, 50))
    made.history.clear()
    return made


def seen(document):
    return flatten(document.snapshot(), document.bounds)


def difference(document, before):
    return int(np.abs(seen(document).astype(int) - before.astype(int)).max())


def test_onto_the_ground_not_one_bit_changes_whatever_the_mode(document):
    one, two = document.layers[1], document.layers[2]
    for layer in document.layers[2:]:
        set_layer(document, layer.id, "hide", visible=False)
    for mode in BlendMode:
        set_layer(document, one.id, "mode", mode=mode, opacity=0.6)
        document.activate(one.id)
        before, steps = seen(document), len(document.history.names)
        assert merge_down(document, "Merge down")
        assert same(seen(document), before), mode
        assert [layer.name for layer in document.layers] == ["Ground", "Layer 2", "Layer 3"]
        assert document.active.name == "Ground"
        assert document.history.names[steps:] == ("Merge down",)
        document.history.undo()
        assert same(seen(document), before)
    assert two in document.layers or document.layers[2].name == "Layer 2"


def test_masks_and_opacity_are_kept_to_a_rounding(document):
    select(document, Rect(40, 60, 120, 100), 130)
    add_mask(document, document.layers[2].id)
    set_layer(document, document.layers[2].id, "faint", opacity=0.7)
    document.activate(document.layers[3].id)
    before = seen(document)
    assert merge_down(document, "Merge down")
    assert difference(document, before) <= 1 + document.format.maximum // 128
    assert document.active.name == "Layer 2"
    assert document.active.mask is None


def test_pixels_outside_the_canvas_are_kept(document):
    document.activate(document.layers[1].id)
    layer = document.layers[1]
    area = Rect(-40, 50, 40, 200)
    before = document.surface(layer.surface).read(area)
    assert before.any()
    merge_down(document, "Merge down")
    assert same(document.surface(document.active.surface).read(area), before)


def test_a_mode_that_met_what_lies_further_below_is_told(document):
    document.activate(document.layers[3].id)
    set_layer(document, document.active.id, "mode", mode=BlendMode.MULTIPLY)
    assert not merge_down(document, "Merge down")


@pytest.mark.parametrize("mode", [BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.HUE])
def test_a_group_becomes_a_layer_bit_for_bit(document, mode):
    group = add_group(document, "Group")
    for name in ("Layer 2", "Layer 3"):
        layer = next(layer for layer in document.layers if layer.name == name)
        move_layer(document, layer.id, parent=group, index=0)
    set_layer(document, group, "mode", mode=mode, opacity=0.5)
    document.activate(group)
    before = seen(document)
    assert merge_down(document, "Merge down")
    assert same(seen(document), before)
    assert isinstance(document.active, PaintLayer)
    assert (document.active.name, document.active.mode, document.active.opacity) == ("Group", mode, 0.5)


def clip(document, *names):
    chosen = [layer.id for layer in document.layers if layer.name in names]
    set_layers(document, chosen, "clip", clip=True)


def activate(document, name):
    document.activate(next(layer.id for layer in document.layers if layer.name == name))


@pytest.mark.parametrize("mode", [BlendMode.NORMAL, BlendMode.MULTIPLY, BlendMode.LUMINOSITY])
def test_a_clipped_layer_joins_its_base_which_keeps_its_mode(document, mode):
    clip(document, "Layer 2", "Layer 3")
    base = document.layers[1]
    select(document, Rect(40, 60, 120, 100), 130)
    add_mask(document, base.id)
    set_layer(document, base.id, "mode", mode=mode, opacity=0.6)
    set_layer(document, document.layers[2].id, "mode", mode=BlendMode.SCREEN, opacity=0.8)
    activate(document, "Layer 2")
    before = seen(document)
    assert [layer.name for layer in below(document)] == ["Layer 1", "Layer 2"]
    assert merge_down(document, "Merge down")
    assert [(layer.name, layer.clip) for layer in document.layers] == [
        ("Ground", False),
        ("Layer 1", False),
        ("Layer 3", True),
    ]
    assert (document.active.mode, document.active.opacity) == (mode, 0.6)
    assert difference(document, before) <= 1 + document.format.maximum // 100


def test_two_clipped_layers_become_one_that_is_clipped(document):
    clip(document, "Layer 2", "Layer 3")
    activate(document, "Layer 3")
    before = seen(document)
    assert merge_down(document, "Merge down")
    assert [(layer.name, layer.clip) for layer in document.layers[1:]] == [("Layer 1", False), ("Layer 2", True)]
    assert difference(document, before) <= 1 + document.format.maximum // 100
    document.history.undo()
    set_layer(document, document.layers[3].id, "mode", mode=BlendMode.MULTIPLY)
    assert not merge_down(document, "Merge down")


def test_a_layer_joins_all_of_the_run_below_and_takes_its_own_along(document):
    clip(document, "Layer 1", "Layer 3")
    activate(document, "Layer 2")
    before = seen(document)
    assert len(below(document)) == 4
    set_layer(document, document.layers[3].id, "mode", mode=BlendMode.DIFFERENCE)
    before = seen(document)
    assert merge_down(document, "Merge down")
    assert [layer.name for layer in document.layers] == ["Ground"]
    assert difference(document, before) <= 1 + document.format.maximum // 100
    assert below(document) == ()


def test_a_group_becomes_a_layer_within_its_run(document):
    clip(document, "Layer 2", "Layer 3")
    group = group_layers(document, [document.layers[2].id], "Group")
    assert document.layer(group).clip
    document.activate(group)
    before = seen(document)
    assert merge_down(document, "Merge down")
    assert [(layer.name, layer.clip) for layer in document.layers[1:]] == [
        ("Layer 1", False),
        ("Group", True),
        ("Layer 3", True),
    ]
    assert difference(document, before) <= 1 + document.format.maximum // 100


def test_flattening_and_merging_what_is_seen_keep_the_look_of_clipped_layers(document):
    clip(document, "Layer 2", "Layer 3")
    before = seen(document)
    merge_visible(document, "Merge visible")
    assert same(seen(document), before)
    document.history.undo()
    set_layer(document, document.layers[1].id, "hide", visible=False)
    before = seen(document)
    flatten_image(document, "Flatten picture")
    assert same(seen(document), before)
    assert len(document.layers) == 1


def test_flattening_changes_no_bit_and_is_one_step(document):
    set_layer(document, document.layers[1].id, "mode", mode=BlendMode.SOFT_LIGHT)
    set_layer(document, document.layers[2].id, "hide", visible=False)
    set_layer(document, document.layers[3].id, "faint", opacity=0.3)
    before, steps = seen(document), len(document.history.names)
    flatten_image(document, "Flatten picture")
    assert same(seen(document), before)
    assert [layer.name for layer in document.layers] == ["Ground"]
    assert len(document.history.names) == steps + 1
    document.history.undo()
    assert same(seen(document), before)
    assert len(document.layers) == 4


def test_nothing_is_merged_on_the_lowest_a_hidden_or_a_locked_layer(document):
    ground, one = document.layers[:2]
    document.activate(ground.id)
    assert below(document) == ()
    document.activate(one.id)
    for change in ({"visible": False}, {"locked": True}):
        set_layer(document, ground.id, "change", **change)
        assert below(document) == ()
        assert merge_down(document, "Merge down")
        document.history.undo()
    assert below(document) == (ground, one)


def test_the_selection_stays(document):
    select(document, Rect(10, 10, 50, 50))
    document.activate(document.layers[1].id)
    before = document.selection.read(document.bounds)
    merge_down(document, "Merge down")
    flatten_image(document, "Flatten picture")
    assert same(document.surface(SELECTION).read(document.bounds), before)


def test_what_is_added_to_an_active_group_goes_into_it(document):
    group = add_group(document, "Group")
    inner = add_layer(document, "Inner")
    document.activate(group)
    add_layer(document, "On top")
    document.activate(group)
    nested = add_group(document, "Nested")
    top = document.layers[-1]
    assert isinstance(top, Group)
    assert [layer.name for layer in top.children] == ["Inner", "On top", "Nested"]
    assert (top.children[0].id, top.children[2].id) == (inner, nested)
    document.activate(group)
    set_layer(document, group, "lock", locked=True)
    add_layer(document, "Above")
    assert document.layers[-1].name == "Above"


def test_the_commands(program, session, hand):
    merge = program.window.commands.action("layer.merge")
    hand.do("layer.add")
    hand.drag((50, 50), (100, 50))
    hand.do("layer.merge")
    assert [layer.name for layer in session.document.layers] == ["Background"]
    program.window.commands.refresh(session)
    assert not merge.isEnabled()
    hand.do("layer.add")
    hand.do("layer.add")
    hand.do("layer.flatten")
    assert len(session.document.layers) == 1


def test_no_shortcut_is_given_twice(program):
    seen: dict[str, str] = {}
    for command in program.window.commands:
        for keys in command.shortcuts:
            assert seen.setdefault(keys, command.id) == command.id, keys
