"""What the engine says about the model files on this machine."""

from __future__ import annotations

import msgspec

from scumble.api import ModelInfo


class ModelEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file or a folder that holds a model, a LoRA or the like.

    `name` is what prompts and jobs call it. `kind` is one of `checkpoint`, `lora`, `embedding`, `vae`, `eraser`,
    `controlnet`, `adapter`, `ip-adapter`, `upscaler`, `unet`, `text-encoder`, `image-encoder`, `preview`,
    `safety-checker`, `pickle`, `gguf`, `folder` and `unknown`; `family` as of models. `fault` says why it cannot be
    used: a code of an error with its parameters, empty where it can. `stamp` is when it was written and its bytes;
    `values` how many numbers of it are loaded. `sha256` is known a while after the file was found.
    """

    path: str
    name: str
    kind: str
    stamp: tuple[int, int]
    title: str = ""
    family: str = ""
    words: tuple[str, ...] = ()
    fault: str = ""
    params: dict[str, str] = {}
    values: int = 0
    sha256: str = ""
    info: ModelInfo | None = None


class ModelRoot(msgspec.Struct, frozen=True, omit_defaults=True):
    """A folder that is looked through. `program` is whose tree of folders it is, if it is one that is known; `found`
    how many files of use lie there. A folder that is not there has `missing`."""

    path: str
    program: str = ""
    found: int = 0
    missing: bool = False
