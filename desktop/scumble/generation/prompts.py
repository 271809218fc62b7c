"""The prompts of a tool: its own, and after it the negative one."""

from __future__ import annotations

from collections.abc import Mapping

from scumble.api import ParamValue, Tool


def prompt_names(tool: Tool) -> list[str]:
    """The names of their parameters, in the manifest's order."""
    return [name for name, param in tool.params.items() if param.type == "prompt"]


def prompt_of(tool: Tool, params: Mapping[str, ParamValue]) -> str:
    """What the first of them says; empty where the tool takes none."""
    return next((str(params.get(name, "")) for name in prompt_names(tool)), "")
