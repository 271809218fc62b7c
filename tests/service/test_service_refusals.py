"""Jobs that ask for what cannot be, through the real engine: one sentence each, and the next job runs."""

from dataclasses import replace

import numpy as np
import pytest

from scumble.api import ScumbleError, ToolJob
from scumble.plugins import Catalogue, resolve_params
from scumble.service import run_job


@pytest.fixture
def txt2img(settings):
    plugin, tool = Catalogue(settings.plugin_folder).find_tool("txt2img")

    def make(job_id, model, **given):
        params = resolve_params(tool, {"prompt": "a red house", "seed": 7, "steps": 2, **given})
        return ToolJob(job_id, plugin.id, tool.id, params, {}, (64, 64), model)

    return make


def test_odd_jobs_on_a_thrifty_engine_in_half_precision(make_service, settings, txt2img):
    service, recorder = make_service(replace(settings, warm_up=True, device="cpu", dtype="bfloat16", thrift="frugal"))
    model = recorder.wait("models_changed")[1][0].id
    info = recorder.wait("engine_info", seconds=60)[1]
    while not info.device:
        info = recorder.wait("engine_info", seconds=60)[1]
    assert (info.device, info.dtype) == ("cpu", "bfloat16")
    assert "bfloat16, as the settings say" in info.reason

    # two at once: the second waits for the first, and each is what it is alone
    service.submit(txt2img("one", model, batch=2))
    service.submit(txt2img("two", model, seed=8))
    one, two = (recorder.outcome(job)[1] for job in ("one", "two"))
    assert one.notes["dtype"] == "bfloat16"
    assert "memory" not in one.notes, "what was to be given up from the start is no news"
    assert np.array_equal(one.candidates[1].image, two.candidates[0].image)

    # a prompt of ten thousand words: what is beyond the window is told, not silently dropped
    long = run_job(service, txt2img("long", model, prompt="red house " * 5000))
    assert long.notes["prompt-too-long"].startswith("The prompt has 10")
    assert long.notes["prompt-too-long"].count(".") == 1

    # a noise schedule that the sampler does not have
    with pytest.raises(ScumbleError) as caught:
        run_job(service, txt2img("steep", model, scheduler="ddim", schedule="karras"))
    assert caught.value.code == "schedule-unsupported"
    assert "“ddim” has no noise schedule “karras”" in str(caught.value)
    assert run_job(service, txt2img("after", model)).candidates
    assert not recorder.all("engine_changed", "unavailable")
