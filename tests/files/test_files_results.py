"""Results on disk: whole after a crash, found again, within their budget; what is damaged is left out."""

from __future__ import annotations

import sqlite3
import zipfile
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from scumble.api import ScumbleError
from scumble.document import Recipe, Rect
from scumble.files import results
from scumble.files.results import About, Kept, ResultStore


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def store(folder):
    made = ResultStore(folder)
    yield made
    made.close()


def kept(number: int, store: ResultStore, **about) -> Kept:
    random = np.random.default_rng(number)
    crop = random.integers(0, 256, (40, 56, 3), np.uint8)
    selection = random.integers(0, 256, (20, 28), np.uint8)
    recipe = Recipe(
        tool="fill",
        plugin="org.example",
        params={"prompt": "a boat", "seed": number},
        box=Rect(3, 4, 28, 20),
        crop=crop,
        selection=selection,
        blend={"grow": 2, "feather": 3},
        notes={"dtype": "none"},
    )
    given = {"document": "d", "session": store.session, **about}
    return Kept(About(id=f"{number:032x}", made=float(number), seed=number, **given), recipe)


def ids(entries) -> list[int]:
    return [int(entry.about.id, 16) for entry in entries]


def test_a_result_comes_back_bit_for_bit(store):
    made = kept(7, store)
    store.add(made)
    found = store.load(made.about.id)
    assert (found.recipe.crop == made.recipe.crop).all()
    assert (found.recipe.selection == made.recipe.selection).all()
    assert found.about == made.about
    assert found.recipe.params == made.recipe.params
    small = store.thumbnail(made.about.id)
    assert small.shape == (40, 56, 3)


def test_what_waits_is_found_by_the_key_or_the_file_of_its_document(store):
    store.add(kept(1, store))
    store.add(kept(2, store, document="other", path="/pictures/a.png"))
    store.add(kept(3, store))
    assert ids(store.waiting("d", "")) == [1, 3]
    assert ids(store.waiting("unknown", "/pictures/a.png")) == [2]
    assert ids(store.waiting("unknown", "")) == []
    store.settle([f"{1:032x}"])
    assert ids(store.waiting("d", "")) == [3]
    assert ids(store.entries()) == [3, 2, 1]
    store.adopt([f"{3:032x}"], "new", "/pictures/b.ora")
    assert ids(store.waiting("new", "")) == [3]
    assert ids(store.stranded()) == []


def test_another_program_that_runs_keeps_what_is_its_own(store, folder):
    store.add(kept(1, store))
    other = ResultStore(folder)
    assert ids(other.waiting("d", "")) == []
    assert ids(other.stranded()) == []
    assert ids(other.entries()) == [1]
    store.close()
    assert ids(other.waiting("d", "")) == [1]
    other.close()
    store.__init__(folder)


def test_the_oldest_without_a_star_goes_first(store):
    for number in range(6):
        store.add(kept(number, store))
    size = store.entries()[0].bytes
    store.star([f"{0:032x}"], True)
    store.adopt([f"{number:032x}" for number in range(5)], "d", "")
    with store._base:
        store._base.execute("update results set session = 'one that ended'")
    store.settle([f"{number:032x}" for number in (0, 1, 3)])
    gone = store.prune(3 * size + size // 2, [f"{5:032x}"])
    assert [int(name, 16) for name in gone] == [1, 3, 2]
    assert ids(store.entries()) == [5, 4, 0]
    assert len(list(store.folder.glob("*.result"))) == 3
    assert store.prune(3 * size + size // 2) == []


def test_a_damaged_file_is_one_error_and_no_more(store):
    for number in range(3):
        store.add(kept(number, store))
    path = store.folder / f"{1:032x}.result"
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ScumbleError) as caught:
        store.load(f"{1:032x}")
    assert caught.value.code == "result-broken"
    with pytest.raises(ScumbleError):
        store.thumbnail(f"{1:032x}")
    assert store.load(f"{2:032x}").about.seed == 2


def test_a_lost_database_is_made_anew_from_the_files(store, folder):
    for number in range(3):
        store.add(kept(number, store))
    store.close()
    for path in folder.glob("results.sqlite*"):
        path.unlink()
    (folder / "results.sqlite").write_bytes(b"this is no database at all" * 400)
    store.__init__(folder)
    assert ids(store.entries()) == [2, 1, 0]
    assert (folder / "results.sqlite.broken").exists()
    assert ids(store.waiting("d", "")) == []


def test_a_file_that_a_crash_kept_from_the_database_is_taken_in(store, folder):
    store.add(kept(1, store))
    store.add(kept(2, store))
    with sqlite3.connect(folder / "results.sqlite") as base:
        base.execute("delete from results where id = ?", (f"{2:032x}",))
    base.close()
    (folder / f"{1:032x}.result").unlink()
    (folder / f"{9:032x}.result").write_bytes(b"cut short")
    store.close()
    store.__init__(folder)
    assert ids(store.entries()) == [2]
    assert ids(store.waiting("d", "")) == [2]
    assert store.faults == 1


def test_what_strangers_put_there_is_not_believed(store, folder):
    made = kept(4, store)
    store.add(made)
    path = folder / f"{4:032x}.result"
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    other = msgspec.json.encode(replace_id(made.about, "../../elsewhere"))
    with zipfile.ZipFile(folder / f"{5:032x}.result", "w") as archive:
        for name, data in {**entries, "about.json": other}.items():
            archive.writestr(name, data)
    store.close()
    store.__init__(folder)
    assert ids(store.entries()) == [4]


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(ScumbleError) as caught:
        ResultStore(tmp_path / "results")
    assert caught.value.code == "results-unwritable"


def test_a_result_without_a_picture_is_none(store):
    made = kept(3, store)
    store.add(replace(made, recipe=replace(made.recipe, crop=None)))
    with pytest.raises(ScumbleError, match="holds no picture"):
        store.load(made.about.id)


def replace_id(about: About, name: str) -> About:
    return msgspec.structs.replace(about, id=name)


def test_a_database_that_another_program_is_writing_to_is_not_taken_for_a_damaged_one(folder, monkeypatch):
    monkeypatch.setattr(results, "PATIENCE", 0.05)
    first = ResultStore(folder)
    first.add(kept(1, first))
    first.star([f"{1:032x}"], True)
    first.close()
    other = sqlite3.connect(folder / "results.sqlite")
    other.execute("pragma locking_mode = exclusive")
    other.execute("begin exclusive")
    with pytest.raises(ScumbleError) as error:
        ResultStore(folder)
    assert error.value.code == "results-unwritable"
    other.rollback()
    other.close()
    again = ResultStore(folder)
    assert [entry.starred for entry in again.entries()] == [True]
    again.close()


@pytest.mark.parametrize(
    "about",
    [
        {"made": 1e30},
        {"made": -1.0},
        {"size": (-1, 4)},
        {"result": "anything"},
        {"frame": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)},
        {"frame": (1e300, 0.0, 0.0, 0.0, 1e300, 0.0)},
    ],
)
def test_what_a_file_says_of_itself_is_not_trusted(store, folder, about):
    """A result from elsewhere, or a damaged one, must not stand in the way of the others."""
    made = kept(1, store)
    store.add(made)
    store.add(kept(2, store))
    path = folder / f"{1:032x}.result"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["about.json"] = msgspec.json.encode(msgspec.to_builtins(made.about) | about)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    with pytest.raises(ScumbleError) as error:
        store.load(f"{1:032x}")
    assert error.value.code == "result-broken"
    store._update("delete from results where id = ?", [f"{1:032x}"])
    store._take_in(waiting=True)
    assert ids(store.entries()) == [2]
    assert store.faults == 1
