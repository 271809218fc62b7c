"""An adjustment run on a file: the same pieces as in the window, one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from scumble.api import ScumbleError, ToolJob, ToolResult
from scumble.app.toolrun import Request
from scumble.document import Document, PaintLayer
from scumble.generation.adjust import block_tiles, blocks, ground_of, job_for, margin_of, put_tiles, tiles_to_adjust


def adjust(document: Document, request: Request, run: Callable[[ToolJob], ToolResult]) -> None:
    """Adjusts the active layer where it is selected, as one step. `run` computes a job.

    Raises `ScumbleError` (`layer-none`) and whatever `run` raises; the document is then as it was.
    """
    layer = document.active
    if not isinstance(layer, PaintLayer):
        raise ScumbleError("layer-none")
    tool, params = request.tool, request.params
    ground, margin = ground_of(document, layer.surface, tool), margin_of(tool, params)
    with document.history.transaction(tool.title) as edit:
        for block in blocks(tiles_to_adjust(ground, margin), margin):
            result = run(job_for(uuid.uuid4().hex, request.plugin.id, tool, params, ground, block))
            put_tiles(edit, layer.surface, block_tiles(ground, block, result.candidates[0].image))
