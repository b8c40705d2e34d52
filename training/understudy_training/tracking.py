"""Metrics of a training: appended to metrics.jsonl, and sent to MLflow without ever holding up the training."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from .config import Tracking
from .files import finite

BATCH_ROWS = 200
NOT_METRICS = ("step", "at", "epoch")
RETRY_SECONDS = (0.5, 1, 2, 5, 10)


class MetricsFile:
    """metrics.jsonl: one JSON object a logged step. On resume, rows after the checkpoint's step are cut off, so that
    no step appears twice.
    """

    def __init__(self, path: Path, resumed_step: int) -> None:
        self._path = path
        kept = [row for row in read_rows(path) if row["step"] <= resumed_step]
        partial = path.with_name(f".{path.name}.{os.getpid()}")
        partial.write_text("".join(f"{json.dumps(row)}\n" for row in kept), encoding="utf-8")
        partial.replace(path)
        self.rows: list[dict[str, Any]] = kept
        self._stream = path.open("a", encoding="utf-8")

    def append(self, row: dict[str, Any]) -> None:
        self.rows.append(row)
        self._stream.write(f"{json.dumps(finite(row))}\n")
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The complete rows of a metrics file; a row that a crash cut short is left out."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    return rows


class MlflowSender(threading.Thread):
    """Sends metric rows to one MLflow run in the background; while MLflow is away they wait here.

    A step is never logged twice: before the first batch the run is asked for the last step that it holds of each
    metric, and a batch that is sent again after a lost answer carries the same timestamps, which MLflow's store keeps
    once.
    """

    def __init__(self, tracking: Tracking, rows: list[dict[str, Any]]) -> None:
        super().__init__(name="mlflow", daemon=True)
        self._tracking = tracking
        self._rows = list(rows)
        self._changed = threading.Condition()
        self._closing_at: float | None = None
        self.failure: str | None = None

    @property
    def pending(self) -> int:
        """Rows that MLflow has not taken yet."""
        with self._changed:
            return len(self._rows)

    def add(self, row: dict[str, Any]) -> None:
        with self._changed:
            self._rows.append(row)
            self._changed.notify()

    def close(self, patience_seconds: float) -> None:
        """Sends what is left, for at most `patience_seconds`."""
        with self._changed:
            self._closing_at = time.monotonic() + patience_seconds
            self._changed.notify()
        self.join(patience_seconds + 15)

    def run(self) -> None:
        client = _client(self._tracking.tracking_uri)
        last_steps: dict[str, int] = {}
        attempt = 0
        while True:
            batch = self._next_batch()
            if batch is None:
                return
            try:
                _send(client, self._tracking.run_id, batch, last_steps)
            except Exception as error:  # noqa: BLE001 - whatever MLflow does, training goes on
                if _is_final(error):
                    self.failure = f"MLflow refused the metrics of run {self._tracking.run_id}: {error}"
                    print(self.failure, file=sys.stderr, flush=True)
                    return
                if attempt == 0:
                    print(f"MLflow does not answer, metrics wait: {str(error)[:200]}", file=sys.stderr, flush=True)
                if not self._pause(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)]):
                    return
                attempt += 1
                continue
            if attempt > 0:
                print("MLflow answers again", file=sys.stderr, flush=True)
            attempt = 0
            with self._changed:
                del self._rows[: len(batch)]

    def _next_batch(self) -> list[dict[str, Any]] | None:
        with self._changed:
            while not self._rows:
                if self._closing_at is not None:
                    return None
                self._changed.wait()
            return self._rows[:BATCH_ROWS]

    def _pause(self, seconds: float) -> bool:
        """Waits before the next try; false when the time to close has run out."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while (now := time.monotonic()) < deadline:
                if self._closing_at is not None and now >= self._closing_at:
                    return False
                until = deadline if self._closing_at is None else min(deadline, self._closing_at)
                self._changed.wait(until - now)
        return True


def _client(tracking_uri: str) -> Any:
    os.environ.update({"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0", "MLFLOW_HTTP_REQUEST_TIMEOUT": "10"})
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=tracking_uri)


def _send(client: Any, run_id: str, rows: list[dict[str, Any]], last_steps: dict[str, int]) -> None:
    from mlflow.entities import Metric

    for key in {key for row in rows for key in row if key not in NOT_METRICS and key not in last_steps}:
        last_steps[key] = max((metric.step for metric in client.get_metric_history(run_id, key)), default=-1)
    metrics = [
        Metric(key, float(value), _milliseconds(row["at"]), row["step"])
        for row in rows
        for key, value in row.items()
        if key not in NOT_METRICS and value is not None and row["step"] > last_steps[key]
    ]
    for start in range(0, len(metrics), 1000):
        client.log_batch(run_id, metrics=metrics[start : start + 1000], synchronous=True)


def _milliseconds(at: str) -> int:
    return round(datetime.fromisoformat(at).timestamp() * 1000)


def _is_final(error: Exception) -> bool:
    code = getattr(error, "error_code", "")
    return code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE", "PERMISSION_DENIED", "UNAUTHENTICATED")
