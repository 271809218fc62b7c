"""What we write looks in Krita as it does here, and what Krita writes looks here as it does there."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from scumble.document import BGRA8, BlendMode, Document, Rect, walk
from scumble.document.edits import add_group, add_layer, add_mask, deselect, select, set_layer
from scumble.files import flattened, open_document, save_document

CELL = 48
COLUMNS = 6
MOST, MEAN = 4, 0.25
JUMPS = {BlendMode.HARD_MIX, BlendMode.HARD_MIX_PHOTOSHOP, BlendMode.DARKER_COLOR, BlendMode.LIGHTER_COLOR}
"""Where two colours are nearly alike, a rounding decides which of them is seen."""

STEEP = {BlendMode.DIVIDE}
"""Near black, a step of the source is several of the picture."""


def soft(seed, height, width, channels):
    """A picture of gentle slopes, straight."""
    rng = np.random.default_rng(seed)
    noise = cv2.resize(rng.random((4, 5, channels), np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    noise = noise.reshape(height, width, channels)
    return (np.clip(noise, 0.0, 1.0) * 255).astype(np.uint8)


def sampler():
    """Each blend mode in a cell of its own, over the same ground, half of it masked, in groups of two kinds."""
    modes = list(BlendMode)
    rows = -(-len(modes) // COLUMNS)
    document = Document(COLUMNS * CELL, rows * CELL)
    ground = add_layer(document, "ground", pixels=BGRA8.from_straight(soft(1, rows * CELL, COLUMNS * CELL, 3)))
    through = add_group(document, "through", above=ground)
    set_layer(document, through, "x", isolated=False)
    for number, mode in enumerate(modes):
        place = Rect(number % COLUMNS * CELL, number // COLUMNS * CELL, CELL, CELL)
        pixels = soft(number + 2, CELL, CELL, 4)
        whole = mode is BlendMode.ADD  # Krita mixes a faint sum with what is below; "plus" of the W3C adds faintly
        pixels[..., 3] = 255 if whole else np.maximum(pixels[..., 3], 20)
        layer = add_layer(
            document, mode.name, pixels=BGRA8.from_straight(pixels), origin=(place.x, place.y), above=through
        )
        faint = number % 2 and not whole
        set_layer(document, layer, "x", mode=mode, opacity=round(0.4 + 0.02 * number, 2) if faint else 1.0)
        if number % 3 == 0 and not whole:
            select(document, Rect(place.x, place.y, CELL // 2, CELL), soft(number + 80, CELL, CELL // 2, 1)[..., 0])
            add_mask(document, layer)
            deselect(document)
    return document


def together():
    """An isolated group with a hard mask and an opacity, one that passes through, hidden layers, one outside."""
    document = Document(120, 90)
    ground = add_layer(document, "ground", pixels=BGRA8.from_straight(soft(50, 90, 120, 4)))
    group = add_group(document, "isolated", above=ground)
    add_layer(document, "one", pixels=BGRA8.from_straight(soft(51, 60, 70, 4)), origin=(-10, 12))
    add_layer(
        document, "two", pixels=BGRA8.from_straight(soft(52, 40, 90, 4)), origin=(60, 30), mode=BlendMode.MULTIPLY
    )
    set_layer(document, group, "x", opacity=0.8, mode=BlendMode.SCREEN)
    select(document, Rect(20, 10, 80, 50))
    add_mask(document, group)
    deselect(document)
    add_layer(document, "hidden", pixels=BGRA8.from_straight(soft(53, 90, 120, 4)), visible=False, above=group)
    return document


def picture(document):
    return document.format.to_straight(flattened(document.snapshot())).astype(int)


def read(path):
    return np.asarray(Image.open(path).convert("RGBA")).astype(int)


def difference(one, other):
    """Of what is seen on white, so that the colours of what is hardly there do not count."""
    seen = [(p[..., :3] * p[..., 3:] + 255 * (255 - p[..., 3:])) / 255 for p in (one, other)]
    return np.abs(seen[0] - seen[1])


def check(document, seen):
    found = difference(picture(document), seen)
    special = [layer for layer in walk(document.layers) if layer.mode in JUMPS | STEEP]
    for layer in special:
        place = document.surface(layer.surface).bounds()
        cell = found[place.slices(document.bounds)]
        most = 2 * MOST if layer.mode in STEEP else MOST
        assert (cell > most).mean() < 0.05, layer.mode
        cell[:] = 0
    assert found.max() <= MOST
    assert found.mean() < MEAN


@pytest.mark.parametrize("make", [sampler, together])
def test_krita_and_we_see_the_same(tmp_path: Path, krita, make):
    document = make()
    save_document(document.snapshot(), tmp_path / "ours.ora")
    krita(tmp_path / "ours.ora", tmp_path / "krita.png")
    check(document, read(tmp_path / "krita.png"))
    krita(tmp_path / "ours.ora", tmp_path / "theirs.ora")
    opened = open_document(tmp_path / "theirs.ora")
    assert opened.notes == ()
    check(opened.document, read(tmp_path / "krita.png"))
