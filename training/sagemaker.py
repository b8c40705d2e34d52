"""The entry point of the training image: python sagemaker.py

Reads SageMaker's folders below /opt/ml (or SAGEMAKER_BASE_DIR): hyperparameters, each value as JSON, and the channels
train, validation and base. What must survive an interrupted spot instance lies below checkpoints/, which SageMaker
keeps in S3; the finished adapter, result.json and metrics.jsonl go to model/. Prints a line a step, which the job's
metric definitions read. Exit codes as train.py; what went wrong stands in output/failure as well.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from pathlib import Path
from typing import Any

from train import QUIET_AND_OFFLINE
from understudy_training.config import read_config
from understudy_training.files import sha256_of, write_json
from understudy_training.problems import BadInput

# SageMaker shows this much of output/failure as the job's FailureReason.
FAILURE_CHARACTERS = 1024
KEPT_FILES = ("result.json", "metrics.jsonl")


def main() -> int:
    root = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    os.environ.update(QUIET_AND_OFFLINE)
    try:
        config = read_config(write_config(root))
        from understudy_training.fine_tune import fine_tune

        result = fine_tune(config, on_row=print_row)
        if result["status"] == "completed":
            publish(config.output_dir, root / "model")
    except BadInput as error:
        return report(root, "\n".join(error.problems), 2)
    except Exception:
        return report(root, traceback.format_exc(), 1)
    print(f"{result['status']} after {result['steps']} steps, loss {result['trainLoss']}", file=sys.stderr)
    return 0


def write_config(root: Path) -> Path:
    """Turns SageMaker's folders into a configuration of train.py; returns its path. Raises BadInput."""
    given = read_hyperparameters(root / "input" / "config" / "hyperparameters.json")
    digests = {name: given.pop(f"{name}Sha256", None) for name in ("train", "validation")}
    problems: list[str] = []
    files = {name: channel_file(root, name, digest, problems) for name, digest in digests.items()}
    if problems:
        raise BadInput(problems)
    state = root / "checkpoints"
    state.mkdir(parents=True, exist_ok=True)
    config = state / "config.json"
    write_json(
        config,
        given
        | {
            "base": str(root / "input" / "data" / "base"),
            "trainFile": files["train"],
            "validationFile": files["validation"],
            "outputDir": str(state / "output"),
            "checkpointDir": str(state / "steps"),
            "threads": int(os.environ["OMP_NUM_THREADS"]) if "OMP_NUM_THREADS" in os.environ else None,
        },
    )
    return config


def read_hyperparameters(path: Path) -> dict[str, Any]:
    values: dict[str, Any] = {}
    problems = []
    for name, text in json.loads(path.read_text(encoding="utf-8")).items():
        try:
            values[name] = json.loads(text)
        except ValueError:
            problems.append(f"hyperparameter {name}: found {text}, expected JSON; quote texts")
    if problems:
        raise BadInput(problems)
    return values


def channel_file(root: Path, channel: str, digest: str | None, problems: list[str]) -> str | None:
    """The one file of a channel, with the digest that the job names; None where the job names none."""
    if digest is None:
        return None
    found = sorted(path for path in (root / "input" / "data" / channel).glob("*") if path.is_file())
    if len(found) != 1:
        problems.append(f"channel {channel}: found {len(found)} files, expected one; name one object of the store")
        return None
    sha256 = sha256_of(found[0])
    if sha256 != digest:
        problems.append(f"channel {channel}: sha256 {sha256}, expected {digest}; the object was changed, build it anew")
    return str(found[0])


def print_row(row: dict[str, Any], total_steps: int) -> None:
    """One line for CloudWatch: `understudy step=12 totalSteps=40 loss=1.25 validationLoss=1.5`."""
    values = {"step": row["step"], "totalSteps": total_steps}
    values |= {name: row[name] for name in ("loss", "validationLoss") if row.get(name) is not None}
    print("understudy " + " ".join(f"{name}={value}" for name, value in values.items()), flush=True)


def publish(output: Path, model: Path) -> None:
    """Copies what the job has made to the folder that SageMaker packs, result.json last."""
    shutil.copytree(output / "adapter", model / "adapter", dirs_exist_ok=True)
    for name in reversed(KEPT_FILES):
        shutil.copyfile(output / name, model / name)


def report(root: Path, reason: str, code: int) -> int:
    folder = root / "output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "failure").write_text(reason[-FAILURE_CHARACTERS:], encoding="utf-8")
    print(reason, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
