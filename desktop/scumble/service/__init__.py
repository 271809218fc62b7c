"""The service: a queue of jobs, and the engine that is kept alive to do them."""

from scumble.service.jobs import EngineInfo, EngineState, Failure, ModelFilesFound, Place
from scumble.service.launch import EngineSettings
from scumble.service.model_service import ModelService
from scumble.service.run import OnProgress, run_job

__all__ = [
    "EngineInfo",
    "EngineSettings",
    "EngineState",
    "Failure",
    "ModelFilesFound",
    "ModelService",
    "OnProgress",
    "Place",
    "run_job",
]
