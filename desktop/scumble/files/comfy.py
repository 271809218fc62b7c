"""The graphs that ComfyUI writes into a picture: `prompt`, what was run, and `workflow`, what was on the screen.

A node of a prompt is `{"class_type": …, "inputs": {name: value or [node, slot]}}`. A workflow has lists of nodes and of
links, and the values of a node without their names; those of the nodes in `_WIDGETS` are known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scumble.files.found_recipe import FoundRecipe, Gatherer

PROGRAM: Final = "ComfyUI"
MOST_NODES: Final = 5000
DEEPEST: Final = 64
"""How many links are followed from a sampler back to a text."""

_WIDGETS: Final[dict[str, tuple[str, ...]]] = {
    "KSampler": ("seed", "", "steps", "cfg", "sampler_name", "scheduler", "denoise"),
    "KSamplerAdvanced": ("", "noise_seed", "", "steps", "cfg", "sampler_name", "scheduler"),
    "CLIPTextEncode": ("text",),
    "EmptyLatentImage": ("width", "height"),
    "EmptySD3LatentImage": ("width", "height"),
    "CheckpointLoaderSimple": ("ckpt_name",),
    "LoraLoader": ("lora_name", "strength_model"),
    "CLIPSetLastLayer": ("stop_at_clip_layer",),
}
_PLUMBING: Final = frozenset(
    ("VAEDecode", "SaveImage", "PreviewImage", "Reroute", "Note", "PrimitiveNode", "MarkdownNote", "VAEDecodeTiled")
)
_TEXTS: Final = ("text", "string", "value", "text_g", "prompt")
_CONDITIONS: Final = ("conditioning", "conditioning_1", "conditioning_to")

Node = Mapping[str, Any]
Graph = Mapping[str, Node]


def parse_prompt(data: object) -> FoundRecipe | None:
    """A recipe from a graph that was run; None where nothing in it samples."""
    graph = {str(key): node for key, node in data.items() if _is_node(node)} if isinstance(data, dict) else {}
    if not 0 < len(graph) <= MOST_NODES:
        return None
    samplers = [node for node in graph.values() if _is_sampler(node)]
    if not samplers:
        return None
    first, *others = sorted(samplers, key=lambda node: _empty_latent(graph, node) is None)
    gathered = Gatherer(PROGRAM)
    inputs = first["inputs"]
    gathered.text("prompt", _text(graph, inputs.get("positive"), 0) or "")
    gathered.text("negative", _text(graph, inputs.get("negative"), 1) or "")
    seed = inputs.get("seed", inputs.get("noise_seed"))
    gathered.whole("seed", None if isinstance(seed, list) else seed, "seed")
    gathered.whole("steps", inputs.get("steps"), "steps")
    gathered.number("guidance", inputs.get("cfg"), "cfg")
    gathered.number("strength", inputs.get("denoise"), "denoise")
    gathered.sampler(inputs.get("sampler_name"), "sampler")
    gathered.schedule(inputs.get("scheduler"), "scheduler")
    if (latent := _empty_latent(graph, first)) is not None:
        gathered.whole("width", latent.get("width"), "width")
        gathered.whole("height", latent.get("height"), "height")
    _models(gathered, graph)
    for node in (*others, *(node for node in graph.values() if not _understood(node, samplers))):
        gathered.leave(str(node["class_type"]))
    return gathered.found()


def parse_workflow(data: object) -> FoundRecipe | None:
    """A recipe from what was on the screen."""
    return parse_prompt(_as_prompt(data))


def _understood(node: Node, samplers: list[Node]) -> bool:
    kind = node["class_type"]
    return kind in _WIDGETS or kind in _PLUMBING or any(node is sampler for sampler in samplers)


def _models(gathered: Gatherer, graph: Graph) -> None:
    for node in graph.values():
        inputs = node["inputs"]
        match node["class_type"]:
            case "CheckpointLoaderSimple":
                gathered.model = str(inputs.get("ckpt_name", ""))
            case "LoraLoader":
                name = str(inputs.get("lora_name", "")).replace("\\", "/").rsplit("/", 1)[-1]
                gathered.lora(name.removesuffix(".safetensors"), inputs.get("strength_model", 1.0))
            case "CLIPSetLastLayer":
                last = inputs.get("stop_at_clip_layer")
                if isinstance(last, int) and last < 0:
                    gathered.from_end(-last, "stop_at_clip_layer")


def _is_node(node: object) -> bool:
    return isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)


def _is_sampler(node: Node) -> bool:
    return bool({"seed", "noise_seed"} & node["inputs"].keys()) and {"steps", "cfg"} <= node["inputs"].keys()


def _linked(graph: Graph, link: object) -> Node | None:
    return graph.get(str(link[0])) if isinstance(link, list) and link else None


def _empty_latent(graph: Graph, sampler: Node) -> Mapping[str, Any] | None:
    node = _linked(graph, sampler["inputs"].get("latent_image"))
    inputs = node["inputs"] if node is not None else {}
    return inputs if {"width", "height"} <= inputs.keys() else None


def _text(graph: Graph, link: object, side: int) -> str | None:
    """The text at the end of a chain of links; `side` 0 follows what is positive, 1 what is negative."""
    for _ in range(DEEPEST):
        node = _linked(graph, link)
        if node is None:
            return None
        inputs = node["inputs"]
        texts = [inputs[name] for name in _TEXTS if name in inputs]
        if texts and isinstance(texts[0], str):
            return texts[0]
        ways = [*texts, *(inputs[name] for name in _CONDITIONS if name in inputs)]
        if not ways:
            ways = [inputs[name] for name in (("positive", "negative")[side],) if name in inputs]
        link = ways[0] if ways else None
    return None


def _as_prompt(data: object) -> dict[str, Node]:
    """A workflow in the form of a prompt."""
    if not isinstance(data, dict) or not isinstance(data.get("nodes"), list) or len(data["nodes"]) > MOST_NODES:
        return {}
    links = {str(link[0]): [link[1], link[2]] for link in _lists(data.get("links"), 3)}
    made: dict[str, Node] = {}
    for node in data["nodes"]:
        if isinstance(node, dict) and isinstance(node.get("type"), str):
            made[str(node.get("id"))] = {"class_type": node["type"], "inputs": _inputs(node, links)}
    return made


def _inputs(node: Node, links: Mapping[str, list[object]]) -> dict[str, object]:
    values = node.get("widgets_values")
    names = _WIDGETS.get(node["type"], ())
    found: dict[str, object] = {}
    if isinstance(values, list):
        found |= {name: value for name, value in zip(names, values, strict=False) if name}
    given = node.get("inputs")
    for entry in given if isinstance(given, list) else ():
        if isinstance(entry, dict) and str(entry.get("link")) in links:
            found[str(entry.get("name"))] = links[str(entry.get("link"))]
    return found


def _lists(data: object, least: int) -> Iterator[list[Any]]:
    for entry in data if isinstance(data, list) else ():
        if isinstance(entry, list) and len(entry) >= least:
            yield entry
