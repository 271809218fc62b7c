"""The blend modes that OpenRaster lacks, against Krita.

`data/krita_modes.ora` was written by Krita 5.1.5: a strip of 24 × 24 squares of noise, the upper half opaque, one in
each of those modes on opaque noise; its merged image is what Krita shows.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scumble.document import BlendMode
from scumble.files import open_document
from scumble.render import flatten, oracle

STRIP = Path(__file__).parent / "data" / "krita_modes.ora"
SIDE = 24
KRITAS = [mode for mode in BlendMode if mode.value.startswith("krita:")]


@pytest.fixture(scope="module")
def strip():
    with zipfile.ZipFile(STRIP) as archive:
        seen = np.asarray(Image.open(io.BytesIO(archive.read("mergedimage.png"))).convert("RGB")).astype(int)
    opened = open_document(STRIP)
    assert opened.notes == ()
    return opened.document, seen


@pytest.mark.parametrize("make", [flatten, oracle.flatten], ids=["quick", "plain"])
@pytest.mark.parametrize("mode", KRITAS, ids=lambda mode: mode.name.lower())
def test_a_mode_looks_as_in_krita(strip, make, mode):
    document, seen = strip
    layer = next(layer for layer in document.layers if layer.mode is mode)
    square = document.surface(layer.surface).bounds()
    assert (square.width, square.height) == (SIDE, SIDE)
    ours = document.format.to_straight(make(document.snapshot(), square))[..., :3].astype(int)
    steps = np.abs(ours - seen[square.slices(document.bounds)]).max(axis=-1)
    assert steps[: SIDE // 2].max() <= 1
    # Premultiplied, a nearly transparent colour is stored coarsely; where a mode is steep that shows.
    assert (steps > 2).mean() <= 0.06
    assert np.median(steps) <= 1
