"""Recipes of other programs, as they stand in pictures; and nothing that stands there does harm."""

import json
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from scumble.document import Document, Recipe, Rect
from scumble.document.edits import add_layer
from scumble.engine.sampling.samplers import SAMPLERS
from scumble.files import Choices, export_document
from scumble.files.a1111 import parse_a1111, write_a1111
from scumble.files.comfy import parse_prompt
from scumble.files.foreign_names import A1111_SAMPLERS as A1111_NAMES
from scumble.files.foreign_names import FoundSampler, sampler_of, schedule_of
from scumble.files.foreign_recipes import find_recipe, recipe_of

A1111 = """a lighthouse, (storm:1.2), <lora:ink:0.7>
two lines of it
Negative prompt: text, blurry
hands
Steps: 28, Sampler: DPM++ 2M Karras, CFG scale: 6.5, Seed: 1234567890, Size: 512x768, Model hash: 0123abcd, \
Model: dream_v8, Denoising strength: 0.4, Clip skip: 2, ControlNet 0: "Module: canny, Weight: 1", \
Hires upscaler: Latent, Version: v1.10.1"""

COMFY = {
    "3": {
        "class_type": "KSampler",
        "inputs": {
            "seed": 42,
            "steps": 25,
            "cfg": 7.5,
            "sampler_name": "dpmpp_2m_sde",
            "scheduler": "karras",
            "denoise": 1.0,
            "model": ["10", 0],
            "positive": ["8", 0],
            "negative": ["7", 0],
            "latent_image": ["5", 0],
        },
    },
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd/dream_v8.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 640, "height": 448, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["12", 0], "clip": ["10", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["10", 1]}},
    "8": {"class_type": "ControlNetApply", "inputs": {"conditioning": ["6", 0], "strength": 1.0}},
    "9": {"class_type": "VAEDecode", "inputs": {}},
    "10": {"class_type": "LoraLoader", "inputs": {"lora_name": "ink.safetensors", "strength_model": 0.5}},
    "12": {"class_type": "PrimitiveString", "inputs": {"value": "a quiet harbour"}},
}

WORKFLOW = {
    "nodes": [
        {
            "id": 1,
            "type": "KSampler",
            "inputs": [
                {"name": "positive", "link": 11},
                {"name": "negative", "link": 12},
                {"name": "latent_image", "link": 13},
            ],
            "widgets_values": [99, "randomize", 12, 4, "euler_ancestral", "normal", 1],
        },
        {"id": 2, "type": "CLIPTextEncode", "widgets_values": ["a hill"]},
        {"id": 3, "type": "CLIPTextEncode", "widgets_values": ["fog"]},
        {"id": 4, "type": "EmptyLatentImage", "widgets_values": [512, 256, 1]},
        {"id": 5, "type": "MyOwnNode", "widgets_values": {"odd": 1}},
    ],
    "links": [[11, 2, 0, 1, 1, "X"], [12, 3, 0, 1, 2, "X"], [13, 4, 0, 1, 3, "X"]],
}

INVOKE = {
    "generation_mode": "txt2img",
    "positive_prompt": "an owl",
    "negative_prompt": "day",
    "width": 512,
    "height": 512,
    "seed": 7,
    "cfg_scale": 6,
    "steps": 30,
    "scheduler": "dpmpp_2m_k",
    "clip_skip": 0,
    "model": {"name": "dream_v8", "hash": "blake3:00"},
    "loras": [{"model": {"name": "ink"}, "weight": 0.75}],
    "controlnets": [{"control_model": {"name": "canny"}}],
    "vae": None,
    "app_version": "5.0",
}


def png(path: Path, **texts: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_itxt(name, text)
    Image.new("RGB", (8, 8)).save(path, pnginfo=info)
    return path


def test_a1111(tmp_path):
    found = find_recipe(png(tmp_path / "a.png", parameters=A1111))
    assert found.program == "A1111"
    assert found.params == {
        "prompt": "a lighthouse, (storm:1.2), <lora:ink:0.7>\ntwo lines of it",
        "negative": "text, blurry\nhands",
        "steps": 28,
        "scheduler": "dpmpp-2m",
        "schedule": "karras",
        "guidance": 6.5,
        "seed": 1234567890,
        "width": 512,
        "height": 768,
        "strength": 0.4,
    }
    assert found.layer == 2
    assert (found.model, found.left) == ("dream_v8", ("ControlNet 0", "Hires upscaler"))


@pytest.mark.parametrize("order", ["utf-16-be", "utf-16-le"])
def test_a1111_in_a_jpeg(tmp_path, order):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + A1111.encode(order)
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=exif)
    assert find_recipe(tmp_path / "a.jpg").params["seed"] == 1234567890


def test_comfyui_what_was_run(tmp_path):
    found = find_recipe(png(tmp_path / "a.png", prompt=json.dumps(COMFY), workflow="{}"))
    assert found.program == "ComfyUI"
    assert found.params == {
        "prompt": "a quiet harbour <lora:ink:0.5>",
        "negative": "blurry",
        "seed": 42,
        "steps": 25,
        "guidance": 7.5,
        "strength": 1.0,
        "scheduler": "dpmpp-2m-sde",
        "schedule": "karras",
        "width": 640,
        "height": 448,
    }
    assert found.model == "sd/dream_v8.safetensors"
    assert found.left == ("ControlNetApply", "PrimitiveString")


def test_comfyui_what_was_on_the_screen(tmp_path):
    found = find_recipe(png(tmp_path / "a.png", workflow=json.dumps(WORKFLOW)))
    assert (found.params["prompt"], found.params["negative"]) == ("a hill", "fog")
    assert (found.params["seed"], found.params["steps"], found.params["guidance"]) == (99, 12, 4.0)
    assert (found.params["scheduler"], found.params["schedule"]) == ("euler-a", "model")
    assert (found.params["width"], found.params["height"]) == (512, 256)
    assert found.left == ("MyOwnNode",)


def test_a_circle_of_nodes_ends():
    graph = json.loads(json.dumps(COMFY))
    graph["6"]["inputs"]["text"] = ["12", 0]
    graph["12"]["inputs"] = {"value": ["6", 0]}
    assert parse_prompt(graph).params["prompt"] == "<lora:ink:0.5>"


def test_invokeai(tmp_path):
    found = find_recipe(png(tmp_path / "a.png", invokeai_metadata=json.dumps(INVOKE)))
    assert found.program == "InvokeAI"
    assert found.params["prompt"] == "an owl <lora:ink:0.75>"
    assert (found.params["scheduler"], found.params["schedule"]) == ("dpmpp-2m", "karras")
    assert (found.params["steps"], found.params["guidance"], found.params["seed"]) == (30, 6.0, 7)
    assert (found.model, found.left) == ("dream_v8", ("controlnets",))


def comfy_with_layer(layer):
    return COMFY | {"11": {"class_type": "CLIPSetLastLayer", "inputs": {"stop_at_clip_layer": layer}}}


@pytest.mark.parametrize(
    ("family", "skips"),
    [("sd1", (0, 1, 2)), ("small", (0, 1, 2)), ("sd2", (0, 0, 1)), ("sdxl", (0, 0, 1)), ("sd3", (0, 0, 1))],
)
def test_clip_skip_is_counted_from_the_layer_that_a_family_reads(family, skips):
    for layer, skip in enumerate(skips, 1):
        texts = {
            "parameters": f"a cup\nSteps: 4, Seed: 1, Clip skip: {layer}",
            "prompt": json.dumps(comfy_with_layer(-layer)),
        }
        for name, text in texts.items():
            assert recipe_of({name: text}).params_for(family)["clip_skip"] == skip
        invoke = recipe_of({"invokeai_metadata": json.dumps({**INVOKE, "clip_skip": layer})})
        assert invoke.params_for(family)["clip_skip"] == layer, "it leaves out so many, as we do"
        made = Recipe(tool="t", plugin="p", params={"clip_skip": skip}, box=Rect(0, 0, 1, 1), notes={"family": family})
        written = parse_a1111(f"{write_a1111(made)}, Seed: 1")
        assert written.params_for(family).get("clip_skip", 0) == skip


@pytest.mark.parametrize("said", ["0", "x", "1e400", "1.5", "-3"])
def test_a_clip_skip_that_makes_no_sense_is_left(said):
    found = parse_a1111(f"a cup\nSteps: 4, Seed: 1, Clip skip: {said}")
    assert "clip_skip" not in found.params_for("sd1")
    assert found.left == ("Clip skip",)


COMFY_SAMPLERS = {
    "euler euler_ancestral heun dpm_2 dpm_2_ancestral lms": "euler euler-a heun dpm2 dpm2-a lms",
    "dpmpp_sde dpmpp_sde_gpu dpmpp_2m dpmpp_2m_sde dpmpp_2m_sde_gpu": (
        "dpmpp-sde dpmpp-sde dpmpp-2m dpmpp-2m-sde dpmpp-2m-sde"
    ),
    "ddpm lcm deis sa_solver ddim uni_pc uni_pc_bh2": "ddpm lcm deis sa-solver ddim unipc unipc",
}
A1111_SAMPLERS = {
    "DPM++ 2M|DPM++ SDE|DPM++ 2M SDE|Euler a|Euler|LMS|Heun": "dpmpp-2m dpmpp-sde dpmpp-2m-sde euler-a euler lms heun",
    "DPM2|DPM2 a|DDIM|PLMS|UniPC|LCM|k_euler_a|k_dpm_2": "dpm2 dpm2-a ddim pndm unipc lcm euler-a dpm2",
}
INVOKE_SAMPLERS = {
    "ddim ddpm deis lms pndm heun euler euler_a kdpm_2 kdpm_2_a": (
        "ddim ddpm deis lms pndm heun euler euler-a dpm2 dpm2-a"
    ),
    "dpmpp_2s dpmpp_2m dpmpp_2m_sde dpmpp_3m dpmpp_sde unipc lcm tcd": (
        "dpmpp-2s dpmpp-2m dpmpp-2m-sde dpmpp-3m dpmpp-sde unipc lcm tcd"
    ),
}


def named_alike():
    for table in (COMFY_SAMPLERS, A1111_SAMPLERS, INVOKE_SAMPLERS):
        for theirs, ours in table.items():
            yield from zip(theirs.split("|" if "|" in theirs else " "), ours.split(), strict=True)


def test_samplers_are_known_by_what_others_call_them():
    for theirs, ours in named_alike():
        assert sampler_of(theirs) == FoundSampler(ours), theirs
        for ending in (" Karras", "_k"):
            assert sampler_of(theirs.removesuffix("_gpu") + ending) == FoundSampler(ours, "karras"), theirs
    assert {ours for _, ours in named_alike()} == SAMPLERS.keys()
    assert A1111_NAMES.keys() == SAMPLERS.keys()


NEAR = {
    "DPM++ 2S a": "dpmpp-2s",
    "dpmpp_2s_ancestral": "dpmpp-2s",
    "k_dpmpp_2s_ancestral": "dpmpp-2s",
    "dpmpp_2s_ancestral_cfg_pp": "dpmpp-2s",
    "DPM++ 3M SDE": "dpmpp-2m-sde",
    "dpmpp_3m_sde_gpu": "dpmpp-2m-sde",
    "DPM++ 2M SDE Heun": "dpmpp-2m-sde",
    "dpmpp_2m_sde_heun_gpu": "dpmpp-2m-sde",
    "euler_cfg_pp": "euler",
    "euler_ancestral_cfg_pp": "euler-a",
    "dpmpp_2m_cfg_pp": "dpmpp-2m",
    "DDIM CFG++": "ddim",
    "heunpp2": "heun",
    "exp_heun_2_x0": "heun",
    "exp_heun_2_x0_sde": "dpmpp-sde",
    "Restart": "heun",
    "DPM fast": "dpmpp-2s",
    "ipndm_v": "pndm",
    "res_multistep": "dpmpp-2m",
    "res_multistep_cfg_pp": "dpmpp-2m",
    "res_multistep_ancestral_cfg_pp": "dpmpp-2m-sde",
    "gradient_estimation_cfg_pp": "euler",
    "er_sde": "dpmpp-2m-sde",
    "seeds_3": "dpmpp-sde",
    "sa_solver_pece": "sa-solver",
}


def test_for_a_sampler_that_is_not_here_the_nearest_is_taken_and_that_is_said():
    for theirs, ours in NEAR.items():
        assert sampler_of(theirs) == FoundSampler(ours, near=True), theirs
    graph = json.loads(json.dumps(COMFY))
    graph["3"]["inputs"]["sampler_name"] = "dpmpp_3m_sde"
    found = parse_prompt(graph)
    assert found.params["scheduler"] == "dpmpp-2m-sde"
    assert "sampler dpmpp_3m_sde (≈ DPM++ 2M SDE)" in found.left
    found = parse_a1111("a cup\nSteps: 4, Sampler: DPM++ 2S a Karras, Seed: 1")
    assert (found.params["scheduler"], found.params["schedule"]) == ("dpmpp-2s", "karras")
    assert found.left == ("Sampler DPM++ 2S a Karras (≈ DPM++ 2S)",)


@pytest.mark.parametrize("name", ["DPM adaptive", "dpm_adaptive", "edm_playground_v2.5", "k", "++"])
def test_a_sampler_that_is_like_none_here_is_left(name):
    found = parse_a1111(f"a cup\nSteps: 4, Sampler: {name}, Seed: 1")
    assert "scheduler" not in found.params
    assert found.left == (f"Sampler {name}",)


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        *[("normal", "model"), ("Automatic", "model"), ("Uniform", "model"), ("karras", "karras")],
        *[("exponential", "exponential"), ("Polyexponential", "exponential"), ("SGM Uniform", "trailing")],
        *[("simple", "trailing"), ("ddim_uniform", "leading"), ("beta", ""), ("Align Your Steps", "")],
    ],
)
def test_noise_schedules_are_known_by_what_others_call_them(said, ours):
    assert schedule_of(said) == ours


def generated(**params):
    document = Document(16, 16)
    crop = np.zeros((64, 96, 3), np.uint8)
    recipe = Recipe(tool="inpaint", plugin="p", model="m", params=params, box=Rect(0, 0, 16, 16), crop=crop)
    add_layer(document, "Made", pixels=np.full((16, 16, 4), 255, np.uint8), recipe=recipe)
    return document


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_our_own_comes_back_from_an_export(tmp_path, ending):
    params = {"prompt": "ein Löwe, “groß”", "seed": 5, "strength": 0.5, "odd": True}
    path = tmp_path / f"a.{ending}"
    export_document(generated(**params).snapshot(), path, choices=Choices(recipes=True))
    found = find_recipe(path)
    assert (found.program, found.tool, found.model, dict(found.params)) == ("Scumble", "inpaint", "m", params)
    export_document(generated(**params).snapshot(), path)
    assert find_recipe(path) is None


def test_other_programs_can_read_ours_in_a_png(tmp_path):
    params = {"prompt": "a, b: “c”", "negative": "d", "seed": 5, "steps": 9, "scheduler": "euler-a", "guidance": 4.5}
    path = tmp_path / "a.png"
    export_document(generated(**params).snapshot(), path, choices=Choices(recipes=True))
    with Image.open(path) as image:
        text = image.info["parameters"]
    assert text.splitlines()[:2] == ["a, b: “c”", "Negative prompt: d"]
    assert parse_a1111(text).params == params | {"width": 96, "height": 64}


@given(
    st.text().map(str.strip).filter(lambda text: "Negative prompt:" not in text and "\r" not in text),
    st.integers(0, 2**32 - 1),
    st.sampled_from(sorted(SAMPLERS)),
    st.sampled_from(["karras", "exponential", "trailing"]),
)
def test_what_is_written_is_read(prompt, seed, scheduler, schedule):
    params = {"prompt": prompt, "seed": seed, "steps": 3, "scheduler": scheduler, "schedule": schedule, "guidance": 5.0}
    found = parse_a1111(write_a1111(Recipe(tool="t", plugin="p", params=params, box=Rect(0, 0, 1, 1))))
    assert found.params == params | {"negative": ""}


KEYS = ("KSampler", "inputs", "class_type", "positive", "text", "seed", "steps", "cfg", "nodes", "links", "type", "id")
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9) | st.sampled_from(KEYS),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=5), inner),
    max_leaves=20,
)


@given(st.sampled_from(["prompt", "workflow", "invokeai_metadata", "scumble", "comment"]), JSON)
def test_no_json_does_harm(name, data):
    recipe_of({name: json.dumps(data)})
    recipe_of({name: json.dumps({"1": {"class_type": "KSampler", "inputs": data}, "2": data})})
    recipe_of({name: json.dumps({**INVOKE, "loras": data, "model": data, "seed": data})})


@given(st.text() | st.from_regex(r"([A-Z][a-z ]{1,9}: [^,]{0,9}, ){1,6}", fullmatch=True))
def test_no_text_does_harm(text):
    recipe_of({"parameters": text, "comment": text, "prompt": text})


@pytest.mark.parametrize("line", ["x" + " " * 100_000 + "x", "a:" * 50_000, 'a:"' * 33_000, 'a:"\\\\' * 20_000])
def test_a_line_made_to_take_for_ever_does_not(line):
    code = "import sys; from scumble.files.a1111 import parse_a1111; print(parse_a1111(sys.stdin.read()))"
    done = subprocess.run(
        [sys.executable, "-c", code], input=line, capture_output=True, text=True, timeout=100, check=True
    )
    assert done.stdout.strip() == "None"


@pytest.mark.parametrize(
    "texts",
    [
        {"parameters": 'a cup\nSteps: 4, Seed: 1, Model: "\\ud800, x"'},
        {
            "prompt": json.dumps(
                {
                    "1": {"class_type": "K", "inputs": {"seed": 1, "steps": 4, "cfg": 1, "positive": ["2"]}},
                    "2": {"class_type": "T", "inputs": {"text": "a \ud800 cup"}},
                }
            )
        },
        {
            "scumble": json.dumps(
                [{"tool": "\ud800", "params": {"prompt": "a \ud800 cup", "\udfff": 1}, "model": "\udfff"}]
            )
        },
    ],
)
def test_halves_of_characters_do_not_get_into_a_recipe(texts):
    found = recipe_of(texts)
    assert msgspec.json.encode(found), "else the document could not be saved"
    assert "cup" in found.params["prompt"]


@pytest.mark.parametrize("weight", [10**400, float("nan"), [1]], ids=["huge", "none", "list"])
def test_a_lora_whose_weight_is_no_number_is_left(weight):
    loader = {"class_type": "LoraLoader", "inputs": {"lora_name": "ink.safetensors", "strength_model": weight}}
    sampler = {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 4, "cfg": 1, "positive": ["3"]}}
    text = {"class_type": "CLIPTextEncode", "inputs": {"text": "a cup"}}
    invoke = {"positive_prompt": "a cup", "seed": 1, "loras": [{"model": {"name": "ink"}, "weight": weight}]}
    for name, data in (("prompt", {"1": loader, "2": sampler, "3": text}), ("invokeai_metadata", invoke)):
        found = recipe_of({name: json.dumps(data)})
        assert found.params["prompt"] == "a cup"
        assert "ink" in found.left


def test_what_is_no_recipe_is_none(tmp_path):
    assert find_recipe(png(tmp_path / "a.png", parameters="a letter to my aunt: hello", prompt="[" * 100_000)) is None
    assert find_recipe(png(tmp_path / "b.png", parameters="x" * (5 << 20))) is None
    (tmp_path / "c.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    assert find_recipe(tmp_path / "c.png") is None
    assert find_recipe(tmp_path / "absent.png") is None
