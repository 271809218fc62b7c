"""The engine as a program: its handshake, its end, and what it does with nonsense."""

import os
import signal
import subprocess
import sys
import time

import pytest

from scumble.protocol import (
    PROTOCOL_VERSION,
    CancelJob,
    CancelledJob,
    Failed,
    Finished,
    Hello,
    ListModels,
    Models,
    Progress,
    Ready,
    Shutdown,
    Started,
)


def test_it_greets_first_and_is_ready(engine):
    hello = engine.wait_for(Hello)
    assert hello.protocol == PROTOCOL_VERSION
    assert hello.pid == engine.process.pid
    engine.greet()
    assert engine.wait_for(Ready).versions["python"].startswith("3.")
    engine.writer.write(ListModels())
    assert isinstance(engine.wait_for(Models).models, tuple)


def test_another_version_is_left_with_an_exit_code(engine):
    engine.greet(protocol=PROTOCOL_VERSION + 1)
    assert engine.process.wait(10) == 3


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1\r\n\r\n", bytes(100), b"SCMB\x01\x00\x00\x00" + bytes(8) + b"\xc1"])
def test_noise_instead_of_a_greeting_ends_it(engine, noise):
    engine.process.stdin.write(noise)
    assert engine.process.wait(10) == 3


@pytest.mark.parametrize("what", ["step", "spin"])
@pytest.mark.parametrize("goodbye", ["end of file", "shutdown", "noise"])
def test_it_ends_within_a_second_in_mid_step(engine, what, goodbye):
    engine.greet()
    engine.run("j", what)
    engine.wait_for(Progress)
    begun = time.monotonic()
    if goodbye == "end of file":
        engine.process.stdin.close()
    elif goodbye == "shutdown":
        engine.writer.write(Shutdown())
    else:
        engine.process.stdin.write(b"noise" * 10)
    assert engine.process.wait(10) == 0
    assert time.monotonic() - begun < 1


def test_cancelled_jobs_say_so_whether_they_wait_or_run(engine):
    engine.greet()
    engine.run("a", "step")
    engine.run("b", "step")
    engine.run("c", "quick")
    engine.wait_for(Progress)
    engine.writer.write(CancelJob(job="b"))
    engine.writer.write(CancelJob(job="no such job"))
    engine.writer.write(CancelJob(job="a"))
    assert engine.wait_for(CancelledJob).job == "a"
    assert engine.wait_for(CancelledJob).job == "b"
    assert engine.wait_for(Started).job == "c"
    assert engine.wait_for(Finished).job == "c"


def test_a_message_out_of_turn_is_passed_over(engine):
    engine.greet()
    engine.greet()
    engine.run("j", "quick")
    assert engine.wait_for(Finished).job == "j"


def test_a_blob_that_was_not_sent_fails_the_job_alone(engine):
    from scumble.protocol import RunJob

    engine.greet()
    engine.writer.write(RunJob(job="j", plugin="org.example.bare", tool="bare", params={}, inputs={"image": 4}))
    failed = engine.wait_for(Failed)
    assert failed.code == "internal"
    assert "blob 4" in failed.details
    engine.run("k", "quick")
    assert engine.wait_for(Finished).job == "k"


def test_ctrl_c_in_the_terminal_is_not_for_the_engine(engine):
    engine.greet()
    engine.wait_for(Ready)
    os.kill(engine.process.pid, signal.SIGINT)
    engine.run("j", "quick")
    assert engine.wait_for(Finished).job == "j"


def test_it_stands_back_behind_the_window(engine):
    engine.greet()
    engine.wait_for(Ready)
    assert os.getpriority(os.PRIO_PROCESS, engine.process.pid) > os.getpriority(os.PRIO_PROCESS, 0)


def test_it_does_not_outlive_a_window_that_is_killed(tmp_path):
    script = (
        "import subprocess, sys, time\n"
        "engine = subprocess.Popen([sys.executable, '-P', '-m', 'scumble.engine'],"
        " stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)\n"
        "print(engine.pid, flush=True)\ntime.sleep(60)"
    )
    window = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    pid = int(window.stdout.readline())
    window.kill()
    window.communicate()
    end = time.monotonic() + 5
    while time.monotonic() < end and running(pid):
        time.sleep(0.02)
    assert not running(pid)


def running(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
