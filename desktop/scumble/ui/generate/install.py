"""Puts generating into the window: docks, commands, overlays, and the wires between them and the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QMenu

from scumble.api import ModelInfo, ParamValue, ScumbleError
from scumble.document import ChangeSet, Document, PaintLayer, Recipe
from scumble.files.results import FOLDER as RESULTS
from scumble.generation.modes import title_of
from scumble.plugins import Catalogue
from scumble.service import Failure, ModelService, Place
from scumble.ui.candidates.acts import CandidateActs
from scumble.ui.commands import Command, with_document
from scumble.ui.generate.advice import advice
from scumble.ui.generate.applied import TOLD_MS, applied_text
from scumble.ui.generate.candidates import Candidates
from scumble.ui.generate.contexts import Contexts
from scumble.ui.generate.dock import GenerateDock
from scumble.ui.generate.enginestate import EngineTeller
from scumble.ui.generate.expanding import take_up
from scumble.ui.generate.forecasts import Forecasts
from scumble.ui.generate.generator import Generator, Wish
from scumble.ui.generate.inspector import SeamInspector
from scumble.ui.generate.joblist import JobList
from scumble.ui.generate.jobs import JobBoard
from scumble.ui.generate.keyways import KeyWays
from scumble.ui.generate.live import LivePainter
from scumble.ui.generate.livepanel import LivePanel
from scumble.ui.generate.menu import add_menu
from scumble.ui.generate.modes import show_automatic
from scumble.ui.generate.plugindialog import PluginDialog
from scumble.ui.generate.presenter import CanvasPresenter
from scumble.ui.generate.recipepanel import RecipePanel
from scumble.ui.generate.regions import RegionsPanel
from scumble.ui.generate.remake import Remaker, Way
from scumble.ui.generate.stalewatch import StaleWatch
from scumble.ui.generate.strip import CandidateStrip
from scumble.ui.generate.takerecipe import RecipeTaker
from scumble.ui.generate.words import Words
from scumble.ui.marking import QT_TRANSLATE_NOOP
from scumble.ui.messages import error_text
from scumble.ui.session import DocumentSession
from scumble.ui.widgets import action_button
from scumble.ui.window import MainWindow

GENERATE = Command(
    "generate.run",
    QT_TRANSLATE_NOOP("commands", "&Generate"),
    icon="generate",
    shortcuts=("Ctrl+Return", "Ctrl+Enter"),
)
FIRST = Command(
    "generate.first", QT_TRANSLATE_NOOP("commands", "Generate &before the others"), shortcuts=("Ctrl+Alt+Return",)
)
INSTEAD = Command(
    "generate.instead", QT_TRANSLATE_NOOP("commands", "Generate &instead of what waits"), shortcuts=("Alt+Return",)
)
CANCEL = Command("generate.cancel", QT_TRANSLATE_NOOP("commands", "&Cancel all jobs"), icon="close")
APPLY = Command(
    "generate.apply",
    QT_TRANSLATE_NOOP("commands", "&Apply the candidate"),
    icon="apply",
    shortcuts=("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
)
AT_ONCE = Command("generate.at-once", QT_TRANSLATE_NOOP("commands", "Apply results at &once"), checkable=True)
TAKE_RECIPE = Command(
    "generate.take-recipe", QT_TRANSLATE_NOOP("commands", "&Take the recipe of a picture…"), icon="form"
)
LIVE = Command(
    "generate.live",
    QT_TRANSLATE_NOOP("commands", "&Live painting"),
    icon="live",
    shortcuts=("Ctrl+Alt+L",),
    enabled=with_document,
    checkable=True,
    tip=QT_TRANSLATE_NOOP("commands", "Live painting: the tool follows as you paint"),
)
TAKE_LIVE = Command("generate.live-take", QT_TRANSLATE_NOOP("commands", "Take the li&ve picture"), icon="apply")
PLUGINS = Command("plugins.manage", QT_TRANSLATE_NOOP("commands", "&Plugins…"), icon="plugin")

ADVICE_MS = 60
"""From a change of the selection to what the dock says about it; a stroke of the mask brush goes on meanwhile."""


class Generation(QObject):
    """What generating consists of in one window; a child of it. `plugins_changed` is called when other plugins are in
    use, to start the engine anew. What is generated is kept in a folder of `data`, if that is given."""

    def __init__(
        self,
        window: MainWindow,
        service: ModelService,
        catalogue: Catalogue,
        plugins_changed: Callable[[], None],
        data: Path | None = None,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._service = service
        self._catalogue = catalogue
        self._plugins_changed = plugins_changed
        self._waiting = False
        self._listed = False
        self._refused_over = ""
        self.board = JobBoard(service, self)
        self.candidates = Candidates(self)
        self.words = Words(data, window.memory, self) if data is not None else None
        self.dock = GenerateDock(catalogue, window.theme, window.icons, window.memory, self.words)
        self.live = LivePainter(service, self.candidates, window.settings, self.dock.wish, window.background, self)
        self.live_panel = LivePanel(self.live, window.settings, window.icons)
        self.dock.before.addWidget(self.live_panel)
        self.engine = EngineTeller(service, self.dock.engine, window.settings, self)
        thrift = partial(window.settings.own, "engine.memory")
        self.forecasts = Forecasts(self.board, window.memory, self.engine.value_bytes, thrift, self)
        self.contexts = Contexts(window, self._wish_shown, self.forecasts)
        self.generator = Generator(
            window, self.board, self.candidates, window.settings, self.contexts.of, self.words, self
        )
        self.remaker = Remaker(self.generator, catalogue, lambda: self.dock.models, self)
        self.taker = RecipeTaker(window, self.dock, catalogue, self)
        self._add_panels()
        self.presenters: dict[DocumentSession, CanvasPresenter] = {}
        self.watches: dict[DocumentSession, StaleWatch] = {}
        self.contexts.follow(self.presenters)
        self._advice = QTimer(self, singleShot=True, interval=ADVICE_MS)
        self._advice.timeout.connect(self._advise)
        window.remarks["Engine"] = self.engine.remark
        window.facts += [lambda: self.engine.fact(self.dock.models), self._plugin_fact]
        self._add_docks()
        self.acts = CandidateActs(
            window,
            catalogue,
            self.candidates,
            self.strip,
            self.board,
            self._use_recipe,
            data / RESULTS if data is not None else None,
        )
        self._window.screen_colours.show(self.strip.list.viewport())
        self._add_commands()
        self._wire_window()
        self._wire_service()
        self._wire_dock()

    def generate(self, place: Place = "back") -> None:
        """Asks for what the dock says; waits for the engine where it has not said yet which models there are."""
        self.regions.editing.finish()
        wish = self.dock.wish()
        if wish is None:
            return
        wish = replace(wish, in_turn=self.regions.in_turn)
        self.dock.message.hide()
        if wish.tool.model and wish.model is None:
            self._wait_for_models()
            return
        if self.generator.generate(wish, place) is None:
            self._refused_over = advice(wish, self._window.session)
            self._advise()
        self.dock.remember()

    def manage_plugins(self, chosen: str = "") -> PluginDialog:
        """Opens the dialog of plugins, at one of them."""
        window = self._window
        dialog = PluginDialog(self._catalogue, window.background, window.theme, window.icons, window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self.reload_plugins)
        dialog.choose(chosen)
        dialog.open()
        return dialog

    def reload_plugins(self) -> None:
        """Other plugins are in use: shows their tools, and starts the engine anew."""
        self.dock.reload()
        self._plugins_changed()

    def _plugin_fact(self) -> str:
        plugins = self._catalogue.plugins
        return "Plugins: " + "; ".join(
            f"{plugin.id} {plugin.version}"
            + ("" if plugin.active else f" (off{': ' * bool(plugin.fault)}{plugin.fault})")
            for plugin in plugins
        )

    def _wait_for_models(self) -> None:
        """No model is known: waits for the engine to list them, or says that there is none."""
        self._waiting = not self._listed
        if not self._waiting:
            self.dock.message.say(error_text("model-none", {}))
            return
        if self._service.state == "unavailable":
            self._plugins_changed()
        self.dock.message.say(self.tr("The engine is starting. The job begins as soon as it is ready."))

    # Wires

    def _add_panels(self) -> None:
        """What is seen of jobs, layers and regions."""
        window = self._window
        self.strip = CandidateStrip(self.candidates, window.theme, window.icons)
        self.recipe = RecipePanel(self._catalogue, window.icons, window.background, self.candidates.witness)
        self.recipe.blend.section.remember(window.memory, "blending")
        self.inspector = SeamInspector(window, self.recipe.blend)
        self.jobs = JobList(self.board, window.icons)
        self.dock.under_way.addWidget(self.jobs)
        self.dock.before.addWidget(self.recipe)
        self.regions = RegionsPanel(window)
        self.dock.extra.addWidget(self.regions)
        self.dock.before.addWidget(self.contexts.line)
        self.dock.order_tabs()

    def _add_docks(self) -> None:
        left, bottom = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        self.dock_widget = self._window.add_dock(self.tr("Generate"), self.dock, left, "generate")
        self.strip_widget = self._window.add_dock(self.tr("Candidates"), self.strip, bottom, "candidates")
        self.dock_widget.visibilityChanged.connect(self._refresh)

    def _add_commands(self) -> None:
        commands = self._window.commands
        run = commands.add(GENERATE, self._press)
        first = commands.add(FIRST, lambda: self.generate("front"))
        instead = commands.add(INSTEAD, lambda: self.generate("instead"))
        cancel = commands.add(CANCEL, self.board.cancel_all)
        apply = commands.add(replace(APPLY, enabled=self._can_apply), self.strip.apply_shown)
        self.candidates.shown_changed.connect(lambda: commands.refresh(self._window.session))
        at_once = commands.add(AT_ONCE, self._toggle_at_once)
        at_once.setChecked(self._window.settings.flag("generate.apply"))
        self._window.settings.connect(lambda _id: at_once.setChecked(self._window.settings.flag("generate.apply")))
        live = commands.add(replace(LIVE, checked=lambda _: self.live.on), self._toggle_live)
        take_live = commands.add(replace(TAKE_LIVE, enabled=lambda _: self.live.shown is not None), self.live.take)
        self.live.changed.connect(lambda: commands.refresh(self._window.session))
        self.dock.button_row.insertWidget(1, action_button(live))
        take = commands.add(TAKE_RECIPE, self.taker.ask)
        plugins = commands.add(PLUGINS, lambda: self.manage_plugins())
        options = QMenu(self.dock.options)
        options.addActions([at_once, self.contexts.two_passes, cancel])
        options.addSeparator()
        options.addActions([take, plugins])
        self.dock.options.setMenu(options)
        together, *others, results = self.acts.actions
        self._window.menus["generate"] = add_menu(
            self._window,
            self.tr("&Generate"),
            (run, first, instead, cancel, KeyWays(self._window, self.dock, self.dock_widget).action),
            (apply, together, (self.tr("Can&didate"), others), results),
            (live, take_live),
            (self.regions.command, (self.tr("Conte&xt box"), (*self.contexts.actions, self.contexts.two_passes))),
            (take, self.inspector.action),
            (at_once, plugins),
        )

    def _can_apply(self, _session: DocumentSession | None) -> bool:
        return self.candidates.shown is not None

    def _wire_window(self) -> None:
        window = self._window
        window.session_opened.connect(self._on_opened)
        window.session_closed.connect(self._on_closed)
        window.session_changed.connect(self._on_session)
        window.closed.connect(self.dock.remember)
        window.expanded.connect(lambda _session: take_up(self.dock, self.dock_widget, self._catalogue))
        self.candidates.opened.connect(self._open)
        for session in window.sessions:
            self._on_opened(session)
        self._on_session(window.session)

    def _wire_service(self) -> None:
        service = self._service
        service.engine_changed.connect(self._on_engine)
        service.models_changed.connect(self._on_models)
        service.loras_changed.connect(self.dock.set_loras)
        service.tokens_counted.connect(self.dock.show_count)
        service.plugin_faulted.connect(self._on_plugin_fault)
        self.dock.count_wanted.connect(service.count_tokens)
        self._on_engine(service.state)

    def _wire_dock(self) -> None:
        self.dock.generate.connect(self._press)
        self.dock.changed.connect(self._refresh)
        self.candidates.applied.connect(lambda proofs: self._window.status.showMessage(applied_text(proofs), TOLD_MS))
        self.generator.refused.connect(self.dock.message.say)
        if self.words is not None:
            self.words.refused.connect(lambda error: self.dock.message.say(error_text(error.code, error.params)))
        self.generator.asked.connect(lambda params: self.dock.form.show_seeds(params) if self.dock.form else None)
        self.dock.changed.connect(lambda: self.regions.set_tool(self.dock.tool))
        self.regions.set_tool(self.dock.tool)
        self.regions.laid_out.connect(self.dock.order_tabs)
        for judged in (self.candidates.shown_changed, self.board.changed):
            judged.connect(lambda: self.regions.veil(self.candidates.shown is not None or bool(self.board.jobs)))
        self.live.failed.connect(
            lambda error: self.dock.message.say(error_text(error.code, error.params), error.details)
        )
        self.live_panel.chosen.connect(self.live.look)
        self.live_panel.chosen.connect(self._refresh)
        self.live.switched.connect(self._refresh)
        # While one paints live, its panel has the room.
        self.live.switched.connect(lambda: self.recipe.set_session(None if self.live.on else self._window.session))
        self.dock.changed.connect(lambda: self.live_panel.show_tool(self.dock.tool))
        self.dock.changed.connect(self.live.look)
        self.recipe.remake.connect(self._remake)
        self.remaker.refused.connect(self.dock.message.say)
        self.candidates.witness.refused.connect(self._window.show_error)
        self.recipe.use.connect(self._use)

    # Events

    def _on_opened(self, session: DocumentSession) -> None:
        canvas = self._window.canvas_of(session)
        self.presenters[session] = CanvasPresenter(
            canvas,
            session,
            self._window.theme,
            self.board,
            self.candidates,
            self._wish_shown,
            self.strip.key,
            self.contexts.of(session),
        )
        self.watches[session] = StaleWatch(session)
        self.contexts.present(session)
        session.changed.connect(self._on_changed)

    def _on_changed(self, change: ChangeSet) -> None:
        if not change.selected.empty or change.structure:
            self._advice.start()

    def _advise(self) -> None:
        """Says what is lacking; a refusal because of it has said so already, and goes when it lacks no more."""
        wish = self.dock.wish()
        if self.dock.form is not None:
            tool = self.dock.form.tool
            meant = show_automatic(tool, self.dock.form.fields, self._window.session)
            self.dock.name_act(title_of(tool, meant))
        text = advice(wish, self._window.session) if wish is not None else ""
        if self._refused_over and text != self._refused_over:
            self._refused_over = ""
            self.dock.message.hide()
        self.dock.advise("" if self._refused_over else text)

    def _on_closed(self, session: DocumentSession) -> None:
        self.presenters.pop(session, None)
        self.watches.pop(session, None)
        self.contexts.forget(session)
        self.recipe.forget_session(session)
        self.board.forget_session(session)
        self.candidates.forget_session(session)

    def _on_session(self, session: DocumentSession | None) -> None:
        self.live.stop()
        self.candidates.set_session(session)
        self.dock.set_session(session)
        self.recipe.set_session(session)
        self._refresh()

    def _on_engine(self, state: str) -> None:
        self.engine.tell(state)
        if self._waiting and state in ("off", "unavailable"):
            self._waiting = False
            self.dock.message.say(self.tr("The engine did not start, so nothing was generated. The log says why."))

    def _on_models(self, models: tuple[ModelInfo, ...]) -> None:
        self._listed = True
        self.dock.set_models(models)
        if self._waiting:
            self._waiting = False
            self._window.settle_then(self.generate)

    def _on_plugin_fault(self, plugin: str, failure: Failure) -> None:
        self.dock.message.say(error_text(failure.code, dict(failure.params)), failure.details)

    def _toggle_at_once(self) -> None:
        settings = self._window.settings
        settings.set("generate.apply", not settings.flag("generate.apply"))

    def _toggle_live(self) -> None:
        session, canvas = self._window.session, self._window.canvas
        if self.live.on or session is None or canvas is None:
            self.live.stop()
        else:
            self.live_panel.show_tool(self.dock.tool)
            self.live.start(session, canvas)
            canvas.setFocus()

    def _open(self, document: Document, title: str) -> None:
        self._window.open_document(document, None, title).mark_modified()

    def _wish_shown(self) -> Wish | None:
        wish = self.live.wish if self.live.on else self.dock.wish
        return wish() if self.dock_widget.isVisible() else None

    def _press(self) -> None:
        """The keys belong to the canvas again, where arrows walk through what comes and Enter applies it."""
        self._window.settle_then(self.generate)
        self._to_canvas()

    def _to_canvas(self) -> None:
        if self._window.canvas is not None:
            self._window.canvas.setFocus()

    def _refresh(self) -> None:
        self._advice.start()
        session = self._window.session
        if session in self.presenters:
            self.presenters[session].refresh()
        self.contexts.refresh()

    def _remake(self, layer: PaintLayer, way: Way, changes: dict[str, ParamValue]) -> None:
        self.dock.message.hide()
        session = self._window.session
        if session is not None:
            session.settle_then(lambda: self.remaker.remake(session, layer, way, changes))
            self._to_canvas()

    def _use(self, layer: PaintLayer) -> None:
        """Puts the recipe of a layer into the form."""
        if layer.recipe is not None:
            self._use_recipe(layer.recipe)

    def _use_recipe(self, made: Recipe) -> None:
        try:
            self._catalogue.find_tool(made.tool)
        except ScumbleError as error:
            self.dock.message.say(error_text(error.code, error.params))
            return
        self.dock.pick(made.tool)
        if self.dock.form is not None:
            self.dock.form.set_values({**self.dock.form.defaults(), **made.params})
            self.dock.form.set_pictures(made.inputs)
        self.dock.choose_model(made.model)


def install(
    window: MainWindow,
    service: ModelService,
    catalogue: Catalogue,
    plugins_changed: Callable[[], None] = lambda: None,
    data: Path | None = None,
) -> Generation:
    """Makes a window generate. To be called once, before its layout is restored.

    `data` is the folder in which a person's styles and lists of words lie, and where what is generated is kept; without
    it there are none to choose from, and nothing is kept.
    """
    return Generation(window, service, catalogue, plugins_changed, data)
