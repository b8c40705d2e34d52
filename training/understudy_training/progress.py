"""Where a training that was broken off goes on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .checkpoints import Checkpoint, latest_checkpoint, read_checkpoint
from .config import TrainingConfig


@dataclass(frozen=True)
class Progress:
    """What stands of a training: the newest checkpoint of its supervised part, that part where it is finished and
    preferences follow, and the newest checkpoint of the part by preferences; each None where there is none.
    """

    supervised: Checkpoint | None
    made: Checkpoint | None
    preferences: Checkpoint | None

    @property
    def step(self) -> int:
        """The steps behind it, of both parts."""
        first = self.made or self.supervised
        return (first.step if first else 0) + (self.preferences.step if self.preferences else 0)


def progress_of(config: TrainingConfig, *, tidies: bool) -> Progress:
    """Looks into the folder of checkpoints. Raises BadInput where they are another training's."""
    supervised = latest_checkpoint(config.checkpoint_dir, config.digest(), tidies=tidies)
    if config.preferences is None:
        return Progress(supervised, None, None)
    digest = config.preferences_digest()
    made = read_checkpoint(supervised_folder(config), digest)
    return Progress(
        supervised, made, latest_checkpoint(preference_folder(config), digest, tidies=tidies) if made else None
    )


def supervised_folder(config: TrainingConfig) -> Path:
    """Where the adapter of the supervised part is kept, from which the part by preferences begins."""
    return config.checkpoint_dir / "supervised"


def preference_folder(config: TrainingConfig) -> Path:
    """Where the part by preferences has its checkpoints."""
    return config.checkpoint_dir / "preferences"
