"""What a model or a LoRA for a few steps was made for is said, and set with one click."""

import shutil

import pytest
import torch
from safetensors.torch import save_file

from scumble.engine.models import default_folders
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService


@pytest.fixture
def service(qapp, tmp_path):
    folder = tmp_path / "models"
    shutil.copytree(default_folders()[0], folder / "Dreams-Turbo")
    pair = {
        f"lora_unet_mid_block_attentions_0_proj_in.lora_{side}.weight": torch.zeros(4, 4) for side in ("up", "down")
    }
    save_file(pair, folder / "sdxl_lightning_8step_lora.safetensors")
    made = ModelService(EngineSettings(tmp_path / "engine", tmp_path / "plugins", (folder,), warm_up=False, threads=1))
    made.start()
    yield made
    made.shutdown()


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "plugins")


def test_the_line_says_what_suits_and_sets_it(bench):
    dock = bench.generation.dock
    bench.pick("txt2img")
    bench.wait(lambda: len(dock.models) == 2, what="the models")
    line = dock.suits
    assert line.isHidden()
    before = dock.form.values()
    dock.choose_model("Dreams-Turbo")
    assert line.isVisible()
    assert line.text.text() == (
        "“Dreams turbo” was made for: Steps 4, Guidance 1, Sampler Euler a, Noise schedule Trailing"
    )
    assert dock.form.values() == before, "nothing is set unasked"
    line.button.click()
    assert line.isHidden()
    wanted = {"steps": 4, "guidance": 1.0, "scheduler": "euler-a", "schedule": "trailing"}
    assert dock.form.values() == before | wanted
    dock.form.set_values({"steps": 5})
    assert line.text.text() == "“Dreams turbo” was made for: Steps 4"
    dock.form.set_values({"prompt": "hills <lora:sdxl_lightning_8step_lora:1>"})
    assert line.text.text() == "“sdxl_lightning_8step_lora” was made for: Steps 8, Sampler Euler"
    line.button.click()
    assert dock.form.values()["steps"] == 8
    dock.form.set_values({"steps": 9})
    assert line.isVisible()
    bench.pick("upscale")
    assert line.isHidden()
