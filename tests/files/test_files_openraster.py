"""OpenRaster: what was saved is read back bit for bit, and other programs see the picture as it looks."""

import io
import tempfile
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from scumble.api import Cancelled, ScumbleError
from scumble.document import (
    BGRA8,
    FORMATS,
    RGBA16,
    BlendMode,
    Document,
    Group,
    PaintLayer,
    Recipe,
    Rect,
    RegionPrompt,
    walk,
)
from scumble.document.edits import (
    add_group,
    add_layer,
    add_mask,
    move_layer,
    save_selection,
    select,
    set_layer,
    set_layers,
    set_structure,
)
from scumble.document.regions import add_region, set_region
from scumble.files import Reuse, flattened, open_document, save_document
from scumble.files.openraster_write import write_openraster
from scumble.render import oracle

NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\ufffe\uffff"), max_size=300)
WORDS = st.one_of(NAMES, st.just('a hill,\na <red> "house"\t& more'))


def picture(rng, pixel_format, height, width):
    """Random stored pixels: a third of it opaque, a third transparent, the rest anything."""
    straight = rng.integers(0, pixel_format.maximum + 1, (height, width, 4)).astype(pixel_format.dtype)
    straight[: height // 3, :, 3] = pixel_format.maximum
    straight[2 * height // 3 :, :, 3] = 0
    return pixel_format.from_straight(straight)


def recipe_of(rng, name):
    return Recipe(
        tool="inpaint",
        plugin="scumble.inpaint",
        plugin_version="1.0",
        model="starter",
        model_sha256="ab" * 32,
        params={"prompt": name, "steps": 20, "guidance": 7.5, "tiling": True, "seed": 2**53 - 1},
        box=Rect(-3, 4, 24, 16),
        crop=rng.integers(0, 256, (32, 48, 3 + len(name) % 2)).astype(np.uint8),
        selection=rng.integers(0, 256, (16, 24)).astype(np.uint8) if len(name) % 3 else None,
        inputs={
            given: rng.integers(0, 256, shape).astype(np.uint8)
            for given, shape in {"style": (9, 5, 3), "cut-out": (3, 4, 4), "where": (16, 24)}.items()
        },
        regions={"sky": RegionPrompt("a blue sky", "clouds", 0.25), name: RegionPrompt()},
        below="0123456789abcdef",
        blend={"grow": 4.0, "feather": 2.5},
        notes={"dtype": "float32"},
    )


@st.composite
def documents(draw):
    """A document with layers, groups, masks, recipes and a selection, of either format."""
    pixel_format = draw(st.sampled_from(list(FORMATS.values())))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    document = Document(draw(st.integers(1, 400)), draw(st.integers(1, 300)), pixel_format)
    for _ in range(draw(st.integers(0, 5))):
        name = draw(NAMES)
        if draw(st.booleans()) and draw(st.booleans()):
            layer = add_group(document, name or "group")
            if draw(st.booleans()):
                add_mask(document, layer)
        else:
            height, width = draw(st.integers(1, 300)), draw(st.integers(1, 300))
            empty = draw(st.integers(0, 4)) == 0
            masked = draw(st.booleans())
            layer = add_layer(
                document,
                name,
                step="Layer",
                pixels=None if empty else picture(rng, pixel_format, height, width),
                origin=(draw(st.integers(-400, 500)), draw(st.integers(-400, 500))),
                mask=rng.integers(0, 256, (height, width)).astype(np.uint8) if masked else None,
                recipe=recipe_of(rng, name) if draw(st.integers(0, 3)) == 0 else None,
            )
        changes = {
            "opacity": draw(st.floats(0, 1)),
            "mode": draw(st.sampled_from(BlendMode)),
            "visible": draw(st.booleans()),
            "locked": draw(st.booleans()),
            "mask_enabled": draw(st.booleans()),
            "clip": draw(st.booleans()),
            "alpha_locked": draw(st.booleans()),
        }
        set_layers(document, [layer], "Settings", **changes)
        groups = [node for node in walk(document.layers) if isinstance(node, Group) and node.id != layer]
        if groups and draw(st.booleans()) and not isinstance(document.layer(layer), Group):
            move_layer(document, layer, parent=draw(st.sampled_from(groups)).id, index=0)
    if draw(st.booleans()):
        select(document, Rect(3, 5, 100, 90), rng.integers(0, 256, (90, 100)).astype(np.uint8))
    for name in draw(st.lists(NAMES, max_size=2, unique=True)):
        save_selection(document, name)
        if draw(st.booleans()):
            strength = draw(st.floats(0, 1))
            set_region(document, name, RegionPrompt(draw(WORDS), draw(WORDS), strength, draw(st.booleans())))
    dpi = draw(st.sampled_from([72.0, 300.0, 118.11]))
    set_structure(document, replace(document.structure, dpi=dpi, icc=draw(st.binary(max_size=40))), "Structure")
    layers = list(walk(document.layers))
    if layers:
        document.activate(draw(st.sampled_from(layers)).id)
    return document


def saved(document, path, **options):
    save_document(document.snapshot(), path, **options)
    return open_document(path)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_any_document_comes_back_as_it_was(document, assert_same):
    with tempfile.TemporaryDirectory() as folder:
        opened = saved(document, Path(folder, "a.ora"))
        assert opened.notes == ()
        assert opened.document.history.names == ()
        assert_same(document, opened.document)
        again = saved(opened.document, Path(folder, "b.ora"))
        assert_same(document, again.document)


def stack_of(*modes, pixel_format=BGRA8):
    document = Document(300, 280, pixel_format)
    rng = np.random.default_rng(len(modes))
    for place, mode in enumerate(modes):
        add_layer(document, mode.name, pixels=picture(rng, pixel_format, 200, 190), origin=(20 * place, 9), mode=mode)
    return document


def test_the_layout_is_that_of_the_specification(tmp_path):
    path = tmp_path / "a.ora"
    document = stack_of(BlendMode.NORMAL, BlendMode.MULTIPLY)
    save_document(document.snapshot(), path)
    head = path.read_bytes()[:60]
    assert head[30:54] == b"mimetypeimage/openraster"
    with zipfile.ZipFile(path) as archive:
        assert archive.infolist()[0].compress_type == zipfile.ZIP_STORED
        assert {"stack.xml", "data/layer0.png", "mergedimage.png", "Thumbnails/thumbnail.png"} <= set(
            archive.namelist()
        )
        with Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))) as thumbnail:
            assert thumbnail.size == (256, 239)
        with Image.open(io.BytesIO(archive.read("mergedimage.png"))) as merged:
            assert np.array_equal(np.asarray(merged.convert("RGBA")), BGRA8.to_straight(flattened(document.snapshot())))
        with Image.open(io.BytesIO(archive.read("data/layer0.png"))) as top:
            assert top.size == (190, 133), "cropped to the content: the lowest third is transparent"
        text = archive.read("stack.xml").decode()
    root = ElementTree.fromstring(text)
    assert [node.get("name") for node in root.iter("layer")] == ["MULTIPLY", "NORMAL"]
    assert (root.get("w"), root.get("h"), root.get("xres")) == ("300", "280", "72")


def test_the_same_document_makes_the_same_file(tmp_path):
    snapshot = stack_of(BlendMode.NORMAL).snapshot()
    save_document(snapshot, tmp_path / "a.ora")
    save_document(snapshot, tmp_path / "b.ora")
    assert (tmp_path / "a.ora").read_bytes() == (tmp_path / "b.ora").read_bytes()


def test_16_bits_are_saved_as_16_bits(tmp_path, assert_same):
    document = stack_of(BlendMode.NORMAL, BlendMode.SCREEN, pixel_format=RGBA16)
    opened = saved(document, tmp_path / "a.ora")
    assert_same(document, opened.document)
    with zipfile.ZipFile(tmp_path / "a.ora") as archive:
        assert archive.read("data/layer0.png")[24] == 16
        assert archive.read("mergedimage.png")[24] == 16


def foreign_view(path):
    """What a program that ignores everything in our namespace sees."""
    with zipfile.ZipFile(path) as archive:
        kept = {name: archive.read(name) for name in archive.namelist() if not name.startswith("scumble/")}
    import re

    kept["stack.xml"] = re.sub(rb' (xmlns:)?scumble[-:\w]*="[^"]*"', b"", kept["stack.xml"])
    other = path.with_name("foreign.ora")
    with zipfile.ZipFile(other, "w") as archive:
        for name, data in kept.items():
            archive.writestr(name, data)
    return open_document(other)


@pytest.mark.parametrize("grouped", [False, True])
def test_other_programs_see_masked_layers_right(tmp_path, grouped):
    rng = np.random.default_rng(4)
    document = Document(300, 280)
    add_layer(document, "paper", pixels=picture(rng, BGRA8, 280, 300))
    mask = np.where(rng.integers(0, 2, (200, 190)), 255, 0).astype(np.uint8)
    layer = add_layer(document, "masked", pixels=picture(rng, BGRA8, 200, 190), origin=(30, 9), mask=mask)
    if grouped:
        select(document, Rect(50, 60, 100, 100))
        group = add_group(document, "group")
        add_mask(document, group)
        move_layer(document, layer, parent=group, index=0)
    save_document(document.snapshot(), tmp_path / "a.ora")
    seen = foreign_view(tmp_path / "a.ora")
    assert seen.notes == ()
    assert [node.mask for node in walk(seen.document.layers)] == [None] * (3 if grouped else 2)
    assert np.array_equal(
        oracle.flatten(seen.document.snapshot(), document.bounds), oracle.flatten(document.snapshot(), document.bounds)
    )


def test_a_soft_mask_looks_the_same_elsewhere_within_rounding(tmp_path):
    rng = np.random.default_rng(4)
    document = Document(100, 100)
    mask = rng.integers(0, 256, (100, 100)).astype(np.uint8)
    add_layer(document, "masked", pixels=picture(rng, BGRA8, 100, 100), mask=mask)
    save_document(document.snapshot(), tmp_path / "a.ora")
    here = oracle.flatten(document.snapshot(), document.bounds).astype(int)
    there = oracle.flatten(foreign_view(tmp_path / "a.ora").document.snapshot(), document.bounds).astype(int)
    assert abs(here - there).max() <= 1


def clipped_document(rng):
    """A base of every alpha, and above it a layer clipped to it and a clipped group."""
    document = Document(300, 280)
    add_layer(document, "base", pixels=picture(rng, BGRA8, 200, 190), origin=(30, 9))
    add_layer(document, "clipped", pixels=picture(rng, BGRA8, 280, 300), clip=True)
    return document


@pytest.mark.parametrize("change", [{}, {"opacity": 0.6}, {"visible": False}])
def test_other_programs_see_clipped_layers_inside_their_base(tmp_path, change):
    document = clipped_document(np.random.default_rng(4))
    set_layer(document, document.layers[0].id, "Settings", **change)
    save_document(document.snapshot(), tmp_path / "a.ora")
    seen = foreign_view(tmp_path / "a.ora").document
    assert not seen.layers[1].clip
    base, clipped = (seen.surface(layer.surface).read(document.bounds)[..., 3] for layer in seen.layers)
    assert not clipped[base == 0].any()
    share = 0.0 if not change.get("visible", True) else change.get("opacity", 1.0)
    own = document.surface(document.layers[1].surface).read(document.bounds)[..., 3]
    assert np.abs(clipped - own / 255.0 * base * share).max() <= 1.01


def test_other_programs_see_a_clipped_layer_on_an_opaque_base_as_it_looks(tmp_path):
    rng = np.random.default_rng(5)
    document = clipped_document(rng)
    base = document.layers[0]
    with document.history.transaction("opaque") as edit:
        pixels = document.surface(base.surface).read(document.bounds)
        pixels[..., 3] = np.where(pixels[..., 3] > 0, 255, 0)
        edit.put(base.surface, document.bounds, pixels)
    select(document, Rect(50, 60, 100, 100))
    add_mask(document, base.id)
    save_document(document.snapshot(), tmp_path / "a.ora")
    seen = foreign_view(tmp_path / "a.ora").document
    here = oracle.flatten(document.snapshot(), document.bounds).astype(int)
    there = oracle.flatten(seen.snapshot(), document.bounds).astype(int)
    assert abs(here - there).max() <= 1


def test_a_clipped_layer_is_copied_from_the_last_save_until_its_base_changes(tmp_path, assert_same, monkeypatch):
    document = clipped_document(np.random.default_rng(6))
    reuse = Reuse()
    save_document(document.snapshot(), tmp_path / "a.ora", reuse=reuse)
    first = zipfile.ZipFile(tmp_path / "a.ora").read("data/layer1.png")
    with document.history.transaction("hole") as edit:
        edit.write(document.layers[0].surface, (0, 0))[100:150, 100:150] = 0
    save_document(document.snapshot(), tmp_path / "a.ora", reuse=reuse)
    assert zipfile.ZipFile(tmp_path / "a.ora").read("data/layer1.png") != first
    assert_same(document, open_document(tmp_path / "a.ora").document)


def test_a_clipped_layer_painted_on_elsewhere_is_no_longer_clipped(tmp_path):
    document = clipped_document(np.random.default_rng(7))
    save_document(document.snapshot(), tmp_path / "a.ora")
    painted = io.BytesIO()
    Image.new("RGBA", (300, 280), (10, 20, 30, 255)).save(painted, "PNG")
    with zipfile.ZipFile(tmp_path / "a.ora") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["data/layer1.png"] = painted.getvalue()
    with zipfile.ZipFile(tmp_path / "b.ora", "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    opened = open_document(tmp_path / "b.ora").document
    assert not opened.layers[1].clip
    assert opened.surface(opened.layers[1].surface).read(Rect(5, 5, 1, 1)).ravel().tolist() == [30, 20, 10, 255]


@pytest.mark.parametrize("mode", BlendMode, ids=lambda mode: mode.name.lower())
def test_every_blend_mode_is_written_as_krita_and_the_specification_have_it(tmp_path, mode):
    document = Document(8, 8)
    add_layer(document, "layer", mode=mode)
    save_document(document.snapshot(), tmp_path / "a.ora")
    root = ElementTree.fromstring(zipfile.ZipFile(tmp_path / "a.ora").read("stack.xml"))
    # Krita 5 reads this one under its own name alone.
    wanted = "krita:exclusion" if mode is BlendMode.EXCLUSION else mode.value
    assert root.find("stack/layer").get("composite-op") == wanted
    assert mode.value.split(":")[0] in ("svg", "krita")
    assert open_document(tmp_path / "a.ora").document.layers[0].mode is mode


def test_a_masked_layer_painted_on_elsewhere_shows_what_was_painted(tmp_path):
    document = Document(64, 64)
    mask = np.full((64, 64), 128, np.uint8)
    add_layer(document, "masked", pixels=np.full((64, 64, 4), 255, np.uint8), mask=mask)
    save_document(document.snapshot(), tmp_path / "a.ora")
    painted = io.BytesIO()
    Image.new("RGBA", (64, 64), (10, 20, 30, 255)).save(painted, "PNG")
    with zipfile.ZipFile(tmp_path / "a.ora") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["data/layer0.png"] = painted.getvalue()
    with zipfile.ZipFile(tmp_path / "b.ora", "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    opened = open_document(tmp_path / "b.ora")
    assert [str(note) for note in opened.notes] == [
        "The layer “masked” was changed in another program, so its mask is now part of its pixels."
    ]
    layer = opened.document.layers[0]
    assert isinstance(layer, PaintLayer)
    assert layer.mask is None
    assert opened.document.surface(layer.surface).read(Rect(5, 5, 1, 1)).ravel().tolist() == [30, 20, 10, 255]
    assert opened.document.structure.extras == {}


def test_unknown_entries_and_attributes_survive_a_save(tmp_path):
    document = Document(32, 32)
    add_layer(document, "ink", pixels=np.full((32, 32, 4), 255, np.uint8))
    save_document(document.snapshot(), tmp_path / "a.ora")
    with zipfile.ZipFile(tmp_path / "a.ora") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["stack.xml"] = (
        entries["stack.xml"]
        .replace(b"<image ", b'<image xmlns:other="urn:other" other:theme="dark" ')
        .replace(b"<layer ", b'<layer other:strokes="data/layer0.strokes" ')
    )
    entries["data/layer0.strokes"] = b"strokes"
    entries["data/layer1.png"] = b"not ours"
    with zipfile.ZipFile(tmp_path / "b.ora", "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    opened = open_document(tmp_path / "b.ora").document
    add_layer(opened, "new", pixels=np.full((32, 32, 4), 255, np.uint8))
    save_document(opened.snapshot(), tmp_path / "c.ora")
    with zipfile.ZipFile(tmp_path / "c.ora") as archive:
        text = archive.read("stack.xml").decode()
        assert archive.read("data/layer0.strokes") == b"strokes"
        assert archive.read("data/layer1.png") == b"not ours"
    assert 'xmlns:other="urn:other"' in text
    assert 'other:theme="dark"' in text
    ink = next(line for line in text.splitlines() if 'name="ink"' in line)
    assert 'other:strokes="data/layer0.strokes"' in ink
    assert text.count("other:strokes") == 1
    assert len(open_document(tmp_path / "c.ora").document.layers) == 2


def test_progress_is_told_and_cancelling_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.ora"
    path.write_bytes(b"the old file")
    snapshot = stack_of(BlendMode.NORMAL, BlendMode.SCREEN, BlendMode.ADD).snapshot()

    def cancel(done, total):
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        save_document(snapshot, path, progress=cancel)
    assert path.read_bytes() == b"the old file"
    assert [left.name for left in tmp_path.iterdir()] == ["a.ora"]
    told = []
    save_document(snapshot, path, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 5) for done in range(6)]
    told.clear()
    open_document(path, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 3) for done in range(4)]
    with pytest.raises(Cancelled):
        open_document(path, progress=cancel)


def test_a_given_merged_picture_is_the_one_that_is_written(tmp_path):
    document = stack_of(BlendMode.NORMAL)
    merged = np.full((280, 300, 4), 255, np.uint8)
    save_document(document.snapshot(), tmp_path / "a.ora", merged=merged)
    with zipfile.ZipFile(tmp_path / "a.ora") as archive, Image.open(archive.open("mergedimage.png")) as image:
        assert image.convert("RGB").getextrema() == ((255, 255), (255, 255), (255, 255))


def test_what_has_not_changed_is_copied_and_what_has_is_not(tmp_path, assert_same, monkeypatch):
    from scumble.files import planes

    encoded = []
    encode = planes.encode_colour
    monkeypatch.setattr(planes, "encode_colour", lambda tiles, *rest: encoded.append(tiles) or encode(tiles, *rest))
    document = stack_of(BlendMode.NORMAL, BlendMode.SCREEN, BlendMode.ADD)
    reuse, path = Reuse(), tmp_path / "a.ora"
    write_openraster(document.snapshot(), path, merged=None, reuse=reuse)
    assert len(encoded) == 3
    layer = document.layers[1]
    assert isinstance(layer, PaintLayer)
    with document.history.transaction("Paint") as edit:
        edit.put(layer.surface, Rect(0, 0, 9, 9), np.full((9, 9, 4), 255, np.uint8))
    write_openraster(document.snapshot(), path, merged=None, reuse=reuse)
    assert len(encoded) == 4
    assert_same(document, open_document(path).document)
    with path.open("ab") as file:
        file.write(b"\0")
    write_openraster(document.snapshot(), path, merged=None, reuse=reuse)
    assert len(encoded) == 7, "a file that someone else has touched is not copied from"
    assert_same(document, open_document(path).document)


def test_moved_layers_and_new_masks_are_not_copied_from_before(tmp_path, assert_same):
    document = stack_of(BlendMode.NORMAL, BlendMode.SCREEN)
    reuse, path = Reuse(), tmp_path / "a.ora"
    save_document(document.snapshot(), path, reuse=reuse)
    add_mask(document, document.layers[0].id)
    move_layer(document, document.layers[0].id, parent=None, index=1)
    select(document, Rect(1, 2, 3, 4))
    save_document(document.snapshot(), path, reuse=reuse)
    assert_same(document, open_document(path).document)


def test_only_formats_that_keep_layers_can_be_saved_to(tmp_path):
    with pytest.raises(ScumbleError) as caught:
        save_document(stack_of(BlendMode.NORMAL).snapshot(), Path("picture.jpg"))
    assert str(caught.value) == "“picture.jpg” has an ending that Scumble does not know. It writes .ora."


def test_the_picture_is_the_same_from_any_thread():
    import threading

    snapshot = stack_of(BlendMode.NORMAL, BlendMode.MULTIPLY).snapshot()
    found = []
    thread = threading.Thread(target=lambda: found.append(flattened(snapshot)))
    thread.start()
    thread.join()
    assert abs(found[0].astype(int) - flattened(snapshot).astype(int)).max() <= 1


def test_an_empty_region_comes_back_too(tmp_path, assert_same):
    document = Document(40, 30)
    add_region(document, "nowhere yet", RegionPrompt("a boat"))
    opened = saved(document, tmp_path / "a.ora")
    assert opened.notes == ()
    assert_same(document, opened.document)


def test_a_strength_that_is_none_is_a_whole_one(tmp_path, make_zip):
    document = Document(40, 30)
    add_region(document, "sky", RegionPrompt("a boat", strength=0.5))
    save_document(document.snapshot(), tmp_path / "a.ora")
    with zipfile.ZipFile(tmp_path / "a.ora") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    entries["stack.xml"] = entries["stack.xml"].replace(b'strength="0.5"', b'strength="a lot"')
    (kept,) = open_document(make_zip(tmp_path / "b.ora", entries)).document.structure.selections
    assert kept.region == RegionPrompt("a boat", strength=1.0)
