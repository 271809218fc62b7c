"""The safety checker: tiny random weights of the real class, recognised, obeyed, and never a crash."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from transformers import CLIPConfig, CLIPImageProcessor

from scumble.api import ScumbleError
from scumble.engine.models import ModelLibrary, default_folders
from scumble.engine.models.safety import blurred, load_safety

VISION = {
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 32,
    "patch_size": 8,
}


def save_checker(folder, threshold):
    """Writes a checker, all of whose concepts have that threshold: above 1 it flags nothing, below -1 all."""
    torch.manual_seed(1)
    network = StableDiffusionSafetyChecker(CLIPConfig(vision_config=VISION, projection_dim=24)).eval()
    with torch.no_grad():
        network.concept_embeds.normal_()
        network.special_care_embeds.normal_()
        network.concept_embeds_weights.fill_(threshold)
        network.special_care_embeds_weights.fill_(threshold)
    network.save_pretrained(folder)
    processor = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    processor.save_pretrained(folder)
    return network, processor


def pictures():
    return list(np.random.default_rng(2).integers(0, 256, (4, 48, 80, 3), np.uint8))


def test_it_is_found_among_the_models_and_flags_what_it_is_told_to(tmp_path):
    save_checker(tmp_path / "safety_checker", -1.5)
    library = ModelLibrary([tmp_path])
    assert library.safety is not None
    assert (library.safety.kind, library.safety.name, library.safety.fault) == ("safety-checker", "safety_checker", "")
    given = pictures()
    made = library.blurred(given, lambda: None)
    assert all(one.shape == other.shape for one, other in zip(made, given, strict=True))
    assert all(one.std() < other.std() / 2 for one, other in zip(made, given, strict=True))


@pytest.fixture
def model(tmp_path):
    """A folder with a model in diffusers' layout, which brings a checker that flags everything."""
    folder = tmp_path / "models" / "starter"
    shutil.copytree(default_folders()[0], folder)
    _, processor = save_checker(folder / "safety_checker", -1.5)
    (folder / "safety_checker" / "preprocessor_config.json").unlink()
    processor.image_mean = [0.25, 0.5, 0.75]
    processor.save_pretrained(folder / "feature_extractor")
    return folder


def test_one_that_a_model_brings_is_found_too(model):
    library = ModelLibrary([model.parent])
    assert library.safety is not None
    assert library.safety.path == str(model / "safety_checker" / "model.safetensors")
    assert [info.id for info in library.infos()] == ["starter"]
    assert load_safety(Path(library.safety.path))._mean.tolist() == [0.25, 0.5, 0.75]
    made = library.blurred(pictures(), lambda: None)
    assert all(one.std() < other.std() / 2 for one, other in zip(made, pictures(), strict=True))


def test_one_in_half_floats_will_do_and_one_by_itself_comes_first(model):
    brought = model / "safety_checker" / "model.safetensors"
    brought.rename(brought.with_name("model.fp16.safetensors"))
    assert ModelLibrary([model.parent]).safety.path == str(brought.with_name("model.fp16.safetensors"))
    save_checker(model.parent / "zealous", 1.5)
    library = ModelLibrary([model.parent])
    assert (library.safety.name, library.safety.path) == (
        "zealous",
        str(model.parent / "zealous" / "model.safetensors"),
    )


def test_what_it_does_not_flag_stays_as_it_is(tmp_path):
    save_checker(tmp_path / "safety_checker", 1.5)
    given = pictures()
    made = ModelLibrary([tmp_path]).blurred(given, lambda: None)
    assert all(one is other for one, other in zip(made, given, strict=True))
    without = ModelLibrary([]).blurred(given, lambda: None)
    assert all(one is other for one, other in zip(without, given, strict=True))


def test_it_sees_what_the_authors_processor_shows_it(tmp_path):
    network, processor = save_checker(tmp_path / "checker", 0.0)
    ours = load_safety(tmp_path / "checker" / "model.safetensors")
    for picture in pictures():
        theirs = processor(picture, return_tensors="pt").pixel_values
        assert np.abs(ours._seen(picture) - theirs[0].numpy()).max() < 0.02
        with torch.no_grad():
            one, other = (
                network.visual_projection(network.vision_model(seen)[1])
                for seen in (theirs, torch.from_numpy(ours._seen(picture))[None])
            )
        assert torch.allclose(one, other, atol=0.05)


def test_a_folder_that_makes_no_sense_is_named_and_no_crash(tmp_path):
    folder = tmp_path / "safety_checker"
    save_checker(folder, 0.0)
    config = json.loads((folder / "config.json").read_text())
    config["vision_config"]["hidden_size"] = 64
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ScumbleError) as caught:
        ModelLibrary([tmp_path]).blurred(pictures(), lambda: None)
    assert caught.value.code == "safety-broken"
    (folder / "config.json").unlink()
    with pytest.raises(ScumbleError) as caught:
        ModelLibrary([tmp_path]).blurred(pictures(), lambda: None)
    assert "config.json is missing" in str(caught.value)


def test_a_blur_leaves_transparency_alone():
    picture = np.random.default_rng(3).integers(0, 256, (40, 64, 4), np.uint8)
    made = blurred(picture)
    assert made.flags["C_CONTIGUOUS"]
    assert np.array_equal(made[..., 3], picture[..., 3])
    assert not np.array_equal(made[..., :3], picture[..., :3])
