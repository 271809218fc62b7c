"""A window that generates, keeps what came of it, and is killed: `python keep_and_die.py HOME PLUGINS FILE`.

FILE is saved with the document first, unless it is empty; then the picture has no file.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

sys.path.insert(0, str(Path(__file__).parent))

from conftest import Bench, wait

from scumble.files.openraster_write import write_openraster
from scumble.plugins import Catalogue
from scumble.service import EngineSettings, ModelService
from scumble.settings import Memory, Settings
from scumble.ui.generate import install
from scumble.ui.theme import load_theme
from scumble.ui.window import MainWindow


def main(home: Path, plugins: Path, file: str) -> None:
    app = QApplication([])
    service = ModelService(EngineSettings(home / "engine", plugins, warm_up=False, threads=1))
    service.start()
    wait(lambda: service.state == "idle", what="the engine's start")
    window = MainWindow(load_theme(), Settings(home / "settings.json"), Memory(home / "memory.json"))
    bench = Bench(window, install(window, service, Catalogue(plugins), data=home))
    window.show()
    session = bench.open()
    bench.select()
    if file:
        write_openraster(session.document.snapshot(), Path(file), merged=None)
        session.mark_saved(session.document.revision, Path(file))
    first, second = bench.run(count=2, steps=1, prompt="a boat")
    bench.generation.candidates.star((second,), True)
    keeper = bench.generation.acts.keeper
    wait(lambda: not keeper._background.busy, what="the disk")
    print(first.candidate.seed, second.candidate.seed, session.document.key, flush=True)
    bench.pick("quick-fill", steps=1000, pause=0.1)
    bench.generation.generate()
    wait(lambda: bench.generation.board.jobs[0].step > 0, what="a step")
    os.kill(os.getpid(), signal.SIGKILL)
    app.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
