"""The hooks that a plugin may implement. The engine calls one implementation: the plugin's that owns the tool."""

from __future__ import annotations

import pluggy

from scumble.api.context import JobContext
from scumble.api.jobs import ToolJob, ToolResult

PROJECT = "scumble"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def scumble_run_tool(tool: str, job: ToolJob, context: JobContext) -> ToolResult:
    """Run a tool of this plugin's manifest and return its pictures."""
    raise NotImplementedError
