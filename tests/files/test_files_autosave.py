"""Autosave and recovery."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from scumble.api import ScumbleError
from scumble.document import Document, PaintLayer, Rect
from scumble.document.edits import add_layer, select
from scumble.files import Autosave, planes
from scumble.files.locks import try_lock


def painting():
    document = Document(600, 500)
    rng = np.random.default_rng(1)
    for name in ("a", "b", "c"):
        pixels = document.format.from_straight(rng.integers(0, 256, (300, 400, 4)).astype(np.uint8))
        add_layer(document, name, pixels=pixels, mask=rng.integers(0, 256, (300, 400)).astype(np.uint8))
    select(document, Rect(10, 20, 30, 40))
    return document


@pytest.fixture
def autosave(tmp_path):
    running = Autosave(tmp_path / "autosave")
    yield running
    running.close()


def names(folder):
    return sorted(path.suffix for path in folder.iterdir())


def test_what_was_left_by_another_is_offered_once_it_has_ended(tmp_path, autosave, assert_same):
    folder, document = tmp_path / "autosave", painting()
    other = Autosave(folder)
    other.save("1", document.snapshot(), title="Painting", original=Path("/pictures/a.ora")).result()
    assert autosave.recoverable() == [], "it still runs"
    other.close()
    (item,) = autosave.recoverable()
    assert (item.title, item.original, item.size) == ("Painting", Path("/pictures/a.ora"), (600, 500))
    assert (item.pid, item.revision) == (os.getpid(), document.revision)
    assert abs(item.time - time.time()) < 60
    opened = autosave.recover(item)
    assert opened.notes == ()
    assert_same(document, opened.document)
    autosave.forget(item)
    assert autosave.recoverable() == []
    assert names(folder) == [".lock"], "the other's empty session was cleared away, ours runs on"


def test_a_name_that_is_no_text_is_no_reason_not_to_save(tmp_path, autosave):
    name = os.fsdecode(b"caf\xe9.png")
    other = Autosave(tmp_path / "autosave")
    other.save("1", painting().snapshot(), title=name, original=Path("/pictures") / name).result()
    other.close()
    (item,) = autosave.recoverable()
    assert (item.title, item.original) == ("caf?.png", None)


def test_a_note_that_is_no_text_hides_nothing(tmp_path, autosave):
    other = Autosave(tmp_path / "autosave")
    files = [other.save(key, painting().snapshot(), title=key).result() for key in "12"]
    other.close()
    files[0].with_suffix(".json").write_bytes(b'{"title": "\xff"}')
    assert {item.file for item in autosave.recoverable()} == set(files)


def test_what_is_saved_or_closed_on_purpose_is_not_offered(tmp_path, autosave):
    folder, document = tmp_path / "autosave", painting()
    other = Autosave(folder)
    other.save("1", document.snapshot(), title="a")
    other.discard("1").result()
    other.discard("never saved").result()
    other.close()
    assert autosave.recoverable() == []
    assert names(folder) == [".lock"]


def test_only_what_changed_is_encoded_again(autosave, assert_same, monkeypatch):
    encoded = []
    encode = planes.encode_colour
    monkeypatch.setattr(planes, "encode_colour", lambda tiles, *rest: encoded.append(tiles) or encode(tiles, *rest))
    document = painting()
    first = autosave.save("1", document.snapshot(), title="a").result()
    assert len(encoded) == 6, "each layer with its mask applied, and without"
    stamp = first.stat().st_mtime_ns
    assert autosave.save("1", document.snapshot(), title="a").result() == first
    assert first.stat().st_mtime_ns == stamp, "the same revision is not written twice"
    layer = document.layers[1]
    assert isinstance(layer, PaintLayer)
    with document.history.transaction("Paint") as edit:
        edit.put(layer.surface, Rect(0, 0, 50, 50), np.full((50, 50, 4), 255, np.uint8))
    assert autosave.save("1", document.snapshot(), title="a").result() == first
    assert len(encoded) == 8
    from scumble.files import open_document

    assert_same(document, open_document(first).document)


def test_two_documents_have_two_files_and_the_newest_comes_first(tmp_path, autosave):
    other = Autosave(tmp_path / "autosave")
    one, two = painting(), Document(10, 10)
    assert (
        other.save("1", one.snapshot(), title="one").result() != other.save("2", two.snapshot(), title="two").result()
    )
    other.close()
    assert [item.title for item in autosave.recoverable()] == ["two", "one"]


def test_a_file_counts_even_when_the_note_beside_it_is_lost(tmp_path, autosave, assert_same):
    other, document = Autosave(tmp_path / "autosave"), painting()
    path = other.save("1", document.snapshot(), title="one").result()
    other.close()
    path.with_suffix(".json").write_bytes(b"{")
    (item,) = autosave.recoverable()
    assert (item.title, item.original) == (path.stem, None)
    assert_same(document, autosave.recover(item).document)


CHILD = textwrap.dedent("""
    import sys, time
    from pathlib import Path
    import numpy as np
    from scumble.document import Document
    from scumble.document.edits import add_layer
    from scumble.files import Autosave

    document = Document(300, 200)
    add_layer(document, "ink", pixels=np.full((200, 300, 4), 255, np.uint8))
    running = Autosave(Path(sys.argv[1]))
    running.save("1", document.snapshot(), title="Killed").result()
    print("saved", flush=True)
    time.sleep(600)
""")


def test_a_killed_program_leaves_its_work(tmp_path, autosave):
    folder = tmp_path / "autosave"
    command = [sys.executable, "-c", CHILD, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        told, offered = child.stdout.readline(), autosave.recoverable()
        child.send_signal(signal.SIGKILL)
    assert told == "saved\n"
    assert offered == [], "it still ran"
    (item,) = autosave.recoverable()
    assert (item.title, item.pid) == ("Killed", child.pid)
    (layer,) = autosave.recover(item).document.layers
    assert layer.name == "ink"


def test_what_a_kill_in_mid_save_left_is_swept_up_in_time(tmp_path, autosave):
    left, held, fresh = (tmp_path / "autosave" / f".scumble-{name}.tmp" for name in ("left", "held", "fresh"))
    for path in (left, held, fresh):
        path.write_bytes(b"half a picture")
    for path in (left, held):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    with held.open("r+b") as file:
        assert try_lock(file)
        assert autosave.recoverable() == []
    assert not left.exists()
    assert held.exists()
    assert fresh.exists()


def test_a_failure_is_told_and_the_next_save_works(tmp_path, autosave):
    document = painting()
    path = autosave.save("1", document.snapshot(), title="a").result()
    path.unlink()
    path.mkdir()
    select(document, Rect(0, 0, 5, 5))
    with pytest.raises(ScumbleError) as caught:
        autosave.save("1", document.snapshot(), title="a").result()
    assert caught.value.code == "file-unwritable"
    path.rmdir()
    assert autosave.save("1", document.snapshot(), title="a").result().is_file()


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ScumbleError) as caught:
        Autosave(tmp_path / "file" / "autosave")
    assert caught.value.code == "file-unwritable"


def test_closing_waits_for_what_is_being_written(tmp_path):
    running = Autosave(tmp_path)
    future = running.save("1", painting().snapshot(), title="a")
    running.close()
    assert future.done()
    assert future.result().is_file()
