"""The types of a plugin's manifest, `scumble.toml`: all that the window knows about a plugin.

The manifest is data. The window builds menus and forms from it, the engine checks every value against it, and
the command line makes options of it; none of them imports the plugin to do so.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

API_VERSION = "1.0"
"""The version of `scumble.api`, a semantic one: a plugin names the range that it works with."""

ParamValue = str | int | float | bool
"""A parameter's value, as a form, a recipe and a job hold it."""

ParamType = Literal[
    "number", "integer", "boolean", "enum", "file", "text", "prompt", "seed", "size", "colour", "curve", "levels"
]
"""`prompt` is text whose tokens are counted; `seed` is an integer where -1 asks for a new one; `file` is the name of
a file of weights on this machine, of the parameter's `kind`, or empty, and the job finds it by
`JobContext.find_file`; `size` is a length in pixels, a multiple of 8; `colour` is sRGB as `#rrggbb`; `curve` and
`levels` are text as `parse_curve` and `parse_levels` read it. All parameters of type `curve`, or `levels`, of a tool
share one editor, in which their titles can be chosen; the names `red`, `green` and `blue` choose the histogram
behind it."""

FileKind = Literal["", "upscaler", "controlnet", "ip-adapter", "adapter", "lora", "vae", "embedding", "eraser"]
"""What a file of weights is, as its header tells."""

FILL_MODES: Final = ("auto", "fill", "expand", "add", "remove", "replace", "refine", "vary")
"""What a fill can be asked to do: `fill` invents what fits, `expand` goes on beyond the edge of the picture, `add`
draws something new, `remove` takes something away, `replace` changes all that is not selected, `refine` redraws what
is there, `vary` redraws it otherwise. `auto` lets the window choose."""

UNDERS: Final = ("auto", "original", "blurred", "classical", "colour", "noise")
"""What may lie under the mask before a model begins: the picture as it is, its surroundings blurred into it, what
classical inpainting makes of them, a colour, noise; or what suits the mode."""

InputKind = Literal["canvas", "layer", "selection", "picture"]
"""`canvas`: the visible picture under the context box; `layer`: the active layer there; `selection`: the mask of
what may change; `picture`: one that the user chooses, from a layer or a file."""

ResultKind = Literal["layer", "masked-layer", "picture", "adjustment"]
"""`layer`: a new layer over the context box; `masked-layer`: the same, with a layer mask made from the selection,
outside which nothing changes; `picture`: a document of its own; `adjustment`: the pixels of the active layer, or of its
mask, are replaced where the selection lets them, see `Tool`."""

Menu = Literal["", "colour", "detail"]
"""Where in the Adjust menu: among what changes colours, among what sharpens, softens and adds grain, or after both."""

MAX_REACH: Final = 2048
"""How far, in pixels, an adjustment may look at its surroundings."""


class Param(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """One parameter of a tool. `minimum`, `maximum` and `step` hold for the numeric types, `choices` for `enum`.

    `labels` is what a person reads for each of the choices, in their order; empty where the choices say it themselves.
    A `file` has one label at the most, for when none is chosen.
    `ui` is a hint for the form, and for two kinds of `enum` more than that: `mode` marks choices that are among
    `FILL_MODES`, `under` choices that are among `UNDERS`. Of these the window shows what `auto` stands for, and puts
    that in its place before a job is made, so that a tool, and the recipe, are told what was used. With the mode
    `replace` the window hands over the selection inverted.
    `reach` says of an adjustment that each pixel looks at neighbours up to so many times the value away.
    """

    type: ParamType
    title: str
    default: ParamValue
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    kind: FileKind = ""
    unit: str = ""
    ui: Literal["", "slider", "spin", "multiline", "mode", "under"] = ""
    advanced: bool = False
    reach: float = 0.0


class Input(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A picture or mask that a tool works on; the job holds it under `name`."""

    name: str
    kind: InputKind
    title: str = ""
    optional: bool = False


class Tool(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """A tool, as a user picks it. `model` says whether it needs a diffusion model.

    A `light` tool imports nothing that is slow to import, torch least of all, and answers in well under a second: it
    runs in an engine beside the one that generates, and waits for no model.

    A tool with `two-passes` can work on a box that is too large for the model, at the box's own resolution: first at
    `ToolJob.first`, then in tiles at `ToolJob.size`. One without is never asked for more than the model can do at once.

    A tool whose result is an `adjustment` stands in the Adjust menu (`menu` says where; `shortcut`, such as “Ctrl+L”,
    is its key unless the window has another use for it). Its one input, of kind `layer`, is straight RGBA
    `(height, width, 4)`, uint8 or uint16 as the document is; its one candidate has the same shape and dtype. It is
    called with pieces of the layer, of any size, with as much of their surroundings as `reach` asks for, and while a
    person tries values also with smaller pictures of them; `ToolJob.origin` and `ToolJob.scale` say which. How opaque
    pixels are stays as it was unless the tool says `alpha`.

    With `regions` the tool is given `ToolJob.regions`: the masks that have prompts of their own. Where nothing is
    selected, a `masked-layer` then works on all of them.
    """

    id: str
    title: str
    summary: str = ""
    icon: str = ""
    result: ResultKind = "layer"
    model: bool = True
    light: bool = False
    two_passes: bool = False
    alpha: bool = False
    regions: bool = False
    menu: Menu = ""
    shortcut: str = ""
    inputs: tuple[Input, ...] = ()
    params: dict[str, Param] = {}


class Permission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that a plugin asks for, with the reason that the user reads."""

    reason: str


class PluginInfo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Who a plugin is. Name, version, author and licence come from the wheel's own metadata.

    `runtime` is the dotted name of the module that holds the hook implementations; only the engine imports it.
    """

    id: str
    title: str
    runtime: str
    requires_api: str = ">=1.0,<2"
    summary: str = ""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """The whole of `scumble.toml`."""

    manifest: Literal[1]
    plugin: PluginInfo
    permissions: dict[str, Permission] = {}
    tools: tuple[Tool, ...] = ()
