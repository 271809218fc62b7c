"""Candidates outlive the program: a kill, a restart, a document that is closed, renamed or reshaped meanwhile."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from scumble.document import Rect
from scumble.files import open_document
from scumble.files.openraster_write import write_openraster
from scumble.files.results import ResultStore
from scumble.paint import reshape
from scumble.render import flatten


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def kept_bench(make_bench, service):
    return make_bench(service)


@pytest.fixture
def again(make_bench, service):
    """Starts the window again; the one before it is closed."""

    def start(before=None):
        if before is not None:
            before.generation.board.cancel_all()
            before.window.close()
        return make_bench(service)

    return start


def settled(bench):
    """Waits until nothing more is to be written or read."""
    keeper = bench.generation.acts.keeper
    bench.wait(lambda: not keeper._background.busy, what="the disk")


def saved(bench, path: Path) -> Path:
    session = bench.session
    write_openraster(session.document.snapshot(), path, merged=None)
    session.mark_saved(session.document.revision, path)
    return path


def opened(bench, path: Path):
    session = bench.window.open_document(open_document(path).document, path)
    bench.wait(lambda: True)
    settled(bench)
    bench.wait(lambda: not bench.generation.acts.keeper._background.busy)
    return session


def come_back(bench, count):
    bench.wait(lambda: len(bench.generation.candidates.offered) == count, what=f"{count} candidates")
    return bench.generation.candidates.offered


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("file", ["picture.ora", ""], ids=["saved", "never saved"])
def test_a_killed_program_loses_no_candidate(tmp_path, plugin_folder, file, again):
    path = str(tmp_path / file) if file else ""
    script = Path(__file__).with_name("keep_and_die.py")
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path), str(plugin_folder), path],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    first, second, key = done.stdout.split()
    bench = again()
    if path:
        session = opened(bench, Path(path))
        assert session.document.key == key
    results = come_back(bench, 2)
    assert [str(result.candidate.seed) for result in results] == [first, second]
    assert [result.starred for result in results] == [False, True]
    assert all(result.in_place == bool(path) for result in results)
    assert results[0].prepared.job.params["prompt"] == "a boat"
    if path:
        before = flatten(bench.document.snapshot(), bench.document.bounds)
        layer_id = bench.generation.candidates.apply(results[1])
        after = flatten(bench.document.snapshot(), bench.document.bounds)
        changed = (after != before).any(axis=2)
        changed[results[1].prepared.affected.slices(bench.document.bounds)] = False
        assert not changed.any()
        assert bench.document.paint_layer(layer_id).mask is not None
        assert bench.document.paint_layer(layer_id).recipe.notes["dtype"] == "none"
    else:
        bench.generation.candidates.apply(results[1])
        assert bench.session is not None
        assert (bench.document.width, bench.document.height) == results[1].candidate.image.shape[1::-1]


def test_they_come_back_bit_for_bit_with_their_document(kept_bench, again, tmp_path):
    kept_bench.open()
    kept_bench.select()
    made = kept_bench.run(count=2, steps=1, prompt="a boat")
    path = saved(kept_bench, tmp_path / "a.ora")
    settled(kept_bench)
    bench = again(kept_bench)
    assert not bench.generation.candidates.offered
    opened(bench, path)
    found = come_back(bench, 2)
    for old, new in zip(made, found, strict=True):
        assert (old.candidate.image == new.candidate.image).all()
        assert (old.prepared.selection == new.prepared.selection).all()
        assert old.prepared.anchor.box == new.prepared.anchor.box
        assert old.prepared.blend == new.prepared.blend
        assert old.prepared.affected == new.prepared.affected
        assert (old.id, old.candidate.seed) == (new.id, new.candidate.seed)
    bench.generation.candidates.show(found[0])
    assert bench.generation.presenters[bench.session].picture.source is found[0]
    bench.generation.acts.more_like()
    (job,) = bench.generation.board.jobs
    assert job.prepared.job.params["prompt"] == "a boat"


def test_what_was_applied_or_let_go_does_not_come_back(kept_bench, again, tmp_path):
    kept_bench.open()
    kept_bench.select()
    made = kept_bench.run(count=3, steps=1)
    kept_bench.generation.candidates.apply(made[0])
    kept_bench.generation.candidates.discard(made[1])
    path = saved(kept_bench, tmp_path / "a.ora")
    settled(kept_bench)
    bench = again(kept_bench)
    opened(bench, path)
    assert [result.id for result in come_back(bench, 1)] == [made[2].id]


def test_a_document_without_a_file_that_is_given_up_leaves_none_in_the_strip(kept_bench, again):
    kept_bench.open()
    kept_bench.select()
    kept_bench.run(count=2, steps=1)
    settled(kept_bench)
    bench = again(kept_bench)
    settled(bench)
    assert not bench.generation.candidates.offered


def test_a_recovered_document_finds_what_waited_for_it(kept_bench, again, tmp_path, results):
    """As autosave keeps it: a file elsewhere, whose document is known by its key alone."""
    kept_bench.open()
    kept_bench.select()
    made = kept_bench.run(count=2, steps=1)
    settled(kept_bench)
    copy = tmp_path / "autosave.ora"
    write_openraster(kept_bench.document.snapshot(), copy, merged=None)
    # What a crash leaves undone: that they wait no more.
    again(kept_bench).window.close()
    store = ResultStore(results)
    store._update("update results set waiting = 1 where id = ?", [result.id for result in made])
    store.close()
    bench = again()
    assert [result.in_place for result in come_back(bench, 2)] == [False, False]
    bench.window.open_document(open_document(copy).document, None, "Recovered")
    assert [result.in_place for result in come_back(bench, 2)] == [True, True]
    assert [result.id for result in bench.generation.candidates.offered] == [result.id for result in made]


def test_a_document_that_was_reshaped_and_saved_finds_them_in_the_new_place(kept_bench, again, tmp_path):
    kept_bench.open()
    kept_bench.select()
    (made,) = kept_bench.run(steps=1)
    reshape.apply(kept_bench.document, reshape.crop(Rect(20, 10, 200, 220), keep_outside=False), "Crop")
    reshape.apply(kept_bench.document, reshape.rotate_quarters(kept_bench.document.structure, 1), "Rotate")
    here = made.placed()
    path = saved(kept_bench, tmp_path / "a.ora")
    settled(kept_bench)
    bench = again(kept_bench)
    opened(bench, path)
    (found,) = come_back(bench, 1)
    assert found.placed()[0].anchor.box == here[0].anchor.box
    assert (found.placed()[1].image == here[1].image).all()
    assert found.candidate.image.shape[:2] == made.candidate.image.shape[:2]


def test_a_picture_without_layers_is_known_by_its_file(kept_bench, again, tmp_path):
    path = tmp_path / "photo.png"
    cv2.imwrite(str(path), np.full((200, 240, 3), 120, np.uint8))

    def show(bench):
        session = bench.window.open_document(open_document(path).document, None, path.name)
        session.source = path
        return session

    show(kept_bench)
    kept_bench.select()
    (made,) = kept_bench.run(steps=1)
    settled(kept_bench)
    bench = again(kept_bench)
    show(bench)
    (found,) = come_back(bench, 1)
    assert found.id == made.id
    assert found.in_place
    assert found.prepared.anchor.document == bench.document.key


def test_a_document_that_is_closed_and_opened_again_has_its_candidates_back(kept_bench, tmp_path):
    kept_bench.open()
    kept_bench.select()
    path = saved(kept_bench, tmp_path / "a.ora")
    (made,) = kept_bench.run(steps=1)
    kept_bench.window.drop_session(kept_bench.session)
    assert not made.in_place
    opened(kept_bench, path)
    assert made.in_place
    assert come_back(kept_bench, 1) == (made,)


def test_a_new_name_is_learned(kept_bench, results, tmp_path):
    kept_bench.open()
    kept_bench.select()
    kept_bench.run(steps=1)
    path = saved(kept_bench, tmp_path / "later.ora")
    settled(kept_bench)
    store = ResultStore(results)
    assert [entry.about.path for entry in store.entries()] == [str(path)]
    store.close()


def test_a_damaged_one_is_left_out_in_one_sentence(kept_bench, again, tmp_path, results):
    kept_bench.open()
    kept_bench.select()
    made = kept_bench.run(count=3, steps=1)
    path = saved(kept_bench, tmp_path / "a.ora")
    settled(kept_bench)
    for result in made[:2]:
        file = results / f"{result.id}.result"
        file.write_bytes(file.read_bytes()[:500])
    bench = again(kept_bench)
    opened(bench, path)
    assert [result.id for result in come_back(bench, 1)] == [made[2].id]
    (note,) = bench.window.messages.notes
    assert "cannot be read" in note.text


def test_a_folder_that_cannot_be_written_is_said_once_and_work_goes_on(make_bench, service, tmp_path):
    (tmp_path / "results").write_text("a file")
    bench = make_bench(service)
    bench.open()
    bench.select()
    (result,) = bench.run(steps=1)
    settled(bench)
    (note,) = bench.window.messages.notes
    assert "could not be kept" in note.text
    bench.generation.candidates.apply(result)
    assert len(bench.document.layers) == 2


def test_the_budget_is_kept(make_bench, service):
    bench = make_bench(service)
    bench.window.settings.set("results.budget", 64)
    keeper = bench.generation.acts.keeper
    bench.open()
    bench.select()
    made = bench.run(count=2, steps=1)
    settled(bench)
    gone = []
    keeper._run(lambda store: store.prune(1, [made[1].id]), gone.extend)
    settled(bench)
    assert not gone, "what waits in the strip of this window is spared while it is there"
    bench.generation.candidates.discard(made[0])
    keeper._run(lambda store: store.prune(1, [made[1].id]), gone.extend)
    settled(bench)
    assert gone == [made[0].id]


def test_a_document_that_was_closed_is_let_go(kept_bench):
    """With all that generating knew of it: its tiles may be gigabytes."""
    documents = []
    for _ in range(2):
        kept_bench.open()
        kept_bench.select()
        (result,) = kept_bench.run(steps=1)
        kept_bench.generation.candidates.apply(result)
        documents.append(weakref.ref(kept_bench.document))
    settled(kept_bench)
    del result
    kept_bench.window.drop_session(kept_bench.window.sessions[0])

    def gone():
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        gc.collect()
        return documents[0]() is None

    kept_bench.wait(gone, what="the document's end")
    assert documents[1]() is not None
