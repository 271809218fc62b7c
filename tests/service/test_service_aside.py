"""Jobs that are put aside for others, or whose engine dies, and go on: real pictures, real engines."""

import os
import signal
from dataclasses import replace

import numpy as np
import pytest

from scumble.api import JobRegion, ToolJob
from scumble.engine.aside import SAVE_S
from scumble.plugins import Catalogue, resolve_params
from scumble.service import EngineSettings, ModelService

from .conftest import Recorder

SIDE = 64


def noise(*shape):
    return np.random.default_rng(4).integers(0, 256, shape, dtype=np.uint8)


def block(rows, columns):
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[rows, columns] = 255
    return mask


INPUTS = {"image": noise(SIDE, SIDE, 3), "mask": block(slice(8, 56), slice(12, 52))}
REGIONS = (JobRegion("left", block(slice(0, 64), slice(0, 32)), "a green tree", "", 0.7),)

KINDS = {
    "words": ("txt2img", {"scheduler": "euler-a", "batch": 2}, {}, ()),
    "history": ("txt2img", {"scheduler": "dpmpp-2m", "schedule": "karras"}, {}, ()),
    "drawn noise": ("txt2img", {"scheduler": "dpmpp-sde"}, {}, ()),
    "mask": ("inpaint", {"scheduler": "dpmpp-2m", "mode": "replace", "batch": 2}, INPUTS, ()),
    "regions": ("inpaint", {"scheduler": "euler-a", "mode": "replace"}, INPUTS, REGIONS),
}


@pytest.fixture(scope="module")
def bench(qapp, tmp_path_factory):
    """A service, and what it has said."""
    home = tmp_path_factory.mktemp("aside")
    service = ModelService(EngineSettings(home / "home", home / "plugins", warm_up=True, threads=1))
    recorder = Recorder(service)
    service.start()
    model = recorder.wait("models_changed")[1][0].id
    yield service, recorder, Maker(Catalogue(home / "plugins"), model)
    service.shutdown()


class Maker:
    """Makes jobs, each with an id of its own."""

    def __init__(self, catalogue, model):
        self.catalogue, self.model, self.count = catalogue, model, 0

    def __call__(self, name="txt2img", given=None, inputs=None, regions=()):
        plugin, tool = self.catalogue.find_tool(name)
        params = resolve_params(tool, {"prompt": "a red house", "seed": 7, "steps": 60, **(given or {})})
        self.count += 1
        size = (SIDE, SIDE)
        return ToolJob(f"{name}-{self.count}", plugin.id, name, params, inputs or {}, size, self.model, regions=regions)

    def quick(self):
        return self("txt2img", {"steps": 1})


def images(outcome):
    kind, result = outcome
    assert kind == "finished", result
    return [candidate.image for candidate in result.candidates]


def steps_of(recorder, job):
    """The steps that were told, by each time that the job was begun."""
    runs = []
    for event in recorder.events:
        if event[:2] == ("started", job.id):
            runs.append([])
        elif event[:2] == ("progress", job.id):
            runs[-1].append(event[2])
    return runs


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_that_is_overtaken_goes_on_to_the_same_picture(bench, kind):
    service, recorder, make = bench
    name, given, inputs, regions = KINDS[kind]
    overtaken, whole = (make(name, {**given, "steps": 10}, inputs, regions) for _ in range(2))
    first, second = make.quick(), make.quick()
    service.submit(overtaken)
    service.submit(whole)
    service.submit(first, place="front")
    while len(recorder.all("started", overtaken.id)) < 2:
        recorder.spin(0.002)
    service.submit(second, place="front")
    outcomes = [recorder.outcome(each.id) for each in (overtaken, whole)]
    assert all(map(np.array_equal, *map(images, outcomes)))
    assert outcomes[0][1].notes == outcomes[1][1].notes
    ended = [event[1] for event in recorder.all("finished")]
    assert ended[-4:] == [first.id, second.id, overtaken.id, whole.id]
    runs = steps_of(recorder, overtaken)
    assert len(runs) == 3
    told = [step for run in runs for step in run]
    assert told == sorted(set(told))
    assert [run[-1] for run in steps_of(recorder, whole)] == told[-1:]


def test_a_job_that_is_paused_lets_others_pass_and_goes_on_when_it_is_told_to(bench):
    service, recorder, make = bench
    held, others = make("txt2img", {"scheduler": "euler-a"}), [make.quick() for _ in range(3)]
    service.submit(held)
    while len(recorder.all("progress", held.id)) < 3:
        recorder.spin(0.002)
    service.submit(others[0])
    service.pause(held.id)
    assert recorder.outcome(others[0].id)[0] == "finished"
    service.submit(others[1])
    assert recorder.outcome(others[1].id)[0] == "finished"
    service.submit(others[2], place="instead")
    assert recorder.outcome(others[2].id)[0] == "finished"
    assert not recorder.all("finished", held.id)
    service.pause(held.id, False)
    whole = make("txt2img", {"scheduler": "euler-a"})
    service.submit(whole)
    assert all(map(np.array_equal, images(recorder.outcome(held.id)), images(recorder.outcome(whole.id))))
    assert [event[2] for event in recorder.all("paused", held.id)] == [True, False]
    runs = steps_of(recorder, held)
    assert len(runs) == 2
    assert runs[0][-1] < runs[1][0]
    assert recorder.all("progress", held.id)[len(runs[0])][4] > 0  # the seconds left, as steps took before


def test_a_paused_job_is_put_aside_for_one_that_comes_later_and_may_be_cancelled_there(bench):
    service, recorder, make = bench
    held, other, last = make(), make.quick(), make.quick()
    service.submit(held)
    recorder.wait("progress", held.id)
    service.pause(held.id)
    recorder.wait("paused", held.id)
    recorder.spin(0.3)
    service.submit(other)
    assert recorder.outcome(other.id)[0] == "finished"
    service.cancel(held.id)
    assert recorder.outcome(held.id) == ("cancelled",)
    service.pause(held.id, False)
    service.submit(last)
    assert recorder.outcome(last.id)[0] == "finished"
    assert len(recorder.all("started", held.id)) == 1


def test_a_job_may_be_overtaken_by_one_that_waited_and_what_comes_instead_leaves_it_its_place(bench):
    service, recorder, make = bench
    overtaken, second, third, instead = make(), *(make.quick() for _ in range(3))
    for each in (overtaken, second, third):
        service.submit(each)
    recorder.wait("progress", overtaken.id)
    service.advance(second.id)
    recorder.wait("started", second.id)
    service.submit(instead, place="instead")
    assert recorder.outcome(third.id) == ("cancelled",)
    assert recorder.outcome(instead.id)[0] == "finished"
    ended = [event[1] for event in recorder.all("finished")]
    assert ended[-3:] == [second.id, overtaken.id, instead.id]
    assert recorder.all("queued", overtaken.id)


def test_a_picture_in_two_passes_goes_on_in_the_tile_where_it_was(bench):
    service, recorder, make = bench
    given = {"scheduler": "euler-a", "mode": "replace", "steps": 4}
    inputs = {"image": noise(192, 192, 3), "mask": np.full((192, 192), 255, np.uint8)}
    jobs = [replace(make("inpaint", given, inputs), size=(192, 192), first=(128, 128)) for _ in range(2)]
    for job in jobs:
        service.submit(job)
    for number, share in enumerate((0.5, 0.75)):
        while not any(event[2] >= share * event[3] for event in recorder.all("progress", jobs[0].id)):
            recorder.spin(0.002)
        service.submit(make.quick(), place="front")
        while len(recorder.all("started", jobs[0].id)) < number + 2:
            recorder.spin(0.002)
    outcomes = [recorder.outcome(job.id) for job in jobs]
    assert all(map(np.array_equal, *map(images, outcomes)))
    assert outcomes[0][1].notes == outcomes[1][1].notes
    told = [step for run in steps_of(recorder, jobs[0]) for step in run]
    assert told == sorted(told)


def test_a_job_with_cached_steps_stays_where_it_is(bench):
    service, recorder, make = bench
    cached, first = make("txt2img", {"speed": "balanced"}), make.quick()
    service.submit(cached)
    recorder.wait("progress", cached.id)
    service.submit(first, place="front")
    assert recorder.outcome(first.id)[0] == "finished"
    assert [event[1] for event in recorder.all("finished")][-2:] == [cached.id, first.id]
    assert len(recorder.all("started", cached.id)) == 1


def saved(service, recorder, job):
    """Has a running job take so long that the window is sent a standing of it, and returns how many steps it spans."""
    recorder.wait("progress", job.id)
    service.pause(job.id)
    recorder.spin(SAVE_S)
    service.pause(job.id, False)
    while not (running := service._heavy._running) or running.job.id != job.id or not running.can_go_on:
        recorder.spin(0.01)
        assert recorder.all("started", job.id)
        assert not recorder.all("finished", job.id)
    return running.done


def test_a_job_goes_on_when_its_engine_dies_and_fails_when_that_is_no_use(make_service, settings, bench):
    make = bench[2]
    service, recorder = make_service(settings)
    given = ("txt2img", {"scheduler": "euler-a", "steps": 60, "batch": 2})
    job, whole = make(*given), make(*given)
    service.submit(job)
    done = saved(service, recorder, job)
    pid = service.engine_pid
    os.kill(pid, signal.SIGSEGV)
    service.submit(whole)
    assert all(map(np.array_equal, images(recorder.outcome(job.id)), images(recorder.outcome(whole.id))))
    assert service.engine_pid != pid
    runs = steps_of(recorder, job)
    assert len(runs) == 2
    assert runs[1][0] > done
    assert not recorder.all("plugin_faulted")
    again = make(*given)
    service.submit(again)
    saved(service, recorder, again)
    for begun in (1, 2):
        while len(steps_of(recorder, again)) < begun or not steps_of(recorder, again)[-1]:
            recorder.spin(0.01)
        os.kill(service.engine_pid, signal.SIGSEGV)
    kind, failure = recorder.outcome(again.id)
    assert (kind, failure.code) == ("failed", "engine-died")
    assert recorder.all("plugin_faulted")
