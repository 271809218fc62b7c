"""The picture as a whole: what every surface becomes, in one step that undo takes back bit for bit."""

import numpy as np
import pytest

from scumble.document import FORMATS, SELECTION, Document, Rect, edits, walk
from scumble.document.recipe import Recipe
from scumble.paint import reshape as shaping
from scumble.paint.transform import Resampling

SIZE = (330, 290)


def noise(document, rng, rect):
    straight = rng.integers(0, 256, (rect.height, rect.width, 4), dtype=np.uint8)
    return document.format.from_straight(straight)


@pytest.fixture(params=sorted(FORMATS))
def document(request):
    """A ground, a masked layer that reaches beyond the canvas, a generated one, a group; selections."""
    document = Document(*SIZE, FORMATS[request.param])
    rng = np.random.default_rng(3)
    edits.add_layer(document, "ground", pixels=noise(document, rng, document.bounds))
    out = Rect(-40, 200, 200, 200)
    mask = rng.integers(0, 256, (200, 200), dtype=np.uint8)
    edits.add_layer(document, "out", pixels=noise(document, rng, out), origin=(-40, 200), mask=mask)
    recipe = Recipe(tool="fill", plugin="x", box=Rect(20, 30, 64, 48), selection=np.full((48, 64), 255, np.uint8))
    edits.add_layer(document, "made", pixels=noise(document, rng, recipe.box), origin=(20, 30), recipe=recipe)
    edits.group_layers(document, [document.layers[2].id], "group")
    edits.select(document, Rect(100, 100, 90, 70), rng.integers(0, 256, (70, 90), dtype=np.uint8))
    edits.save_selection(document, "kept")
    document.history.clear()
    return document


def everything(document):
    """Every surface as bytes, with the structure."""
    surfaces = (SELECTION, *document.structure.surfaces())
    planes = {s: {i: t.pixels.tobytes() for i, t in document.surface(s).tiles.items()} for s in surfaces}
    return document.structure, planes


def reads(document, rect):
    """The pixels of every surface in a rectangle."""
    return [document.surface(surface).read(rect) for surface in (SELECTION, *document.structure.surfaces())]


def one_step(document, before, reshaping):
    """It was one step, undo restores every bit, redo does it again."""
    assert document.history.names == ("reshape",)
    after = everything(document)
    assert (document.width, document.height) == (reshaping.width, reshaping.height)
    document.history.undo()
    assert everything(document) == before
    document.history.redo()
    assert everything(document) == after


def done(document, reshaping):
    before = everything(document)
    shares = []
    shaping.reshape(document, reshaping, "reshape", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    one_step(document, before, reshaping)


RECIPE = {"crop": Rect(10, 10, 64, 48), "flip": Rect(246, 30, 64, 48), "turn": Rect(212, 20, 48, 64)}


def recipe(document):
    return next(layer for layer in walk(document.layers) if layer.name == "made").recipe


@pytest.mark.parametrize("keep", [False, True])
def test_cropping_moves_all_and_keeps_what_is_outside_if_asked(document, keep):
    rect = Rect(10, 20, 200, 170)
    before = reads(document, rect)
    beyond = document.surface(document.layers[1].surface).read(Rect(-40, 200, 200, 200))
    done(document, shaping.cropped(rect, keep_outside=keep))
    for was, now in zip(before, reads(document, document.bounds), strict=True):
        assert np.array_equal(was, now)
    assert recipe(document).box == RECIPE["crop"]
    moved = document.surface(document.layers[1].surface).read(Rect(-50, 180, 200, 200))
    if keep:
        assert np.array_equal(moved, beyond)
    else:
        bounds = [document.surface(surface).bounds() for surface in document.structure.surfaces()]
        assert all(document.bounds.covers(found) for found in bounds)
    assert document.bounds.covers(document.selection.bounds())


def test_what_lies_beyond_comes_back_onto_a_larger_canvas(document):
    was = document.surface(document.layers[1].surface).read(Rect(-40, 200, 200, 200))
    done(document, shaping.canvas_resized(document.bounds, 500, 500, (0.5, 0.0)))
    assert np.array_equal(document.surface(document.layers[1].surface).read(Rect(45, 200, 200, 200)), was)
    assert document.selection_bounds == Rect(185, 100, 90, 70)


@pytest.mark.parametrize(
    ("anchor", "corner"), [((0, 0), (0, 0)), ((1, 1), (-30, -90)), ((0.5, 0.5), (-15, -45)), ((0, 1), (0, -90))]
)
def test_the_anchor_stays_where_it_is(anchor, corner):
    document = edits.new_document(*SIZE, FORMATS["bgra8"], background=(1, 0, 0), name="ground")
    shaping.reshape(document, shaping.canvas_resized(document.bounds, 300, 200, anchor), "reshape")
    assert document.surface(document.layers[0].surface).bounds() == Rect(*corner, *SIZE)


@pytest.mark.parametrize("across", [True, False])
def test_a_flip_is_exact_and_its_own_inverse(document, across):
    before, first = reads(document, document.bounds), everything(document)[1]
    done(document, shaping.flipped(document.bounds, across=across))
    for was, now in zip(before, reads(document, document.bounds), strict=True):
        assert np.array_equal(was[:, ::-1] if across else was[::-1], now)
    if across:
        assert recipe(document).box == RECIPE["flip"]
    shaping.reshape(document, shaping.flipped(document.bounds, across=across), "again")
    assert everything(document)[1] == first


@pytest.mark.parametrize("quarters", [1, 2, 3, -1])
def test_quarter_turns_are_exact(document, quarters):
    before = reads(document, document.bounds)
    done(document, shaping.turned_quarters(document.bounds, quarters))
    for was, now in zip(before, reads(document, document.bounds), strict=True):
        assert np.array_equal(np.rot90(was, -quarters), now)
    if quarters == 1:
        assert recipe(document).box == RECIPE["turn"]


def test_four_quarter_turns_change_nothing_not_even_outside(document):
    before = everything(document)[1]
    for _ in range(4):
        shaping.reshape(document, shaping.turned(document.bounds, 90), "turn")
    assert everything(document)[1] == before
    assert (document.width, document.height) == SIZE


@pytest.mark.parametrize("resampling", list(Resampling), ids=lambda one: one.value)
@pytest.mark.parametrize("size", [(660, 580), (500, 311), (165, 145), (90, 300)])
def test_an_opaque_ground_stays_opaque_at_any_size(document, resampling, size):
    ground = document.layers[0]
    with document.history.transaction("paint") as edit:
        pixels = np.empty((SIZE[1], SIZE[0], 4), document.format.dtype)
        pixels[:] = document.format.solid(0.2, 0.5, 0.9)
        edit.put(ground.surface, document.bounds, pixels)
    edits.select_all(document)
    document.history.clear()
    done(document, shaping.picture_resized(document.bounds, *size, resampling))
    made = document.surface(ground.surface)
    assert made.bounds() == document.bounds
    wide = made.read(document.bounds).astype(int)
    assert np.abs(wide - document.format.solid(0.2, 0.5, 0.9)).max() <= 1
    assert document.selection.read(document.bounds).min() == 255
    assert document.selection_bounds == document.bounds
    box = recipe(document).box
    assert abs(box.width - 64 * size[0] / SIZE[0]) <= 2
    assert recipe(document).selection.shape == (box.height, box.width)


def test_twice_the_size_by_the_nearest_pixel_repeats_each(document):
    before = reads(document, document.bounds)
    done(document, shaping.picture_resized(document.bounds, 660, 580, Resampling.NEAREST))
    for was, now in zip(before, reads(document, document.bounds), strict=True):
        assert np.array_equal(was.repeat(2, axis=0).repeat(2, axis=1), now)


def test_half_the_size_is_the_mean_of_four(document):
    before = reads(document, document.bounds)
    done(document, shaping.picture_resized(document.bounds, 165, 145, Resampling.BILINEAR))
    for was, now in zip(before, reads(document, document.bounds), strict=True):
        mean = was.astype(float).reshape(145, 2, 165, 2, *was.shape[2:]).mean(axis=(1, 3))
        assert np.abs(mean - now).max() <= 1


def test_colours_stay_below_their_alpha_and_what_is_outside_goes_along(document):
    done(document, shaping.picture_resized(document.bounds, 400, 400, Resampling.LANCZOS))
    pixels = document.surface(document.layers[1].surface).read(Rect(-100, 200, 600, 500))
    assert (pixels[..., :3] <= pixels[..., 3:]).all()
    bounds = document.surface(document.layers[1].surface).bounds()
    assert bounds.x < -40
    assert bounds.bottom > 500


def test_a_turned_picture_is_wholly_on_its_canvas(document):
    ground = document.surface(document.layers[0].surface)
    with document.history.transaction("paint") as edit:
        pixels = np.empty((SIZE[1], SIZE[0], 4), document.format.dtype)
        pixels[:] = document.format.solid(0.2, 0.5, 0.9)
        edit.put(document.layers[0].surface, document.bounds, pixels)
    document.history.clear()
    done(document, shaping.turned(document.bounds, 30, Resampling.BILINEAR))
    assert (document.width, document.height) == (431, 417)
    middle = ground.read(document.bounds)
    assert np.abs(middle[208, 215].astype(int) - document.format.solid(0.2, 0.5, 0.9)).max() <= 1
    share = middle[..., 3].sum() / document.format.maximum
    assert share == pytest.approx(SIZE[0] * SIZE[1], rel=0.002)
    assert not middle[0, 0].any()


def test_impossible_sizes_are_refused(document):
    for size in ((0, 5), (5, 40000)):
        with pytest.raises(ValueError, match="not possible"):
            shaping.picture_resized(document.bounds, *size)


# One layer


def test_layers_are_flipped_in_their_place(document):
    edits.deselect(document)
    layer = document.layers[1]
    place = Rect(-40, 200, 200, 200)
    colour, mask = (document.surface(surface).read(place) for surface in (layer.surface, layer.mask))
    ground = document.surface(document.layers[0].surface).read(document.bounds)
    document.history.clear()
    shaping.flip_layers(document, [layer.id], "flip", across=True)
    assert document.history.names == ("flip",)
    assert np.array_equal(document.surface(layer.surface).read(place), colour[:, ::-1])
    assert np.array_equal(document.surface(layer.mask).read(place), mask[:, ::-1])
    assert np.array_equal(document.surface(document.layers[0].surface).read(document.bounds), ground)
    shaping.flip_layers(document, [layer.id], "flip", across=False)
    assert np.array_equal(document.surface(layer.surface).read(place), colour[::-1, ::-1])


@pytest.mark.parametrize("size", [(31, 18), (18, 31), (20, 20), (5, 2)])
def test_four_quarter_turns_of_a_layer_bring_it_back(size):
    document = Document(300, 300)
    block = noise(document, np.random.default_rng(1), Rect(0, 0, *size))
    block[..., 3] |= 1
    layer = edits.add_layer(document, "block", pixels=block, origin=(101, 120))
    surface = document.surface(document.layer(layer).surface)
    for turn in range(1, 5):
        shaping.turn_layers(document, [layer], 90, "turn")
        bounds = surface.bounds()
        assert np.array_equal(surface.read(bounds), np.rot90(block, -turn))
        assert abs(bounds.x + bounds.width / 2 - (101 + size[0] / 2)) <= 1
    assert surface.bounds() == Rect(101, 120, *size)
    shaping.turn_layers(document, [layer], 360, "turn")
    assert document.history.names[-4:] == ("turn",) * 4
    shaping.turn_layers(document, [layer], 45, "turn freely")
    assert document.history.names[-1] == "turn freely"
    assert surface.bounds().width > size[0]


def test_only_what_is_selected_of_a_layer_is_flipped(document):
    edits.select(document, Rect(0, 0, 20, 10))
    ground = document.layers[0]
    before = document.surface(ground.surface).read(document.bounds)
    shaping.flip_layers(document, [ground.id], "flip", across=True)
    after = document.surface(ground.surface).read(document.bounds)
    before[:10, :20] = before[:10, :20][:, ::-1]
    assert np.array_equal(after, before)


def test_an_empty_layer_is_left_alone(document):
    edits.deselect(document)
    layer = edits.add_layer(document, "empty")
    names = document.history.names
    shaping.flip_layers(document, [layer], "flip", across=True)
    shaping.turn_layers(document, [layer], 30, "turn")
    assert document.history.names == names
