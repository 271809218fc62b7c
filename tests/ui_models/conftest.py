"""The program with an engine and a folder of tiny model files."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
import torch
from PySide6.QtGui import QColor, QImage
from safetensors.torch import save_file

from scumble.app.window import build
from scumble.settings.paths import Paths

sys.path.insert(0, str(Path(__file__).parent))
from ui_models_waiting import wait


def pytest_collection_modifyitems(items):
    """The offscreen platform says these of every window that comes to the front."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            said = ("propagateSizeHints", r"raise\(\)", "grabbing the keyboard")
            item.add_marker(pytest.mark.qt_log_ignore(*said, extend=True))


def fill(folder):
    """One file of each kind; none of them is large."""
    (folder / "loras").mkdir(parents=True)
    words = {"modelspec.trigger_phrase": "old ink, hatching", "modelspec.title": "Old Ink"}
    pair = {"lora_unet_a_attn2_to_k.lora_down.weight": torch.zeros(2, 768)}
    save_file(pair, folder / "loras" / "ink.safetensors", words)
    save_file(pair, folder / "loras" / "neon.safetensors")
    save_file({"emb_params": torch.zeros(3, 768)}, folder / "mood.safetensors")
    save_file({"decoder.mid_block.resnets.0.conv1.weight": torch.zeros(2)}, folder / "soft.safetensors")
    save_file({"double_blocks.0.img_attn.qkv.weight": torch.zeros(2)}, folder / "flux.safetensors")
    torch.save({"state_dict": {"emb_params": torch.ones(2, 768)}}, folder / "old.pt")
    (folder / "broken.safetensors").write_bytes(b"\0" * 50)
    picture = QImage(40, 30, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff0000"))
    picture.save(str(folder / "loras" / "ink.preview.png"))


@pytest.fixture(scope="module")
def running(qapp, tmp_path_factory):
    """The running program, one for all tests. Its engine has listed the files."""
    home = tmp_path_factory.mktemp("home")
    paths = Paths(home / "data", home / "config", home / "cache")
    fill(paths.models)
    made = build(paths)
    made.finish()
    made.window.show()
    wait(lambda: made.models.shelf.entries, what="the list of files")
    wait(lambda: made.service.state == "idle", what="the engine's start")
    rested = []
    for _ in range(2):  # so that the threads of the pool are there before a test counts threads
        made.window.background.run(lambda: time.sleep(0.1), rested.append, rested.append)
    wait(lambda: len(rested) == 2)
    yield made
    made.close()
    made.service.shutdown()


@pytest.fixture
def program(running):
    """The program without what an earlier test has left open."""
    yield running
    if running.models._dialog is not None:
        running.models._dialog.close()
    for session in running.window.sessions:
        running.window.drop_session(session)
    for note in running.window.messages.notes:
        note.dismiss()
    running.generation.dock.form.prompts()[0].edit.clear()
    wait(lambda: running.models._dialog is None, what="the end of the dialog")
