"""Pickle files become safetensors bit for bit, and nothing in them is ever run."""

from __future__ import annotations

import io
import os
import pickle
import re
import subprocess
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
import torch
from engine_models_original import TINY1, Parts
from safetensors.torch import load_file

from scumble.api import ScumbleError
from scumble.engine.models import ModelLibrary
from scumble.engine.models.conversion import convert_file
from scumble.engine.models.convert import convert
from scumble.engine.models.pickles import open_archive, tensors_of, walk
from scumble.engine.models.survey import describe, stamp_of

KINDS = (torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.uint8, torch.bool)


class Callback:
    """An object of a kind that only its maker knows, such as trainers leave in a checkpoint."""

    def __init__(self):
        self.best = {"score": 0.5}


class Bomb:
    """Runs a command when it is unpickled."""

    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def weights():
    torch.manual_seed(0)
    base = torch.randn(6, 8)
    named = {f"of.{kind}": (torch.randn(3, 4) * 9).to(kind) for kind in KINDS}
    return OrderedDict(
        named
        | {
            "turned": base.T,
            "part": base[2:4, 1:7:2],
            "all": base,
            "number": torch.tensor(3.5),
            "none": torch.zeros(0, 4),
            "parameter": torch.nn.Parameter(torch.randn(2)),
        }
    )


def same(saved, loaded):
    assert saved.keys() == loaded.keys()
    for name, tensor in saved.items():
        assert tensor.dtype == loaded[name].dtype
        assert torch.equal(tensor.detach(), loaded[name]), name


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize(
    "wrap", [lambda state: state, lambda state: {"epoch": 3, "state_dict": state, "by": Callback()}]
)
def test_weights_come_out_bit_for_bit(tmp_path, wrap, new):
    torch.save(wrap(weights()), tmp_path / "old.ckpt", _use_new_zipfile_serialization=new)
    made = convert_file(tmp_path / "old.ckpt", tmp_path / "converted")
    assert made == tmp_path / "converted" / "old.safetensors"
    same(weights(), load_file(made))
    assert [path.name for path in made.parent.iterdir()] == ["old.safetensors"]


@pytest.mark.parametrize("new", [True, False])
@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_of_pickle_is_read(tmp_path, protocol, new):
    path = tmp_path / "old.pt"
    torch.save(weights(), path, pickle_protocol=protocol, _use_new_zipfile_serialization=new)
    assert tensors_of(open_archive(path).content).keys() == weights().keys()


@pytest.mark.parametrize("new", [True, False])
def test_a_poisoned_file_is_refused_and_nothing_is_run(tmp_path, new):
    mark = tmp_path / "ran"
    torch.save(
        {"state_dict": weights(), "x": Bomb(f"touch {mark}")}, tmp_path / "bad.ckpt", _use_new_zipfile_serialization=new
    )
    with pytest.raises(ScumbleError, match="which weights have no use for") as caught:
        convert_file(tmp_path / "bad.ckpt", tmp_path / "converted")
    assert caught.value.code == "model-unsafe"
    assert "system" in str(caught.value)
    assert not mark.exists()
    assert not list((tmp_path / "converted").iterdir())
    torch.load(tmp_path / "bad.ckpt", weights_only=False)  # the bomb is a real one
    assert mark.exists()


@pytest.mark.parametrize(
    "name", ["builtins eval", "builtins exec", "subprocess Popen", "posix system", "runpy run_path"]
)
def test_names_that_can_only_harm_are_refused(tmp_path, name):
    module, function = name.split()
    raw = b"\x80\x02c" + f"{module}\n{function}\n".encode() + b"X\x01\x00\x00\x001\x85R."
    with zipfile.ZipFile(tmp_path / "bad.pt", "w") as archive:
        archive.writestr("x/data.pkl", raw)
    with pytest.raises(ScumbleError, match="poisoned"):
        convert_file(tmp_path / "bad.pt", tmp_path)


def test_a_container_that_holds_itself_comes_to_an_end(tmp_path):
    state = dict(weights())
    state["state_dict"] = state
    torch.save(state, tmp_path / "loop.ckpt")
    same(weights(), load_file(convert_file(tmp_path / "loop.ckpt", tmp_path / "converted")))


MAT = {"synthesis.first_stage.conv_first.conv.weight": torch.ones(2, 4, 3, 3)}
ESRGAN = {"conv_first.weight": torch.ones(2, 3, 3, 3), "body.0.rdb1.conv1.weight": torch.ones(2, 2, 3, 3)}


@pytest.mark.parametrize(
    ("wrapped", "kind"),
    [
        ({"G": MAT, "D": {"b": torch.ones(1)}, "G_ema": MAT, "cur_nimg": 3}, "eraser"),
        ({"g_ema": MAT}, "eraser"),
        ({"generator": MAT, "optimizer": {"state": {}}}, "eraser"),
        ({"state_dict": {f"generator.{name}": tensor for name, tensor in MAT.items()}}, "eraser"),
        ({"params": ESRGAN}, "upscaler"),
        ({"params": {}, "params_ema": ESRGAN}, "upscaler"),
        ({"model": {"state_dict": {"module": ESRGAN}}}, "upscaler"),
        ({"state_dict": {f"netG.{name}": tensor for name, tensor in ESRGAN.items()}}, "upscaler"),
        ({"state_dict": {"epoch": 3}, **ESRGAN}, "upscaler"),
    ],
)
def test_weights_are_found_below_whatever_trainers_put_them(tmp_path, wrapped, kind):
    torch.save(wrapped, tmp_path / "of.pth")
    made = convert_file(tmp_path / "of.pth", tmp_path / "converted")
    entry = describe(made, stamp_of(made), ())
    assert (entry.kind, entry.fault) == (kind, "")
    expected = MAT if kind == "eraser" else ESRGAN
    assert all(name.endswith(tuple(expected)) for name in load_file(made))


def test_of_several_copies_the_averaged_one_is_taken(tmp_path):
    for last, averaged in (("params", "params_ema"), ("G", "G_ema")):
        torch.save({last: {"a": torch.zeros(1)}, averaged: {"a": torch.ones(1)}}, tmp_path / "of.pt")
        same({"a": torch.ones(1)}, load_file(convert_file(tmp_path / "of.pt", tmp_path)))


def cut(path):
    path.write_bytes(path.read_bytes()[:-2000])


def scramble(path):
    """A pickle whose packed bytes are none."""
    compress(path)
    with zipfile.ZipFile(path) as source:
        member = next(info for info in source.infolist() if info.filename.endswith("data.pkl"))
    raw = bytearray(path.read_bytes())
    start = member.header_offset + 30 + len(member.filename)
    raw[start : start + member.compress_size] = b"\xff" * member.compress_size
    path.write_bytes(raw)


def encrypt(path):
    """A file that says that it is."""
    raw = bytearray(path.read_bytes())
    for found in re.finditer(rb"PK\x01\x02", bytes(raw)):
        raw[found.start() + 8] |= 1
    path.write_bytes(raw)


def compress(path, packing=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w", packing) as target:
        for name, data in members.items():
            target.writestr(name, data)


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda path: path.write_bytes(b""), "damaged"),
        (lambda path: path.write_bytes(b"PK\x03\x04nonsense"), "damaged"),
        (lambda path: path.write_bytes(pickle.dumps({"a": 1})), "damaged"),
        (cut, "damaged"),
        (compress, "compressed"),
        (lambda path: compress(path, zipfile.ZIP_LZMA), "compressed"),
        (scramble, "damaged"),
        (encrypt, "damaged"),
        (lambda path: torch.save({"state_dict": {"a": 1}}, path), "no weights"),
        (lambda path: path.unlink(), "No such file"),
    ],
)
def test_what_cannot_be_converted_says_why_and_leaves_nothing(tmp_path, spoil, reason):
    path = tmp_path / "bad.ckpt"
    torch.save(weights(), path)
    spoil(path)
    with pytest.raises(ScumbleError, match=reason):
        convert_file(path, tmp_path / "converted")
    assert not list((tmp_path / "converted").iterdir())


def test_a_tensor_that_reaches_beyond_its_storage_is_refused(tmp_path):
    path = tmp_path / "bad.ckpt"
    torch.save({"a": torch.zeros(4)}, path)
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    with zipfile.ZipFile(path, "w") as target:
        for name, data in members.items():
            target.writestr(name, data[:-4] if "/data/" in name else data)
    with pytest.raises(ScumbleError, match="cut short"):
        convert_file(path, tmp_path / "converted")


def test_a_key_that_would_fill_the_memory_is_passed_over():
    nested = b")" + b"2\x86" * 60  # a tuple of two of the last one, sixty times
    assert walk(io.BytesIO(b"\x80\x02}" + nested + b"NsX\x01\x00\x00\x00aNs.")) == {"a": None}


def test_one_that_would_become_many_times_as_large_is_refused(tmp_path):
    """On any system, whatever limits it knows."""
    torch.save({f"a{number}": torch.zeros(1).expand(2**24) for number in range(4)}, tmp_path / "bad.ckpt")
    with pytest.raises(ValueError, match="many times"):
        convert(tmp_path / "bad.ckpt", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="a small disk is made with Linux' means")
def test_a_full_disk_is_said_and_leaves_nothing(tmp_path):
    torch.save({"a": torch.zeros(2**20)}, tmp_path / "big.ckpt")
    code = (
        "import sys, pathlib; from scumble.api import ScumbleError\n"
        "from scumble.engine.models.conversion import convert_file\n"
        "try: convert_file(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))\n"
        "except ScumbleError as error: print(error.code, list(pathlib.Path(sys.argv[2]).iterdir()))\n"
    )
    small = tmp_path / "small"
    small.mkdir()
    script = f'mount -t tmpfs -o size=1m none "{small}" && exec "$0" -c "$1" "$2" "{small}"'
    command = ["unshare", "-rm", "sh", "-c", script, sys.executable, code, str(tmp_path / "big.ckpt")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "mount" in done.stderr or "unshare" in done.stderr:
        pytest.skip("no small disk can be made here")
    assert done.stdout.strip() == "model-disk-full []", done.stderr


def test_the_process_can_neither_write_elsewhere_nor_start_programs(tmp_path):
    code = (
        "import os, pathlib, sys, socket, subprocess\n"
        "from scumble.engine.models.convert import limit\n"
        "limit(pathlib.Path(sys.argv[1]), 1000)\n"
        "for act in (lambda: open(sys.argv[1] + '.other', 'w'), lambda: subprocess.run(['true']), socket.socket,\n"
        "            lambda: os.open(sys.argv[1] + '.other', os.O_WRONLY | os.O_CREAT)):\n"
        "    try: act()\n"
        "    except PermissionError: print('refused')\n"
        "open(sys.argv[1], 'wb').close()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "out")], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["refused"] * 4, done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_checkpoint_of_old_paints_once_it_is_converted(tmp_path):
    parts = Parts(TINY1)
    whole = parts.save(tmp_path / "model.safetensors", kind=torch.float32)
    state = load_file(whole)
    whole.unlink()
    (tmp_path / "old").mkdir()
    torch.save({"state_dict": state, "callbacks": Callback()}, tmp_path / "old" / "model.ckpt")
    library = ModelLibrary([tmp_path], presets=(TINY1,))
    assert not library.infos()
    (entry,) = library.entries
    assert (entry.kind, entry.fault) == ("pickle", "model-pickle")
    convert_file(Path(entry.path), tmp_path / "converted")
    library.rescan()
    model = library.load("model", "cpu", "float32", lambda: None)
    latent = model.denoise(model.encode_prompt("a cup"), size=(64, 64), seeds=[1], steps=2)
    assert np.std(model.decode(latent)[0]) > 0


def test_a_learnt_word_of_old_becomes_one_that_is_read(tmp_path):
    vectors = torch.randn(2, 32)
    torch.save({"string_to_token": {"*": 265}, "string_to_param": {"*": vectors}, "name": "mood"}, tmp_path / "mood.pt")
    made = load_file(convert_file(tmp_path / "mood.pt", tmp_path))
    assert torch.equal(made["emb_params"], vectors)
