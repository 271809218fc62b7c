from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from scumble.api import Candidate, Param, ScumbleError, Tool, ToolResult
from scumble.app.toolrun import (
    Request,
    open_request,
    out_paths,
    outcomes,
    prepare_request,
    read_mask,
    read_picture,
    write_outcome,
)
from scumble.document import BGRA8
from scumble.document.edits import add_layer, new_document
from scumble.files import open_document, save_document
from scumble.generation import Blend
from scumble.plugins import InstalledPlugin, resolve_params

PLUGIN = InstalledPlugin(id="org.example.odd", name="odd", version="2", package="odd", origin="link")


def request(kinds: dict[str, str], result: str = "layer", **fields: object) -> Request:
    inputs = [{"name": name, "kind": kind, "optional": kind == "selection"} for name, kind in kinds.items()]
    tool = msgspec.convert({"id": "odd", "title": "Odd", "model": False, "result": result, "inputs": inputs}, Tool)
    return Request(plugin=PLUGIN, tool=tool, params=resolve_params(tool, {}), **fields)


@pytest.fixture
def layered(tmp_path: Path) -> Path:
    """Blue below a red square on top, 64 × 48."""
    document = new_document(64, 48, BGRA8, background=(0, 0, 1), name="Below")
    red = np.empty((16, 16, 4), np.uint8)
    red[:] = BGRA8.solid(1, 0, 0)
    add_layer(document, "Above", pixels=red, origin=(8, 8))
    save_document(document.snapshot(), tmp_path / "layered.ora")
    return tmp_path / "layered.ora"


def write(path: Path, pixels: np.ndarray) -> Path:
    Image.fromarray(pixels).save(path)
    return path


def test_white_is_inside_a_mask_and_black_or_transparent_is_not(tmp_path: Path):
    pixels = np.zeros((1, 4, 4), np.uint8)
    pixels[0, :, :3] = [[255] * 3, [0] * 3, [255] * 3, [128] * 3]
    pixels[0, :, 3] = [255, 255, 0, 255]
    assert read_mask(write(tmp_path / "m.png", pixels)).tolist() == [[255, 0, 0, 128]]


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB"])
def test_masks_of_every_kind_of_picture_are_read_alike(tmp_path: Path, mode: str):
    values = np.zeros((8, 8), np.uint8)
    values[2:5, 3:6] = 255
    Image.fromarray(values).convert(mode).save(tmp_path / "m.png")
    assert np.array_equal(read_mask(tmp_path / "m.png"), values)


def test_a_picture_is_read_straight(tmp_path: Path):
    pixels = np.array([[[200, 100, 50, 255], [0, 0, 0, 0]]], np.uint8)
    assert np.array_equal(read_picture(write(tmp_path / "p.png", pixels)), pixels)


def test_the_canvas_is_what_is_seen_and_the_layer_is_the_top_one(layered: Path):
    asked = request({"all": "canvas", "top": "layer"}, image=layered)
    document = open_request(asked)
    inputs = prepare_request(asked, document, "job", None).job.inputs
    assert inputs["all"][10, 10].tolist() == [255, 0, 0]
    assert inputs["all"][40, 40].tolist() == [0, 0, 255]
    assert inputs["top"][10, 10].tolist() == [255, 0, 0]
    assert inputs["top"][40, 40].tolist() == [255, 255, 255]


def test_a_picture_that_was_chosen_is_handed_on_as_it_is(layered: Path, tmp_path: Path):
    style = write(tmp_path / "s.png", np.full((5, 7, 3), 9, np.uint8))
    asked = request({"all": "canvas", "style": "picture"}, image=layered, pictures={"style": style})
    job = prepare_request(asked, open_request(asked), "job", None).job
    assert job.inputs["style"][..., :3].tolist() == np.full((5, 7, 3), 9).tolist()
    assert (job.id, job.plugin, job.tool) == ("job", "org.example.odd", "odd")


def test_a_tool_without_a_picture_begins_with_an_empty_one():
    document = open_request(request({}))
    assert (document.width, document.height) == (512, 512)
    assert not document.surface(document.layers[0].surface).tiles


def test_each_outcome_holds_one_candidate_and_the_document_is_as_it_was_after(layered: Path):
    asked = request({"all": "canvas"}, image=layered)
    document = open_request(asked)
    prepared = prepare_request(asked, document, "job", None)
    pictures = [np.full((prepared.job.size[1], prepared.job.size[0], 3), level, np.uint8) for level in (10, 20)]
    result = ToolResult(tuple(Candidate(picture, seed) for seed, picture in enumerate(pictures)), {"why": "test"})
    before = document.snapshot().structure
    seen = []
    for outcome in outcomes(document, prepared, result):
        assert len(outcome.layers) == 3
        seen.append(outcome.layers[-1].recipe.crop[0, 0, 0])
        assert outcome.layers[-1].recipe.notes == {"why": "test"}
    assert seen == [10, 20]
    assert document.snapshot().structure == before


def test_a_result_that_is_a_picture_is_a_document_of_its_own(layered: Path):
    asked = request({"all": "canvas"}, "picture", image=layered)
    document = open_request(asked)
    prepared = prepare_request(asked, document, "job", None)
    result = ToolResult((Candidate(np.zeros((96, 128, 3), np.uint8)),))
    (outcome,) = outcomes(document, prepared, result)
    assert (outcome.width, outcome.height) == (128, 96)


@pytest.mark.parametrize(("blend", "allowed"), [(Blend(), 0), (Blend(grow=3), 3), (Blend(grow=1, feather=4), 5)])
def test_no_pixel_changes_beyond_grow_and_feather(tmp_path: Path, blend: Blend, allowed: int):
    image = write(tmp_path / "i.png", np.random.default_rng(7).integers(0, 256, (64, 64, 3), np.uint8))
    values = np.zeros((64, 64), np.uint8)
    values[24:40, 20:44] = 255
    mask = write(tmp_path / "m.png", values)
    asked = request({"all": "canvas", "where": "selection"}, "masked-layer", image=image, mask=mask, blend=blend)
    document = open_request(asked)
    prepared = prepare_request(asked, document, "job", None)
    made = np.full((prepared.job.size[1], prepared.job.size[0], 3), 77, np.uint8)
    for outcome in outcomes(document, prepared, ToolResult((Candidate(made),))):
        write_outcome(outcome, tmp_path / "o.png")
    before, after = read_picture(image), read_picture(tmp_path / "o.png")
    near = np.zeros((64, 64), bool)
    near[24 - allowed : 40 + allowed, 20 - allowed : 44 + allowed] = True
    assert np.array_equal(before[~near], after[~near])
    assert (after[values > 0][:, :3] == 77).all()


def test_a_mask_must_fit_and_select_something(tmp_path: Path):
    image = write(tmp_path / "i.png", np.zeros((8, 8, 3), np.uint8))
    for name, values, code in (("a", np.zeros((8, 8), np.uint8), "mask-empty"), ("b", np.ones((4, 8)), "mask-size")):
        mask = write(tmp_path / f"{name}.png", values.astype(np.uint8))
        with pytest.raises(ScumbleError) as caught:
            open_request(request({"all": "canvas", "where": "selection"}, "masked-layer", image=image, mask=mask))
        assert caught.value.code == code


def test_names_of_several_files_are_numbered(tmp_path: Path):
    assert out_paths(tmp_path / "a.b.png", 1) == [tmp_path / "a.b.png"]
    assert [path.name for path in out_paths(tmp_path / "a.b.png", 2)] == ["a.b-1.png", "a.b-2.png"]


def test_a_file_with_layers_can_be_had_beside_the_picture(layered: Path, tmp_path: Path):
    document = open_document(layered).document
    assert write_outcome(document, tmp_path / "x.png", open_raster=True) == [tmp_path / "x.png", tmp_path / "x.ora"]
    assert len(open_document(tmp_path / "x.ora").document.layers) == 2
    assert write_outcome(document, tmp_path / "y.ora", open_raster=True) == [tmp_path / "y.ora"]


def test_the_mode_that_suits_is_put_in_place_and_replacing_inverts_the_mask(layered: Path, tmp_path: Path):
    mode = {"type": "enum", "title": "Mode", "default": "auto", "choices": ["auto", "fill", "replace"], "ui": "mode"}
    values = np.zeros((48, 64), np.uint8)
    values[10:20, 10:30] = 255
    given = request({"image": "canvas", "mask": "selection"}, "masked-layer", image=layered)
    tool = msgspec.structs.replace(given.tool, params={"mode": msgspec.convert(mode, Param)})
    masked = replace(given, tool=tool, mask=write(tmp_path / "m.png", values))
    prepared = {}
    for name in ("auto", "replace"):
        wanted = replace(masked, params={"mode": name})
        prepared[name] = prepare_request(wanted, open_request(wanted), name, None)
    assert prepared["auto"].job.params == {"mode": "fill"}
    assert np.array_equal(prepared["auto"].selection, values)
    assert prepared["replace"].job.params == {"mode": "replace"}
    assert np.array_equal(prepared["replace"].selection, 255 - values)
