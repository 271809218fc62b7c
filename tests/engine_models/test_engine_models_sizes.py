"""What is foretold of a family's memory, against its real networks."""

import subprocess
import sys

import pytest
import torch
from diffusers import FluxTransformer2DModel, SD3Transformer2DModel

from scumble.engine.models.folder import read_folder
from scumble.engine.models.library import default_folders
from scumble.engine.models.loader import MAKERS
from scumble.engine.models.presets import SD1, SD2, SDXL
from scumble.generation.forecast import BUILDS, TRANSFORMER

SD3_MEDIUM = {
    "num_layers": 24,
    "num_attention_heads": 24,
    "caption_projection_dim": 1536,
    "joint_attention_dim": 4096,
    "pos_embed_max_size": 192,
}

PEAK = """
import threading, time, torch
from diffusers import SD3Transformer2DModel
torch.manual_seed(0)
made = SD3Transformer2DModel(num_layers=2, num_attention_heads=8, attention_head_dim=32, caption_projection_dim=256,
    joint_attention_dim=64, pooled_projection_dim=32, pos_embed_max_size=96, sample_size=96).eval()
def run(side, rows):
    with torch.no_grad():
        made(torch.zeros(rows, 16, side, side), torch.zeros(rows, 333, 64), torch.zeros(rows, 32), torch.zeros(rows))
def held():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
run(16, 1)
before, seen, done = held(), [0], threading.Event()
def watch():
    while not done.is_set():
        seen[0] = max(seen[0], held())
        time.sleep(0.001)
watcher = threading.Thread(target=watch)
watcher.start()
run(192, 2)
done.set()
watcher.join()
print(seen[0] - before)
"""


def millions(*names_and_configs):
    """The parameters of networks, none of whose weights takes memory."""
    with torch.device("meta"):
        networks = [MAKERS[name](config) for name, config in names_and_configs]
    return sum(weight.numel() for network in networks for weight in network.parameters()) / 1e6


@pytest.mark.parametrize("preset", [SD1, SD2, SDXL], ids=lambda preset: preset.family)
def test_the_families_of_presets_have_the_parameters_that_are_foretold(preset):
    build = BUILDS[preset.family]
    texts = [("text_encoder", preset.text_encoder)]
    texts += [("text_encoder_2", preset.text_encoder_2)] if preset.text_encoder_2 else []
    assert build.text == pytest.approx(millions(*texts), rel=0.001)
    assert build.network == pytest.approx(millions(("unet", {**preset.unet, "in_channels": 4})), rel=0.001)
    assert build.decoder == pytest.approx(millions(("vae", preset.vae)), rel=0.001)
    assert (build.width, build.vae) == (preset.width, preset.vae["block_out_channels"][1])


def test_transformers_have_the_parameters_and_widths_that_are_foretold():
    with torch.device("meta"):
        made = {"sd3": SD3Transformer2DModel(**SD3_MEDIUM), "flux": FluxTransformer2DModel(guidance_embeds=True)}
    for family, network in made.items():
        parameters = sum(weight.numel() for weight in network.parameters()) / 1e6
        assert BUILDS[family].network == pytest.approx(parameters, rel=0.001)
        assert BUILDS[family].width == network.inner_dim


def test_the_starter_model_has_them_too():
    source = read_folder(default_folders()[0])
    build = BUILDS["small"]
    for foretold, name in ((build.text, "text_encoder"), (build.network, "unet"), (build.decoder, "vae")):
        assert foretold == pytest.approx(millions((name, source.configs[name])), abs=0.06)


@pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is told by Linux alone")
def test_what_a_transformer_holds_while_it_runs_is_foretold_to_within_a_half():
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    foretold = TRANSFORMER * 256 * (192 * 192 / 4 + 333) * 2 * 4
    assert 0.5 < int(done.stdout) / foretold < 1.5
