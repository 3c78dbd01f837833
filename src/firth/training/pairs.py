"""`firth.train.pairs`: a picture tower beside a text tower, learned from captioned pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from firth.data import Limits
from firth.encoders import TextEncoder, encoder
from firth.encoders.cache import CachedEncoder
from firth.encoders.class_names import ClassNames
from firth.encoders.joint_folder import Tower, is_joint_folder, read_notes, read_tower, write_tower
from firth.encoders.lite0 import Lite0
from firth.errors import InputError
from firth.training.beside import Known, carried, known_vectors, shipped
from firth.training.captions import Captioned, caption_key, read_captioned
from firth.training.checkpoint import Checkpoint, digest
from firth.training.examples import Examples, numbered, split_by_concept
from firth.training.features import Features, picture_features, refused
from firth.training.fitting import Fitting
from firth.training.listening import Listener
from firth.training.recall import gap, recalls
from firth.training.report import PairsReport, TowerReport
from firth.training.settings import Settings
from firth.training.tuning import Pictures, Tuning
from firth.types import FloatArray

__all__ = ["pairs"]

FEWEST = 20
"""Captioned pictures; fewer teach nothing that could be measured."""


def pairs(
    source: Any,
    output: str | Path,
    *,
    image: str | None = None,
    text: str | Sequence[str] = (),
    concept: str | None = None,
    towers: str | Sequence[str] = ("e5-small",),
    settings: Settings | None = None,
    start: str | Path | None = None,
    licence: str = "not stated",
    overwrite: bool = False,
    limits: Limits | None = None,
    listener: Listener | None = None,
) -> PairsReport:
    """Train an encoder of pictures and texts from captioned pictures; it is used as ``model=output``.

    Begun again with the same source and settings, an interrupted training goes on where it was. Ctrl-C keeps the best
    epoch so far as a model, and the report says so.

    The held-out pictures also decide when to stop, so their figures flatter a little.

    Args:
        source: A table, or a folder of pictures; see `firth.training.captions.read_captioned`.
        output: The folder of the model.
        image: A table's column of pictures.
        text: A table's columns of captions, one a language or a wording.
        concept: The column that says what a picture shows: pictures of one concept are held out together, and are
            not each other's negatives. Without it, pictures with the same first caption are one concept.
        towers: Text encoders, each of which gets a head of its own: ``"e5-small"``, ``"use"``.
        settings: How to train.
        start: The folder of a model to go on from: what it learned from other pictures is kept where it helps.
        licence: Of the pictures and captions; it is written into the model.
        overwrite: Replace a model of the same text encoder that lies there.
        limits: How large a picture may be.
        listener: Is told how far it is.

    Raises:
        InputError: Fewer than 20 pictures with captions, or a model lies there already.
    """
    began, listener, settings = monotonic(), listener or Listener(), settings or Settings()
    towers = [towers] if isinstance(towers, str) else list(dict.fromkeys(towers))
    folder, limits = Path(output).expanduser(), limits or Limits()
    checkpoint = Checkpoint(folder / "checkpoint")
    if not overwrite and not checkpoint.exists():
        _refuse_to_replace(folder, towers)
    columns = (text,) if isinstance(text, str) else tuple(text)
    given = read_captioned(source, image=image, text=columns, concept=concept, limits=limits)
    run = _Run(given, settings, checkpoint, limits, listener)
    run.start = Path(start).expanduser() if start else None
    reports: list[TowerReport] = []
    for name in towers:
        reports.append(run.train(name, folder, {"source": _called(source), "licence": licence}))
        if reports[-1].stopped:
            break
    else:
        checkpoint.remove()
    return run.report(folder, reports, monotonic() - began)


class _Run:
    """One call of `pairs`: what its text encoders share."""

    start: Path | None = None

    def __init__(
        self, given: Captioned, settings: Settings, checkpoint: Checkpoint, limits: Limits, listener: Listener
    ) -> None:
        network = encoder("lite0")
        assert isinstance(network, Lite0)  # noqa: S101 - for mypy
        self.settings, self.checkpoint, self.listener, self.network = settings, checkpoint, listener, network
        self.limits = limits
        listener.begin("pictures", len(given.images))
        self.seen: Features = picture_features(
            given.images,
            network,
            views=settings.views,
            seed=settings.seed,
            checkpoint=checkpoint,
            limits=limits,
            progress=listener.advance,
        )
        self.skipped = given.skipped + refused(given.images, given.ids, self.seen.kept, limits)
        self.given = _only(given, [int(place) for place in self.seen.kept])
        if len(self.given.images) < FEWEST:
            raise InputError(
                f"got {len(self.given.images)} pictures with captions that can be read; expected {FEWEST} at least"
            )

    def train(self, name: str, folder: Path, data: dict[str, Any]) -> TowerReport:
        """Train the head for one text encoder and write it."""
        texts = encoder(name)
        if not isinstance(texts, TextEncoder):
            raise InputError(f"got text encoder {name!r}; expected e5-small or use. See: firth models")
        names = ClassNames(CachedEncoder(texts), self.network)
        beside = names if self.settings.mode == "full" else shipped(name)
        examples = self.examples(texts, beside)
        fitting, stopped = self._fitted(name, examples, beside.name)
        network: dict[str, FloatArray] = {}
        if self.settings.mode == "full" and not stopped:
            tuning = Tuning(fitting, Pictures(self.given.images, self.limits), names)
            stopped = self._went_on(tuning, f"{name}-network", self.settings.network_epochs)
            fitting, network = tuning.finish()
        arrays = fitting.result()
        report = self._report(name, examples, fitting, arrays, stopped=stopped)
        notes: dict[str, Any] = {
            "mode": self.settings.mode,
            "finished": not stopped,
            "settings": asdict(self.settings),
        }
        notes["beside"] = beside.name
        notes |= {"data": {**data, **self._counts(examples)}, "metrics": report.to_json()}
        known, memory = carried(beside)
        tower = Tower(texts.stamp, self.network.fingerprint, arrays | known, network, notes, memory)
        write_tower(folder, tower)
        return report

    def examples(self, texts: TextEncoder, beside: Known) -> Examples:
        """Features, and vectors of the captions by one text encoder, as what they will be: what asks.

        Args:
            texts: The text encoder.
            beside: What knows something of the pictures already; the head learns what it does not.
        """
        given = self.given
        flat = [
            (owner, column, caption)
            for owner, captions in enumerate(given.captions)
            for column, name in enumerate(given.columns)
            for caption in captions.get(name, ())
        ]
        wordings = [caption for _, _, caption in flat]
        self.listener.begin(f"captions by {texts.name}", len(wordings))
        vectors = CachedEncoder(texts).encode(wordings, role="query", progress=self.listener.advance)
        n, views = self.seen.logits.shape[:2]
        known = np.empty((n, views, texts.dim), np.float16)
        for view in range(views):
            known[:, view] = self._known(beside, view)
        concept = numbered(given.concepts)
        return Examples(
            features=self.seen.features,
            names=known,
            captions=vectors,
            owner=np.array([owner for owner, _, _ in flat], np.int64),
            column=np.array([column for _, column, _ in flat], np.int64),
            columns=given.columns,
            same=numbered([caption_key(caption) for caption in wordings]),
            concept=concept,
            held_out=split_by_concept(concept, self.settings.held_out, seed=self.settings.seed),
        )

    def _known(self, known: Known, view: int) -> FloatArray:
        return known_vectors(known, self.seen.features[:, view], self.seen.logits[:, view])

    def _fitted(self, name: str, examples: Examples, beside: str) -> tuple[Fitting, bool]:
        """The head's training, and whether Ctrl-C stopped it."""
        fitting = Fitting.begin(examples, self.settings, before=self._begun(name, beside))
        return fitting, self._went_on(fitting, name, self.settings.epochs)

    def _begun(self, name: str, beside: str) -> Mapping[str, FloatArray] | None:
        """The head to go on from."""
        if self.start is None:
            return None
        tower = read_tower(self.start, name)
        tower.text.check(encoder(name).stamp)
        if tower.network or "w" not in tower.arrays:
            what = "a picture network of its own" if tower.network else "a memory and no head"
            raise InputError(f"{self.start} has {what}; only a head can be gone on from")
        if tower.notes["beside"] != beside:
            raise InputError(
                f"the head in {self.start} stands beside {tower.notes['beside']}, this one would beside {beside}; "
                "expected the same. Next: the mode it was trained in, --mode"
            )
        return tower.arrays

    def _went_on(self, training: Fitting | Tuning, name: str, epochs: int) -> bool:
        """Train to the end, from the checkpoint if there is one; True where Ctrl-C came before."""
        examples = self.given.ids, self.given.captions, self.given.concepts, str(self.start)
        state_name = f"{name}-{digest(self.settings, examples, self.seen.kept.tolist())}"
        state = self.checkpoint.read(state_name)
        if state is not None:
            training.restore(state)
        self.listener.begin(f"training {name}", epochs)
        self.listener.advance(training.epoch)
        if state is not None:
            self.listener.note(f"{name}: going on after epoch {training.epoch}")
        try:
            while not training.over:
                epoch = training.step_epoch()
                self.checkpoint.write(state_name, training.state())
                self.listener.epoch(epoch)
        except KeyboardInterrupt:
            return True
        return False

    def _report(
        self,
        name: str,
        examples: Examples,
        fitting: Fitting,
        arrays: Mapping[str, FloatArray],
        *,
        stopped: bool,
    ) -> TowerReport:
        pictures, captions = fitting.vectors(arrays)
        before = self._known(shipped(name), 0)
        asking = examples.held_out[examples.owner]
        return TowerReport(
            tower=name,
            before=recalls(examples, before, examples.captions),
            after=recalls(examples, pictures, captions),
            gap_before=gap(before[examples.held_out], examples.captions[asking]),
            gap_after=gap(pictures[examples.held_out], captions[asking]),
            epochs=fitting.epoch,
            best_epoch=fitting.best_epoch,
            stopped=stopped,
        )

    def _counts(self, examples: Examples) -> dict[str, Any]:
        counts = {name: sum(len(c.get(name, ())) for c in self.given.captions) for name in self.given.columns}
        return {
            "pictures": len(self.given.images),
            "held_out": int(examples.held_out.sum()),
            "captions": counts,
        }

    def report(self, folder: Path, towers: Sequence[TowerReport], seconds: float) -> PairsReport:
        """What is told at the end."""
        counts = {name: sum(len(c.get(name, ())) for c in self.given.captions) for name in self.given.columns}
        return PairsReport(
            output=str(folder),
            pictures=len(self.given.images),
            captions=counts,
            towers=tuple(towers),
            seconds=seconds,
            skipped=tuple(self.skipped),
            notes=tuple(self.given.notes),
        )


def _refuse_to_replace(folder: Path, towers: Sequence[str]) -> None:
    if is_joint_folder(folder) and (there := set(read_notes(folder)["towers"]) & set(towers)):
        raise InputError(
            f"{folder} holds a model for {' and '.join(sorted(there))}. Next: another folder, or overwrite it "
            "(--overwrite)"
        )


def _only(given: Captioned, kept: Sequence[int]) -> Captioned:
    """The pictures that could be decoded."""
    lists: dict[str, Any] = {
        name: [getattr(given, name)[place] for place in kept]
        for name in ("ids", "images", "captions", "concepts")
    }
    return replace(given, **lists)


def _called(source: Any) -> str:
    return Path(source).name if isinstance(source, str | Path) else type(source).__name__
