"""What holds after any sequence of edits: undo, redo, snapshots, and what the views are told."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scumble.document import (
    FORMATS,
    NOWHERE,
    SELECTION,
    BlendMode,
    ChangeSet,
    Document,
    Group,
    PaintLayer,
    Rect,
    edits,
    walk,
)
from scumble.render import oracle

SIZE = (300, 280)


def pixels(document, rng, width, height):
    straight = rng.integers(0, 256, (height, width, 4), dtype=np.uint8)
    return document.format.from_straight(straight)


def any_layer(document, rng):
    layers = list(walk(document.layers))
    return layers[rng.integers(len(layers))] if layers else None


def any_rect(rng, margin=60):
    x, y = (int(v) for v in rng.integers(-margin, 260, 2))
    return Rect(x, y, *(int(v) for v in rng.integers(1, 90, 2)))


def add_layer(document, rng):
    rect = any_rect(rng)
    mask = rng.integers(0, 256, (rect.height, rect.width), dtype=np.uint8) if rng.random() < 0.3 else None
    edits.add_layer(
        document, "layer", pixels=pixels(document, rng, rect.width, rect.height), origin=(rect.x, rect.y), mask=mask
    )


def add_group(document, rng):
    edits.add_group(document, "group")


def put_into_group(document, rng):
    groups = [layer for layer in walk(document.layers) if isinstance(layer, Group)]
    layer = any_layer(document, rng)
    if groups and layer is not None:
        group = groups[rng.integers(len(groups))]
        try:
            edits.move_layer(document, layer.id, parent=group.id, index=int(rng.integers(0, len(group.children) + 1)))
        except ValueError:
            assert group is layer or edits.find((layer,), group.id)


def remove(document, rng):
    if layer := any_layer(document, rng):
        edits.remove_layer(document, layer.id)


def duplicate(document, rng):
    if layer := any_layer(document, rng):
        edits.duplicate_layer(document, layer.id, "copy")


def change_fields(document, rng):
    if layer := any_layer(document, rng):
        modes = list(BlendMode)
        changes = [
            {"opacity": float(rng.random())},
            {"mode": modes[rng.integers(len(modes))]},
            {"visible": not layer.visible},
            {"mask_enabled": not layer.mask_enabled},
            {"name": "other"},
            {"clip": not layer.clip},
            {"clip": not layer.clip},
        ]
        if isinstance(layer, Group):
            changes.append({"isolated": not layer.isolated})
        edits.set_layer(document, layer.id, "change", **changes[rng.integers(len(changes))])


def some_layers(document, rng):
    return [layer.id for layer in walk(document.layers) if rng.random() < 0.4]


def change_several(document, rng):
    chosen = some_layers(document, rng)
    edit = rng.integers(5)
    if edit == 0:
        edits.remove_layers(document, chosen)
    elif edit == 1 and len(document.layers) < 9:
        edits.duplicate_layers(document, chosen)
    elif edit == 2 and chosen:
        edits.group_layers(document, chosen, "several", isolated=bool(rng.random() < 0.5))
    elif edit == 3:
        edits.ungroup_layers(document, chosen)
    else:
        edits.move_layers(document, chosen, parent=None, index=int(rng.integers(0, len(document.layers) + 1)))


def bake_mask(document, rng):
    layer = any_layer(document, rng)
    if isinstance(layer, PaintLayer):
        edits.apply_mask(document, layer.id)


def keep_selection(document, rng):
    kept = document.structure.selections
    if kept and rng.random() < 0.5:
        (edits.load_selection, edits.delete_selection)[rng.integers(2)](document, kept[rng.integers(len(kept))].name)
    else:
        edits.save_selection(document, "ab"[rng.integers(2)])


def paint(document, rng):
    layer = any_layer(document, rng)
    if isinstance(layer, PaintLayer):
        with document.history.transaction("paint") as edit:
            for _ in range(2):
                rect = any_rect(rng)
                edit.put(layer.surface, rect, pixels(document, rng, rect.width, rect.height))


def paint_mask(document, rng):
    layer = any_layer(document, rng)
    if layer is not None and layer.mask is not None:
        rect = any_rect(rng)
        with document.history.transaction("mask") as edit:
            edit.put(layer.mask, rect, rng.integers(0, 256, (rect.height, rect.width), dtype=np.uint8))


def mask(document, rng):
    if layer := any_layer(document, rng):
        (edits.add_mask if layer.mask is None else edits.remove_mask)(document, layer.id)


def select(document, rng):
    rect = any_rect(rng)
    values = rng.integers(0, 256, (rect.height, rect.width), dtype=np.uint8)
    edits.select(document, rect, values, mode=("replace", "add", "subtract", "intersect")[rng.integers(4)])


def invert(document, rng):
    edits.invert_selection(document)


def move(document, rng):
    if layer := any_layer(document, rng):
        with document.history.transaction("move") as edit:
            for _ in range(int(rng.integers(1, 4))):
                edits.translate(edit, document, document.layer(layer.id), *(int(v) for v in rng.integers(-80, 80, 2)))


def roll_back(document, rng):
    edit = document.history.transaction("never")
    edit.set_structure(document.structure.with_layers(()))
    edit.put(SELECTION, any_rect(rng), np.full((100, 100), 7, np.uint8))
    edit.rollback()


OPERATIONS = [
    add_layer,
    add_group,
    put_into_group,
    remove,
    duplicate,
    change_fields,
    change_several,
    bake_mask,
    keep_selection,
    paint,
    paint_mask,
    mask,
    select,
    invert,
    move,
    roll_back,
]

programs = st.lists(
    st.tuples(st.sampled_from(OPERATIONS), st.integers(0, 2**32 - 1)),
    min_size=1,
    max_size=9,
)
formats = st.sampled_from(sorted(FORMATS))


def state(document):
    """All that an undo must bring back."""
    surfaces = {SELECTION, *document.structure.surfaces()}
    planes = {s: {i: t.pixels.tobytes() for i, t in document.surface(s).tiles.items()} for s in surfaces}
    return document.structure, planes, document.active.id if document.active else None


def start(name):
    document = Document(*SIZE, FORMATS[name])
    rng = np.random.default_rng(1)
    for _ in range(2):
        add_layer(document, rng)
    return document


def run(document, operation, seed):
    operation(document, np.random.default_rng(seed))


quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@quick
@given(formats, programs)
def test_undo_brings_back_every_bit_and_redo_does_it_again(name, program):
    document = start(name)
    states = {document.history.position: state(document)}
    for operation, seed in program:
        run(document, operation, seed)
        states[document.history.position] = state(document)
    last = document.history.position
    for position in range(last - 1, 1, -1):
        assert document.history.undo()
        structure, planes, _ = states[position]
        assert state(document)[:2] == (structure, planes)
    for position in range(max(document.history.position, 2) + 1, last + 1):
        assert document.history.redo()
        structure, planes, _ = states[position]
        assert state(document)[:2] == (structure, planes)


@quick
@given(formats, programs, st.booleans())
def test_packed_steps_bring_back_every_bit_too(name, program, patient):
    document = start(name)
    document.history.raw = 0
    states = {document.history.position: state(document)[:2]}
    for operation, seed in program:
        run(document, operation, seed)
        states[document.history.position] = state(document)[:2]
        if patient:
            document.history.settle()
    last = document.history.position
    for _ in range(2):
        for position in range(last - 1, 1, -1):
            assert document.history.undo()
            assert state(document)[:2] == states[position]
        for position in range(max(document.history.position, 2) + 1, last + 1):
            assert document.history.redo()
            assert state(document)[:2] == states[position]
            if patient:
                document.history.settle()
    document.history.settle()
    assert document.history.size >= 0


@quick
@given(formats, programs)
def test_views_are_told_of_every_pixel_that_changes_and_snapshots_stay(name, program):
    document = start(name)
    told = []
    document.changed.connect(told.append)
    taken = document.snapshot()
    before = oracle.flatten(taken, document.bounds)
    selected = document.selection.read(document.bounds)

    def check():
        nonlocal before, selected
        after = oracle.flatten(document.snapshot(), document.bounds)
        where = np.zeros(before.shape[:2], bool)
        chosen = np.zeros(before.shape[:2], bool)
        for change in told:
            where[(change.area & document.bounds).slices(document.bounds)] = True
            chosen[(change.selected & document.bounds).slices(document.bounds)] = True
        told.clear()
        assert np.array_equal(before[~where], after[~where])
        now = document.selection.read(document.bounds)
        assert np.array_equal(selected[~chosen], now[~chosen])
        before, selected = after, now

    first = before
    for operation, seed in program:
        run(document, operation, seed)
        check()
    while document.history.position > 1:
        document.history.undo()
        check()
    while document.history.redo():
        check()
    assert np.array_equal(oracle.flatten(taken, document.bounds), first)


@quick
@given(formats, programs)
def test_every_committed_tile_is_read_only_and_not_empty(name, program):
    document = start(name)
    for operation, seed in program:
        run(document, operation, seed)
    for surface in (SELECTION, *document.structure.surfaces()):
        for tile in document.surface(surface).tiles.values():
            assert tile.frozen
            assert tile.pixels.any()


@quick
@given(formats, programs)
def test_forgetting_the_history_leaves_only_surfaces_in_use(name, program):
    document = start(name)
    for operation, seed in program:
        run(document, operation, seed)
    structure, planes, _ = state(document)
    document.history.clear()
    assert state(document)[:2] == (structure, planes)
    assert set(document._surfaces) == {SELECTION, *document.structure.surfaces()}
    assert document.history.size == 0


def test_a_change_set_says_nothing_by_default():
    assert ChangeSet() == ChangeSet(NOWHERE, NOWHERE, structure=False, size=False, history=False, active=False)
