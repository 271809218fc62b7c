"""Candidates as they are written to disk, and back. For any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

import msgspec

from scumble.api import Tool
from scumble.document import BGRA8, FORMATS, Frame
from scumble.files.results import About, Kept, small_picture
from scumble.generation import Anchor, layer_name
from scumble.generation.blend import recipe
from scumble.generation.likeness import from_recipe
from scumble.generation.prompts import prompt_names
from scumble.ui.generate.candidates import Result

Home: TypeAlias = tuple[str, Frame]
"""The key and the frame of a document."""


def written(result: Result, file: str, session: str) -> Kept:
    """What is kept of a candidate; `file` is its document's, `session` names the run of the program."""
    prepared, candidate = result.prepared, result.candidate
    if prepared.anchor.instead is not None:
        prepared = replace(prepared, below="")  # it comes back for a new layer, above the one that it was for
    params = prepared.job.params
    prompts = [str(params.get(name, "")) for name in prompt_names(prepared.tool)]
    about = About(
        id=result.id,
        made=result.made,
        job=prepared.job.id,
        group=result.group,
        document=prepared.anchor.document,
        path=file,
        session=session,
        title=layer_name(prepared),
        tool=prepared.tool.id,
        tool_title=prepared.tool.title,
        result=prepared.tool.result,
        prompt=prompts[0] if prompts else "",
        model=prepared.job.model,
        seed=candidate.seed,
        size=(candidate.image.shape[1], candidate.image.shape[0]),
        canvas=prepared.anchor.canvas,
        frame=prepared.anchor.frame,
        format=prepared.format.name,
    )
    made = recipe(prepared, candidate, prepared.anchor.box, prepared.blend, dict(result.notes))
    return Kept(about, made, result.starred)


def revived(kept: Kept, tools: Mapping[str, Tool], home: Home | None = None) -> Result:
    """The candidate again, of no open document yet. Of a tool that has gone, only what was kept is known.

    `home` is the document that it is for; where that goes by another key, as one does whose format has no layers, the
    candidate belongs on its canvas as that is.
    """
    about = kept.about
    anchor = Anchor(about.document, about.canvas, kept.recipe.box, None, about.frame)
    if home is not None and home[0] != about.document:
        anchor = replace(anchor, document=home[0], frame=home[1])
    tool = tools.get(about.tool) or msgspec.convert(
        {"id": about.tool, "title": about.tool_title, "result": about.result}, Tool
    )
    prepared, candidate = from_recipe(
        kept.recipe,
        tool,
        anchor,
        job_id=about.job,
        pixel_format=FORMATS.get(about.format, BGRA8),
    )
    return Result(
        prepared,
        candidate,
        None,
        kept.recipe.notes,
        about.id,
        about.made,
        about.path,
        starred=kept.starred,
        small=small_picture(candidate.image),
        group=about.group,
    )
