"""Models for a few steps are told by their names, and no others."""

import json
import shutil

import pytest

from scumble.api import Suits
from scumble.engine.models import ModelLibrary, default_folders
from scumble.engine.models.fewsteps import suits_lora, suits_model

LCM, TURBO = Suits(4, 1.0, "lcm"), Suits(4, 1.0, "euler-a", "trailing")


@pytest.mark.parametrize(
    ("name", "suits"),
    [
        ("LCM_Dreamshaper_v7", LCM),
        ("dreamshaperXL_turboDPMSDE", TURBO),
        ("sd_xl_turbo_1.0_fp16", TURBO),
        ("SDXLTurbo", TURBO),
        ("juggernautXL_v9Rdphoto2Lightning", Suits(4, 1.0, "euler", "trailing")),
        ("sdxl_lightning_8step", Suits(8, 1.0, "euler", "trailing")),
        ("Hyper-SDXL-1step-Unet", Suits(1, 1.0, "tcd")),
        ("dmd2_sdxl_4step_unet_fp16", LCM),
        ("turbovision", None),
        ("hyper_realism_v3", None),
        ("v1-5-pruned-emaonly", None),
        ("calm_landscapes", None),
    ],
)
def test_whole_models_by_name(name, suits):
    assert suits_model(name, {}, {}) == suits


@pytest.mark.parametrize(
    ("name", "title", "suits"),
    [
        ("lcm-lora-sdv1-5", "", LCM),
        ("quick", "LCM for SD 1.5", LCM),
        ("Hyper-SD15-8steps-CFG-lora", "", Suits(8, 5.0, "ddim", "trailing")),
        ("Hyper-SD15-2steps-lora", "", Suits(2, 1.0, "ddim", "trailing")),
        ("sdxl_lightning_4step_lora", "", Suits(4, 1.0, "euler", "trailing")),
        ("lightning_bolts", "Lightning", None),
        ("turbo_cars", "", None),
        ("three_hundred_steps_300steps_turbo", "", None),
    ],
)
def test_loras_by_name_or_title(name, title, suits):
    assert suits_lora(name, title) == suits


def test_a_maker_may_say_it_in_the_file_or_by_the_scheduler():
    assert suits_model("mine", {"modelspec.title": "Mine Turbo"}, {}) == TURBO
    assert suits_model("mine", {}, {"_class_name": "LCMScheduler"}) == LCM
    assert suits_model("mine", {}, {"_class_name": "DDIMScheduler"}) is None
    assert suits_model("LCM_mine", {}, {}, distilled=True) == Suits(4, 8.0, "lcm")


def test_a_model_that_follows_a_flow_wants_a_sampler_of_its_own():
    flow = {"_class_name": "FlowMatchEulerDiscreteScheduler"}
    assert suits_model("sd3.5_large_turbo", {}, flow) == Suits(4, 1.0, "euler")
    assert suits_model("sd3.5_large", {}, flow) is None


def test_the_library_tells_it_of_a_folder(tmp_path):
    for name in ("plain", "made-for-it"):
        shutil.copytree(default_folders()[0], tmp_path / name)
    place = tmp_path / "made-for-it" / "scheduler" / "scheduler_config.json"
    place.write_text(json.dumps({**json.loads(place.read_text()), "_class_name": "LCMScheduler"}))
    infos = {info.id: info for info in ModelLibrary((tmp_path,)).infos()}
    assert infos["plain"].suits is None
    assert infos["made-for-it"].suits == LCM
