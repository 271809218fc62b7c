"""New, open, save, export, close."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from scumble.api import Cancelled, ScumbleError
from scumble.document import BGRA8
from scumble.document.edits import new_document
from scumble.files import FORMATS, Choices, Format, Note, Opened, format_of, open_document
from scumble.ui.commands import Command, with_document
from scumble.ui.dialogs.export import ExportDialog, has_choices
from scumble.ui.dialogs.new_picture import NewPicture, NewPictureDialog
from scumble.ui.dialogs.unsaved import UnsavedDialog
from scumble.ui.exporting import Estimator, remember, remembered
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.messages import error_text, show_details
from scumble.ui.saving import Saver
from scumble.ui.session import DocumentSession
from scumble.ui.window import MainWindow
from scumble.ui.work import Work

NATIVE = ".ora"
FEW = 3
"""So many remarks about a file are shown one by one."""


class FileActions(QObject):
    """The handlers. Nothing here blocks: dialogs are opened, not executed, and files are read and written aside."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.saver = Saver(window.background, self)
        self._untitled = 0
        self._leaving = False
        window.files_dropped.connect(self.open_paths)
        window.close_requested.connect(self.close_session)
        window.session_closed.connect(self.saver.forget)
        window.closing.connect(self._on_closing)

    def new(self) -> None:
        """Asks for size and background."""
        dialog = NewPictureDialog(self._window)
        dialog.wanted.connect(self.create)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def create(self, wanted: NewPicture) -> DocumentSession:
        """Opens a new picture."""
        self._untitled += 1
        document = new_document(
            wanted.width, wanted.height, BGRA8, background=wanted.background, name=self.tr("Background")
        )
        return self._window.open_document(document, title=self.tr("Untitled {number}").format(number=self._untitled))

    def open(self) -> None:
        """Asks for files."""
        endings = " ".join(f"*{ending}" for known in FORMATS for ending in known.extensions)
        dialog = QFileDialog(self._window, self.tr("Open"), self._folder())
        dialog.setNameFilters([self.tr("Pictures ({endings})").format(endings=endings), self.tr("All files (*)")])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda names: self.open_paths([Path(name) for name in names]))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Opens files; one that is open already is brought to the front."""
        for path in paths:
            known = next((session for session in self._window.sessions if session.path == path.absolute()), None)
            if known is not None:
                self._window.show_session(known)
            else:
                self._open(path)

    def _open(self, path: Path) -> None:
        work = Work(self.tr("Opening {name}").format(name=path.name), self)
        self.saver.started.emit(work)

        def opened(result: Opened) -> None:
            work.end()
            self._show(path.absolute(), result)

        def failed(error: ScumbleError) -> None:
            work.end()
            self._failed(error)

        deep = self._window.settings.text("files.sixteen-bit") == "keep"
        read = partial(open_document, path, progress=work.report, deep=deep)
        self._window.background.run(read, opened, failed)

    def _show(self, path: Path, opened: Opened) -> None:
        native = path.suffix.lower() == NATIVE
        session = self._window.open_document(opened.document, path if native else None, path.name)
        session.source = path
        self._window.memory.add_recent(path)
        self._tell(path, [error_text(note.code, dict(note.params)) for note in opened.notes])

    def _tell(self, path: Path, sentences: Sequence[str]) -> None:
        """Says what is otherwise than in the file: sentence by sentence, or, where there are many, as a list."""
        messages = self._window.messages
        if len(sentences) <= FEW:
            for text in sentences:
                messages.show_message(text, "info")
            return
        text = self.tr("{count} things in “{name}” are not as they were in the file.")
        show = (self.tr("Show…"), lambda: show_details(self._window, "\n".join(sentences)))
        messages.show_message(text.format(count=len(sentences), name=path.name), "info", (show,))

    def save(self, session: DocumentSession, then: Callable[[], object] = lambda: None) -> None:
        """Saves to the document's file, or asks for one; `then` is called when it is safe."""
        if session.path is None:
            self.save_as(session, then)
        else:
            self._write(session, session.path, then)

    def save_as(self, session: DocumentSession, then: Callable[[], object] = lambda: None) -> None:
        """Asks for a file to save to."""
        start = session.path or self._beside(session, NATIVE)
        dialog = self._save_dialog(self.tr("Save as"), start, [known for known in FORMATS if known.keeps_layers])
        dialog.fileSelected.connect(lambda name: self._write(session, Path(name), then))
        dialog.rejected.connect(self._stay)
        dialog.open()

    def export(self, session: DocumentSession) -> None:
        """Asks for a file to export to."""
        formats = [known for known in FORMATS if known.can_write and not known.keeps_layers]
        dialog = self._save_dialog(self.tr("Export"), self._beside(session, ".png"), formats)
        dialog.fileSelected.connect(lambda name: self._export_to(session, Path(name)))
        dialog.open()

    def _save_dialog(self, title: str, start: Path, formats: Sequence[Format]) -> QFileDialog:
        dialog = QFileDialog(self._window, title, str(start))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters(
            [f"{known.title} ({' '.join('*' + ending for ending in known.extensions)})" for known in formats]
        )
        dialog.setDefaultSuffix(start.suffix.lstrip("."))
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix(chosen.rsplit("(*.", 1)[-1].split()[0].rstrip(")"))
        )
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _write(self, session: DocumentSession, path: Path, then: Callable[[], object]) -> None:
        session.settle()

        def done(revision: int) -> None:
            session.mark_saved(revision, path.absolute())
            self._window.memory.add_recent(path)
            self._window.status.showMessage(self.tr("Saved {name}").format(name=path.name), 3000)
            then()

        self.saver.save(session, path, done, self._failed)

    def _export_to(self, session: DocumentSession, path: Path) -> None:
        try:
            known = format_of(path)
        except ScumbleError as error:
            self._failed(error)
            return
        choices = remembered(self._window.memory, known, int(self._window.settings.number("files.quality")))
        if not has_choices(known):
            self.export_now(session, path, choices)
            return
        session.settle()
        dialog = ExportDialog(path, known, choices, self._window)
        Estimator(dialog, known, session.document.snapshot(), self.saver, self._window.background)
        dialog.chosen.connect(lambda chosen: self.export_now(session, path, chosen))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def export_now(self, session: DocumentSession, path: Path, choices: Choices) -> None:
        """Writes a copy in another format, and says what that could not hold."""
        session.settle()
        remember(self._window.memory, format_of(path), choices)
        said = self.tr("Exported {name}").format(name=path.name)

        def done(notes: tuple[Note, ...]) -> None:
            self._window.status.showMessage(said, 3000)
            self._tell(path, [error_text(note.code, dict(note.params)) for note in notes])

        self.saver.export(session, path, choices, done, self._failed)

    def _failed(self, error: ScumbleError) -> None:
        self._leaving = False
        if isinstance(error, Cancelled):
            self._window.status.showMessage(self.tr("Cancelled"), 3000)
        else:
            self._window.show_error(error)

    # Closing

    def close_session(self, session: DocumentSession, then: Callable[[], object] = lambda: None) -> None:
        """Closes a document; where there are changes, asks what to do with them."""
        self._settled((session,), lambda: self._close(session, then))

    def _settled(self, sessions: Sequence[DocumentSession], act: Callable[[], object]) -> None:
        """Acts once nothing is under way in any of the documents, which does not hold the window up."""
        busy = [session for session in sessions if session.interacting and session in self._window.sessions]
        if busy:
            busy[0].settle_then(lambda: self._settled(sessions, act))
        else:
            act()

    def _close(self, session: DocumentSession, then: Callable[[], object]) -> None:
        if session not in self._window.sessions:
            return
        if not session.modified:
            self._window.drop_session(session)
            then()
            return
        self._window.show_session(session)
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self.tr("Unsaved changes"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(self.tr("Save the changes to “{name}”?").format(name=session.title))
        box.setInformativeText(self.tr("What is not saved is lost when the picture is closed."))
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)

        def finish() -> None:
            self._window.drop_session(session)
            then()

        def answered(code: int) -> None:
            box.deleteLater()
            if code == buttons.Save:
                self.save(session, finish)
            elif code == buttons.Discard:
                finish()
            else:
                self._leaving = False

        box.finished.connect(answered)
        box.open()

    def close_sessions(self, sessions: Sequence[DocumentSession], then: Callable[[], object] = lambda: None) -> None:
        """Closes several documents; where more than one has changes, one question is asked for all of them."""
        self._settled(sessions, lambda: self._close_all(sessions, then))

    def _close_all(self, sessions: Sequence[DocumentSession], then: Callable[[], object]) -> None:
        changed = [session for session in sessions if session.modified]
        for session in sessions:
            if session not in changed:
                self._window.drop_session(session)
        if len(changed) > 1:
            self._ask_for_all(changed, then)
        elif changed:
            self.close_session(changed[0], then)
        else:
            then()

    def _ask_for_all(self, changed: Sequence[DocumentSession], then: Callable[[], object]) -> None:
        dialog = UnsavedDialog(changed, self._window)

        def drop(sessions: Sequence[DocumentSession]) -> None:
            for session in sessions:
                if session in self._window.sessions:
                    self._window.drop_session(session)

        def save(wanted: Sequence[DocumentSession]) -> None:
            """One after the other, because each may ask for a file; what is not wanted goes when all are safe."""
            if not wanted:
                drop(changed)
                then()
                return
            first, *rest = wanted

            def written() -> None:
                drop([first])
                save(rest)

            self._window.show_session(first)
            self.save(first, written)

        def discard() -> None:
            drop(changed)
            then()

        dialog.save.connect(save)
        dialog.discard.connect(discard)
        dialog.rejected.connect(self._stay)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _stay(self) -> None:
        self._leaving = False

    def _on_closing(self) -> None:
        sessions = self._window.sessions
        if self.saver.busy or any(session.modified or session.interacting for session in sessions):
            self._window.hold_open()
            self._settled(sessions, self._leave)

    def _leave(self) -> None:
        if not self._leaving:
            self._leaving = True
            self._close_next()

    def _close_next(self) -> None:
        if not self._leaving:
            return
        changed = [session for session in self._window.sessions if session.modified]
        if changed:
            self.close_sessions(changed, self._close_next)
        elif self.saver.busy:
            self.saver.progress.connect(self._when_written)
        else:
            self._leaving = False
            self._window.close()

    def _when_written(self, part: float) -> None:
        if not self.saver.busy and self._leaving:
            self.saver.progress.disconnect(self._when_written)
            self._close_next()

    # Where files are

    def _folder(self) -> str:
        recent = self._window.memory.recent
        return str(recent[0].parent) if recent else str(Path.home())

    def _beside(self, session: DocumentSession, ending: str) -> Path:
        if session.path is not None or session.source is not None:
            known = session.path or session.source
            assert known is not None
            return known.with_suffix(ending)
        return Path(self._folder()) / f"{session.title}{ending}"


def add_file_commands(window: MainWindow) -> FileActions:
    """Adds them."""
    acts = FileActions(window)

    def on_session(act: Callable[[DocumentSession], object]) -> Callable[[], None]:
        def handler() -> None:
            if window.session is not None:
                act(window.session)

        return handler

    add = window.commands.add
    add(Command("file.new", QT_TRANSLATE_NOOP("commands", "&New…"), "new", ("Ctrl+N",)), acts.new)
    add(Command("file.open", QT_TRANSLATE_NOOP("commands", "&Open…"), "open", ("Ctrl+O",)), acts.open)
    add(
        Command("file.save", QT_TRANSLATE_NOOP("commands", "&Save"), "save", ("Ctrl+S",), "", with_document),
        on_session(acts.save),
    )
    add(
        Command("file.save-as", QT_TRANSLATE_NOOP("commands", "Save &as…"), "", ("Ctrl+Shift+S",), "", with_document),
        on_session(acts.save_as),
    )
    add(
        Command(
            "file.export", QT_TRANSLATE_NOOP("commands", "&Export…"), "export", ("Ctrl+Alt+Shift+S",), "", with_document
        ),
        on_session(acts.export),
    )
    add(
        Command("file.close", QT_TRANSLATE_NOOP("commands", "&Close"), "", ("Ctrl+W",), "", with_document),
        on_session(acts.close_session),
    )
    add(Command("file.quit", QT_TRANSLATE_NOOP("commands", "&Quit"), "", ("Ctrl+Q",)), window.close)
    return acts
