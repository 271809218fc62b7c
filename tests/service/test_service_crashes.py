"""The engine dies, hangs, or never starts; the service lives."""

import os
import signal
import stat
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QElapsedTimer, Qt, QTimer

import scumble.service.keeper as keeper
import scumble.service.lane as lane


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("what", "reason"), [("die", "exit code 41"), ("crash", "SIGSEGV")])
def test_a_plugin_that_takes_the_engine_down_is_named_and_the_queue_goes_on(service, job, what, reason):
    service, recorder = service
    bad, good = job(what), job()
    service.submit(bad)
    service.submit(good)
    kind, failure = recorder.outcome(bad.id)
    assert (kind, failure.code) == ("failed", "engine-died")
    assert reason in str(failure)
    assert bad.plugin in str(failure)
    if what == "crash":
        assert "scumble_run_tool" in failure.details  # faulthandler's report
    assert recorder.outcome(good.id)[0] == "finished"
    assert [event[1] for event in recorder.all("plugin_faulted")] == [bad.plugin]
    assert len(recorder.all("failed")) == 1


def test_an_engine_that_is_killed_comes_back_by_itself(service, job):
    service, recorder = service
    request, after = job(steps=1000, pause=0.02), job()
    service.submit(request)
    service.submit(after)
    recorder.wait("progress", request.id)
    pid = service.engine_pid
    begun = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    kind, failure = recorder.outcome(request.id)
    assert (kind, failure.code) == ("failed", "engine-died")
    assert "SIGKILL" in str(failure)
    assert recorder.outcome(after.id)[0] == "finished"
    assert time.monotonic() - begun < 5
    assert service.engine_pid != pid
    assert not alive(pid)
    assert not recorder.all("plugin_faulted")


def test_what_is_asked_of_an_engine_that_is_just_starting_waits_for_its_greeting(service, job):
    service, recorder = service
    request, after = job(steps=1000, pause=0.02), job()
    service.submit(request)
    service.submit(after)
    recorder.wait("progress", request.id)
    listed = len(recorder.all("models_changed"))
    os.kill(service.engine_pid, signal.SIGKILL)
    assert recorder.outcome(request.id)[0] == "failed"
    service.list_models()
    while service.state == "starting":
        service.list_models()
        time.sleep(0.02)
    assert recorder.outcome(after.id)[0] == "finished"
    assert len(recorder.all("failed")) == 1
    recorder.spin(0.2)
    assert len(recorder.all("models_changed")) > listed + 1


def test_a_job_that_ignores_cancel_is_ended_with_its_engine(service, job, monkeypatch):
    service, recorder = service
    request, after = job("spin"), job()
    service.submit(request)
    service.submit(after)
    recorder.wait("progress", request.id)
    begun = time.monotonic()
    service.cancel(request.id)
    service.cancel(request.id)
    assert recorder.outcome(request.id) == ("cancelled",)
    assert time.monotonic() - begun < lane.CANCEL_GRACE_MS / 1000 + 1
    assert recorder.outcome(after.id)[0] == "finished"
    assert not recorder.all("failed")
    assert not recorder.all("plugin_faulted")


def test_shutting_down_in_mid_job_leaves_nothing(make_service, settings, job):
    service, recorder = make_service(settings)
    running, hung, waiting = job(steps=1000, pause=0.02), job("spin"), job()
    for request in (running, hung, waiting):
        service.submit(request)
    recorder.wait("progress", running.id)
    pid = service.engine_pid
    begun = time.monotonic()
    service.shutdown()
    assert time.monotonic() - begun < 2
    assert not alive(pid)
    assert not list(settings.home.glob("engine-*"))
    assert {recorder.outcome(request.id) for request in (running, hung, waiting)} == {("cancelled",)}
    assert recorder.wait("engine_changed", "off")
    assert threading.active_count() == 1 or not [t for t in threading.enumerate() if t.name.startswith("engine")]


def test_shutting_down_with_an_engine_that_hangs_takes_under_two_seconds(make_service, settings, job):
    service, recorder = make_service(settings)
    hung = job("spin")
    service.submit(hung)
    recorder.wait("progress", hung.id)
    pid = service.engine_pid
    begun = time.monotonic()
    service.shutdown()
    assert time.monotonic() - begun < 2
    assert not alive(pid)


def test_shutting_down_before_the_engine_has_spoken(make_service, settings):
    service, _ = make_service(settings)
    service.shutdown()
    service.shutdown()
    assert service.state == "off"


def test_a_job_that_comes_after_the_end_is_cancelled(make_service, settings, job):
    service, recorder = make_service(settings)
    service.shutdown()
    late = job()
    service.submit(late)
    assert recorder.outcome(late.id) == ("cancelled",)


def script(folder, text):
    """A program that stands in for a broken interpreter."""
    path = folder / "python"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_an_engine_that_never_starts_is_given_up_with_a_reason(make_service, settings, job, tmp_path):
    log = tmp_path / "starts"
    broken = script(tmp_path, f"open({str(log)!r}, 'a').write('x')\nimport sys\nsys.exit('libtorch is from the moon')")
    service, recorder = make_service(replace(settings, python=broken))
    request = job()
    service.submit(request)
    kind, failure = recorder.outcome(request.id)
    assert (kind, failure.code) == ("failed", "engine-unavailable")
    assert "libtorch is from the moon" in str(failure)
    assert "libtorch is from the moon" in failure.details
    assert log.read_text() == "x" * keeper.MAX_STARTS
    assert service.state == "unavailable"
    service.configure(settings)
    again = job()
    service.submit(again)
    assert recorder.outcome(again.id)[0] == "finished"


def test_an_interpreter_that_is_not_there_is_told_at_once(make_service, settings, job, tmp_path):
    service, recorder = make_service(replace(settings, python=str(tmp_path / "none")))
    request = job()
    service.submit(request)
    kind, failure = recorder.outcome(request.id)
    assert (kind, failure.code) == ("failed", "engine-unavailable")


def test_an_engine_of_another_version_is_not_spoken_to(make_service, settings, job, tmp_path):
    other = script(
        tmp_path,
        "import sys\nfrom scumble.protocol import *\n"
        "FrameWriter(open(1, 'wb', buffering=0)).write(Hello(protocol=99, api='9', pid=1))\nsys.stdin.buffer.read()",
    )
    service, recorder = make_service(replace(settings, python=other))
    request = job()
    service.submit(request)
    kind, failure = recorder.outcome(request.id)
    assert (kind, failure.code) == ("failed", "protocol-mismatch")
    assert "99" in str(failure)


@pytest.mark.parametrize("noise", ["b'Hello, I am a shell' * 10", "b'SCMB' + bytes(12)"])
def test_an_engine_that_speaks_something_else_is_given_up(make_service, settings, job, tmp_path, noise):
    noisy = script(tmp_path, f"import sys, time\nsys.stdout.buffer.write({noise})\nsys.stdout.flush()\ntime.sleep(60)")
    service, recorder = make_service(replace(settings, python=noisy))
    request = job()
    service.submit(request)
    kind, failure = recorder.outcome(request.id)
    assert (kind, failure.code) == ("failed", "engine-unavailable")
    assert "cannot be read" in failure.details


def test_an_engine_that_says_nothing_is_given_up(make_service, settings, job, tmp_path, monkeypatch):
    monkeypatch.setattr(keeper, "HELLO_MS", 200)
    service, recorder = make_service(replace(settings, python=script(tmp_path, "import time\ntime.sleep(60)")))
    request = job()
    service.submit(request)
    kind, failure = recorder.outcome(request.id)
    assert (kind, failure.code) == ("failed", "engine-unavailable")


def test_other_settings_take_hold_between_two_jobs(service, job, settings, write_plugin):
    service, recorder = service
    running = job(steps=20, pause=0.02)
    service.submit(running)
    recorder.wait("progress", running.id)
    pid = service.engine_pid
    service.configure(replace(settings, threads=2))
    assert recorder.outcome(running.id)[0] == "finished"
    after = job()
    service.submit(after)
    assert recorder.outcome(after.id)[0] == "finished"
    assert service.engine_pid != pid


def test_the_window_ticks_on_while_large_results_arrive(service, job):
    """16 MiB a result, several a second; no gap between two ticks may be one that a person sees."""
    service, recorder = service
    first = job()
    service.submit(first)
    recorder.outcome(first.id)
    requests = [job(size=(2048, 2048 + 640)) for _ in range(8)]
    gaps, clock, timer = [], QElapsedTimer(), QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: gaps.append(clock.restart()))
    clock.start()
    timer.start(16)
    for request in requests:
        service.submit(request)
    end = time.monotonic() + 20
    while len(recorder.all("finished")) < 9 and time.monotonic() < end:
        QCoreApplication.processEvents()
    timer.stop()
    results = [event[2].candidates[0].image for event in recorder.all("finished")[1:]]
    assert len(results) == 8
    assert all(result.nbytes == 2048 * 2688 * 3 and result[-1, -1, 0] == 7 for result in results)
    assert len(gaps) > 5
    assert np.percentile(gaps, 90) < 50


def test_a_conversion_ends_with_the_engine_that_it_was_given_to(service, tmp_path):
    model_service, recorder = service
    recorder.wait("engine_info")
    for name in ("first.ckpt", "second.ckpt"):
        os.kill(model_service.engine_pid, signal.SIGSTOP)
        model_service.convert_model(str(tmp_path / name))
        os.kill(model_service.engine_pid, signal.SIGKILL)
        _, path, made, failure = recorder.wait("converted")
        assert (Path(path).name, made) == (name, "")
        assert "the engine stopped meanwhile" in str(failure)
        recorder.events.clear()
        recorder.wait("engine_info")
