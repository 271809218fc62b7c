"""The shelf: a person's own things in files beside those that come along."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scumble.api import ScumbleError
from scumble.ui.shelf import LIMIT, Shelf, bundled_files, read_small, write_small


def read(data, path):
    if data.startswith(b"bad") or len(data) >= LIMIT:
        raise ScumbleError("preset-broken", path=path, reason="it is bad")
    return data.decode()


@pytest.fixture
def make(tmp_path):
    return lambda: Shelf({"b": "bundled b", "a": "bundled a"}, tmp_path / "own", ".x", read, str.encode)


def test_own_things_win_and_come_back(make, tmp_path):
    shelf = make()
    assert list(shelf) == ["b", "a"]
    shelf.put("a", "mine")
    shelf.put("c", "new")
    assert list(make()) == ["b", "a", "c"]
    assert [make()[name] for name in make()] == ["bundled b", "mine", "new"]
    assert (make().is_changed("a"), make().is_changed("b"), make().is_bundled("c")) == (True, False, False)
    shelf.remove("a")
    shelf.remove("c")
    assert [make()[name] for name in make()] == ["bundled b", "bundled a"]
    assert list((tmp_path / "own").iterdir()) == []


def test_removing_what_is_not_there_is_no_fault(make):
    shelf = make()
    shelf.remove("b")
    assert shelf["b"] == "bundled b"
    with pytest.raises(KeyError):
        shelf["nothing"]
    assert "nothing" not in shelf


def test_broken_files_are_faults_and_stay(make, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "one.x").write_bytes(b"bad")
    (folder / "two.x").write_bytes(b"good")
    (folder / "dir.x").mkdir()
    (folder / "other.txt").write_bytes(b"bad")
    (folder / "huge.x").write_bytes(b" " * (LIMIT + 5))
    shelf = make()
    assert sorted(fault.code for fault in shelf.faults) == ["file-unreadable", "preset-broken", "preset-broken"]
    assert list(shelf) == ["b", "a", "two"]
    assert (folder / "one.x").read_bytes() == b"bad"


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="rights mean nothing to root, or are others")
def test_a_folder_that_cannot_be_written(make, tmp_path):
    (tmp_path / "own").mkdir(mode=0o500)
    with pytest.raises(ScumbleError, match="could not be kept"):
        make().put("a", "mine")


def test_a_disk_that_refuses_leaves_all_as_it_was(make, tmp_path):
    shelf = make()
    (tmp_path / "own").write_text("a file in the way")
    with pytest.raises(ScumbleError, match="could not be kept"):
        shelf.put("a", "mine")
    assert shelf["a"] == "bundled a"
    with pytest.raises(ScumbleError, match="could not be kept"):
        write_small(tmp_path / "own" / "x", b"")
    with pytest.raises(ScumbleError, match="could not be opened"):
        read_small(tmp_path / "none")


@given(st.text(max_size=60))
def test_ids_are_plain_names_of_files(text):
    name = Shelf({}, Path("/nowhere"), ".x", read, str.encode).free_id(text)
    assert name.startswith("own-")
    assert all(letter.isascii() and (letter.isalnum() or letter == "-") for letter in name)
    assert name == name.lower()
    assert len(name) <= 48


def test_ids_are_free(make):
    shelf = make()
    names = []
    for _ in range(3):
        names.append(shelf.free_id("Über uns!"))
        shelf.put(names[-1], "x")
    assert names == ["own-uber-uns", "own-uber-uns-2", "own-uber-uns-3"]


def test_bundled_files_come_in_order():
    names = list(bundled_files("palettes", ".gpl"))
    assert names == sorted(names)
    assert "essentials" in names
