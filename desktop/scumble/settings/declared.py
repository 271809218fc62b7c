"""Every setting there is, as data: the file, the dialog and the manual are made from this table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

Value: TypeAlias = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. Its type is that of `default`; `choices` are (value, title) pairs.

    `section` is the heading it stands under; an empty one keeps it out of the dialog. `empty` says what an empty text
    means. A colour is written as `#rrggbb`.
    """

    id: str
    default: Value
    title: str = ""
    help: str = ""
    section: str = ""
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    is_path: bool = False
    is_colour: bool = False
    empty: str = ""
    restart: bool = False

    def check(self, value: Value) -> Value:
        """The value in this setting's type. ValueError, which says what it must be, when it does not fit."""
        if isinstance(self.default, bool) or isinstance(value, bool):
            if not (isinstance(self.default, bool) and isinstance(value, bool)):
                raise ValueError("true or false" if isinstance(self.default, bool) else "not true or false")
            return value
        if isinstance(self.default, str):
            return self._check_text(value)
        if isinstance(value, str):
            raise ValueError("a number")
        if isinstance(self.default, int) and int(value) != value:
            raise ValueError("a whole number")
        low, high = self.minimum, self.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            raise ValueError(f"from {low:g} to {high:g}" if low is not None and high is not None else "in range")
        return int(value) if isinstance(self.default, int) else float(value)

    def _check_text(self, value: Value) -> str:
        if not isinstance(value, str):
            raise ValueError("text")
        if self.is_colour and re.fullmatch("#[0-9a-f]{6}", value) is None:
            raise ValueError("a colour such as #d6455a")
        if self.choices and value not in dict(self.choices):
            raise ValueError("one of " + ", ".join(name for name, _ in self.choices))
        return value


SETTINGS: Final[tuple[Setting, ...]] = (
    Setting(
        "files.autosave-minutes",
        1,
        title="Autosave every",
        help="A copy of every changed picture is kept aside, to be offered after a crash. 0 switches it off.",
        section="Files",
        minimum=0,
        maximum=60,
        unit="min",
    ),
    Setting(
        "files.quality",
        92,
        title="Quality of exported JPEG and WebP",
        help="Higher is larger and closer to the picture.",
        section="Files",
        minimum=1,
        maximum=100,
    ),
    Setting(
        "files.sixteen-bit",
        "keep",
        title="Pictures with 16 bits a channel",
        help="Kept, they take twice the memory. What has layers of ours (OpenRaster) is always kept as it is.",
        section="Files",
        choices=(("keep", "Keep 16 bits"), ("dither", "Reduce to 8 bits with a fine grain")),
    ),
    Setting(
        "history.budget",
        1024,
        title="Memory for undo",
        help="The oldest steps of a picture are let go when its history needs more than this.",
        section="Painting",
        minimum=64,
        maximum=65536,
        unit="MiB",
    ),
    Setting(
        "mask.colour",
        "#d6455a",
        title="Colour of the quick mask",
        help="What is selected is tinted in this colour while a mask is painted.",
        section="Painting",
        is_colour=True,
    ),
    Setting(
        "mask.opacity",
        50,
        title="Opacity of the quick mask",
        help="How much the tint covers of the picture below.",
        section="Painting",
        minimum=10,
        maximum=90,
        unit="%",
    ),
    Setting(
        "generate.apply",
        False,
        title="Apply results at once",
        help="The first result of a job becomes a layer without being looked at first. It can be undone.",
        section="Generation",
    ),
    Setting(
        "results.budget",
        2048,
        title="Room for results",
        help="Everything generated is kept until it needs more than this; then the oldest without a star goes first.",
        section="Generation",
        minimum=64,
        maximum=1048576,
        unit="MiB",
    ),
    Setting(
        "generate.match",
        100,
        title="Match the colours of results",
        help="How far a result is brought to the colours round it where its form says Auto.",
        section="Generation",
        minimum=0,
        maximum=100,
        unit="%",
    ),
    Setting(
        "generate.seam",
        100,
        title="Even out the seam of results",
        help="How far what differs along the edge is spread over the inside where the form says Auto.",
        section="Generation",
        minimum=0,
        maximum=100,
        unit="%",
    ),
    Setting(
        "generate.two-passes",
        True,
        title="Large areas in two passes",
        help="First small, so that the picture hangs together, then at its own resolution, so that detail is real. "
        "Without it, large areas are quicker and softer.",
        section="Generation",
    ),
    Setting(
        "live.steps",
        6,
        title="Steps of live painting",
        help="Fewer are quicker. Models that were made for few steps need 4.",
        section="Generation",
        minimum=1,
        maximum=30,
    ),
    Setting(
        "live.strength",
        60,
        title="Strength of live painting",
        help="How far the picture may go from what is painted.",
        section="Generation",
        minimum=5,
        maximum=100,
        unit="%",
    ),
    Setting(
        "engine.device",
        "auto",
        title="Compute on",
        help="Where that device is not to be had, the processor is used instead.",
        section="Engine",
        choices=(
            ("auto", "The best there is"),
            ("cpu", "The processor"),
            ("cuda", "An NVIDIA or AMD GPU"),
            ("mps", "Apple's GPU"),
            ("xpu", "An Intel GPU"),
        ),
    ),
    Setting(
        "engine.dtype",
        "auto",
        title="Compute in",
        help="Half of the bits take half of the memory. The processor never computes in float16, which it is far too "
        "slow in.",
        section="Engine",
        choices=(
            ("auto", "What is quickest here"),
            ("float32", "float32"),
            ("bfloat16", "bfloat16"),
            ("float16", "float16"),
        ),
    ),
    Setting(
        "engine.backend",
        "auto",
        title="Compute on a processor with",
        help="OpenVINO, where it is installed, is quicker in float32, and used by itself for large models. In bfloat16 "
        "both are alike. LoRAs, styles and cached steps are always PyTorch's.",
        section="Engine",
        choices=(("auto", "What is quickest here"), ("torch", "PyTorch"), ("openvino", "OpenVINO")),
    ),
    Setting(
        "engine.attention",
        "auto",
        title="Attention on a processor",
        help="Which of the two is quicker differs with the processor, so it is measured before the first large model. "
        "Their pictures differ by rounding alone. GPUs always use the fused one.",
        section="Engine",
        choices=(
            ("auto", "What is quickest here"),
            ("fused", "Fused"),
            ("plain", "Plain"),
        ),
    ),
    Setting(
        "engine.threads",
        0,
        title="Processor cores to compute with",
        help="0 is all but one, which is left to the window.",
        section="Engine",
        minimum=0,
        maximum=256,
    ),
    Setting(
        "engine.memory",
        "auto",
        title="Memory",
        help="Saving it, pictures of a batch are made one after the other and decoded in tiles; with as little as "
        "possible, the parts of a model also wait in main memory, or on disk, until they are used. Where memory runs "
        "out, all of that is done in any case, and the result says so.",
        section="Engine",
        choices=(
            ("auto", "As much as it takes"),
            ("frugal", "Save some"),
            ("least", "As little as possible"),
        ),
    ),
    Setting(
        "engine.safety",
        False,
        title="Blur what the safety checker finds",
        help="Works once the folder of a safety checker for Stable Diffusion lies among the models, by itself or in a "
        "model's own. A picture that it flags is blurred, and its card says so.",
        section="Engine",
    ),
    Setting(
        "engine.python",
        "",
        title="Python of the engine",
        help="The interpreter that computes. Empty: the one that Scumble itself runs in.",
        section="Engine",
        is_path=True,
        empty="The one that Scumble runs in",
        restart=True,
    ),
    Setting(
        "models.folders",
        "",
        title="Folders of models",
        help="Where else to look for models, LoRAs and the like, with a semicolon between two folders; one with a "
        "semicolon in its name goes in double quotes. Those of A1111, ComfyUI, InvokeAI and the Hugging Face cache "
        "will do.",
        section="Generation",
        is_path=True,
        empty="None besides Scumble's own",
    ),
    Setting(
        "keys.own",
        "",
        title="Shortcuts",
        help="The shortcuts that differ from those the commands come with; set in the dialog for them.",
    ),
    Setting(
        "view.screen-profile",
        "",
        title="Colour profile of the screen",
        help="A file (.icc) that was made for this screen. Without one the system is asked, as far as it can tell.",
        section="Appearance",
        is_path=True,
        empty="As the system says, or sRGB",
    ),
    Setting(
        "ui.theme",
        "dark",
        title="Theme",
        help="The colours of the window.",
        section="Appearance",
        choices=(("dark", "Dark"), ("light", "Light"), ("contrast", "High contrast")),
    ),
    Setting(
        "view.pixel-grid",
        True,
        title="Pixel grid from 800 % on",
        help="Draws faint lines between the pixels where they are large.",
        section="Appearance",
    ),
    Setting(
        "ui.scale",
        1.0,
        title="Size of text and controls",
        help="Multiplies what the system asks for.",
        section="Appearance",
        minimum=0.75,
        maximum=2.0,
        restart=True,
    ),
)
"""In the order of the dialog."""


def find(setting_id: str) -> Setting:
    """A setting by its id. KeyError when there is none."""
    for setting in SETTINGS:
        if setting.id == setting_id:
            return setting
    raise KeyError(setting_id)
