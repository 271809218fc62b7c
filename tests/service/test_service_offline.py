"""Nothing is looked up, and nothing needs to be."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from scumble.api import ToolJob
from scumble.service.launch import OFFLINE, engine_command, engine_environment

AUDIT = """
import os, sys
def hook(event, args):
    if event.startswith("socket.") and event not in ("socket.__new__", "socket.bind"):
        with open(os.environ["AUDIT_LOG"], "a") as log:
            log.write(f"{event} {args}\\n")
sys.addaudithook(hook)
open(os.environ["AUDIT_LOG"], "a").close()
"""

LOOK_UP = """
import socket
from scumble.api import hookimpl
@hookimpl
def scumble_run_tool(tool, job, context):
    socket.getaddrinfo("localhost", 80)
"""

NAMESPACE_JOB = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from scumble.api import ToolJob
from scumble.service import EngineSettings, ModelService, run_job
app = QCoreApplication([])
service = ModelService(EngineSettings(Path(sys.argv[1]), Path(sys.argv[2]), warm_up=False, threads=1))
service.start()
result = run_job(service, ToolJob("j", sys.argv[3], "probe", {}, {}, (64, 64)))
service.shutdown()
print(result.candidates[0].image.sum())
"""


def test_the_environment_forbids_looking_things_up(settings):
    found = engine_environment(settings, {"HF_HUB_OFFLINE": "0", "PATH": "/bin"})
    assert found["PATH"] == "/bin"
    assert {name: found[name] for name in OFFLINE} == dict(OFFLINE)
    assert found["HF_HUB_OFFLINE"] == "1"
    assert Path(found["HF_HOME"]).is_relative_to(settings.home)
    assert found["OMP_NUM_THREADS"] == "1"
    assert found["OMP_WAIT_POLICY"] == "PASSIVE"


def test_the_current_folder_is_not_on_the_engines_path(settings):
    assert engine_command(settings) == [sys.executable, "-P", "-m", "scumble.engine"]


def test_an_engine_with_torch_looks_nothing_up(make_service, settings, job, tmp_path, monkeypatch, write_plugin):
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(AUDIT)
    log = tmp_path / "audit.log"
    monkeypatch.setenv("AUDIT_LOG", str(log))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "hook"), prepend=":")
    write_plugin(settings.plugin_folder, LOOK_UP, "org.example.curious", "curious")
    service, recorder = make_service(replace(settings, warm_up=True))
    model = recorder.wait("models_changed")[1][0].id
    params = {"prompt": "a boat", "seed": 1, "steps": 1}
    service.submit(ToolJob("picture", "org.scumble.txt2img", "txt2img", params, {}, (64, 64), model))
    assert recorder.outcome("picture", seconds=120)[0] == "finished"
    info = recorder.wait("engine_info", seconds=60)[1]
    assert info.device
    assert info.versions["torch"]
    assert log.read_text() == ""
    curious = job(plugin="org.example.curious", tool="curious")
    service.submit(curious)
    recorder.outcome(curious.id)
    assert "getaddrinfo" in log.read_text()  # the hook does see look-ups


def test_a_job_runs_where_there_is_no_network(settings, tmp_path):
    command = [
        sys.executable,
        "-c",
        NAMESPACE_JOB,
        str(settings.home),
        str(settings.plugin_folder),
        "org.example.probe",
    ]
    unshare = shutil.which("unshare")
    if unshare and subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode == 0:
        command = [unshare, "-rn", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == str(64 * 64 * 3 * 7)
