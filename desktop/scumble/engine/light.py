"""What makes an engine light: it refuses the libraries that take seconds to import."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

HEAVY: Final = frozenset({"torch", "diffusers", "transformers", "accelerate", "peft"})
"""What a tool that calls itself light has no use for."""


class _Refusal:
    """A finder of modules that finds none, and will not let others look for the heavy ones."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises `ImportError` for a heavy library."""
        if name.partition(".")[0] in HEAVY:
            raise ImportError(f"a light tool may not import {name}; without light in its manifest it may")
        return None


def refuse_heavy() -> None:
    """From now on this process imports none of them."""
    sys.meta_path.insert(0, _Refusal())
