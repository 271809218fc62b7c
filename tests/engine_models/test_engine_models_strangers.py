"""A file of a stranger's is at worst broken itself: the others are found, and the window hears of all of them."""

from __future__ import annotations

import json
import os
import shutil
import struct
import tempfile
from pathlib import Path

import pytest
from engine_models_original import TINY1, Parts

from scumble.engine.models import ModelLibrary, default_folders
from scumble.engine.models.files import read_header
from scumble.engine.models.index import Index
from scumble.protocol import FrameReader, FrameWriter, ModelFiles, ToWindow

LORA = "lora_unet_x.lora_down.weight"


def write(path, header, size=0):
    raw = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(raw)) + raw + b"\0" * size)
    return path


def tensor(*shape, dtype="F32", offsets=(0, 4)):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}


def told(folder):
    """The entries of a folder with a sound model in it, as they reach the window, by name."""
    Parts(TINY1).save(folder / "sound.safetensors")
    library = ModelLibrary([folder], presets=(TINY1,), index=Index(folder / "index.json"))
    assert [info.id for info in library.infos()] == ["sound"]
    with (folder / "frame").open("w+b", buffering=0) as pipe:
        FrameWriter(pipe).write(ModelFiles(entries=library.entries, roots=library.roots))
        pipe.seek(0)
        frame = FrameReader(pipe, ToWindow).read()
    again = ModelLibrary([folder], presets=(TINY1,), index=Index(folder / "index.json"))
    assert again.entries == frame.message.entries, "what is kept on disk is what was found"
    return {entry.name: entry for entry in frame.message.entries}


@pytest.mark.parametrize(
    "entry",
    [
        tensor(10**10, 10**10),
        tensor(10**200, 10**200),
        tensor(*[10**300] * 5000),
        tensor(2, dtype="F32"),
        tensor(1, dtype="F64"),
        tensor(9, dtype="X3"),
        tensor(1, offsets=(0.0, 4.0)),
        tensor(1, offsets=(False, 4)),
        tensor(True),
    ],
)
def test_shapes_that_do_not_fit_the_bytes_are_damage(tmp_path, entry):
    path = write(tmp_path / "x.safetensors", {"decoder.mid.block_1.x": entry}, 16)
    with pytest.raises(ValueError, match="damaged"):
        read_header(path)
    assert told(tmp_path)["x"].fault == "model-broken"


@pytest.mark.parametrize("entry", [tensor(), tensor(0, 7, offsets=(4, 4)), tensor(8, dtype="F4"), tensor(8, dtype="X")])
def test_shapes_that_do_fit_are_read(tmp_path, entry):
    path = write(tmp_path / "x.safetensors", {"a": entry}, 4)
    assert read_header(path)["a"].shape == tuple(entry["shape"])


@pytest.mark.parametrize(
    "metadata",
    [
        {"modelspec.title": "\ud800"},
        {"ss_tag_frequency": json.dumps({"a": {"\udfff": 3}})},
        {"modelspec.title": "x" * 10**6},
    ],
)
def test_text_that_fits_into_no_message_is_made_to(tmp_path, metadata):
    write(tmp_path / "ink.safetensors", {"__metadata__": metadata, LORA: tensor(1, 1)}, 4)
    assert told(tmp_path)["ink"].kind == "lora"


def test_a_reason_is_as_long_as_a_sentence(tmp_path):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "model_index.json").write_text(json.dumps({"_class_name": "x" * 2**21}))
    assert len(told(tmp_path)["odd"].params["reason"]) < 1000


def test_a_name_that_is_no_text_is_told(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.safetensors"))
    try:
        write(path, {LORA: tensor(1, 1)}, 4)
    except OSError:
        pytest.skip("this system has no such names")
    entry = told(tmp_path)["caf?"]
    assert entry.fault == "model-broken"
    assert "rename" in entry.params["reason"]


def test_a_link_to_itself_hides_nothing(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "loop.safetensors").symlink_to("loop.safetensors")
    assert set(told(tmp_path)) == {"sound"}


@pytest.fixture
def disk():
    """A folder that other people may look into, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("closed", ["lost+found", "."])
def test_a_folder_that_may_not_be_looked_into_hides_nothing(disk, closed, as_nobody):
    write(disk / "ink.safetensors", {LORA: tensor(1, 1)}, 4)
    (disk / closed).mkdir(exist_ok=True)
    (disk / closed).chmod(0)
    try:
        with as_nobody():
            library = ModelLibrary([disk])
    finally:
        (disk / closed).chmod(0o700)
    assert [entry.name for entry in library.entries] == (["ink"] if closed != "." else [])


@pytest.mark.parametrize(
    ("part", "settings"),
    [
        ("unet", {"sample_size": 10**30}),
        ("unet", {"sample_size": float("inf")}),
        ("vae", {"block_out_channels": [1] * 10**5}),
        ("text_encoder", {"max_position_embeddings": -(10**30)}),
        ("unet", {"cross_attention_dim": [1]}),
    ],
)
def test_settings_beyond_all_numbers_are_a_fault(tmp_path, part, settings):
    (starter,) = default_folders()
    shutil.copytree(starter, tmp_path / "odd")
    config = tmp_path / "odd" / part / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | settings))
    assert told(tmp_path)["odd"].fault == "model-broken"
