"""What is known of files: looked into once, whatever their number, and hashed once."""

from __future__ import annotations

import os
import struct

import pytest
import torch
from engine_models_original import TINY1, Parts
from safetensors.torch import save_file

from scumble.engine.models import ModelLibrary
from scumble.engine.models.index import Index


@pytest.fixture
def many(tmp_path):
    folder = tmp_path / "models"
    folder.mkdir()
    for number in range(500):
        save_file({f"lora_unet_{number}.lora_down.weight": torch.zeros(2, 2)}, folder / f"l{number:03}.safetensors")
    Parts(TINY1).save(folder / "model.safetensors")
    return folder


def library(folder, file, **given):
    return ModelLibrary([folder], presets=(TINY1,), index=Index(file), **given)


def blind(folder):
    """Spoils the content of every file; size and time stay, so that who looks into one anew notices."""
    for path in folder.iterdir():
        stat = path.stat()
        path.write_bytes(b"\0" * stat.st_size)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_five_hundred_files_are_looked_into_once(many, tmp_path):
    first = library(many, tmp_path / "index.json")
    assert len(first.entries) == 501
    assert len(first.loras) == 500
    blind(many)
    second = library(many, tmp_path / "index.json")
    assert second.entries == first.entries
    assert second.loras == first.loras
    assert second.infos() == first.infos()


def test_a_file_that_changed_is_looked_into_again(many, tmp_path):
    library(many, tmp_path / "index.json")
    (many / "l007.safetensors").write_bytes(struct.pack("<Q", 2**40))
    again = library(many, tmp_path / "index.json")
    assert "l007" not in again.loras
    assert "damaged" in again.faults["l007"]


def test_a_hash_is_made_once(tmp_path):
    Parts(TINY1).save(tmp_path / "model.safetensors")
    save_file({"lora_unet_a.lora_down.weight": torch.zeros(2, 2)}, tmp_path / "a.safetensors")
    first = library(tmp_path, tmp_path / "index.json")
    read = []
    assert first.hash_next(lambda: read.append("model"))
    assert first.infos()[0].sha256
    assert first.hash_next(lambda: read.append("lora"))
    assert list(dict.fromkeys(read)) == ["model", "lora"]
    assert not first.hash_next(lambda: None)
    again = library(tmp_path, tmp_path / "index.json")
    assert again.infos()[0].sha256 == first.infos()[0].sha256
    assert not again.hash_next(lambda: None)
    model = again.load("model", "cpu", "float32", lambda: None)
    assert model.info.sha256 == first.infos()[0].sha256


def test_a_file_that_another_thread_has_seen_grow_is_not_hashed_for_ever(tmp_path):
    path, index = tmp_path / "a.safetensors", Index()
    save_file({"lora_unet_a.lora_down.weight": torch.zeros(2, 2)}, path)
    first = ModelLibrary([tmp_path], index=index)
    save_file({"lora_unet_a.lora_down.weight": torch.zeros(8, 8)}, path)
    ModelLibrary([tmp_path], index=index)
    assert not first.hash_next(lambda: None)
    first.rescan()
    assert first.hash_next(lambda: None)
    assert first.hashed_entries()[0].sha256


@pytest.mark.parametrize("content", [b"", b"nonsense", b'{"version": 99, "entries": []}', b"\xff\xfe"])
def test_an_index_that_cannot_be_read_is_made_anew(tmp_path, content):
    (tmp_path / "index.json").write_bytes(content)
    Parts(TINY1).save(tmp_path / "model.safetensors")
    assert len(library(tmp_path, tmp_path / "index.json").infos()) == 1
    assert b"model.safetensors" in (tmp_path / "index.json").read_bytes()


def test_an_index_that_cannot_be_written_is_no_fault(tmp_path):
    Parts(TINY1).save(tmp_path / "model.safetensors")
    (tmp_path / "file").touch()
    assert len(library(tmp_path, tmp_path / "file" / "index.json").infos()) == 1


def test_a_folder_that_vanishes_is_said_to_be_missing_and_comes_back(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    Parts(TINY1).save(folder / "model.safetensors")
    found = library(folder, tmp_path / "index.json")
    assert [(root.path, root.found, root.missing) for root in found.roots] == [(str(folder), 1, False)]
    folder.rename(tmp_path / "away")
    found.rescan()
    assert found.infos() == ()
    assert [root.missing for root in found.roots] == [True]
    (tmp_path / "away").rename(folder)
    found.rescan()
    assert [info.id for info in found.infos()] == ["model"]
