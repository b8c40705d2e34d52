"""What happens beside the steps: metrics, heartbeat and complete checkpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .checkpoints import mark_complete
from .files import write_json
from .tracking import MetricsFile, MlflowSender

NAMES = {
    "loss": "loss",
    "eval_loss": "validationLoss",
    "learning_rate": "learningRate",
    "grad_norm": "gradientNorm",
    "mean_token_accuracy": "tokenAccuracy",
}
PREFERENCE_NAMES = {
    "loss": "preferenceLoss",
    "rewards/margins": "preferenceMargin",
    "rewards/accuracies": "preferenceAccuracy",
    "learning_rate": "learningRate",
    "grad_norm": "gradientNorm",
}


def now() -> str:
    """The time as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Heartbeat:
    """outputDir/progress.json, by which others see that the training lives: {phase, step, totalSteps, loss, at}."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def beat(self, phase: str, step: int, total_steps: int, loss: float | None) -> None:
        record = {"phase": phase, "step": step, "totalSteps": total_steps, "loss": loss, "at": now()}
        write_json(self._path, record)


class Watch(TrainerCallback):
    """One row of metrics a step, validation included; a checkpoint counts once its rows are on disk. Steps are counted
    from `earlier_steps` on, those of the training before; only the process that writes has a watch.
    """

    def __init__(
        self,
        *,
        metrics: MetricsFile,
        sender: MlflowSender | None,
        heartbeat: Heartbeat,
        config_digest: str,
        earlier_steps: int,
        earlier_seconds: float,
        names: Mapping[str, str],
        on_row: Callable[[dict[str, Any], int], None] | None = None,
    ) -> None:
        self._metrics = metrics
        self._sender = sender
        self._heartbeat = heartbeat
        self._config_digest = config_digest
        self._earlier_steps = earlier_steps
        self._earlier_seconds = earlier_seconds
        self._names = names
        self._on_row = on_row
        self._total_steps = 0
        self._begun = time.monotonic()
        self._row: dict[str, Any] | None = None

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.flush()

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, logs: dict[str, float], **_: Any
    ) -> None:
        values = {self._names[key]: value for key, value in logs.items() if key in self._names}
        if not values:
            return
        step = self._earlier_steps + state.global_step
        if self._row is None or self._row["step"] != step:
            self.flush()
            self._row = {"step": step, "epoch": round(state.epoch or 0, 4), "at": now()}
        self._row.update(values)
        self._total_steps = self._earlier_steps + state.max_steps
        loss = self._row.get(self._names["loss"])
        self._heartbeat.beat("training", step, self._total_steps, loss)

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.flush()
        folder = Path(args.output_dir) / f"checkpoint-{state.global_step}"
        mark_complete(folder, state.global_step, self.seconds, self._config_digest)

    def flush(self) -> None:
        """Writes the row of the step behind us."""
        if self._row is None:
            return
        row, self._row = self._row, None
        self._metrics.append(row)
        if self._sender is not None:
            self._sender.add(row)
        if self._on_row is not None:
            self._on_row(row, self._total_steps)

    @property
    def seconds(self) -> float:
        """Seconds of training, those before a resume included."""
        return self._earlier_seconds + time.monotonic() - self._begun
