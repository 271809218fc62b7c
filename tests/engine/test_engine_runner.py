"""Jobs through the runner in this process: on the processor where a device has no memory, and looked at afterwards."""

import io

import pytest
import torch

from scumble.engine.control import JobControl
from scumble.engine.devices import Device
from scumble.engine.host import PluginHost
from scumble.engine.ladder import Rung
from scumble.engine.runner import Runner
from scumble.engine.stock import ModelPlaces, SharedDevice, Stock
from scumble.plugins import Catalogue
from scumble.protocol import Failed, Finished, Frame, FrameReader, FrameWriter, RunJob, ToWindow

from ..engine_models.test_engine_models_safety import save_checker

PROMPT = {"prompt": "a red cup", "steps": 2, "seed": 5, "width": 64, "height": 64}


class Elsewhere(SharedDevice):
    """A device that is not the processor as far as anyone can tell, though it computes like one."""

    def get(self):
        """It, by a name that torch takes."""
        self._device = Device("cpu:0", "float32", "float32", "for a test")
        return self._device


class Full(Stock):
    """Models whose networks find no memory."""

    def load(self, *given, **named):
        """The model, none of whose evaluations succeeds."""
        model = super().load(*given, **named)

        def short(*_given):
            raise torch.OutOfMemoryError("CUDA out of memory")

        model._parts.unet.register_forward_pre_hook(short)
        return model


@pytest.fixture
def run(tmp_path):
    """Runs a job to its end, and returns the last message with its pictures."""

    def run(stock, processor=None, *, safety=False, **params):
        sink = io.BytesIO()
        host = PluginHost(Catalogue(tmp_path / "plugins"), tmp_path)
        runner = Runner(host, stock, FrameWriter(sink), tmp_path, (), processor, safety=safety)
        request = RunJob(
            job="j",
            plugin="org.scumble.txt2img",
            tool="txt2img",
            params={**PROMPT, **params},
            size=(64, 64),
            model="starter_model",
        )
        runner.run(Frame(request, ()), JobControl())
        sink.seek(0)
        reader = FrameReader(sink, ToWindow)
        frames = []
        while (frame := reader.read()) is not None:
            frames.append(frame)
        return next(frame for frame in frames if isinstance(frame.message, Finished | Failed))

    return run


def test_a_job_that_a_device_has_no_memory_for_ends_on_the_processor_and_says_so(run):
    places = ModelPlaces()
    processor = Stock(places, SharedDevice("cpu"))
    plain = run(processor)
    moved = run(Full(places, Elsewhere()), processor)
    assert isinstance(moved.message, Finished), moved.message
    assert moved.message.notes["memory"] == Rung.PROCESSOR.value
    assert moved.message.notes["device"] == "cpu"
    assert bytes(moved.blob(0)) == bytes(plain.blob(0))
    assert "memory" not in plain.message.notes


def test_without_another_device_it_fails_with_a_sentence(run):
    failed = run(Full(ModelPlaces(), SharedDevice("cpu")), Stock(ModelPlaces(), SharedDevice("cpu")))
    assert isinstance(failed.message, Failed)
    assert failed.message.code == "out-of-memory"


def test_notes_say_all_that_a_recipe_needs_for_the_same_bytes(run):
    notes = run(Stock(ModelPlaces(), SharedDevice("cpu"))).message.notes
    assert {"device", "dtype", "attention", "threads", "torch", "diffusers", "transformers", "vae"} <= notes.keys()
    assert (notes["vae"], notes["dtype"], notes["attention"]) == ("", "float32", "fused")
    assert notes["torch"] == torch.__version__


def test_what_the_safety_checker_flags_is_blurred_and_the_seed_named(run, tmp_path):
    save_checker(tmp_path / "models" / "safety_checker", -1.5)
    stock = Stock(ModelPlaces((tmp_path / "models",)), SharedDevice("cpu"))
    plain, seen = run(stock, batch=2), run(stock, safety=True, batch=2)
    assert seen.message.notes["blurred"] == "5, 6"
    assert "blurred" not in plain.message.notes
    assert bytes(seen.blob(0)) != bytes(plain.blob(0))
    (tmp_path / "models" / "safety_checker" / "config.json").write_text("[]")
    broken = run(Stock(ModelPlaces((tmp_path / "models",)), SharedDevice("cpu")), safety=True)
    assert isinstance(broken.message, Finished)
    assert "so it looked at nothing" in broken.message.notes["safety"]
