"""The contract with plugins: what it exports, what it promises, and that its words hold."""

import inspect
import re
import string
import subprocess
import sys

import numpy as np
import pluggy
import pytest

import scumble.api as api
from scumble.api import MESSAGES, Cancelled, JobContext, Model, ScumbleError, ToolJob, as_picture, hooks, sentence


def test_everything_named_is_there_and_nothing_else():
    assert all(hasattr(api, name) for name in api.__all__)  # most come when they are first asked for
    public = {name for name, value in vars(api).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert set(api.__all__) == public


def test_every_class_function_and_method_is_explained():
    for name in api.__all__:
        thing = getattr(api, name)
        if (inspect.isclass(thing) or inspect.isfunction(thing)) and thing.__module__.startswith("scumble"):
            assert thing.__doc__, name
    for protocol in (JobContext, Model):
        for name, member in vars(protocol).items():
            if not name.startswith("_"):
                assert inspect.getdoc(member), f"{protocol.__name__}.{name}"


def test_every_hook_is_a_hook_with_a_line_of_purpose():
    manager = pluggy.PluginManager(api.PROJECT)
    manager.add_hookspecs(hooks)
    specs = [name for name in vars(hooks) if name.startswith("scumble_")]
    assert specs == ["scumble_run_tool"]
    for name in specs:
        assert hasattr(manager.hook, name)
        assert getattr(hooks, name).__doc__


def test_the_version_is_a_semantic_one():
    assert re.fullmatch(r"\d+\.\d+", api.API_VERSION)


@pytest.mark.parametrize("code", MESSAGES)
def test_every_message_is_a_sentence_that_can_be_filled_in(code):
    fields = [field for _, field, _, _ in string.Formatter().parse(MESSAGES[code]) if field is not None]
    text = sentence(code, dict.fromkeys(fields, "X"))
    assert text[0].isupper() or text.startswith(("“", "X"))
    assert text.endswith(".")
    assert "{" not in text


def test_an_error_carries_code_parameters_and_details():
    error = ScumbleError("model-missing", model="sd", details="trace")
    assert (error.code, error.params, error.details) == ("model-missing", {"model": "sd"}, "trace")
    assert str(error) == "The model “sd” is not on this machine."
    assert isinstance(Cancelled(), ScumbleError)


def test_a_sentence_with_a_parameter_missing_still_says_something():
    assert "model-missing" in sentence("model-missing", {})
    assert "no-such-code" in sentence("no-such-code", {"a": "b"})
    assert sentence("model-missing", {"model": "m"}, "Modell {model} fehlt.") == "Modell m fehlt."


def test_a_job_gives_its_parameters_in_their_types():
    job = ToolJob("j", "p", "t", {"prompt": "a cat", "strength": 1, "steps": 4.0})
    assert job.text("prompt") == "a cat"
    assert isinstance(job.number("strength"), float)
    assert isinstance(job.integer("steps"), int)
    with pytest.raises(KeyError):
        job.text("none")
    with pytest.raises(AttributeError):
        job.id = "k"


def test_a_picture_is_clipped_and_rounded():
    values = np.array([[[-1.0, 0.0, 0.5 / 255], [0.499, 1.0, 2.0]]])
    assert as_picture(values).tolist() == [[[0, 0, 0], [127, 255, 255]]]
    assert as_picture(values[:, ::-1]).flags.c_contiguous


def test_errors_are_there_without_numpy():
    code = "import sys; from scumble.api import ScumbleError; assert not {'numpy', 'msgspec'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_not_there_is_no_attribute():
    with pytest.raises(AttributeError, match="nonsense"):
        _ = api.nonsense
