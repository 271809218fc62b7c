"""The road of a real picture: bundled plugin, starter model, real engine."""

import time
from dataclasses import replace

import numpy as np
import pytest

from scumble.api import ToolJob
from scumble.plugins import Catalogue, resolve_params
from scumble.service import run_job


@pytest.fixture
def txt2img(settings):
    plugin, tool = Catalogue(settings.plugin_folder).find_tool("txt2img")

    def make(job_id, model, size=(64, 64), **given):
        params = resolve_params(tool, {"prompt": "a red house", "seed": 7, "steps": 3, **given})
        return ToolJob(job_id, plugin.id, tool.id, params, {}, size, model)

    return make


def test_a_picture_from_words(make_service, settings, txt2img):
    service, recorder = make_service(replace(settings, warm_up=True))
    models = recorder.wait("models_changed")[1]
    model = models[0].id
    service.count_tokens(model, "a red house")
    first = run_job(service, txt2img("first", model))
    again = run_job(service, txt2img("again", model))
    other = run_job(service, txt2img("other", model, seed=8))
    images = [result.candidates[0].image for result in (first, again, other)]
    assert images[0].shape == (64, 64, 3)
    assert np.array_equal(images[0], images[1])
    assert not np.array_equal(images[0], images[2])
    assert images[0].std() > 5
    assert [event[2:4] for event in recorder.all("progress", "first")][-1] == (3, 3)
    preview = recorder.all("progress", "first")[-1][5]
    assert preview.shape == (64 // models[0].factor, 64 // models[0].factor, 3)
    assert recorder.wait("tokens_counted") == ("tokens_counted", model, "a red house", 5, models[0].tokens)
    service.submit(txt2img("held", model, steps=8))
    recorder.wait("progress", "held")
    service.pause("held")
    recorder.spin(0.3)
    assert not recorder.all("finished", "held")
    service.pause("held", False)
    held = recorder.outcome("held")[1].candidates[0].image
    whole = run_job(service, txt2img("whole", model, steps=8)).candidates[0].image
    assert np.array_equal(held, whole)
    long = txt2img("long", model, size=(256, 256), steps=50)
    service.submit(long)
    recorder.wait("progress", "long", seconds=60)
    begun = time.monotonic()
    service.cancel("long")
    assert recorder.outcome("long") == ("cancelled",)
    assert time.monotonic() - begun < 2
    service.submit(txt2img("nowhere", "no-such-model"))
    kind, failure = recorder.outcome("nowhere")
    assert (kind, failure.code) == ("failed", "model-missing")
    assert not recorder.all("engine_changed", "unavailable")
