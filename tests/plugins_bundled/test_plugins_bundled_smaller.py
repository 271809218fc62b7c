"""A fill for which memory is short is made at a smaller working size, and comes back at the one that was asked for."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from scumble.api import JobRegion, ScumbleError
from scumble_inpaint.runtime import scumble_run_tool as inpaint

AREA = 128 * 128


@pytest.fixture
def short(library, make_context):
    """A context whose UNet has memory for so many pixels, and the sizes that were tried."""
    handles = []

    def make(pixels):
        context, tried = make_context(), []
        model = library.load(context.model_id, "cpu", "float32", lambda: None)
        factor = model.info.factor

        def look(_network, given):
            rows, columns = given[0].shape[-2:]
            tried.append((columns * factor, rows * factor))
            if rows * columns * factor**2 > pixels:
                raise torch.OutOfMemoryError("out of memory")

        handles.append(model._parts.unet.register_forward_pre_hook(look))
        return context, tried

    yield make
    for handle in handles:
        handle.remove()


@pytest.fixture
def job(make_job, drawn):
    image = np.ascontiguousarray(drawn[0])
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[40:90, 40:90] = 255
    return make_job("scumble_inpaint", {"image": image, "mask": mask}, prompt="a red cup", steps=2)


def test_the_next_smaller_size_is_tried_and_the_notes_say_so(short, job):
    region = np.zeros((128, 128), np.uint8)
    region[40:60, 40:60] = 255
    job = replace(job, regions=(JobRegion("left", region, "a blue cup"),))
    context, tried = short(AREA * 0.6)
    result = inpaint("inpaint", job, context)
    assert result.candidates[0].image.shape == (128, 128, 3)
    assert list(dict.fromkeys(tried)) == [(128, 128), (96, 96)]
    assert result.notes["memory"] == "worked at 96 × 96 pixels instead of 128 × 128"


def test_where_memory_suffices_nothing_is_said(short, job):
    context, tried = short(AREA)
    assert "memory" not in inpaint("inpaint", job, context).notes
    assert set(tried) == {(128, 128)}


def test_there_is_an_end_to_it(short, job):
    context, tried = short(AREA * 0.1)
    with pytest.raises(ScumbleError) as caught:
        inpaint("inpaint", job, context)
    assert caught.value.code == "out-of-memory"
    assert list(dict.fromkeys(tried)) == [(128, 128), (96, 96), (64, 64)]
