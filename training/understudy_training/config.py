"""The configuration of one training: a JSON file, checked as a whole before anything is loaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .files import sha256_of
from .problems import BadInput


@dataclass(frozen=True)
class Tracking:
    """Where metrics are sent besides metrics.jsonl."""

    tracking_uri: str
    run_id: str


@dataclass(frozen=True)
class Preferences:
    """What follows the supervised training: pairs to prefer by, and how (Rafailov et al. 2023)."""

    file: Path
    beta: float
    learning_rate: float
    epochs: float
    max_steps: int | None


@dataclass(frozen=True)
class TrainingConfig:
    """One training. Paths are absolute or relative to the working directory; `epochs` is ignored with `max_steps`."""

    base: Path
    train_file: Path
    validation_file: Path | None
    preferences: Preferences | None
    output_dir: Path
    checkpoint_dir: Path
    method: str
    rank: int
    alpha: int
    dropout: float
    learning_rate: float
    epochs: float
    max_steps: int | None
    batch_size: int
    gradient_accumulation: int
    max_length: int
    warmup_ratio: float
    seed: int
    save_steps: int
    threads: int | None
    mlflow: Tracking | None

    def base_id(self) -> str:
        """The name of the base, as understudy-base.json beside its weights says; else its folder's name."""
        record = self.base / "understudy-base.json"
        return json.loads(record.read_text(encoding="utf-8"))["id"] if record.is_file() else self.base.name

    def digest(self) -> str:
        """What a checkpoint belongs to: data, base and every setting that changes the weights, but no path."""
        base = self.base / "understudy-base.json"
        parts = {
            "train": sha256_of(self.train_file),
            "base": sha256_of(base if base.is_file() else self.base / "config.json"),
            "settings": [self.method, self.rank, self.alpha, self.dropout, self.learning_rate, self.epochs]
            + [
                self.max_steps,
                self.batch_size,
                self.gradient_accumulation,
                self.max_length,
                self.warmup_ratio,
                self.seed,
            ],
        }
        return _digest_of(parts)

    def preferences_digest(self) -> str:
        """As digest, of the training by preferences."""
        assert self.preferences is not None
        given = self.preferences
        settings = [given.beta, given.learning_rate, given.epochs, given.max_steps]
        return _digest_of({"supervised": self.digest(), "pairs": sha256_of(given.file), "settings": settings})


def _digest_of(parts: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Field:
    """How one field is read: `accepts` judges the value, `expected` says it in words."""

    accepts: Callable[[Any], bool]
    expected: str
    default: Any = ...


def _number(low: float, high: float, *, whole: bool = False) -> Callable[[Any], bool]:
    kinds = (int,) if whole else (int, float)
    return lambda value: isinstance(value, kinds) and not isinstance(value, bool) and low <= value <= high


def _or_null(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or accepts(value)


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _tracking(value: Any) -> bool:
    return isinstance(value, dict) and _text(value.get("trackingUri")) and _text(value.get("runId"))


COUNT = 2**31 - 1
LEARNING_RATE = (_number(1e-8, 1), "a number from 1e-8 to 1")
EPOCHS = (_number(0.01, 1000), "a number from 0.01 to 1000")
MAX_STEPS = (_or_null(_number(1, COUNT, whole=True)), "a whole number from 1, or null", None)
PREFERENCE_FIELDS = {
    "file": Field(_text, "a JSONL file of preferences"),
    "beta": Field(_number(1e-4, 100), "a number from 0.0001 to 100", 0.1),
    "learningRate": Field(*LEARNING_RATE, 5e-6),
    "epochs": Field(*EPOCHS, 1),
    "maxSteps": Field(*MAX_STEPS),
}
FIELDS = {
    "base": Field(_text, "the folder of a base model"),
    "trainFile": Field(_text, "a JSONL file of chats"),
    "validationFile": Field(_or_null(_text), "a JSONL file of chats, or null", None),
    "preferences": Field(_or_null(lambda value: isinstance(value, dict)), "an object with a file, or null", None),
    "outputDir": Field(_text, "a folder"),
    "checkpointDir": Field(_text, "a folder"),
    "method": Field(lambda value: value in ("lora", "qlora"), "lora or qlora", "lora"),
    "rank": Field(_number(1, 512, whole=True), "a whole number from 1 to 512", 16),
    "alpha": Field(_number(1, 4096, whole=True), "a whole number from 1 to 4096", 32),
    "dropout": Field(_number(0, 0.9), "a number from 0 to 0.9", 0.05),
    "learningRate": Field(*LEARNING_RATE, 2e-4),
    "epochs": Field(*EPOCHS, 3),
    "maxSteps": Field(*MAX_STEPS),
    "batchSize": Field(_number(1, 4096, whole=True), "a whole number from 1 to 4096", 4),
    "gradientAccumulation": Field(_number(1, 4096, whole=True), "a whole number from 1 to 4096", 1),
    "maxLength": Field(_number(8, 131072, whole=True), "a whole number of tokens from 8 to 131072", 512),
    "warmupRatio": Field(_number(0, 1), "a number from 0 to 1", 0.03),
    "seed": Field(_number(0, COUNT, whole=True), "a whole number from 0", 1),
    "saveSteps": Field(_number(1, COUNT, whole=True), "a whole number from 1", 50),
    "threads": Field(_or_null(_number(1, 1024, whole=True)), "a whole number from 1, or null for all cores", None),
    "mlflow": Field(_or_null(_tracking), "{trackingUri, runId}, or null", None),
}


def read_config(path: Path) -> TrainingConfig:
    """Reads and checks a configuration file. Raises BadInput with every problem."""
    try:
        given = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadInput([f"{path}: can't be read ({error.strerror}); name a readable JSON file"]) from error
    except ValueError as error:
        raise BadInput([f"{path}: is not JSON ({error}); mend the file"]) from error
    if not isinstance(given, dict):
        raise BadInput([f"{path}: found {type(given).__name__}, expected one JSON object"])
    problems: list[str] = []
    values = _read_fields(given, FIELDS, "config", problems)
    if isinstance(given.get("preferences"), dict):
        values["preferences"] = _read_fields(given["preferences"], PREFERENCE_FIELDS, "config.preferences", problems)
    problems += _missing_paths(values) if not problems else []
    if problems:
        raise BadInput(problems)
    return _build(values)


def _read_fields(given: dict[str, Any], fields: dict[str, Field], place: str, problems: list[str]) -> dict[str, Any]:
    problems += [
        f"{place}.{name}: is not a known field; remove it or mend its name" for name in given if name not in fields
    ]
    values: dict[str, Any] = {}
    for name, field in fields.items():
        value = given.get(name, field.default)
        if value is ...:
            problems.append(f"{place}.{name}: is missing, expected {field.expected}; add it")
        elif not field.accepts(value):
            problems.append(f"{place}.{name}: found {json.dumps(value)}, expected {field.expected}; change it")
        values[name] = value
    return values


def _missing_paths(values: dict[str, Any]) -> list[str]:
    problems = []
    if not (Path(values["base"]) / "config.json").is_file():
        problems.append(f"config.base: {values['base']} holds no config.json, expected the folder of a base model")
    files = {name: values[name] for name in ("trainFile", "validationFile")}
    files["preferences.file"] = values["preferences"] and values["preferences"]["file"]
    for name, path in files.items():
        if path is not None and not Path(path).is_file():
            problems.append(f"config.{name}: {path} is not a file; name an existing JSONL file")
    return problems


def _preferences_of(values: dict[str, Any]) -> Preferences:
    return Preferences(
        file=Path(values["file"]),
        beta=float(values["beta"]),
        learning_rate=float(values["learningRate"]),
        epochs=float(values["epochs"]),
        max_steps=values["maxSteps"],
    )


def _build(values: dict[str, Any]) -> TrainingConfig:
    tracking = values["mlflow"]
    return TrainingConfig(
        base=Path(values["base"]),
        train_file=Path(values["trainFile"]),
        validation_file=Path(values["validationFile"]) if values["validationFile"] else None,
        preferences=_preferences_of(values["preferences"]) if values["preferences"] else None,
        output_dir=Path(values["outputDir"]),
        checkpoint_dir=Path(values["checkpointDir"]),
        method=values["method"],
        rank=values["rank"],
        alpha=values["alpha"],
        dropout=float(values["dropout"]),
        learning_rate=float(values["learningRate"]),
        epochs=float(values["epochs"]),
        max_steps=values["maxSteps"],
        batch_size=values["batchSize"],
        gradient_accumulation=values["gradientAccumulation"],
        max_length=values["maxLength"],
        warmup_ratio=float(values["warmupRatio"]),
        seed=values["seed"],
        save_steps=values["saveSteps"],
        threads=values["threads"],
        mlflow=Tracking(tracking["trackingUri"], tracking["runId"]) if tracking else None,
    )
