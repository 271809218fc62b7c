"""16-bit pictures opened with 8 bits, when a person wants that."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from scumble.document import BGRA8, RGBA16, Document
from scumble.document.edits import add_layer, add_mask, select
from scumble.files import export_document, flattened, open_document, save_document
from scumble.files.dither import thresholds, to_8_bits


def ramp(path):
    """A slope so gentle that 8 bits alone would show four steps."""
    values = np.linspace(20000, 20900, 400 * 600).reshape(400, 600).astype(np.uint16)
    cv2.imwrite(str(path), np.dstack([values] * 3))
    return values


@pytest.mark.parametrize("ending", ["png", "tif"])
def test_16_bits_are_kept_unless_a_person_says_otherwise(tmp_path, ending):
    values = ramp(tmp_path / f"a.{ending}")
    document = open_document(tmp_path / f"a.{ending}").document
    assert document.format is RGBA16
    assert np.array_equal(document.format.to_straight(flattened(document.snapshot()), np.uint16)[..., 0], values)
    opened = open_document(tmp_path / f"a.{ending}", deep=False)
    assert opened.document.format is BGRA8
    assert [note.code for note in opened.notes] == ["note-dithered"]


def test_the_means_of_a_slope_stay_where_they_were(tmp_path):
    values = ramp(tmp_path / "a.png")
    document = open_document(tmp_path / "a.png", deep=False).document
    eight = document.format.to_straight(flattened(document.snapshot()))[..., 0]
    wanted = values[:384, :576].reshape(24, 16, 36, 16).mean(axis=(1, 3)) / 257
    found = eight[:384, :576].reshape(24, 16, 36, 16).mean(axis=(1, 3))
    assert np.abs(wanted - found).max() < 0.06
    again = open_document(tmp_path / "a.png", deep=False).document
    assert np.array_equal(flattened(again.snapshot()), flattened(document.snapshot()))


@given(arrays.arrays(np.uint8, (9, 70, 4)))
def test_whole_steps_stay_what_they_are(eight):
    deep = eight.astype(np.uint16) * 257
    made = to_8_bits(deep)
    assert np.array_equal(made[..., [2, 1, 0, 3]], eight)


@given(arrays.arrays(np.uint16, (3, 5, 4)), st.data())
def test_no_colour_exceeds_its_alpha(pixels, data):
    legal = np.minimum(pixels, pixels[..., 3:])
    made = to_8_bits(legal)
    assert (made[..., :3] <= made[..., 3:]).all()


def test_the_thresholds_are_even():
    values = thresholds()
    assert (values.min(), values.max()) == (0, 256)
    assert np.ptp(np.bincount(values.ravel())) <= 1


def test_masks_and_structure_come_along(tmp_path):
    document = Document(30, 20, RGBA16)
    layer = add_layer(document, "a", pixels=np.full((20, 30, 4), 40000, np.uint16), opacity=0.4)
    select(document, document.bounds, 100)
    add_mask(document, layer)
    export_document(document.snapshot(), tmp_path / "a.psd")
    opened = open_document(tmp_path / "a.psd", deep=False)
    (found,) = opened.document.layers
    assert opened.document.format is BGRA8
    assert opened.document.surface(found.mask).read(opened.document.bounds).min() == 100
    assert found.opacity == 0.4


def test_openraster_is_never_reduced(tmp_path):
    document = Document(3, 2, RGBA16)
    add_layer(document, "a", pixels=np.full((2, 3, 4), 40001, np.uint16))
    save_document(document.snapshot(), tmp_path / "a.ora")
    assert open_document(tmp_path / "a.ora", deep=False).document.format is RGBA16


def test_8_bits_stay_as_they_are(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), np.full((3, 3, 3), 9, np.uint8))
    opened = open_document(tmp_path / "a.png", deep=False)
    assert (opened.notes, opened.document.format) == ((), BGRA8)


def test_krita_opens_our_16_bits(tmp_path, krita):
    document = Document(16, 8, RGBA16)
    rng = np.random.default_rng(3)
    add_layer(document, "a", pixels=RGBA16.from_straight(rng.integers(0, 65536, (8, 16, 3)).astype(np.uint16)))
    save_document(document.snapshot(), tmp_path / "a.ora")
    krita(tmp_path / "a.ora", tmp_path / "out.png")
    # Krita makes 8 bits of what OpenRaster brings. Without a profile it would ask, and take 16 bits for linear ones.
    found = cv2.imread(str(tmp_path / "out.png"))
    ours = document.format.to_straight(flattened(document.snapshot()))
    assert np.abs(found[..., ::-1].astype(int) - ours[..., :3]).max() <= 1
    again = open_document(tmp_path / "a.ora").document
    assert again.structure.icc == b""
