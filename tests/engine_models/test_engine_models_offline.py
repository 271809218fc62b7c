"""Every kind of model, in both layouts, is loaded and paints where there is no network, and nothing is looked up."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from engine_models_original import TINY1, TINY2, TINYXL, Parts

SCRIPT = """
import os, sys
from pathlib import Path
looked = []
watched = ("socket.connect", "socket.getaddrinfo", "socket.gethostby", "urllib.", "http.client.")
sys.addaudithook(lambda event, given: looked.append((event, given)) if event.startswith(watched) else None)
sys.path.insert(0, sys.argv[2])
from engine_models_original import TINY1, TINY2, TINYXL
from scumble.engine.models import ModelLibrary
library = ModelLibrary([Path(sys.argv[1])], presets=(TINY1, TINY2, TINYXL))
assert not library.faults, library.faults
for info in library.infos():
    model = library.load(info.id, "cpu", "float32", lambda: None)
    latent = model.denoise(model.encode_prompt("a red cup"), size=(64, 64), seeds=[1], steps=2, guidance=3.0)
    picture = model.decode(latent)[0]
    print(info.id, info.family, info.inpainting, picture.shape, bool(picture.std() > 0))
assert not looked, looked
"""

MODELS = {
    "sd1": (TINY1, 4),
    "sd1-inpainting": (TINY1, 9),
    "sd2-v": (TINY2, 4),
    "sdxl": (TINYXL, 4),
    "sdxl-inpainting": (TINYXL, 9),
}


@pytest.fixture
def models(tmp_path):
    """Each model as one file, and as the folder that diffusers saves."""
    from diffusers import DDIMScheduler, StableDiffusionPipeline, StableDiffusionXLPipeline
    from transformers import CLIPTokenizer

    from scumble.engine.models.checkpoint import ModelFile

    tokenizer = CLIPTokenizer.from_pretrained(str(ModelFile.tokenizer.fget(None)), local_files_only=True)
    for name, (preset, channels) in MODELS.items():
        parts = Parts(preset, channels)
        metadata = {"modelspec.prediction_type": "v"} if name == "sd2-v" else None
        parts.save(tmp_path / f"{name}-file.safetensors", metadata)
        prediction = "v_prediction" if metadata else "epsilon"
        shared = {
            "vae": parts.vae,
            "unet": parts.unet,
            "text_encoder": parts.text_encoder,
            "tokenizer": tokenizer,
            "scheduler": DDIMScheduler(**preset.scheduler, clip_sample=False, prediction_type=prediction),
        }
        if preset is TINYXL:
            more = {"text_encoder_2": parts.text_encoder_2, "tokenizer_2": tokenizer}
            pipeline = StableDiffusionXLPipeline(**shared, **more)
        else:
            more = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
            pipeline = StableDiffusionPipeline(**shared, **more)
        pipeline.to(torch.float16).save_pretrained(tmp_path / f"{name}-folder")
    return tmp_path


def test_all_of_them_paint_without_a_network(models):
    command = [sys.executable, "-c", SCRIPT, str(models), str(Path(__file__).parent)]
    if shutil.which("unshare") and subprocess.run(["unshare", "-rn", "true"], check=False).returncode == 0:
        command = ["unshare", "-rn", *command]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    painted = {line.split()[0]: line.split()[1:] for line in done.stdout.splitlines()}
    assert painted.keys() == {f"{name}-{layout}" for name in MODELS for layout in ("file", "folder")}
    for name, (family, inpainting, *picture) in painted.items():
        assert family in ("sdxl",) if "sdxl" in name else ("sd1", "sd2", "small")
        assert inpainting == str("inpainting" in name)
        assert picture[-1] == "True", f"{name} painted nothing"
