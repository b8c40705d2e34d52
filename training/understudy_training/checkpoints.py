"""Checkpoints that count only when they are complete."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from .files import write_json
from .problems import BadInput

MARKER = "understudy-checkpoint.json"


@dataclass(frozen=True)
class Checkpoint:
    """A complete checkpoint: its folder, its step, and the seconds of training behind it."""

    folder: Path
    step: int
    seconds: float


def mark_complete(folder: Path, step: int, seconds: float, config_digest: str) -> None:
    """Makes a written checkpoint count; called after its last file."""
    write_json(folder / MARKER, {"step": step, "seconds": round(seconds, 3), "config": config_digest})


def latest_checkpoint(directory: Path, config_digest: str, *, tidies: bool = True) -> Checkpoint | None:
    """The newest complete checkpoint; incomplete ones are removed by who `tidies`. Raises BadInput for one of another
    training.
    """
    found = []
    for folder in sorted(directory.glob("checkpoint-*")):
        checkpoint = read_checkpoint(folder, config_digest)
        if checkpoint is not None:
            found.append(checkpoint)
        elif tidies:
            shutil.rmtree(folder)
    return max(found, key=lambda checkpoint: checkpoint.step, default=None)


def read_checkpoint(folder: Path, config_digest: str) -> Checkpoint | None:
    """The checkpoint in a folder; None where it is not complete. Raises BadInput for one of another training."""
    marker = folder / MARKER
    if not marker.is_file():
        return None
    record = json.loads(marker.read_text(encoding="utf-8"))
    if record["config"] != config_digest:
        raise BadInput(
            [
                f"config.checkpointDir: {folder} belongs to a training with other data, base or settings "
                f"({record['config'][:12]}, expected {config_digest[:12]}); name an empty folder or remove it"
            ]
        )
    return Checkpoint(folder, record["step"], record["seconds"])
