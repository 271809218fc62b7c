"""What the judge says of a model: how often a picture shows what its caption asked for, how varied the pictures are,
whether they were learned by heart, and how far they lie from drawn ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor
from world import Picture, compose

from judging.measures import Share, kernel_distance, nearer, spread
from judging.network import Judge
from judging.pictures import AGAIN, CASES, OTHERS, Case, Subject, drawn, read
from judging.readings import MISSING, NAMES, asked


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures of one set of pictures. `right` is by attribute, and `all` for pictures with nothing wrong; `spread`
    is how far two pictures of one caption lie apart, `distance` the kernel distance to other drawings."""

    name: str
    right: dict[str, Share]
    spread: float
    distance: float
    by_heart: Share


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many scenes are judged, how many of them twice, and how many training pictures are searched."""

    count: int = 512
    twice: int = 128
    searched: int = 4096


class Bench:
    """What every set of pictures is held against, made once."""

    def __init__(self, judge: Judge, cases: Sequence[Case], sizes: Sizes, side: int, device: str) -> None:
        self.judge, self.cases, self.sizes, self.device = judge, cases, sizes, device
        self._targets = judge.values.encode(asked(case.scene, case.text) for case in cases)
        self._seen, self._unseen = (
            drawn([compose(first + i) for i in range(sizes.searched)], side) for first in (0, OTHERS)
        )
        self._others = self._features(self._unseen[: len(cases)])
        self.first = drawn([case.scene for case in cases], side)
        self.second = drawn([replace(case.scene, seed=case.scene.seed + AGAIN) for case in cases[: sizes.twice]], side)

    def judged(self, name: str, first: Picture, second: Picture) -> Verdict:
        """`first` has a picture for every case, `second` another one for the first so many."""
        features = self._features(first)
        apart = spread(features[: len(second)], self._features(second))
        far = kernel_distance(features, self._others)
        return Verdict(name, self._right(first), apart, far, nearer(first, self._seen, self._unseen))

    def models(self, name: str, subject: Subject) -> tuple[Verdict, Verdict]:
        """The drawings after the model's autoencoder, and what the model makes of the captions."""
        texts = [case.text for case in self.cases]
        blurred = self.judged(f"{name}: autoencoder", subject.through(self.first), subject.through(self.second))
        again = subject.made(texts[: self.sizes.twice], CASES + AGAIN)
        return blurred, self.judged(name, subject.made(texts, CASES), again)

    def _features(self, pictures: Picture) -> Tensor:
        return read(self.judge.features, pictures, self.device)

    def _right(self, pictures: Picture) -> dict[str, Share]:
        guesses = read(self.judge.guesses, pictures, self.device)
        told = self._targets != MISSING
        hits = (guesses == self._targets) & told
        shares = {name: Share(int(hits[:, i].sum()), int(told[:, i].sum())) for i, name in enumerate(NAMES)}
        return {**shares, "all": Share(int((hits == told).all(dim=1).sum()), len(told))}
