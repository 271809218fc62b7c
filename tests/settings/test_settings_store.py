from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scumble.settings import (
    SETTINGS,
    Memory,
    ModelNote,
    ModelNotes,
    Settings,
    find,
    own_folders,
    write_atomically,
)
from scumble.settings.models import set_own_folders


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "settings.json"


def test_only_what_differs_is_written(path):
    settings = Settings(path)
    assert not path.exists()
    settings.set("files.quality", 80)
    assert json.loads(path.read_text())["values"] == {"files.quality": 80}
    assert Settings(path).number("files.quality") == 80
    settings.set("files.quality", 92)
    assert json.loads(path.read_text())["values"] == {}


def test_listeners_hear_of_a_change_and_of_nothing_else(path):
    heard: list[str] = []
    settings = Settings(path)
    settings.connect(heard.append)
    settings.set("generate.apply", True)
    settings.set("generate.apply", True)
    assert heard == ["generate.apply"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("files.quality", 0),
        ("files.quality", 101),
        ("files.quality", 50.5),
        ("files.quality", "80"),
        ("files.quality", True),
        ("generate.apply", 1),
        ("engine.python", 3),
        ("ui.scale", 9.0),
    ],
)
def test_what_does_not_fit_is_refused(path, name, value):
    settings = Settings(path)
    with pytest.raises(ValueError, match=r"."):
        settings.set(name, value)
    assert settings.get(name) == find(name).default
    assert not path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"version": 1, "values": 3}', "\x00"])
def test_a_broken_file_is_set_aside_and_the_defaults_hold(path, text):
    path.parent.mkdir()
    path.write_text(text)
    settings = Settings(path)
    assert settings.fault
    assert all(settings.get(setting.id) == setting.default for setting in SETTINGS)
    assert path.with_suffix(".broken").read_text() == text
    settings.set("files.quality", 50)
    assert Settings(path).fault == ""


def test_unknown_and_misfit_values_of_a_file(path):
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "values": {"from.the.future": [1], "files.quality": "best"}}))
    settings = Settings(path)
    assert settings.number("files.quality") == 92
    assert "files.quality" in settings.fault
    settings.set("files.quality", 60)
    assert json.loads(path.read_text())["values"] == {"from.the.future": [1], "files.quality": 60}


def test_there_is_no_other_setting(path):
    with pytest.raises(KeyError):
        Settings(path).get("no.such")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.id)
def test_every_declaration_is_whole(setting):
    assert setting.check(setting.default) == setting.default
    assert setting.title
    assert setting.help.endswith(".")
    assert len({other.id for other in SETTINGS}) == len(SETTINGS)


ANY = st.one_of(st.integers(), st.text(alphabet="a1 .", max_size=4), st.booleans(), st.none())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from([s.id for s in SETTINGS]), ANY))
def test_no_file_can_stop_the_start(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("any") / "settings.json"
    path.write_text(json.dumps({"version": 1, "values": values}))
    found = Settings(path)
    for setting in SETTINGS:
        assert setting.check(found.get(setting.id)) == found.get(setting.id)


def test_a_failed_write_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(source, target):
        raise OSError("no")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="no"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_what_could_not_be_written_is_not_taken_for_written(path):
    path.parent.write_bytes(b"a file where a folder should be")
    settings = Settings(path)
    with pytest.raises(OSError, match=path.parent.name):
        settings.set("files.quality", 80)
    assert settings.number("files.quality") == 92
    path.parent.unlink()
    settings.set("files.quality", 80)
    assert Settings(path).number("files.quality") == 80


def test_notes_that_cannot_be_read_are_set_aside(tmp_path):
    path, said = tmp_path / "models.json", b'{"ink": {"text": "for skies"'
    path.write_bytes(said)
    notes = ModelNotes(path)
    notes.put("neon", ModelNote(favourite=True))
    assert (tmp_path / "models.broken").read_bytes() == said
    assert ModelNotes(path).get("neon").favourite


def test_a_note_that_could_not_be_written_is_not_taken_for_written(path):
    path.parent.write_bytes(b"a file where a folder should be")
    notes = ModelNotes(path)
    with pytest.raises(OSError, match=path.parent.name):
        notes.put("ink", ModelNote(favourite=True))
    assert notes.get("ink") == ModelNote()
    path.parent.unlink()
    notes.put("ink", ModelNote(favourite=True))
    assert ModelNotes(path).get("ink").favourite


def test_a_recent_file_that_may_not_be_looked_at_is_left_out(as_nobody):
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    (folder / "closed").mkdir()
    (folder / "closed" / "a.ora").touch()
    memory = Memory(folder / "memory.json")
    memory.add_recent(folder / "closed" / "a.ora")
    (folder / "closed").chmod(0)
    try:
        with as_nobody():
            assert memory.recent == ()
    finally:
        (folder / "closed").chmod(0o700)
        shutil.rmtree(folder)


def test_memory_keeps_recent_files_that_are_still_there(tmp_path):
    memory = Memory(tmp_path / "memory.json")
    files = [tmp_path / f"{number}.ora" for number in range(3)]
    for file in files:
        file.touch()
        memory.add_recent(file)
    memory.add_recent(files[0])
    assert memory.recent == (files[0], files[2], files[1])
    files[2].unlink()
    assert Memory(tmp_path / "memory.json").recent == (files[0], files[1])
    memory.clear_recent()
    assert memory.recent == ()


def test_memory_keeps_bytes_and_survives_nonsense(tmp_path):
    memory = Memory(tmp_path / "memory.json")
    memory.keep_blob("state", b"\x00\xff")
    assert Memory(tmp_path / "memory.json").blob("state") == b"\x00\xff"
    assert memory.blob("other") == b""
    for text in ("", "[]", '{"recent": 3, "state": 4}', '{"state": "é"}'):
        (tmp_path / "memory.json").write_text(text)
        broken = Memory(tmp_path / "memory.json")
        assert broken.recent == ()
        assert broken.blob("state") == b""


NAMES = st.text(st.sampled_from(';" ab~\n/'), min_size=1, max_size=8).map(lambda name: Path("/models") / name)


@given(st.lists(NAMES, max_size=4, unique=True))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_name_of_a_folder_of_models_is_torn_apart(folders):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.json"
        set_own_folders(Settings(path), folders)
        assert own_folders(Settings(path)) == folders


@pytest.mark.parametrize(
    ("said", "folders"),
    [
        ("/a; /b c ;;/d", ["/a", "/b c", "/d"]),
        ('"/a;b" ; /c', ["/a;b", "/c"]),
        ('/a "old" one;/b', ['/a "old" one', "/b"]),
        ('"/a;/b', ['"/a', "/b"]),
        ("~nobody at all", ["~nobody at all"]),
        (" ; ", []),
    ],
)
def test_folders_are_read_as_they_were_written_by_hand_or_before(path, said, folders):
    store = Settings(path)
    store.set("models.folders", said)
    assert own_folders(store) == [Path(folder) for folder in folders]
