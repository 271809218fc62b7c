"""An engine spoken to directly, frame by frame."""

import os
import queue
import subprocess
import sys
import threading

import pytest

from scumble.protocol import PROTOCOL_VERSION, Configure, FrameReader, FrameWriter, Hello, RunJob, ToWindow

PLUGIN = "org.example.bare"

MANIFEST = f"""
manifest = 1
[plugin]
id = "{PLUGIN}"
title = "Bare"
runtime = "bare.runtime"
[[tools]]
id = "bare"
title = "Bare"
model = false
[tools.params.what]
type = "text"
title = "What"
default = "step"
"""

RUNTIME = """
import ctypes, time
from pathlib import Path
import numpy as np
from scumble.api import Candidate, ToolResult, hookimpl

def step(context):
    for index in range(10_000):
        time.sleep(0.01)
        context.progress(index, 10_000)

def spin(context):
    context.progress(1, 2)
    while True:
        pass

def quick(context):
    return ToolResult((Candidate(np.zeros((8, 8, 4), np.uint8)),))

@hookimpl
def scumble_run_tool(job, context):
    return globals()[job.text("what")](context)
"""


class Engine:
    """A process, and its messages in the order in which they came; None is the end."""

    def __init__(self, plugins, scratch):
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-P", "-m", "scumble.engine"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0, env=environment
        )
        self.plugins, self.scratch = plugins, scratch
        self.writer = FrameWriter(self.process.stdin)
        self.messages = queue.SimpleQueue()
        self.threads = [threading.Thread(target=self.read), threading.Thread(target=self.drain)]
        self.errors = b""
        for thread in self.threads:
            thread.start()

    def read(self):
        reader = FrameReader(self.process.stdout, ToWindow)
        while (frame := reader.read()) is not None:
            self.messages.put(frame.message)
        self.messages.put(None)

    def drain(self):
        self.errors = self.process.stderr.read()

    def greet(self, protocol=PROTOCOL_VERSION):
        self.writer.write(Hello(protocol=protocol, api="1.0", pid=0))
        self.writer.write(
            Configure(scratch_folder=str(self.scratch), plugin_folder=str(self.plugins), warm_up=False, device="cpu")
        )

    def run(self, job, what):
        self.writer.write(RunJob(job=job, plugin=PLUGIN, tool="bare", params={"what": what}, size=(8, 8)))

    def wait_for(self, kind):
        while not isinstance(message := self.messages.get(timeout=20), kind):
            assert message is not None, self.errors
        return message

    def close(self):
        self.process.kill()
        self.process.wait()
        for thread in self.threads:
            thread.join()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


@pytest.fixture
def plugins(tmp_path):
    folder = tmp_path / "plugins"
    code = folder / PLUGIN / "1.0" / "bare"
    code.mkdir(parents=True)
    (folder / PLUGIN / "current").write_text("1.0")
    (code / "__init__.py").write_text("")
    (code / "scumble.toml").write_text(MANIFEST)
    (code / "runtime.py").write_text(RUNTIME)
    info = code.parent / "bare-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: bare\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[scumble.plugins]\nbare = bare\n")
    return folder


@pytest.fixture
def engine(tmp_path, plugins):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    engine = Engine(plugins, scratch)
    yield engine
    engine.close()
