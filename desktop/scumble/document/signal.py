"""A signal for rooms that know no Qt: a list of callables, called in order, on the thread that emits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Signal(Generic[T]):
    """Carries one value to whoever listens. `connect` returns the call that ends the listening."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[T], None]] = []

    def connect(self, listener: Callable[[T], None]) -> Callable[[], None]:
        """Calls `listener` on every emission, until the returned call is made."""
        self._listeners.append(listener)

        def disconnect() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return disconnect

    def emit(self, value: T) -> None:
        """Hands the value to every listener that is there now."""
        for listener in tuple(self._listeners):
            listener(value)
