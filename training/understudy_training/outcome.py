"""What a training says about itself in result.json."""

from __future__ import annotations

import importlib.metadata
import platform
from dataclasses import dataclass
from typing import Any

from .config import TrainingConfig
from .files import describe_files
from .tokens import Tokenised, TokenisedPairs
from .tracking import MlflowSender

PACKAGES = ("torch", "transformers", "trl", "peft", "accelerate", "datasets", "safetensors")


@dataclass(frozen=True)
class Outcome:
    """How a training ended; `compared` is None, and `pairs` 0, for one without preferences."""

    status: str
    steps: int
    seconds: float
    rows: int
    train: Tokenised
    pairs: int
    compared: TokenisedPairs | None
    resumed_from: int | None
    adapter: dict[str, Any] | None
    processes: int
    attention: str


def describe(
    config: TrainingConfig, outcome: Outcome, rows: list[dict[str, Any]], sender: MlflowSender | None
) -> dict[str, Any]:
    """The content of result.json. Losses of the training are means over the last tenth of its steps."""
    validation = _values(rows, "validationLoss")
    files = describe_files(config.output_dir / "adapter") if outcome.adapter else []
    return {
        "status": outcome.status,
        "steps": outcome.steps,
        "trainLoss": _last_tenth(_values(rows, "loss")),
        "validationLoss": validation[-1] if validation else None,
        "seconds": round(outcome.seconds, 3),
        "rows": outcome.rows,
        "truncated": outcome.train.truncated,
        "dropped": outcome.train.dropped,
        "preferences": _preferences(outcome, rows),
        "resumedFrom": outcome.resumed_from,
        "adapter": outcome.adapter,
        "files": [{**entry, "path": f"adapter/{entry['path']}"} for entry in files],
        "base": config.base_id(),
        "seed": config.seed,
        "processes": outcome.processes,
        "attention": outcome.attention,
        "mlflow": {"pending": sender.pending, "failure": sender.failure} if sender else None,
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in PACKAGES},
        },
    }


def _preferences(outcome: Outcome, rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    if outcome.compared is None:
        return None
    return {
        "pairs": outcome.pairs,
        "truncated": outcome.compared.truncated,
        "dropped": outcome.compared.dropped,
        "loss": _last_tenth(_values(rows, "preferenceLoss")),
        "margin": _last_tenth(_values(rows, "preferenceMargin")),
        "accuracy": _last_tenth(_values(rows, "preferenceAccuracy")),
    }


def _values(rows: list[dict[str, Any]], name: str) -> list[float]:
    return [row[name] for row in rows if row.get(name) is not None]


def _last_tenth(values: list[float]) -> float | None:
    last = values[-max(1, len(values) // 10) :]
    return sum(last) / len(last) if last else None
