"""Two engines: light tools never wait behind a model, and know no torch."""

import os
import signal
import time

import numpy as np
import psutil
import pytest

import scumble.service.model_service as model_service
from scumble.api import ToolJob
from scumble.service import EngineSettings

LIGHT = "org.example.light"

RUNTIME = """
import os, sys, time
import numpy as np
from scumble.api import Candidate, ToolResult, hookimpl

@hookimpl
def scumble_run_tool(tool, job, context):
    what = job.text("what")
    if what == "torch":
        import torch
    if what == "die":
        os._exit(7)
    if what == "sleep":
        for _ in range(1000):
            time.sleep(0.01)
            context.check_cancelled()
    image = np.full((8, 8, 3), 1 if "torch" in sys.modules else 0, np.uint8)
    notes = {"pid": str(os.getpid()), "nice": str(os.nice(0)), "scale": str(job.scale), "origin": str(job.origin)}
    if "image" in job.inputs:
        notes["dtype"] = str(job.inputs["image"].dtype)
        notes["sum"] = str(int(job.inputs["image"].sum()))
    return ToolResult((Candidate(image),), notes)
"""


def job(number, what="", plugin=LIGHT, **fields):
    return ToolJob(f"job-{number}", plugin, "light", {"what": what}, size=(8, 8), **fields)


@pytest.fixture
def lanes(make_service, write_plugin, tmp_path):
    write_plugin(tmp_path / "plugins", RUNTIME, LIGHT, "light")
    return make_service(
        EngineSettings(home=tmp_path / "home", plugin_folder=tmp_path / "plugins", warm_up=False, threads=1)
    )


def test_a_light_job_overtakes_a_heavy_one(lanes):
    service, recorder = lanes
    service.submit(job("slow", "sleep"))
    recorder.wait("started", "job-slow")
    begun = time.monotonic()
    service.submit(job("quick"), light=True)
    kind, result = recorder.outcome("job-quick")
    assert kind == "finished"
    assert time.monotonic() - begun < 6.0
    assert int(result.notes["pid"]) == service.light_pid != service.engine_pid
    assert not [event for event in recorder.events if event[0] in ("finished", "failed") and event[1] == "job-slow"]
    service.cancel("job-slow")
    assert recorder.outcome("job-slow") == ("cancelled",)


def test_the_light_engine_starts_with_the_first_light_job_and_does_not_stand_back(lanes):
    service, recorder = lanes
    service.submit(job(1))
    heavy = recorder.outcome("job-1")[1]
    assert service.light_state == "off"
    assert service.light_pid == 0
    service.submit(job(2), light=True)
    light = recorder.outcome("job-2")[1]
    assert int(heavy.notes["nice"]) == int(light.notes["nice"]) + 5


def test_a_light_engine_refuses_torch_and_the_other_does_not(lanes):
    service, recorder = lanes
    service.submit(job(1, "torch"), light=True)
    kind, failure = recorder.outcome("job-1")
    assert (kind, failure.code) == ("failed", "plugin-failed")
    assert "a light tool may not import torch" in str(failure)
    service.submit(job(2, "torch"))
    assert recorder.outcome("job-2")[1].candidates[0].image.all()
    service.submit(job(3), light=True)
    assert not recorder.outcome("job-3")[1].candidates[0].image.any()


def test_the_states_of_the_light_engine_are_not_those_that_the_window_shows(lanes):
    service, recorder = lanes
    recorder.wait("engine_changed", "idle")
    recorder.wait("engine_info")
    before = list(recorder.events)
    service.submit(job(1), light=True)
    recorder.outcome("job-1")
    later = [event[0] for event in recorder.events[len(before) :]]
    assert set(later) <= {"queued", "started", "finished"}


def test_a_light_engine_that_dies_takes_its_job_alone_and_comes_back(lanes):
    service, recorder = lanes
    recorder.wait("engine_changed", "idle")
    heavy = service.engine_pid
    service.submit(job("slow", "sleep"))
    recorder.wait("started", "job-slow")
    service.submit(job(1, "die"), light=True)
    service.submit(job(2), light=True)
    kind, failure = recorder.outcome("job-1")
    assert (kind, failure.code) == ("failed", "engine-died")
    assert recorder.outcome("job-2")[0] == "finished"
    assert recorder.all("plugin_faulted", LIGHT)
    assert service.engine_pid == heavy
    service.cancel("job-slow")
    assert recorder.outcome("job-slow") == ("cancelled",)


def test_a_light_engine_that_is_killed_in_mid_job_is_told(lanes):
    service, recorder = lanes
    service.submit(job(1, "sleep"), light=True)
    recorder.wait("started", "job-1")
    os.kill(service.light_pid, signal.SIGKILL)
    assert recorder.outcome("job-1")[1].code == "engine-died"
    service.submit(job(2), light=True)
    assert recorder.outcome("job-2")[0] == "finished"


def test_an_idle_light_engine_ends_and_comes_back(lanes, monkeypatch, make_service, tmp_path):
    monkeypatch.setattr(model_service, "LIGHT_IDLE_MS", 150)
    service, recorder = make_service(
        EngineSettings(home=tmp_path / "other", plugin_folder=tmp_path / "plugins", warm_up=False, threads=1)
    )
    service.submit(job(1), light=True)
    recorder.outcome("job-1")
    pid = service.light_pid
    end = time.monotonic() + 10
    while service.light_state != "off":
        assert time.monotonic() < end
        time.sleep(0.01)
    assert not psutil.pid_exists(pid)
    service.submit(job(2), light=True)
    assert recorder.outcome("job-2")[0] == "finished"
    assert service.light_pid != pid


def test_getting_ready_starts_it_before_the_first_job(lanes):
    service, recorder = lanes
    service.get_light_ready()
    service.get_light_ready()
    end = time.monotonic() + 20
    while service.light_state != "idle":
        assert time.monotonic() < end
        time.sleep(0.01)
    pid = service.light_pid
    service.submit(job(1), light=True)
    recorder.outcome("job-1")
    assert service.light_pid == pid


def test_shutting_down_cancels_jobs_of_both(lanes):
    service, recorder = lanes
    for number, light in ((1, False), (2, False), (3, True), (4, True)):
        service.submit(job(number, "sleep"), light=light)
    recorder.wait("started", "job-1")
    recorder.wait("started", "job-3")
    service.shutdown()
    for number in (1, 2, 3, 4):
        assert recorder.outcome(f"job-{number}") == ("cancelled",)
    service.submit(job(5), light=True)
    service.get_light_ready()


def test_other_settings_reach_both_engines(lanes):
    service, recorder = lanes
    service.submit(job(1), light=True)
    pid = int(recorder.outcome("job-1")[1].notes["pid"])
    service.configure(service_settings(service))
    service.submit(job(2), light=True)
    assert int(recorder.outcome("job-2")[1].notes["pid"]) != pid


def service_settings(service):
    return service._heavy._keeper.settings


def test_deep_pictures_and_where_they_lie_arrive_as_they_were_sent(lanes):
    service, recorder = lanes
    image = np.arange(8 * 8 * 4, dtype=np.uint16).reshape(8, 8, 4) * 250
    service.submit(job(1, inputs={"image": image}, origin=(-12, 34), scale=0.25), light=True)
    notes = recorder.outcome("job-1")[1].notes
    assert notes["dtype"] == "uint16"
    assert notes["sum"] == str(int(image.sum()))
    assert (notes["origin"], notes["scale"]) == ("(-12, 34)", "0.25")
