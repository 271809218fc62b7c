"""Errors that a person may meet: a code, its parameters, and one sentence in English.

The window translates the sentence; the engine and the plugins only name the code. A sentence says what is
wrong and what to do about it.
"""

from __future__ import annotations

from typing import Final

MESSAGES: Final[dict[str, str]] = {
    "cancelled": "The job was cancelled.",
    "internal": "Something went wrong inside {where}. The details hold the whole report.",
    "plugin-failed": "The plugin “{plugin}” failed: {reason}. Nothing in the picture was changed.",
    "plugin-import-failed": "The plugin “{plugin}” could not be started ({reason}).",
    "plugin-unknown": "No plugin called “{plugin}” is installed.",
    "plugin-bad-result": "The plugin “{plugin}” returned something that is not a picture: {reason}.",
    "tool-unknown": "There is no tool called “{tool}”. The tools are: {known}.",
    "tool-needs-selection": "Select what should change first: {tool} works on the selection.",
    "tool-needs-input": "{tool} needs “{input}”. Choose a layer or a file for it.",
    "tool-needs-document": "{tool} works on a picture. Open one or make a new one first.",
    "param-unknown": "{tool} has no setting called “{name}”.",
    "schedule-unsupported": "The sampler “{sampler}” has no noise schedule “{schedule}”. Choose “model”, or another sampler.",
    "sampler-unsupported": "The sampler “{sampler}” does not work with models of the kind of SD 3. Choose one of {others}.",
    "model-unsuited": "“{model}” is a model of another kind than this tool works with. Choose one made from SD 1, SD 2 or SDXL.",
    "param-invalid": "“{name}” is {value}, but must be {expected}.",
    "size-invalid": "The size {width} × {height} does not work: both sides must be multiples of 8, from {minimum} to {maximum}.",
    "prompt-too-long": "The prompt has {count} tokens; the model reads the first {limit} and ignores the rest.",
    "demo-stalled": "The demo waited in vain for {what}. “scumble diagnostics” shows what this machine has.",
    "mask-empty": "The mask is empty, so there is nothing to fill. Select the part of the picture that should change.",
    "outside-changed": "{count} pixels outside the affected area of “{layer}” would have changed, so nothing was done. Please report this, with the picture if you can.",
    "mask-size": "The mask is {mask} but the picture is {image}. They must have the same size.",
    "model-none": "There is no model on this machine that this tool could use. Put one into the folder of models.",
    "model-missing": "The model “{model}” is not on this machine.",
    "model-other": "The model “{model}” on this machine is not the one of that name that the layer was made with.",
    "live-needs-canvas": "Live painting needs a tool that looks at the picture. Choose one above.",
    "live-needs-selection": "Select the part to be painted live; a picture of up to {side} × {side} pixels is as a whole.",
    "live-too-large": "{width} × {height} pixels are too many for live painting. Select a smaller part.",
    "recipe-none": "“{path}” does not say how it was made. Only PNG, JPEG and WebP files as a generator wrote them do.",
    "recipe-turned": "“{tool}” cannot be run again on this layer: it was turned or bent, so that its selection no longer fits. Select the part that should change and generate anew.",
    "recipe-no-crop": "The recipe of “{layer}” has lost its picture, so there is nothing to compare with.",
    "model-broken": "The model “{model}” cannot be read: {reason}.",
    "model-pickle": "“{model}” is a pickle file, which could run code. Have it converted to safetensors once; nothing in it is run for that.",
    "model-unused": "“{model}” is {kind}, which Scumble cannot use yet.",
    "model-unsafe": "“{model}” was not converted, because {reason}. Nothing of it was run.",
    "model-disk-full": "“{model}” could not be converted because the disk is full. The old file is as it was; free {needed} and try again.",
    "vae-missing": "There is no VAE called “{vae}” on this machine. Choose another one for this model in the list of models.",
    "vae-mismatch": "The VAE “{vae}” does not fit the model “{model}”: {reason}. Choose another one in the list of models.",
    "embedding-mismatch": "The learnt word “{embedding}” was made for another kind of model than “{model}”. Take it out of the prompt or choose another model.",
    "embedding-broken": "The learnt word “{embedding}” cannot be read: {reason}.",
    "model-not-copied": "“{model}” was not put into the folder of models: {reason}. The file is where it was.",
    "notes-unwritable": "What you said about “{model}” could not be kept: {reason}. Make room, or look at the rights of the folder.",
    "model-no-numbers": "The model “{model}” computed values that are no numbers, so there is no picture. Its file is damaged, or it needs another VAE.",
    "file-missing": "There is no “{file}” of that kind on this machine any more. Put its file into the folder {folder}, or choose another.",
    "lora-missing": "There is no LoRA called “{lora}”. Put its file into the folder {folder}, or take it out of the prompt.",
    "lora-missing-near": "There is no LoRA called “{lora}”. Perhaps you mean {near}; otherwise put its file into the folder {folder}.",
    "lora-broken": "The LoRA “{lora}” cannot be read: {reason}.",
    "lora-mismatch": "The LoRA “{lora}” was made for another kind of model than “{model}”: {reason}. Choose another model or take it out of the prompt.",
    "lora-weight": "The weight in “{tag}” is not a number. Write it like <lora:name:0.8>.",
    "safety-broken": "The safety checker “{checker}” cannot be used ({reason}), so it looked at nothing. Mend its folder, or switch it off in the preferences.",
    "part-missing": "“{part}” of the recipe of “{layer}” is not on this machine, or is another file of that name by now.",
    "out-of-memory": "There was not enough memory for {width} × {height}. Choose a smaller size or close other programs.",
    "job-too-large": "This job does not fit into one message to the engine ({reason}). Choose a smaller area or a shorter prompt.",
    "engine-died": "The engine stopped while it worked on this job ({reason}). It has been started again; the picture is unharmed.",
    "engine-unavailable": "The engine does not start: {reason}. Painting and saving still work.",
    "protocol-mismatch": "The engine speaks version {theirs} and this window version {ours}. Install both from the same release.",
    "file-not-found": "There is no file “{path}”.",
    "folder-not-found": "There is no folder “{path}” to write into. Make it first, or write somewhere else.",
    "file-not-image": "“{path}” is not a picture that Scumble can read.",
    "file-truncated": "“{path}” is damaged or cut short: {reason}.",
    "file-too-large": "“{path}” says it is {width} × {height}; Scumble opens pictures of up to {limit}.",
    "file-unsafe": "“{path}” was not opened, because {reason}.",
    "file-unwritable": "“{path}” could not be saved: {reason}. The picture is still open, and the old file is as it was.",
    "file-format-unknown": "“{path}” has an ending that Scumble does not know. It writes {known}.",
    "disk-full": "“{path}” could not be saved because the disk is full. The old file is as it was; free some space and save again.",
    "layer-none": "There is no layer to work on. Add one in the layers dock.",
    "layer-locked": "“{layer}” is locked. Unlock it in the layers dock to change it.",
    "layer-alpha-locked": "“{layer}” keeps its transparency, so nothing can be erased from it. Unlock its transparency in the layers dock.",
    "clone-no-source": "Choose what to clone first: hold Alt and click on it.",
    "layer-hidden": "“{layer}” is hidden. Show it in the layers dock to change it.",
    "layer-into-itself": "“{layer}” cannot be put into itself. Drop it beside the group, or into another one.",
    "crop-nothing-selected": "Nothing is selected, so there is nothing to crop to. Select a part of the picture first.",
    "trim-nothing": "The picture has no edge of one colour that could be cut off.",
    "transform-empty": "“{layer}” is empty, so there is nothing to transform. Choose a layer with something on it.",
    "transform-group-empty": "There is nothing in “{layer}” to transform. Choose a layer with something on it.",
    "transform-nothing-selected": "Nothing of “{layer}” lies inside the selection. Choose another layer, or deselect.",
    "layer-is-group": "“{layer}” is a group, which has no pixels of its own. Choose a layer in it.",
    "selection-name-taken": "There is a kept selection called “{name}” already. Choose another name.",
    "layer-transparent": "“{layer}” is transparent everywhere, so there is nothing to select. Choose a layer that has pixels.",
    "clipboard-empty": "There is no picture on the clipboard.",
    "settings-unreadable": "The settings in “{path}” cannot be read ({reason}). The defaults are used, and the old file is kept beside it.",
    "wildcard-missing": "There is no list of words “{name}”. The lists are: {known}. Correct the prompt, or put {name}.txt into the folder of wildcards.",
    "prompt-endless": "The prompt makes more choices than can be followed; a list of words leads back to itself. Correct the list.",
    "style-broken": "“{path}” is not a style that Scumble can read: {reason}.",
    "palette-broken": "“{path}” is not a palette that Scumble can read: {reason}.",
    "palette-full": "The palette “{name}” has {limit} colours, which is as many as one can hold. Make another one.",
    "preset-broken": "“{path}” is not a brush preset that Scumble can read: {reason}.",
    "results-unwritable": "What was generated could not be kept on this machine: {reason}. It is in the strip until you close Scumble; make room, or look at the rights of the folder of results.",
    "result-broken": "A result that was kept cannot be read: {reason}. It was left out; you can delete it in the Results dock.",
    "result-unrepeatable": "“{tool}” cannot make more like this: it lacks a picture that it was given, or makes the same each time. Put its settings into the form and choose what is missing.",
    "together-few": "Choose from two to {most} candidates of one place first: hold Ctrl and click on them in the strip.",
    "together-apart": "These candidates are not of one place, so their parts do not fit together. Choose some that were made for the same one.",
    "shelf-unwritable": "“{name}” could not be kept on this machine: {reason}. Make room, or look at the rights of the folder.",
    "file-unreadable": "“{path}” could not be opened: {reason}.",
    "file-not-confirmed": "“{path}” was written, but the disk did not confirm it ({reason}). Save a copy in another place.",
    "file-side-limit": "“{path}” was not written: a {format} picture has at most {limit} pixels a side. Export it as PNG, or make it smaller.",
    "file-psd-kind": "“{path}” is a {kind} PSD file, which Scumble does not open. Save it as RGB with 8 or 16 bits a channel first.",
    "note-text-rasterised": "The text of the layer “{layer}” is now pixels and cannot be typed over.",
    "note-shape-rasterised": "The shape of the layer “{layer}” is now pixels.",
    "note-smart-object-rasterised": "The smart object “{layer}” is now pixels.",
    "note-fill-rasterised": "The fill layer “{layer}” is now pixels.",
    "note-adjustment-left-out": "The layer “{layer}” changes what lies below it instead of having pixels, and was left out.",
    "note-effects-left-out": "The effects of the layer “{layer}” (shadows, strokes and the like) were left out.",
    "note-vector-mask-left-out": "The vector mask of the layer “{layer}” was left out, so more of the layer shows.",
    "note-recipe-dropped": "The recipe of the layer “{layer}” was not written: PSD has no place for it. Its pixels are whole.",
    "note-mode-not-kept": "The layer “{layer}” was written as Normal: the format has no blend mode “{mode}”.",
    "profile-unusable": "“{path}” holds no colour profile for RGB that Scumble understands. Choose an .icc or .icm file of an RGB space.",
    "profile-changed-meanwhile": "The picture was changed while its colours were converted, so it stays as it is. Convert it once more.",
    "note-mode-unknown": "The layer “{layer}” has the blend mode “{mode}”, which Scumble does not know. It is shown as Normal.",
    "note-layer-damaged": "The layer “{layer}” could not be read ({reason}) and is empty.",
    "note-layer-kind": "“{layer}” is not a layer of pixels and was left out.",
    "note-mask-damaged": "The mask of the layer “{layer}” could not be read ({reason}) and was left out.",
    "note-recipe-unreadable": "The recipe of the layer “{layer}” could not be read ({reason}). Its pixels are whole.",
    "note-selection-damaged": "The selection could not be read ({reason}) and was left out.",
    "note-edited-elsewhere": "The layer “{layer}” was changed in another program, so its mask is now part of its pixels.",
    "note-extras-dropped": "The entry “{name}” of the file is too large to be kept when you save.",
    "note-first-page": "“{path}” holds {count} pictures. The first one was opened.",
    "note-colours-converted": "The colours of “{path}” were converted from {mode} to RGB.",
    "note-on-white": "{format} knows no transparency, so the picture was put on white.",
    "note-on-colour": "{format} knows no transparency, so the picture was put on the colour that you chose.",
    "note-dithered": "The picture has 16 bits a channel and was reduced to 8, as the preferences say.",
    "note-8-bit": "{format} was written with 8 bits a channel.",
    "manifest-invalid": "The plugin's manifest is not valid: {reason}.",
    "plugin-refused": "“{source}” was not installed, because {reason}.",
    "plugin-bundled": "The plugin “{plugin}” came with Scumble and cannot be removed. It can be switched off.",
    "plugin-no-rollback": "There is no earlier version of the plugin “{plugin}” to go back to.",
    "plugin-conflict": "“{source}” was not installed: it needs {needs}, but Scumble has {has}.",
}
"""Every code with its sentence, whose fields are the parameters of the error."""


class ScumbleError(Exception):
    """An error with a code and parameters, from which a sentence is made in the person's language.

    `details` holds what only a developer wants to read, such as a traceback.
    """

    def __init__(self, code: str, *, details: str = "", **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params: dict[str, str] = {name: str(value) for name, value in params.items()}
        self.details = details

    def __str__(self) -> str:
        return sentence(self.code, self.params)


class Cancelled(ScumbleError):
    """Raised inside a job that a person has cancelled, or that is put aside for others. A plugin lets it pass."""

    def __init__(self) -> None:
        super().__init__("cancelled")


def sentence(code: str, params: dict[str, str], template: str | None = None) -> str:
    """The sentence for an error; `template` is a translated one, where there is one."""
    text = template or MESSAGES.get(code) or MESSAGES["internal"]
    try:
        return text.format(**params)
    except (KeyError, IndexError):
        return f"{text} ({code}: {params})"
