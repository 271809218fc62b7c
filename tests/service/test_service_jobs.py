"""Jobs through a real engine process: results, queue, cancel, and every way in which a plugin can misbehave."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from scumble.api import Cancelled, ScumbleError, ToolJob
from scumble.service import Failure, run_job
from scumble.service.jobs import BegunJob


def test_a_job_runs_and_tells_its_progress(service, job):
    service, recorder = service
    request = job(steps=4, pause=0.03)
    service.submit(request)
    kind, result = recorder.outcome(request.id)
    assert kind == "finished"
    assert result.candidates[0].image.shape == (32, 64, 3)
    assert (result.candidates[0].image == 7).all()
    assert result.candidates[0].seed == 5
    assert result.notes["thread"] == "MainThread"
    assert not Path(result.notes["tmp"]).exists()
    names = [event[0] for event in recorder.events if event[1:2] == (request.id,)]
    assert names == ["queued", "started", *["progress"] * 4, "finished"]
    steps = recorder.all("progress")
    assert [event[2:4] for event in steps] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert steps[0][4] is None
    assert 0 < steps[1][4] < 5
    assert steps[-1][4] == 0
    assert steps[0][5].shape == (4, 8, 3)
    assert recorder.threads == {True}


def test_pictures_prints_logs_and_figures_find_their_way(service, job, picture, caplog):
    service, recorder = service
    request = job("show", inputs={"image": picture})
    service.submit(request)
    kind, result = recorder.outcome(request.id)
    assert kind == "finished"
    assert np.array_equal(result.candidates[0].image, 255 - picture)
    assert np.array_equal(result.candidates[1].image, picture)
    assert [made.seed for made in result.candidates] == [1, 2]
    assert recorder.all("metric") == [("metric", request.id, "loss", 3, 0.25)]
    assert "a line for the log" in caplog.text


@pytest.mark.parametrize(
    ("what", "code", "words"),
    [
        ("fail", "plugin-failed", "no such luck"),
        ("refuse", "mask-empty", "The mask is empty"),
        ("leave", "plugin-failed", "SystemExit"),
        ("hog", "out-of-memory", "64 × 32"),
        ("nothing", "plugin-bad-result", "NoneType"),
        ("floats", "plugin-bad-result", "float32"),
        ("small", "plugin-bad-result", "64 × 8"),
        ("unstable_notes", "plugin-bad-result", "notes"),
        ("there_is_no_such", "plugin-failed", "KeyError"),
    ],
)
def test_a_misbehaving_plugin_fails_its_job_and_nothing_else(shared, job, what, code, words):
    service, recorder = shared
    bad, good = job(what), job()
    bad, good = (ToolJob(f"{what}-{old.id}", old.plugin, old.tool, old.params, {}, old.size) for old in (bad, good))
    pid = service.engine_pid
    service.submit(bad)
    service.submit(good)
    kind, failure = recorder.outcome(bad.id)
    assert (kind, failure.code) == ("failed", code)
    assert words in f"{failure} {failure.details}"
    assert ("Traceback" in failure.details) == (code in ("plugin-failed", "out-of-memory"))
    assert recorder.outcome(good.id)[0] == "finished"
    assert pid in (0, service.engine_pid)


def test_values_are_checked_in_the_engine_too(shared, job):
    service, recorder = shared
    request = job(steps=0)
    service.submit(ToolJob("steps-0", request.plugin, request.tool, request.params, {}, request.size))
    kind, failure = recorder.outcome("steps-0")
    assert (kind, failure.code) == ("failed", "param-invalid")


@pytest.mark.parametrize(("plugin", "tool", "code"), [("org.none", "t", "plugin-unknown"), (None, "t", "tool-unknown")])
def test_what_is_not_there_is_named(shared, job, plugin, tool, code):
    service, recorder = shared
    service.submit(ToolJob(f"id-{code}", plugin or job().plugin, tool, {}, {}, (8, 8)))
    kind, failure = recorder.outcome(f"id-{code}")
    assert (kind, failure.code) == ("failed", code)


@pytest.mark.parametrize("params", [{"what": "x" * (1 << 20)}, {"what": "\ud800"}, {"steps": 2**80}])
def test_a_job_that_cannot_be_sent_fails_at_once(shared, params):
    service, recorder = shared
    name = f"unsendable-{len(str(params))}"
    service.submit(ToolJob(name, "p", "t", params))
    kind, failure = recorder.outcome(name)
    assert (kind, failure.code) == ("failed", "job-too-large")


def test_jobs_wait_in_order_and_can_be_taken_back(service, job):
    service, recorder = service
    first, second, third, fourth = (job(steps=1, pause=0.3), job(), job(), job())
    for request in (first, second, third, fourth):
        service.submit(request)
    service.cancel(third.id)
    assert recorder.outcome(third.id) == ("cancelled",)
    assert recorder.outcome(fourth.id)[0] == "finished"
    ended = [event[1] for event in recorder.events if event[0] == "finished"]
    assert ended == [first.id, second.id, fourth.id]
    assert [event[2] for event in recorder.all("queued", fourth.id)][-3:] == [3, 2, 1] or recorder.all(
        "queued", fourth.id
    )
    assert not recorder.all("started", third.id)


def test_a_job_can_go_first_or_instead_of_what_waits(service, job):
    service, recorder = service
    running, second, third, first, last, only = (job(steps=1, pause=0.3), *(job() for _ in range(5)))
    for request in (running, second, third):
        service.submit(request)
    recorder.wait("started", running.id)
    service.submit(first, place="front")
    service.advance(third.id)
    service.advance("never-was")
    assert recorder.outcome(second.id)[0] == "finished"
    ended = [event[1] for event in recorder.events if event[0] == "finished"]
    assert ended == [running.id, third.id, first.id, second.id]
    running = job(steps=1, pause=0.3)
    for request in (running, last):
        service.submit(request)
    recorder.wait("started", running.id)
    service.submit(only, place="instead")
    assert recorder.outcome(last.id) == ("cancelled",)
    assert recorder.outcome(only.id)[0] == "finished"
    assert recorder.outcome(running.id)[0] == "finished"


def test_a_job_is_held_and_goes_on_where_it_was(service, job):
    service, recorder = service
    request = job(steps=40, pause=0.01)
    service.submit(request)
    recorder.wait("progress", request.id)
    service.pause(request.id)
    recorder.wait("paused", request.id)
    recorder.spin(0.2)
    steps = [event[2] for event in recorder.all("progress", request.id)]
    recorder.spin(0.3)
    assert [event[2] for event in recorder.all("progress", request.id)] == steps
    assert steps[-1] < 40
    service.pause(request.id, False)
    kind, result = recorder.outcome(request.id)
    assert kind == "finished"
    assert result.notes["thread"] == "MainThread"
    assert [event[2] for event in recorder.all("paused", request.id)] == [True, False]
    held = job(steps=1000, pause=0.02)
    service.submit(held)
    recorder.wait("progress", held.id)
    service.pause(held.id)
    service.cancel(held.id)
    assert recorder.outcome(held.id) == ("cancelled",)


def test_a_running_job_stops_within_a_step(service, job):
    service, recorder = service
    request, after = job(steps=1000, pause=0.02), job()
    service.submit(request)
    service.submit(after)
    recorder.wait("progress", request.id)
    begun = time.monotonic()
    service.cancel(request.id)
    assert recorder.outcome(request.id) == ("cancelled",)
    assert time.monotonic() - begun < 0.5
    pid = service.engine_pid
    assert recorder.outcome(after.id)[0] == "finished"
    assert service.engine_pid == pid


def test_cancelling_what_has_ended_is_nothing(service, job):
    service, recorder = service
    request = job()
    service.submit(request)
    recorder.outcome(request.id)
    service.cancel(request.id)
    service.cancel("never-was")
    again = job()
    service.submit(again)
    assert recorder.outcome(again.id)[0] == "finished"
    assert not recorder.all("cancelled")


def test_a_plugin_that_cannot_be_imported_leaves_the_others_alone(service, job, settings, write_plugin):
    service, recorder = service
    write_plugin(settings.plugin_folder, "import there_is_no_such_module", "org.example.broken", "broken")
    bad, good = job(plugin="org.example.broken", tool="broken"), job()
    service.submit(bad)
    service.submit(good)
    kind, failure = recorder.outcome(bad.id)
    assert (kind, failure.code) == ("failed", "plugin-import-failed")
    assert "there_is_no_such_module" in str(failure)
    assert recorder.wait("plugin_faulted")[1] == "org.example.broken"
    assert recorder.outcome(good.id)[0] == "finished"


@pytest.mark.parametrize(
    ("runtime", "words"),
    [
        ("x = 1", "implements no hook"),
        ("from scumble.api import hookimpl\n@hookimpl\ndef scumble_run_tool(tool, frame): pass", "frame"),
        ("from scumble.api import hookimpl\n@hookimpl\ndef scumble_walk_tool(tool): pass", "scumble_walk_tool"),
        ("raise SystemExit", "SystemExit"),
    ],
)
def test_a_runtime_that_keeps_to_no_contract_is_refused(shared, shared_plugins, write_plugin, runtime, words):
    service, recorder = shared
    name = f"org.example.p{abs(hash(words))}"
    tool = f"t{abs(hash(words))}"
    write_plugin(shared_plugins, runtime, name, tool)
    service.submit(ToolJob(name, name, tool, {}, {}, (8, 8)))
    kind, failure = recorder.outcome(name)
    assert (kind, failure.code) == ("failed", "plugin-import-failed")
    assert words in f"{failure} {failure.details}"


def test_running_a_job_without_a_window(service, job):
    service, _ = service
    seen = []
    result = run_job(service, job(steps=2), lambda *step: seen.append(step))
    assert (result.candidates[0].image == 7).all()
    assert [step[:2] for step in seen] == [(1, 2), (2, 2)]
    with pytest.raises(ScumbleError) as caught:
        run_job(service, job("fail"))
    assert caught.value.code == "plugin-failed"
    request = job(steps=1000, pause=0.02)
    timer = threading.Timer(0.2, service.cancel, (request.id,))
    timer.start()
    with pytest.raises(Cancelled):
        run_job(service, request)
    timer.join()


def test_ctrl_c_cancels_a_job_without_a_window(service, job):
    import os
    import signal

    service, _ = service
    timer = threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(Cancelled):
        run_job(service, job(steps=1000, pause=0.02))
    timer.join()


def test_a_failure_is_a_sentence_and_an_error():
    failure = Failure("engine-died", {"reason": "SIGKILL"}, "tail")
    assert "SIGKILL" in str(failure)
    assert (failure.error().code, failure.error().details) == ("engine-died", "tail")


def test_a_job_whose_engine_dies_goes_on_only_while_it_gets_on():
    begun = BegunJob(ToolJob("j", "p", "t", {}))
    assert not begun.can_go_on
    begun.done = 4
    for done in (4, 5, 6):
        begun.done = done
        assert begun.can_go_on
        begun.deaths.append(done)
        assert not begun.can_go_on
    begun.done = 7
    assert not begun.can_go_on
