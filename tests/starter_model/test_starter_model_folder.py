import json

import pytest
import torch

LIMIT = 30 * 2**20


@pytest.fixture(scope="module")
def pipeline(model_folder):
    from diffusers import StableDiffusionPipeline

    loaded = StableDiffusionPipeline.from_pretrained(model_folder, local_files_only=True)
    loaded.set_progress_bar_config(disable=True)
    return loaded


def test_the_bundled_model_draws(pipeline):
    def picture(seed):
        chance = torch.Generator().manual_seed(seed)
        return pipeline("the sea at sunset", num_inference_steps=3, generator=chance, output_type="np").images[0]

    first = picture(1)
    assert first.shape == (128, 128, 3)
    assert first.std() > 0.05
    assert (picture(1) == first).all()
    assert abs(picture(2) - first).mean() > 0.02


def test_it_is_small_and_stored_in_half_precision(model_folder, pipeline):
    from safetensors import safe_open

    assert sum(path.stat().st_size for path in model_folder.rglob("*")) < LIMIT
    for path in model_folder.rglob("*.safetensors"):
        with safe_open(path, "pt") as weights:
            assert {weights.get_tensor(name).dtype for name in weights.keys()} <= {torch.float16, torch.int64}  # noqa: SIM118
    assert pipeline.unet.dtype == pipeline.text_encoder.dtype == torch.float32


def test_its_configurations_tell_nothing_of_where_it_was_made(model_folder):
    for path in model_folder.rglob("*.json"):
        values = json.loads(path.read_text(encoding="utf-8"))
        assert not {"_name_or_path", "is_local", "local_files_only"} & set(values), path


def test_it_says_what_it_is_and_under_which_licence(model_folder):
    text = (model_folder / "README.md").read_text(encoding="utf-8")
    assert "CC0" in text
    assert "cannot" in text


def test_the_example_prompts_are_twelve_and_within_its_words(model_folder, pipeline):
    found = json.loads((model_folder.parent / "prompts.json").read_text(encoding="utf-8"))["prompts"]
    assert len(found) == len(set(found)) == 12
    for prompt in found:
        words = prompt.replace(",", "").split()
        tokens = len(pipeline.tokenizer(prompt)["input_ids"]) - 2
        assert tokens <= len(words) + 3, prompt
