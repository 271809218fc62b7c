"""Makes LoRA files: one as diffusers saves what peft made, one as kohya's trainer names things, both random."""

from __future__ import annotations

import copy

import torch
from diffusers import StableDiffusionPipeline
from peft import LoraConfig, get_peft_model_state_dict, inject_adapter_in_model
from safetensors.torch import save_file


def made_by_peft(
    parts, folder, name, *, rank=4, alpha=8, text=True, seed=1, targets=("to_q", "to_k", "to_v", "to_out.0")
):
    """A LoRA of the UNet's attention, and of the text encoder's, saved by diffusers; the parts stay as they are."""
    torch.manual_seed(seed)
    layers, metadata = {}, {}
    for key, layer_names in {"unet": targets, "text_encoder": ("q_proj", "v_proj")}.items():
        if key == "text_encoder" and not text:
            continue
        network = copy.deepcopy(getattr(parts, key))
        config = LoraConfig(r=rank, lora_alpha=alpha, target_modules=list(layer_names))
        inject_adapter_in_model(config, network)
        state = get_peft_model_state_dict(network)
        metadata[key] = {"r": rank, "lora_alpha": alpha, "target_modules": list(layer_names)}
        layers[key] = {name: torch.randn(value.shape) * 0.1 for name, value in state.items()}
    StableDiffusionPipeline.save_lora_weights(
        folder,
        unet_lora_layers=layers["unet"],
        text_encoder_lora_layers=layers.get("text_encoder"),
        weight_name=f"{name}.safetensors",
        unet_lora_adapter_metadata=metadata["unet"],
        text_encoder_lora_adapter_metadata=metadata.get("text_encoder"),
    )
    return folder / f"{name}.safetensors"


KOHYA = (
    "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q",
    "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k",
    "mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj",
    "up_blocks.1.attentions.1.proj_in",
    "up_blocks.1.attentions.1.transformer_blocks.0.attn1.to_out.0",
)


KOHYA_TEXT = ("encoder.layers.0.self_attn.q_proj", "encoder.layers.1.mlp.fc1")


def made_by_kohya(parts, path, *, rank=4, alpha=2.0, seed=2, unet=KOHYA, metadata=None, change=None):
    """A hand-made file of half floats, with an alpha for each layer; `change` spoils its tensors."""
    torch.manual_seed(seed)
    names = [("lora_unet_", parts.unet, name) for name in unet]
    text = getattr(parts.text_encoder, "text_model", parts.text_encoder)
    names += [("lora_te_text_model_", text, layer) for layer in KOHYA_TEXT]
    tensors = {}
    for prefix, network, name in names:
        weight = network.get_submodule(name).weight
        key = prefix + name.replace(".", "_")
        more = (1, 1) if weight.ndim == 4 else ()
        tensors[f"{key}.lora_down.weight"] = torch.randn(rank, *weight.shape[1:]).half() * 0.1
        tensors[f"{key}.lora_up.weight"] = torch.randn(weight.shape[0], rank, *more).half() * 0.1
        tensors[f"{key}.alpha"] = torch.tensor(alpha)
    if change is not None:
        tensors = change(tensors)
    save_file(tensors, path, metadata)
    return path
