"""Deleting, duplicating, moving and grouping several layers: one step each, and clipping stays what it was."""

import numpy as np
import pytest

from scumble.document import FORMATS, Document, Group, Rect, edits, find, walk
from scumble.document.clipping import bases_of, runs


@pytest.fixture
def document():
    """a, b, c and d from below, each a square of its own."""
    document = Document(300, 300)
    for number, name in enumerate("abcd"):
        square = np.full((30, 30, 4), 60 + number, np.uint8)
        edits.add_layer(document, name, pixels=square, origin=(number * 40, 0))
    document.history.clear()
    return document


def ids(document, names):
    found = {layer.name: layer.id for layer in walk(document.layers)}
    return [found[name] for name in names]


def shape(layers):
    """The tree as text: a clipped layer in lower case with a dash, groups with what they hold in brackets."""
    return " ".join(
        ("-" if layer.clip else "") + layer.name + (f"[{shape(layer.children)}]" if isinstance(layer, Group) else "")
        for layer in layers
    )


def clip(document, names):
    edits.set_layers(document, ids(document, names), "clip", clip=True)
    document.history.clear()


def undone(document, before):
    """One step was made, and undo takes it all back."""
    assert document.history.position == 1
    document.history.undo()
    assert shape(document.layers) == before
    document.history.redo()


def test_several_layers_go_in_one_step(document):
    edits.remove_layers(document, ids(document, "ac"))
    assert shape(document.layers) == "b d"
    undone(document, "a b c d")


def test_nothing_to_remove_is_no_step(document):
    edits.remove_layers(document, [])
    edits.ungroup_layers(document, ids(document, "a"))
    assert edits.duplicate_layers(document, []) == ()
    edits.move_layers(document, [], parent=None, index=0)
    assert document.history.names == ()


@pytest.mark.parametrize(
    ("active", "gone", "heir"), [("d", "cd", "b"), ("a", "ab", "c"), ("b", "ac", "b"), ("c", "bc", "a")]
)
def test_the_neighbour_of_the_active_layer_becomes_active(document, active, gone, heir):
    document.activate(ids(document, active)[0])
    edits.remove_layers(document, ids(document, gone))
    assert document.active.name == heir
    document.history.undo()
    assert document.active.name == active


def test_the_group_becomes_active_when_it_is_emptied(document):
    edits.group_layers(document, ids(document, "bc"), "G")
    document.activate(ids(document, "c")[0])
    edits.remove_layers(document, ids(document, "bc"))
    assert document.active.name == "G"
    edits.remove_layers(document, ids(document, "adG"))
    assert document.active is None


def test_what_lies_inside_a_chosen_group_is_not_counted_twice(document):
    edits.group_layers(document, ids(document, "bc"), "G")
    assert [layer.name for layer in edits.outermost(document, ids(document, "dbG"))] == ["G", "d"]
    document.history.clear()
    edits.remove_layers(document, ids(document, "bG"))
    assert shape(document.layers) == "a d"
    undone(document, "a G[b c] d")
    with pytest.raises(KeyError):
        edits.outermost(document, [document.new_layer_id()])


def test_copies_come_above_the_topmost_and_share_tiles(document):
    document.activate(ids(document, "b")[0])
    made = edits.duplicate_layers(document, ids(document, "cb"), lambda name: name + "2")
    assert shape(document.layers) == "a b c b2 c2 d"
    assert [document.layer(copy).name for copy in made] == ["b2", "c2"]
    assert document.active.name == "b2"
    source, copy = (document.surface(document.layer(layer).surface) for layer in ids(document, ["b", "b2"]))
    assert copy.tiles[0, 0] is source.tiles[0, 0]
    undone(document, "a b c d")


def test_copies_stay_in_their_groups(document):
    edits.group_layers(document, ids(document, "bc"), "G")
    document.history.clear()
    edits.duplicate_layers(document, ids(document, "abG"), lambda name: name + "2")
    assert shape(document.layers) == "a G[b c] a2 G2[b c] d"
    edits.duplicate_layers(document, ids(document, ["a", "d"]), lambda name: name + "3")
    assert shape(document.layers) == "a G[b c] a2 G2[b c] d a3 d3"
    inner = find(document.layers, ids(document, ["G"])[0]).children[0].id
    edits.duplicate_layers(document, [inner, ids(document, ["a3"])[0]], lambda name: name + "4")
    assert shape(document.layers) == "a G[b b4 c] a2 G2[b c] d a3 a34 d3"


def test_layers_move_together_and_keep_their_order(document):
    edits.move_layers(document, ids(document, "ca"), parent=None, index=2)
    assert shape(document.layers) == "b d a c"
    undone(document, "a b c d")
    group = edits.add_group(document, "G")
    edits.move_layers(document, ids(document, "dab"), parent=group, index=0)
    assert shape(document.layers) == "G[b d a] c"
    with pytest.raises(ValueError, match="into itself"):
        edits.move_layers(document, [group, ids(document, "c")[0]], parent=group, index=0)


def test_moving_to_the_same_place_is_no_step(document):
    edits.move_layers(document, ids(document, "bc"), parent=None, index=1)
    assert document.history.names == ()


def test_a_group_comes_where_the_topmost_was(document):
    group = edits.group_layers(document, ids(document, "ca"), "G", isolated=False)
    assert shape(document.layers) == "b G[a c] d"
    assert document.active.id == group
    assert not document.active.isolated
    undone(document, "a b c d")
    with pytest.raises(ValueError, match="needs layers"):
        edits.group_layers(document, [], "H")


def test_ungrouping_leaves_the_layers_in_its_place(document):
    edits.group_layers(document, ids(document, "bc"), "G")
    edits.group_layers(document, ids(document, "d"), "H")
    document.activate(ids(document, "G")[0])
    document.history.clear()
    edits.ungroup_layers(document, ids(document, "GHa"))
    assert shape(document.layers) == "a b c d"
    assert document.active.name == "c"
    undone(document, "a G[b c] H[d]")


def test_fields_are_set_together_where_they_fit(document):
    edits.group_layers(document, ids(document, "cd"), "G")
    document.history.clear()
    told = []
    document.changed.connect(told.append)
    edits.set_layers(document, ids(document, "aG"), "lock", alpha_locked=True, locked=True)
    assert [layer.locked for layer in document.layers] == [True, False, True]
    assert document.layers[0].alpha_locked
    assert all(change.area.empty for change in told)
    edits.set_layers(document, ids(document, "aG"), "again", locked=True)
    assert document.history.names == ("lock",)
    edits.set_layers(document, ids(document, "a"), "hide", visible=False)
    assert told[-2].area == Rect(0, 0, 256, 256)


# Clipping


def test_runs_are_a_base_and_what_is_clipped_to_it(document):
    clip(document, "acd")
    assert shape(document.layers) == "-a b -c -d"
    assert [(base.name, [layer.name for layer in above]) for base, above in runs(document.layers)] == [
        ("a", []),
        ("b", ["c", "d"]),
    ]
    b, c, d = ids(document, "bcd")
    assert bases_of(document.layers) == {c: b, d: b}


def test_the_clipped_are_released_when_their_base_goes(document):
    clip(document, "cd")
    edits.remove_layers(document, ids(document, "b"))
    assert shape(document.layers) == "a c d"
    undone(document, "a b -c -d")
    document.history.undo()
    edits.remove_layers(document, ids(document, "c"))
    assert shape(document.layers) == "a b -d"


def test_a_moved_run_stays_a_run(document):
    clip(document, "b")
    edits.move_layers(document, ids(document, "ab"), parent=None, index=2)
    assert shape(document.layers) == "c d a -b"
    edits.move_layers(document, ids(document, "a"), parent=None, index=0)
    assert shape(document.layers) == "a c d b"


def test_what_is_put_into_a_run_is_clipped_with_it(document):
    clip(document, "bc")
    edits.move_layers(document, ids(document, "d"), parent=None, index=1)
    assert shape(document.layers) == "a -d -b -c"
    edits.move_layers(document, ids(document, "d"), parent=None, index=3)
    assert shape(document.layers) == "a -b -c -d"
    edits.move_layers(document, ids(document, "d"), parent=None, index=0)
    assert shape(document.layers) == "d a -b -c"


def test_a_clipped_layer_that_leaves_its_base_is_released(document):
    clip(document, "b")
    edits.move_layers(document, ids(document, "b"), parent=None, index=2)
    assert shape(document.layers) == "a c b d"


def test_new_layers_split_no_run(document):
    clip(document, "bc")
    edits.add_layer(document, "x", above=ids(document, "a")[0])
    edits.add_group(document, "G", above=ids(document, "c")[0])
    assert shape(document.layers) == "a -x -b -c G[] d"
    edits.add_layer(document, "y", above=ids(document, "d")[0], clip=True)
    assert shape(document.layers) == "a -x -b -c G[] d -y"


def test_copies_of_a_run_are_a_run_above_it(document):
    clip(document, "bc")
    edits.duplicate_layers(document, ids(document, "ab"), lambda name: name + "2")
    assert shape(document.layers) == "a -b -c a2 -b2 d"
    edits.duplicate_layers(document, ids(document, "b"), lambda name: name + "3")
    assert shape(document.layers) == "a -b -b3 -c a2 -b2 d"
    edits.duplicate_layer(document, ids(document, "a")[0], "a4")
    assert shape(document.layers) == "a -b -b3 -c a4 a2 -b2 d"


def test_copied_groups_keep_the_clipping_inside(document):
    clip(document, "c")
    edits.group_layers(document, ids(document, "bc"), "G")
    edits.duplicate_layer(document, ids(document, "G")[0], "H")
    assert shape(document.layers) == "a G[b -c] H[b -c] d"


def test_a_group_takes_the_part_of_the_base_that_it_holds(document):
    clip(document, "bcd")
    edits.group_layers(document, ids(document, "ab"), "G")
    assert shape(document.layers) == "G[a -b] -c -d"
    edits.ungroup_layers(document, ids(document, "G"))
    assert shape(document.layers) == "a -b c d"


def test_clipped_layers_grouped_are_a_clipped_group(document):
    clip(document, "bcd")
    edits.group_layers(document, ids(document, "bc"), "G")
    assert shape(document.layers) == "a -G[b c] -d"
    edits.ungroup_layers(document, ids(document, "G"))
    assert shape(document.layers) == "a -b -c -d"


def test_clipped_and_other_layers_grouped_are_released(document):
    clip(document, "b")
    edits.group_layers(document, ids(document, "bd"), "G")
    assert shape(document.layers) == "a c G[b d]"


def test_a_merged_layer_stands_in_for_a_base(document):
    clip(document, "bcd")
    edits.merge_layers(document, ids(document, "ab"), {(0, 0): np.full((256, 256, 4), 9, np.uint8)}, "merge")
    assert shape(document.layers) == "a -c -d"
    edits.merge_layers(document, ids(document, "cd"), {}, "merge")
    assert shape(document.layers) == "a -c"


def test_releasing_tells_of_where_the_released_show(document):
    clip(document, "b")
    square, b = np.full((9, 9, 4), 9, np.uint8), ids(document, "b")[0]
    far = edits.add_layer(document, "far", pixels=square, origin=(280, 280), above=b, clip=True)
    assert shape(document.layers) == "a -b -far c d"
    told = []
    document.changed.connect(told.append)
    edits.remove_layers(document, ids(document, "a"))
    assert told[0].area.covers(Rect(280, 280, 9, 9))
    told.clear()
    edits.set_layer(document, far, "clip", clip=True)
    assert told[0].area.covers(Rect(0, 0, 256, 256) | Rect(280, 280, 9, 9))


# Masks and kept selections


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_mask_is_baked_into_the_pixels(name):
    document = Document(600, 300, FORMATS[name])
    rng = np.random.default_rng(0)
    straight = rng.integers(0, 256, (300, 600, 4), dtype=np.uint8)
    mask = rng.integers(0, 256, (300, 600), dtype=np.uint8)
    mask[:, :256], mask[:, 512:] = 255, 0
    layer = edits.add_layer(document, "layer", pixels=document.format.from_straight(straight), mask=mask)
    surface = document.paint_layer(layer).surface
    before = document.surface(surface).read(document.bounds)
    tile = document.surface(surface).tiles[0, 0]
    document.history.clear()
    edits.apply_mask(document, layer)
    after = document.surface(surface).read(document.bounds)
    assert document.layer(layer).mask is None
    assert np.array_equal(after, np.rint(before * (mask[..., None] / 255.0)).astype(after.dtype))
    assert document.surface(surface).tiles[0, 0] is tile
    assert (2, 0) not in document.surface(surface).tiles
    edits.apply_mask(document, layer)
    assert document.history.names == ("Apply layer mask",)
    document.history.undo()
    assert np.array_equal(document.surface(surface).read(document.bounds), before)
    with pytest.raises(ValueError, match="group"):
        edits.apply_mask(document, edits.add_group(document, "G"))


def test_selections_are_kept_under_names(document):
    edits.select(document, Rect(10, 10, 20, 20), 200)
    edits.save_selection(document, "first")
    edits.select(document, Rect(20, 10, 20, 20))
    edits.save_selection(document, "second")
    edits.load_selection(document, "first", mode="intersect")
    assert document.selection_bounds == Rect(20, 10, 10, 20)
    assert document.selection.read(Rect(20, 10, 1, 1))[0, 0] == 200
    edits.deselect(document)
    edits.load_selection(document, "second")
    assert document.selection_bounds == Rect(20, 10, 20, 20)
    edits.save_selection(document, "first")
    assert [kept.name for kept in document.structure.selections] == ["first", "second"]
    edits.load_selection(document, "first", mode="subtract")
    assert document.selection_bounds.empty
    edits.rename_selection(document, "first", "third")
    edits.rename_selection(document, "third", "third")
    with pytest.raises(ValueError, match="already"):
        edits.rename_selection(document, "third", "second")
    edits.delete_selection(document, "second")
    assert [kept.name for kept in document.structure.selections] == ["third"]
    with pytest.raises(KeyError):
        edits.load_selection(document, "second")
    assert document.history.names[-1] == "Delete kept selection"
    document.history.undo()
    edits.load_selection(document, "second")
    assert document.selection_bounds == Rect(20, 10, 20, 20)


def test_a_kept_selection_is_no_longer_touched_by_selecting(document):
    edits.select(document, Rect(0, 0, 20, 20))
    edits.save_selection(document, "kept")
    edits.invert_selection(document)
    surface = document.structure.selections[0].surface
    assert document.surface(surface).bounds() == Rect(0, 0, 20, 20)
    document.history.clear()
    assert document.surface(surface).bounds() == Rect(0, 0, 20, 20)
