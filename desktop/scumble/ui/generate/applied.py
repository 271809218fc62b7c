"""What is said once results have become layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication

from scumble.generation.proof import Proof

TOLD_MS: Final = 8000
"""How long it is said."""


def applied_text(proofs: Sequence[Proof | None]) -> str:
    """How many layers there are of it, and what was proved of them; None stands for a layer without a proof."""
    if len(proofs) == 1:
        text = QCoreApplication.translate("generate", "Applied")
    else:
        text = QCoreApplication.translate("generate", "Applied {count} results").format(count=len(proofs))
    known = [proof.changed for proof in proofs if proof is not None]
    if len(known) < len(proofs):
        return text
    outside = QCoreApplication.translate("generate", "{count} pixels changed outside")
    return f"{text} · {outside.format(count=sum(known))}"
