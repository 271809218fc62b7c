"""SDXL on tiny random weights: the states and pictures of diffusers' own pipeline, from a file and from a folder."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from diffusers import (
    DDIMScheduler,
    StableDiffusionXLImg2ImgPipeline,
    StableDiffusionXLInpaintPipeline,
    StableDiffusionXLPipeline,
)
from diffusers.utils import logging as diffusers_logging
from engine_models_original import TINYXL, Parts
from safetensors.torch import save_file

from scumble.api import ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.models.lora import slot

SIDE, STEPS = 64, 4
PROMPT, NEGATIVE = "a red cup on a table", "blurry"

diffusers_logging.set_verbosity_error()
diffusers_logging.disable_progress_bar()


class Bench:
    """A tiny SDXL model as a file, in our library and in diffusers' pipelines."""

    def __init__(self, folder, channels=4):
        self.parts = Parts(TINYXL, channels)
        self.path = self.parts.save(folder / "model.safetensors", kind=torch.float32)
        self.library = ModelLibrary([folder], presets=(TINYXL,))
        self.model = self.library.load("model", "cpu", "float32", lambda: None)

    def pipeline(self, kind=StableDiffusionXLPipeline):
        pipeline = kind(
            vae=self.parts.vae,
            text_encoder=self.parts.text_encoder,
            text_encoder_2=self.parts.text_encoder_2,
            tokenizer=self.model._parts.tokenizer,
            tokenizer_2=self.model._parts.tokenizer_2,
            unet=self.parts.unet,
            scheduler=DDIMScheduler(**TINYXL.scheduler, clip_sample=False),
            **({} if kind is not StableDiffusionXLInpaintPipeline else {"requires_aesthetics_score": False}),
        )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def theirs(self, kind=StableDiffusionXLPipeline, guidance=5.0, seed=3, **given):
        return self.pipeline(kind)(
            PROMPT,
            negative_prompt=NEGATIVE,
            guidance_scale=guidance,
            generator=torch.Generator().manual_seed(seed),
            output_type="latent",
            **{"num_inference_steps": STEPS} | given,
        ).images

    def ours(self, guidance=5.0, seeds=(3,), **given):
        settings = {"size": (SIDE, SIDE), "steps": STEPS, "scheduler": "ddim", "eta": 0.0} | given
        return self.model.denoise(
            self.model.encode_prompt(PROMPT, NEGATIVE), seeds=seeds, guidance=guidance, **settings
        )


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("xl"))


def assert_same(ours, theirs):
    assert ours.shape == theirs.shape
    assert float((ours - theirs).abs().max()) <= 2e-4 * max(1.0, float(theirs.abs().max()))


@pytest.mark.parametrize("skip", [None, 1])
def test_both_text_encoders_are_read_as_diffusers_does(bench, skip):
    with torch.no_grad():
        positive, _, pooled, _ = bench.pipeline().encode_prompt(PROMPT, clip_skip=skip, negative_prompt=NEGATIVE)
        _, negative, _, negative_pooled = bench.pipeline().encode_prompt(PROMPT, negative_prompt=NEGATIVE)
    states = bench.model.encode_prompt(PROMPT, NEGATIVE, clip_skip=skip or 0)
    assert_same(states[1:], positive)
    if not skip:  # diffusers skips no layer of the negative text
        assert_same(states[:1], negative)
    assert_same(bench.model._last.pooled, torch.cat([negative_pooled, pooled]))


@pytest.mark.parametrize("guidance", [1.0, 5.0])
def test_text_to_image_equals_diffusers(bench, guidance):
    assert_same(bench.ours(guidance), bench.theirs(guidance=guidance, width=SIDE, height=SIDE))


def test_another_shape_equals_diffusers(bench):
    assert_same(bench.ours(size=(96, 64)), bench.theirs(width=96, height=64))


def test_image_to_image_equals_diffusers(bench):
    known = torch.randn((1, 4, 8, 8), generator=torch.Generator().manual_seed(9))
    theirs = bench.theirs(StableDiffusionXLImg2ImgPipeline, image=known, strength=0.5, num_inference_steps=8)
    assert_same(bench.ours(known=known, strength=0.5, steps=8), theirs)


def test_nine_channel_inpainting_equals_diffusers(tmp_path):
    bench = Bench(tmp_path, channels=9)
    assert bench.model.info.inpainting
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[16:48, 24:56] = 255
    image = torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
    masked = image * (torch.from_numpy(mask)[None, None] < 128)
    with torch.no_grad():
        latent = bench.parts.vae.encode(masked).latent_dist.mean * bench.parts.vae.config.scaling_factor
    theirs = bench.theirs(
        StableDiffusionXLInpaintPipeline,
        image=image / 2 + 0.5,
        mask_image=torch.from_numpy(mask)[None, None].float() / 255,
        masked_image_latents=latent,
        height=SIDE,
        width=SIDE,
        strength=1.0,
    )
    assert_same(bench.ours(known=picture, mask=mask), theirs)


def test_a_batch_equals_single_runs(bench):
    batch = bench.ours(seeds=(3, 4))
    assert_same(batch, torch.cat([bench.ours(seeds=(seed,)) for seed in (3, 4)]))
    assert float((batch[0] - batch[1]).abs().max()) > 0.1


def test_an_inversion_leads_back(bench):
    clean = bench.ours(guidance=1.0, steps=12)
    prompt = bench.model.encode_prompt(PROMPT, NEGATIVE)
    noise = bench.model.invert(clean, prompt, steps=12)
    again = bench.model.denoise(
        prompt, size=(SIDE, SIDE), seeds=[3], steps=12, guidance=1.0, scheduler="ddim", start=noise
    )
    assert float((again - clean).abs().mean()) < 0.2 * float(clean.abs().mean())


def test_the_folder_that_diffusers_saves_is_the_same_model(bench, tmp_path):
    bench.pipeline().save_pretrained(tmp_path / "folder")
    library = ModelLibrary([tmp_path])
    (info,) = library.infos()
    assert (info.family, info.native) == ("sdxl", 64)
    model = library.load("folder", "cpu", "float32", lambda: None)
    made = model.denoise(
        model.encode_prompt(PROMPT, NEGATIVE),
        size=(SIDE, SIDE),
        seeds=[3],
        steps=STEPS,
        guidance=5.0,
        scheduler="ddim",
        eta=0.0,
    )
    assert torch.equal(made, bench.ours())


def test_the_folder_of_the_refiner_is_refused_with_a_sentence(bench, tmp_path):
    pipeline = StableDiffusionXLImg2ImgPipeline(
        vae=bench.parts.vae,
        text_encoder=None,
        text_encoder_2=bench.parts.text_encoder_2,
        tokenizer=None,
        tokenizer_2=bench.model._parts.tokenizer_2,
        unet=bench.parts.unet,
        scheduler=DDIMScheduler(**TINYXL.scheduler),
    )
    pipeline.save_pretrained(tmp_path / "refiner")
    library = ModelLibrary([tmp_path])
    with pytest.raises(ScumbleError, match="refiner of SDXL"):
        library.load("refiner", "cpu", "float32", lambda: None)


def test_v_prediction_is_told_by_an_empty_tensor(tmp_path):
    from safetensors.torch import load_file

    path = Parts(TINYXL).save(tmp_path / "model.safetensors")
    save_file(load_file(path) | {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)}, path)
    library = ModelLibrary([tmp_path], presets=(TINYXL,))
    scheduler = library._find("model").configs["scheduler"]
    assert scheduler["prediction_type"] == "v_prediction"
    assert scheduler["rescale_betas_zero_snr"]


@pytest.mark.parametrize("guidance", [1.0, 4.0])
def test_weights_that_are_no_numbers_end_in_a_sentence(tmp_path, guidance):
    parts = Parts(TINYXL)
    torch.nn.init.constant_(parts.unet.conv_out.bias, float("nan"))
    parts.save(tmp_path / "model.safetensors")
    model = ModelLibrary([tmp_path], presets=(TINYXL,)).load("model", "cpu", "float32", lambda: None)
    latent = model.denoise(model.encode_prompt(PROMPT), size=(64, 64), seeds=[1], steps=2, guidance=guidance)
    with pytest.raises(ScumbleError) as caught:
        model.decode(latent)
    assert caught.value.code == "model-no-numbers"


ORIGINAL = {
    "input_blocks_4_1_transformer_blocks_0_attn1_to_q": "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q",
    "middle_block_1_transformer_blocks_1_attn2_to_k": "mid_block.attentions.0.transformer_blocks.1.attn2.to_k",
    "output_blocks_5_1_proj_in": "up_blocks.1.attentions.2.proj_in",
    "input_blocks_3_0_op": "down_blocks.0.downsamplers.0.conv",
    "output_blocks_2_2_conv": "up_blocks.0.upsamplers.0.conv",
    "input_blocks_5_0_in_layers_2": "down_blocks.1.resnets.1.conv1",
    "middle_block_2_out_layers_3": "mid_block.resnets.1.conv2",
}


@pytest.mark.parametrize(("theirs", "ours"), ORIGINAL.items())
def test_a_layer_by_its_original_name_is_that_of_diffusers(bench, theirs, ours):
    found = slot(f"lora_unet_{theirs}.lora_down.weight")
    assert found.layer == ours.replace(".", "_")
    assert bench.parts.unet.get_submodule(ours) is not None


def test_a_lora_of_the_kohya_trainer_changes_unet_and_both_text_encoders(bench, tmp_path):
    torch.manual_seed(7)
    targets = {f"lora_unet_{theirs}": bench.parts.unet.get_submodule(ours) for theirs, ours in ORIGINAL.items()}
    for name, encoder in (("te1", bench.parts.text_encoder), ("te2", bench.parts.text_encoder_2)):
        layer = getattr(encoder, "text_model", encoder).encoder.layers[0].self_attn.q_proj
        targets[f"lora_{name}_text_model_encoder_layers_0_self_attn_q_proj"] = layer
    tensors, deltas = {}, {}
    for name, layer in targets.items():
        rank = 2
        down = torch.randn(rank, *layer.weight.shape[1:]) * 0.1
        up = torch.randn(layer.weight.shape[0], rank, *((1, 1) if layer.weight.ndim == 4 else ())) * 0.1
        tensors |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up}
        deltas[name] = (up.flatten(1) @ down.flatten(1)).reshape(layer.weight.shape)
    path = tmp_path / "one"
    path.mkdir()
    bench.parts.save(path / "model.safetensors", kind=torch.float32)
    save_file(tensors, path / "ink.safetensors")
    library = ModelLibrary([path], presets=(TINYXL,))
    assert library.loras["ink"].family != "sd1"
    model = library.load("model", "cpu", "float32", lambda: None)
    made = model.denoise(
        model.encode_prompt(f"{PROMPT} <lora:ink>", NEGATIVE),
        size=(SIDE, SIDE),
        seeds=[3],
        steps=STEPS,
        guidance=5.0,
        scheduler="ddim",
        eta=0.0,
    )
    changed = copy.deepcopy(bench.parts)
    with torch.no_grad():
        for theirs, ours in ORIGINAL.items():
            changed.unet.get_submodule(ours).weight += deltas[f"lora_unet_{theirs}"]
        for name, encoder in (("te1", changed.text_encoder), ("te2", changed.text_encoder_2)):
            layer = getattr(encoder, "text_model", encoder).encoder.layers[0].self_attn.q_proj
            layer.weight += deltas[f"lora_{name}_text_model_encoder_layers_0_self_attn_q_proj"]
    fused = Bench.__new__(Bench)
    fused.parts, fused.model = changed, model
    assert_same(made, fused.theirs(width=SIDE, height=SIDE))
    assert float((made - bench.ours()).abs().max()) > 1e-3


def test_regions_bring_what_both_encoders_say_of_them(bench):
    left = np.zeros((SIDE, SIDE), np.uint8)
    left[:, : SIDE // 2] = 255
    same, other = (bench.model.encode_prompt(words, NEGATIVE) for words in (PROMPT, "snow"))
    alike = bench.ours(regions=[(same, left, 1.0), (same, 255 - left, 1.0)])
    assert_same(alike, bench.ours())
    one = bench.ours(regions=[(other, left, 1.0)], steps=1)
    apart = (one - bench.ours(steps=1)).abs().mean(dim=(0, 1))
    assert float(apart[:, SIDE // 16 :].max()) < 1e-4 < float(apart[:, : SIDE // 16].max())
