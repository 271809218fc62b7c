"""Jobs as the engine is asked for them, and what it answers as results."""

from __future__ import annotations

from scumble.api import Candidate, ToolJob, ToolResult
from scumble.protocol import Finished, RegionBlob, RunJob
from scumble.protocol.framing import Array
from scumble.service.keeper import Received


def request(job: ToolJob, standing: Array | None = None) -> tuple[RunJob, list[Array]]:
    """What asks for a job, from its beginning or from where it stood, and the arrays that go with that."""
    names, regions = list(job.inputs), job.regions
    arrays = [*(job.inputs[name] for name in names), *(each.mask for each in regions)]
    message = RunJob(
        job=job.id,
        plugin=job.plugin,
        tool=job.tool,
        params=dict(job.params),
        inputs={name: index for index, name in enumerate(names)},
        size=job.size,
        model=job.model,
        origin=job.origin,
        scale=job.scale,
        first=job.first,
        regions=tuple(
            RegionBlob(each.name, len(names) + index, each.prompt, each.negative, each.strength)
            for index, each in enumerate(regions)
        ),
        vae=job.vae,
        standing=None if standing is None else len(arrays),
    )
    return message, arrays if standing is None else [*arrays, standing]


def result(frame: Received, message: Finished) -> ToolResult:
    """What came of a job."""
    candidates = tuple(Candidate(frame.blob(made.image), made.seed) for made in message.candidates)
    return ToolResult(candidates, message.notes)
