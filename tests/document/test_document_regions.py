"""Regions: kept selections with words of their own; each edit is one step that can be undone."""

import numpy as np
import pytest

from scumble.document import BGRA8, Document, Rect, RegionPrompt
from scumble.document.edits import delete_selection, rename_selection, save_selection, select
from scumble.document.regions import add_region, put_back_region, regions_of, set_region, take_region

SKY = RegionPrompt("a blue sky", "clouds", 0.8)


@pytest.fixture
def document():
    made = Document(100, 80, BGRA8)
    select(made, Rect(10, 10, 20, 20))
    return made


def mask_of(document, name):
    kept = next(kept for kept in document.structure.selections if kept.name == name)
    return document.surface(kept.surface).read(document.bounds)


def test_what_is_selected_becomes_a_region(document):
    add_region(document, "sky", SKY)
    (kept,) = regions_of(document)
    assert (kept.name, kept.region) == ("sky", SKY)
    assert (mask_of(document, "sky") == document.selection.read(document.bounds)).all()
    document.history.undo()
    assert not regions_of(document)
    document.history.redo()
    assert regions_of(document) == (kept,)


def test_no_two_have_one_name(document):
    save_selection(document, "sky")
    with pytest.raises(ValueError, match="sky"):
        add_region(document, "sky", SKY)


def test_a_kept_selection_becomes_a_region_and_back(document):
    save_selection(document, "hill")
    assert not regions_of(document)
    set_region(document, "hill", SKY)
    set_region(document, "hill", RegionPrompt("a green hill", on=False))
    assert [kept.region.on for kept in regions_of(document)] == [False]
    document.history.undo()
    assert [kept.region for kept in regions_of(document)] == [SKY]
    set_region(document, "hill", None)
    assert not regions_of(document)
    assert [kept.name for kept in document.structure.selections] == ["hill"]


def test_the_same_words_again_are_no_step(document):
    add_region(document, "sky", SKY)
    revision = document.revision
    set_region(document, "sky", SKY)
    assert document.revision == revision


def test_keeping_a_selection_under_its_name_leaves_it_a_region(document):
    add_region(document, "sky", SKY)
    select(document, Rect(0, 0, 5, 5))
    save_selection(document, "sky")
    rename_selection(document, "sky", "heaven")
    (kept,) = regions_of(document)
    assert (kept.name, kept.region) == ("heaven", SKY)
    assert mask_of(document, "heaven").sum() == 25 * 255
    delete_selection(document, "heaven")
    assert not regions_of(document)


def test_a_region_is_painted_on_as_the_selection_and_put_back(document):
    add_region(document, "sky", SKY)
    select(document, Rect(50, 50, 10, 10))
    held = document.selection.read(document.bounds)
    before = take_region(document, "sky")
    assert (document.selection.read(document.bounds) == mask_of(document, "sky")).all()
    select(document, Rect(0, 0, 40, 5), mode="add")
    painted = document.selection.read(document.bounds)
    put_back_region(document, "sky", before)
    assert (mask_of(document, "sky") == painted).all()
    assert (document.selection.read(document.bounds) == held).all()
    document.history.undo()
    assert (document.selection.read(document.bounds) == painted).all()
    assert np.count_nonzero(mask_of(document, "sky")) == 400
