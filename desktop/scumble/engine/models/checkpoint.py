"""A model in one safetensors file, in the layout of the first Stable Diffusion: what it is, from its header alone."""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from scumble.api import ModelInfo
from scumble.engine.models.fewsteps import suits_model
from scumble.engine.models.files import TensorEntry, hash_files, read_floats, read_header, read_metadata
from scumble.engine.models.presets import Preset
from scumble.engine.models.sd3 import TEXTS, is_sd3, transformer_config

UNET: Final = "model.diffusion_model."
"""What the names of the UNet's tensors begin with."""

FIRST: Final = UNET + "input_blocks.0.0.weight"

LAST_NORM: Final = UNET + "output_blocks.11.1.transformer_blocks.0.norm1.bias"
"""A tensor by which a UNet trained for v-prediction is told from one for noise: its values are spread wider."""

SPREAD: Final = 0.09
"""The standard deviation from which on it is v-prediction. Found by the authors of ComfyUI; no file says it itself."""


V_MARK: Final = "v_pred"
ZERO_SNR_MARK: Final = "ztsnr"
"""Empty tensors by which makers of SDXL models say: trained for v-prediction; trained down to pure noise."""

REFINER: Final = (384, 1280)
"""The widths of the UNet and of the text in the refiner of SDXL."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A checkpoint on disk that can be loaded. `configs` are the preset's, with what this file tells beside."""

    path: Path
    info: ModelInfo
    preset: Preset
    configs: Mapping[str, Mapping[str, Any]]

    @property
    def tokenizer(self) -> Path:
        """The folder of CLIP's tokenizer, which such files do not bring."""
        return Path(str(importlib.resources.files("scumble_resources"))) / "clip_tokenizer"

    @property
    def tokenizer_2(self) -> Path:
        """That of the second text encoder, which has the same words."""
        return self.tokenizer

    @property
    def padding(self) -> str:
        """The token that fills up a prompt."""
        return self.preset.padding

    def sha256(self, check_cancelled: Callable[[], None]) -> str:
        """The file's hash, as model sites list it too."""
        return hash_files((self.path,), check_cancelled)


def read_checkpoint(path: Path, presets: Iterable[Preset]) -> ModelFile | None:
    """Recognises a file; None where it holds no diffusion model, such as a LoRA.

    Raises `ValueError` with a plain reason for a model that cannot be run.
    """
    header = read_header(path)
    if FIRST not in header and not is_sd3(header):
        return None
    try:
        return (_described_sd3 if is_sd3(header) else _described)(path, header, presets)
    except (KeyError, IndexError) as error:
        raise ValueError("its tensors make no sense") from error


def _described(path: Path, header: Mapping[str, TensorEntry], presets: Iterable[Preset]) -> ModelFile:
    """What a checkpoint says of itself; KeyError or IndexError where tensors lack or have no such shape."""
    preset = _recognise(header, presets)
    text = "cond_stage_model." if preset.text_encoder_2 is None else "conditioner.embedders."
    for prefix, what in (("first_stage_model.", "autoencoder"), (text, "text encoder")):
        if not any(name.startswith(prefix) for name in header):
            raise ValueError(f"it has no {what}")
    inputs = header[FIRST].shape[1]
    channels = int(preset.vae["latent_channels"])
    if inputs not in (channels, 2 * channels + 1):
        raise ValueError(f"its UNet has {inputs} input channels, which Scumble cannot use")
    prediction = _prediction(path, header)
    side = preset.native_v if prediction == "v_prediction" else preset.native
    factor = 2 ** (len(preset.vae["block_out_channels"]) - 1)
    configs = {
        "unet": {**preset.unet, "in_channels": inputs, "sample_size": side // factor},
        "vae": preset.vae,
        "text_encoder": preset.text_encoder,
        "scheduler": {**preset.scheduler, **_zero_snr(header), "prediction_type": prediction},
    }
    if preset.text_encoder_2 is not None:
        configs["text_encoder_2"] = preset.text_encoder_2
    info = ModelInfo(
        id=path.stem,
        title=path.stem.replace("_", " ").strip(),
        family=preset.family,
        native=side,
        factor=factor,
        latent_channels=channels,
        inpainting=inputs != channels,
        tokens=int(preset.text_encoder["max_position_embeddings"]),
        suits=suits_model(path.stem, read_metadata(path), {}),
    )
    return ModelFile(path, info, preset, configs)


def _described_sd3(path: Path, header: Mapping[str, TensorEntry], presets: Iterable[Preset]) -> ModelFile:
    """The same for Stable Diffusion 3, of which the transformer's shape tells all but the other parts'."""
    preset = next((preset for preset in presets if preset.family == "sd3"), None)
    if preset is None:
        raise ValueError("it is of no kind that Scumble knows")
    if not any(name.startswith("first_stage_model.") for name in header):
        raise ValueError("it has no autoencoder")
    if not all(any(name.startswith(prefix) for name in header) for prefix in TEXTS.values()):
        raise ValueError("it has no text encoders; choose the file of this model that brings CLIP, or its folder")
    factor = 2 ** (len(preset.vae["block_out_channels"]) - 1)
    configs = {
        "transformer": transformer_config(header, preset.native, factor),
        "vae": preset.vae,
        "text_encoder": preset.text_encoder,
        "text_encoder_2": preset.text_encoder_2 or {},
        "scheduler": preset.scheduler,
    }
    info = ModelInfo(
        id=path.stem,
        title=path.stem.replace("_", " ").strip(),
        family=preset.family,
        native=preset.native,
        factor=factor,
        latent_channels=int(preset.vae["latent_channels"]),
        tokens=int(preset.text_encoder["max_position_embeddings"]),
        suits=suits_model(path.stem, read_metadata(path), preset.scheduler),
    )
    return ModelFile(path, info, preset, configs)


def _recognise(header: Mapping[str, TensorEntry], presets: Iterable[Preset]) -> Preset:
    width = header[FIRST].shape[0]
    attended = (entry.shape[-1] for name, entry in header.items() if name.endswith("attn2.to_k.weight"))
    context = next(attended, 0)
    if (width, context) == REFINER:
        raise ValueError("it is the refiner of SDXL, which only finishes pictures; choose an SDXL model itself")
    found = next((preset for preset in presets if (preset.width, preset.context) == (width, context)), None)
    if found is None:
        raise ValueError(f"its UNet ({width} channels, text of {context}) is of no kind that Scumble knows")
    return found


def _zero_snr(header: Mapping[str, TensorEntry]) -> dict[str, Any]:
    """How the noise levels lie in a model that was trained down to pure noise, as an empty tensor in it says."""
    return {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"} if ZERO_SNR_MARK in header else {}


def _prediction(path: Path, header: Mapping[str, TensorEntry]) -> str:
    """`epsilon` or `v_prediction`: as the file's maker says (the ModelSpec standard), else as the weights look."""
    said = read_metadata(path).get("modelspec.prediction_type", "").lower()
    if said in ("v", "epsilon"):
        return "v_prediction" if said == "v" else "epsilon"
    if V_MARK in header:
        return "v_prediction"
    if LAST_NORM not in header or header[FIRST].shape[1] != header[UNET + "out.2.weight"].shape[0]:
        return "epsilon"
    return "v_prediction" if read_floats(path, LAST_NORM).std() > SPREAD else "epsilon"
