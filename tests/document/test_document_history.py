import numpy as np
import pytest

from scumble.document import (
    BGRA8,
    FORMATS,
    SELECTION,
    TILE,
    ChangeSet,
    Document,
    Group,
    Recipe,
    Rect,
    Surface,
    edits,
    find,
    parent_of,
)


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    return edits.new_document(600, 400, FORMATS[request.param], background=(1.0, 0.5, 0.0), name="Background")


def value(document, x, y):
    return document.surface(document.layers[0].surface).read(Rect(x, y, 1, 1))[0, 0]


def paint(document, rect, step="paint", amount=1):
    with document.history.transaction(step) as edit:
        edit.put(document.layers[0].surface, rect, np.full((rect.height, rect.width, 4), amount, document.format.dtype))


def test_a_new_document_has_one_layer_and_no_steps(document):
    assert document.history.names == ()
    assert document.active is document.layers[0]
    assert np.array_equal(value(document, 599, 399), document.format.solid(1.0, 0.5, 0.0))


@pytest.mark.parametrize("size", [(0, 10), (10, -1), (40000, 10)])
def test_impossible_sizes_are_refused(size):
    with pytest.raises(ValueError, match="not possible"):
        Document(*size)


def test_writing_outside_a_transaction_is_refused(document):
    tile = document.surface(document.layers[0].surface).tiles[0, 0]
    with pytest.raises(ValueError, match="read-only"):
        tile.pixels[0, 0] = 0


def test_tiles_handed_out_are_read_only_after_the_commit(document):
    with document.history.transaction("paint") as edit:
        pixels = edit.write(document.layers[0].surface, (0, 0))
        pixels[0, 0] = 7
    with pytest.raises(ValueError, match="read-only"):
        pixels[0, 0] = 8


def test_a_step_holds_only_the_tiles_it_touched(document):
    paint(document, Rect(10, 10, 5, 5))
    assert document.history.size == TILE * TILE * 4 * document.format.dtype.itemsize


def test_an_exception_rolls_back(document):
    before = value(document, 3, 3).copy()
    with pytest.raises(ZeroDivisionError), document.history.transaction("paint") as edit:
        edit.write(document.layers[0].surface, (0, 0))[:] = 1 // 0
    assert np.array_equal(value(document, 3, 3), before)
    assert document.history.names == ()
    assert not document.history.busy


def test_a_transaction_that_changes_nothing_is_no_step(document):
    with document.history.transaction("nothing"):
        pass
    edits.deselect(document)
    assert document.history.names == ()


def test_one_transaction_at_a_time(document):
    with document.history.transaction("first"):
        with pytest.raises(RuntimeError, match="first"):
            document.history.transaction("second")
        assert document.history.undo() is None


def test_a_transaction_that_has_ended_writes_no_more(document):
    edit = document.history.transaction("paint")
    edit.commit()
    with pytest.raises(RuntimeError, match="ended"):
        edit.write(document.layers[0].surface, (0, 0))


def test_a_new_step_drops_what_was_undone(document):
    for number in range(3):
        paint(document, Rect(0, 0, 4, 4), f"step {number}", number + 1)
    document.history.undo()
    document.history.undo()
    paint(document, Rect(9, 9, 4, 4), "other", 9)
    assert document.history.names == ("step 0", "other")
    assert document.history.redo() is None


def test_go_to_moves_both_ways(document):
    for number in range(4):
        paint(document, Rect(0, 0, 4, 4), f"step {number}", number + 1)
    document.history.go_to(1)
    assert value(document, 0, 0)[0] == 1
    document.history.go_to(4)
    assert value(document, 0, 0)[0] == 4
    document.history.go_to(0)
    assert np.array_equal(value(document, 0, 0), document.format.solid(1.0, 0.5, 0.0))


def test_the_budget_lets_the_oldest_steps_go_but_never_the_last():
    tile = TILE * TILE * 4
    document = Document(600, 400, BGRA8, budget=2 * tile)
    edits.add_layer(document, "layer", pixels=np.full((400, 600, 4), 255, np.uint8))
    for number in range(5):
        paint(document, Rect(0, 0, 4, 4), f"step {number}", number + 1)
    assert document.history.names == ("step 3", "step 4")
    paint(document, document.bounds, "large", 77)
    assert document.history.names == ("large",)


def test_surfaces_that_only_lost_steps_knew_are_let_go(document):
    layer = edits.add_layer(document, "gone", pixels=np.full((4, 4, 4), 9, document.format.dtype))
    surface = document.paint_layer(layer).surface
    document.history.undo()
    assert document.surface(surface)
    paint(document, Rect(0, 0, 4, 4))
    with pytest.raises(KeyError):
        document.surface(surface)


def test_a_snapshot_shows_nothing_of_an_open_transaction(document):
    whole = document.bounds
    before = document.snapshot()
    surface = document.layers[0].surface
    pixels = before.read_colour(surface, whole)
    with document.history.transaction("all sorts") as edit:
        edit.put(surface, Rect(0, 0, 300, 300), np.full((300, 300, 4), 3, document.format.dtype))
        edit.put(SELECTION, Rect(0, 0, 9, 9), np.full((9, 9), 255, np.uint8))
        edits.put_layer(document, edit, "new", pixels=np.full((4, 4, 4), 9, document.format.dtype))
        during = document.snapshot()
    after = document.snapshot()
    for snapshot in (before, during):
        assert np.array_equal(snapshot.read_colour(surface, whole), pixels)
        assert not snapshot.read_mask(SELECTION, whole).any()
        assert len(snapshot.structure.layers) == 1
    assert after.read_colour(surface, whole)[299, 299, 0] == 3
    assert after.revision == before.revision + 1


def test_a_snapshot_outlives_the_steps_that_follow(document):
    snapshot = document.snapshot()
    pixels = snapshot.read_colour(document.layers[0].surface, document.bounds)
    paint(document, document.bounds, amount=5)
    edits.remove_layer(document, document.layers[0].id)
    document.history.clear()
    assert np.array_equal(snapshot.read_colour(snapshot.structure.layers[0].surface, document.bounds), pixels)


def test_undo_restores_the_active_layer(document):
    first = document.active.id
    second = edits.add_layer(document, "second")
    third = edits.add_layer(document, "third")
    document.activate(second)
    edits.remove_layer(document, third)
    document.activate(first)
    document.history.undo()
    assert document.active.id == second
    document.history.undo()
    document.history.undo()
    assert document.active.id == first


def test_a_layer_copied_in_a_transaction_can_be_painted_on_in_it(document):
    source = document.layers[0]
    plane = document.surface(source.surface)
    before = plane.read(document.bounds)
    with document.history.transaction("copy and paint") as edit:
        copy = Surface(plane.channels, plane.dtype)
        copy.tiles = dict(plane.tiles)
        surface = edit.add_surface(copy)
        edit.write(surface, (0, 0))[:] = 0
    assert np.array_equal(plane.read(document.bounds), before)


def test_original_reads_what_was_before(document):
    surface = document.layers[0].surface
    place = Rect(250, 250, 20, 20)
    before = document.surface(surface).read(place)
    with document.history.transaction("paint") as edit:
        edit.put(surface, Rect(240, 240, 50, 50), np.zeros((50, 50, 4), document.format.dtype))
        assert np.array_equal(edit.original(surface, place), before)
        edit.clear(surface)
        assert np.array_equal(edit.original(surface, place), before)
        edit.restore(surface)
        assert np.array_equal(document.surface(surface).read(place), before)
        edit.rollback()


def test_emptied_tiles_are_dropped_at_the_commit(document):
    surface = document.layers[0].surface
    with document.history.transaction("erase") as edit:
        edit.put(surface, document.bounds, np.zeros((400, 600, 4), document.format.dtype))
    assert not document.surface(surface).tiles
    assert document.memory == 0
    document.history.undo()
    assert np.array_equal(value(document, 5, 5), document.format.solid(1.0, 0.5, 0.0))


def test_resizing_tells_of_the_size_both_ways(document):
    told: list[ChangeSet] = []
    document.changed.connect(told.append)
    smaller = edits.replace(document.structure, width=100, height=50)
    edits.set_structure(document, smaller, "Canvas size")
    assert told[0].size
    assert told[0].area.covers(Rect(0, 0, 600, 400))
    document.history.undo()
    assert told[-1].size
    assert document.bounds == Rect(0, 0, 600, 400)


def test_hiding_a_layer_repaints_only_where_it_has_pixels(document):
    layer = edits.add_layer(document, "small", pixels=np.full((9, 9, 4), 9, document.format.dtype))
    told: list[ChangeSet] = []
    document.changed.connect(told.append)
    edits.set_layer(document, layer, "hide", visible=False)
    assert told[0].area == Rect(0, 0, TILE, TILE)
    told.clear()
    edits.set_layer(document, layer, "rename", name="other")
    assert told[0].area.empty
    edits.set_layer(document, layer, "again", name="other")
    assert document.history.names[-1] == "rename"


def test_groups_hold_move_and_refuse_themselves(document):
    group = edits.add_group(document, "group")
    inner = edits.add_group(document, "inner")
    edits.move_layer(document, inner, parent=group, index=0)
    leaf = document.layers[0].id
    edits.move_layer(document, leaf, parent=inner, index=0)
    assert [layer.id for layer in document.layers] == [group]
    with pytest.raises(ValueError, match="into itself"):
        edits.move_layer(document, group, parent=inner, index=0)
    copy = edits.duplicate_layer(document, group, "copy")
    copied = document.layer(copy)
    assert isinstance(copied, Group)
    assert find(copied.children, leaf) is None
    edits.remove_layer(document, group)
    assert document.active.id == copy
    with pytest.raises(KeyError):
        document.layer(leaf)
    with pytest.raises(KeyError):
        document.paint_layer(copy)


def test_moving_shifts_layer_and_mask_from_where_they_were(document):
    rng = np.random.default_rng(0)
    block = rng.integers(1, 200, (40, 30, 4)).astype(document.format.dtype)
    mask = rng.integers(1, 255, (40, 30), dtype=np.uint8)
    layer = document.layer(edits.add_layer(document, "block", pixels=block, origin=(250, 250), mask=mask))
    with document.history.transaction("move") as edit:
        for offset in ((5, 5), (300, -100), (-17, 9)):
            edits.translate(edit, document, layer, *offset)
    place = Rect(233, 259, 30, 40)
    assert np.array_equal(document.surface(layer.surface).read(place), block)
    assert np.array_equal(document.surface(layer.mask).read(place), mask)
    assert document.surface(layer.surface).bounds() == place
    document.history.undo()
    assert document.surface(layer.surface).bounds() == Rect(250, 250, 30, 40)


def test_a_move_that_comes_back_is_no_step(document):
    with document.history.transaction("move") as edit:
        edits.translate(edit, document, document.layers[0], 40, 30)
        edits.translate(edit, document, document.layers[0], 0, 0)
    assert document.history.names == ()


def test_a_mask_is_what_is_selected_or_all(document):
    layer = document.layers[0].id
    edits.add_mask(document, layer)
    assert document.surface(document.layer(layer).mask).read(document.bounds).min() == 255
    edits.remove_mask(document, layer)
    assert document.layer(layer).mask is None
    edits.select(document, Rect(5, 5, 10, 10))
    edits.add_mask(document, layer)
    assert document.surface(document.layer(layer).mask).bounds() == Rect(5, 5, 10, 10)


def test_selections_combine(document):
    values = np.arange(100, dtype=np.uint8).reshape(10, 10) + 100
    edits.select(document, Rect(-5, -5, 10, 10), values)
    assert document.selection_bounds == Rect(0, 0, 5, 5)
    assert document.selection.read(Rect(0, 0, 1, 1))[0, 0] == values[5, 5]
    edits.select(document, Rect(0, 0, 2, 2), 180, mode="add")
    assert document.selection.read(Rect(0, 0, 3, 1))[0].tolist() == [180, 180, values[5, 7]]
    edits.select(document, Rect(0, 0, 1, 1), 255, mode="subtract")
    assert document.selection.read(Rect(0, 0, 2, 1))[0].tolist() == [0, 180]
    edits.select(document, Rect(1, 0, 1, 1), 90, mode="intersect")
    assert document.selection_bounds == Rect(1, 0, 1, 1)
    edits.invert_selection(document)
    assert document.selection.read(Rect(0, 0, 3, 1))[0].tolist() == [255, 165, 255]
    edits.select_all(document)
    assert document.selection.read(document.bounds).min() == 255
    edits.deselect(document)
    assert not document.selection.tiles
    document.history.go_to(0)
    assert not document.selection.tiles


def test_a_listener_can_be_let_go(document):
    told: list[ChangeSet] = []
    stop = document.changed.connect(told.append)
    stop()
    stop()
    paint(document, Rect(0, 0, 1, 1))
    assert told == []


def test_a_group_moves_with_what_it_holds_and_recipes_go_along(document):
    recipe = Recipe(tool="fill", plugin="x", box=Rect(250, 10, 9, 9))
    block = np.full((9, 9, 4), 9, document.format.dtype)
    layer = edits.add_layer(document, "block", pixels=block, origin=(250, 10), recipe=recipe)
    group = edits.group_layers(document, [layer], "group")
    with document.history.transaction("move") as edit:
        for offset in ((5, 5), (20, -3)):
            edits.translate(edit, document, document.layer(group), *offset)
    moved = document.paint_layer(layer)
    assert moved.recipe.box == Rect(270, 7, 9, 9)
    assert document.surface(moved.surface).bounds() == Rect(270, 7, 9, 9)
    document.history.undo()
    assert document.paint_layer(layer).recipe == recipe


def test_a_snapshot_hands_out_its_tiles(document):
    surface = document.layers[0].surface
    snapshot = document.snapshot()
    assert snapshot.tile(surface, (0, 0)) is document.surface(surface).tiles[0, 0]
    assert snapshot.tile(surface, (9, 9)) is None
    assert (document.width, document.height) == (600, 400)


def test_nothing_is_collected_while_a_transaction_is_open(document):
    layer = edits.add_layer(document, "layer", pixels=np.full((4, 4, 4), 9, document.format.dtype))
    surface = document.paint_layer(layer).surface
    edits.remove_layer(document, layer)
    document.history.go_to(0)
    document.history._redo.clear()
    with document.history.transaction("open"):
        document.collect()
        assert document.surface(surface)
    document.collect()
    with pytest.raises(KeyError):
        document.surface(surface)


def test_what_is_not_there_is_not_found(document):
    with pytest.raises(KeyError):
        parent_of(document.layers, document.new_layer_id())
    edits.remove_mask(document, document.layers[0].id)
    assert document.history.names == ()


def test_content_that_is_surrounded_is_found_without_looking(document):
    assert document.surface(document.layers[0].surface).bounds() == document.bounds
    with document.history.transaction("large") as edit:
        edit.put(document.layers[0].surface, Rect(0, 0, 1100, 800), np.full((800, 1100, 4), 1, document.format.dtype))
    assert document.surface(document.layers[0].surface).bounds() == Rect(0, 0, 1100, 800)


def test_points_lie_inside_up_to_the_far_edges():
    rect = Rect(2, 3, 4, 5)
    inside = [(x, y) for x in range(10) for y in range(10) if rect.contains(x, y)]
    assert inside == [(x, y) for x in range(2, 6) for y in range(3, 8)]
    assert rect.contains(5.9, 7.9)


def test_an_array_can_be_given_as_a_tile(document):
    surface = document.layers[0].surface
    before = document.surface(surface).tiles[0, 0]
    pixels = np.full((TILE, TILE, 4), 3, document.format.dtype)
    with document.history.transaction("give") as edit:
        edit.give(surface, (0, 0), pixels)
        edit.write(surface, (0, 0))[5, 5] = 9
    assert document.surface(surface).tiles[0, 0].pixels is pixels
    assert pixels[5, 5, 0] == 9
    assert not pixels.flags.writeable
    document.history.undo()
    assert document.surface(surface).tiles[0, 0] is before


def test_what_is_committed_within_is_one_step(document):
    before = value(document, 3, 3).copy()
    revision = document.revision
    with document.history.as_one("All of it"):
        paint(document, Rect(0, 0, 10, 10), amount=1)
        paint(document, Rect(5, 5, 300, 10), amount=2)
        edits.add_layer(document, "New")
    assert document.history.names == ("All of it",)
    assert document.revision > revision
    after = document.snapshot()
    document.history.undo()
    assert np.array_equal(value(document, 3, 3), before)
    assert np.array_equal(value(document, 290, 7), before)
    assert len(document.layers) == 1
    document.history.redo()
    assert [layer.name for layer in document.layers] == [layer.name for layer in after.structure.layers]
    assert (value(document, 3, 3) == 1).all()
    assert (value(document, 7, 7) == 2).all()
    paint(document, Rect(0, 0, 4, 4), "another")
    assert document.history.names == ("All of it", "another")


def test_of_what_fails_within_nothing_stays(document):
    paint(document, Rect(0, 0, 10, 10), "before", amount=3)
    seen = document.revision

    def fail():
        with document.history.as_one("All of it"):
            edits.add_layer(document, "New")
            paint(document, Rect(0, 0, 10, 10), amount=1)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert document.history.names == ("before",)
    assert (value(document, 3, 3) == 3).all()
    assert len(document.layers) == 1
    assert document.revision > seen
    document.history.undo()
    assert document.history.names == ("before",)
    assert not document.history.busy


def test_one_step_is_not_begun_within_another(document):
    with document.history.as_one("All"), pytest.raises(RuntimeError), document.history.as_one("More"):
        pass
    paint(document, Rect(0, 0, 2, 2), "alone")
    assert document.history.names == ("alone",)
