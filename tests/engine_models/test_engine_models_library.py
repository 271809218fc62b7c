"""The model library, on copies of the starter model that are whole or broken in one way."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from scumble.api import Cancelled, ScumbleError
from scumble.engine.models import ModelLibrary, default_folders
from scumble.engine.models.files import MAX_HEADER, read_header, weight_files
from scumble.engine.models.folder import clean_config


@pytest.fixture
def copied(tmp_path):
    target = tmp_path / "models" / "deep" / "copied-model"
    shutil.copytree(default_folders()[0], target)
    return target


def load(folder, **given):
    return ModelLibrary([folder.parent], **given).load(folder.name, "cpu", "float32", lambda: None)


def broken(folder):
    with pytest.raises(ScumbleError) as caught:
        load(folder)
    assert caught.value.code == "model-broken"
    return caught.value.params["reason"]


def test_importing_the_library_does_not_import_torch():
    code = "import sys, scumble.engine.models as m; print(m.ModelLibrary().infos()); assert 'torch' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "starter_model" in done.stdout


def test_models_are_found_below_a_folder(copied, tmp_path):
    (info,) = ModelLibrary([tmp_path / "models"]).infos()
    assert (info.id, info.title, info.family) == ("copied-model", "Copied model", "small")
    assert info.native % info.factor == 0
    assert (info.tokens, info.inpainting, info.sha256) == (77, False, "")


def test_nothing_there_is_no_error(tmp_path):
    library = ModelLibrary([tmp_path, tmp_path / "missing"])
    assert library.infos() == ()
    with pytest.raises(ScumbleError) as caught:
        library.load("x", "cpu", "float32", lambda: None)
    assert caught.value.code == "model-missing"


def test_a_loaded_model_is_kept_and_hashed(copied):
    library = ModelLibrary([copied])
    first, second = (library.load(copied.name, "cpu", "float32", lambda: None) for _ in range(2))
    assert first._parts is second._parts
    assert len(first.info.sha256) == 64
    assert library.infos() == (first.info,)


@pytest.mark.parametrize("rescanned", [True, False])
def test_a_model_that_was_replaced_is_read_again(copied, rescanned):
    library = ModelLibrary([copied.parent])
    first = library.load(copied.name, "cpu", "float32", lambda: None)
    path = copied / "unet" / "diffusion_pytorch_model.safetensors"
    save_file({name: tensor.float() * 2 for name, tensor in load_file(path).items()}, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)
    if rescanned:
        library.rescan()
    second = library.load(copied.name, "cpu", "float32", lambda: None)
    weights = [model._parts.unet.conv_in.weight for model in (first, second)]
    assert torch.equal(weights[1], weights[0] * 2)
    assert first.info.sha256 != second.info.sha256, "a recipe names what painted"
    assert len(library._loaded) == 1


def test_the_least_recently_used_is_let_go(copied):
    twin = copied.with_name("twin")
    shutil.copytree(copied, twin)
    library = ModelLibrary([copied.parent], keep_bytes=1)
    first = library.load(copied.name, "cpu", "float32", lambda: None)
    library.load(twin.name, "cpu", "float32", lambda: None)
    assert library.load(copied.name, "cpu", "float32", lambda: None)._parts is not first._parts


def test_loading_can_be_cancelled(copied):
    def cancel():
        raise Cancelled

    with pytest.raises(Cancelled):
        ModelLibrary([copied]).load(copied.name, "cpu", "float32", cancel)


def test_tokens_are_counted_without_loading_the_model(copied):
    library = ModelLibrary([copied])
    short, limit = library.count_tokens(copied.name, "a red cup")
    long, _ = library.count_tokens(copied.name, "a red cup " * 200)
    assert 3 <= short < limit == 77 < long
    assert not library._loaded


def test_the_tokenizer_is_read_once(copied):
    library = ModelLibrary([copied])
    counted = library.count_tokens(copied.name, "a red cup")
    for path in (copied / "tokenizer").iterdir():
        stat = path.stat()
        path.write_bytes(b"\0" * stat.st_size)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert library.count_tokens(copied.name, "a red cup") == counted


def test_preview_resembles_the_picture():
    model = ModelLibrary().load("starter_model", "cpu", "float32", lambda: None)
    ramp = np.linspace(0, 255, 64).astype(np.uint8)
    picture = np.dstack([np.tile(ramp, (64, 1)), np.tile(ramp[:, None], (1, 64)), np.full((64, 64), 90, np.uint8)])
    latent = model.encode(picture)
    preview = model.preview(latent)
    side = 64 // model.info.factor
    assert preview.shape == (side, side, 3)
    small = picture.reshape(side, model.info.factor, side, model.info.factor, 3).mean((1, 3))
    assert np.corrcoef(small.ravel(), preview.ravel())[0, 1] > 0.8
    assert np.abs(model.decode(latent)[0].astype(int) - picture).mean() < 24  # saturated ramps are strange to it


def test_what_is_transparent_lies_on_white():
    model = ModelLibrary().load("starter_model", "cpu", "float32", lambda: None)
    clear, white = np.zeros((64, 64, 4), np.uint8), np.full((64, 64, 3), 255, np.uint8)
    assert bool((model.encode(clear) == model.encode(white)).all())


def test_a_missing_file_is_named(copied):
    (copied / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    assert "unet/diffusion_pytorch_model.safetensors is missing" in broken(copied)


def test_truncated_weights_are_named(copied):
    path = copied / "vae" / "diffusion_pytorch_model.safetensors"
    path.write_bytes(path.read_bytes()[:-1000])
    assert "vae/diffusion_pytorch_model.safetensors is cut short" in broken(copied)


def test_another_shape_is_named(copied):
    path = copied / "unet" / "config.json"
    config = json.loads(path.read_text())
    config["cross_attention_dim"] *= 2
    path.write_text(json.dumps(config))
    assert "has the shape" in broken(copied)


def test_whole_numbers_are_named(copied):
    path = copied / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(path)
    save_file(tensors | {"conv_in.weight": tensors["conv_in.weight"].to(torch.int8)}, path)
    assert "“conv_in.weight” of its unet is of the type int8" in broken(copied)


def test_a_damaged_config_is_named(copied):
    (copied / "vae" / "config.json").write_text("{")
    assert broken(copied) == "vae/config.json is not valid JSON"


def test_a_damaged_tokenizer_is_named(copied):
    (copied / "tokenizer" / "tokenizer.json").write_text("{}")
    for name in ("vocab.json", "merges.txt"):
        (copied / "tokenizer" / name).unlink(missing_ok=True)
    assert broken(copied) == "its tokenizer is damaged"


def test_another_kind_of_pipeline_is_named(copied):
    (copied / "model_index.json").write_text('{"_class_name": "KandinskyPipeline"}')
    assert "KandinskyPipeline" in broken(copied)


def test_what_could_run_code_is_dropped():
    kept = clean_config(
        {"auto_map": {}, "_attn_implementation_internal": "x/y", "quantization_config": {}, "sample_size": 8}
    )
    assert kept == {"sample_size": 8}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"short",
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", MAX_HEADER + 1) + b"{}",
        struct.pack("<Q", 4) + b"nope",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 9) + b'{"a": {}}',
        struct.pack("<Q", 55) + b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}' + b"\0" * 4,
    ],
)
def test_hostile_headers_are_refused(tmp_path, content):
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        read_header(path)


def test_an_index_must_not_leave_its_folder(tmp_path):
    index = {"weight_map": {"a": "../../secret.safetensors"}}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(ValueError, match="must not"):
        weight_files(tmp_path, "model")
