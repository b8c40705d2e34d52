"""The entry point of the training image: python sagemaker.py

Reads SageMaker's folders below /opt/ml (or SAGEMAKER_BASE_DIR): hyperparameters, each value as JSON, and the channels
train, validation, base and, for a training by preferences, preferences. SM_CHANNEL_<NAME>, SM_MODEL_DIR and
SM_NUM_GPUS, which SageMaker's own images set, count where they are there. What must survive an interrupted spot
instance lies below checkpoints/, which SageMaker keeps in S3; the finished adapter, result.json and metrics.jsonl go to
model/. Prints a line a step, which the job's metric definitions read. Exit codes as train.py; what went wrong stands in
output/failure as well.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train import prepare_environment, processes_for, report, train_command, train_here
from understudy_training.config import read_config
from understudy_training.files import sha256_of, write_json
from understudy_training.launch import Launch
from understudy_training.problems import BadInput

# SageMaker shows this much of output/failure as the job's FailureReason.
FAILURE_CHARACTERS = 1024
KEPT_FILES = ("result.json", "metrics.jsonl")
FILE_CHANNELS = ("train", "validation", "preferences")


@dataclass(frozen=True)
class Layout:
    """SageMaker's folders; `processes` is None where nobody says how many GPUs there are."""

    root: Path
    model: Path
    processes: int | None

    def channel(self, name: str) -> Path:
        return Path(os.environ.get(f"SM_CHANNEL_{name.upper()}", self.root / "input" / "data" / name))


def main() -> int:
    layout = read_layout()
    try:
        path = write_config(layout)
        config = read_config(path)
        prepare_environment(config)
        count = processes_for(config, layout.processes)
        if count > 1:
            launch = Launch(train_command(path), count)
            code = launch.run()
            if code != 0:
                return fail(layout, launch.last_lines, code)
        else:
            report(train_here(config))
        publish(config.output_dir, layout.model)
    except BadInput as error:
        return fail(layout, "\n".join(error.problems), 2)
    except Exception:
        return fail(layout, traceback.format_exc(), 1)
    return 0


def read_layout() -> Layout:
    root = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
    gpus = os.environ.get("SM_NUM_GPUS", "0")
    return Layout(
        root=root,
        model=Path(os.environ.get("SM_MODEL_DIR", root / "model")),
        processes=int(gpus) if gpus.isdecimal() and int(gpus) > 0 else None,
    )


def write_config(layout: Layout) -> Path:
    """Turns SageMaker's folders into a configuration of train.py; returns its path. Raises BadInput."""
    given = read_hyperparameters(layout.root / "input" / "config" / "hyperparameters.json")
    digests = {name: given.pop(f"{name}Sha256", None) for name in FILE_CHANNELS}
    problems: list[str] = []
    files = {name: channel_file(layout.channel(name), name, digest, problems) for name, digest in digests.items()}
    if problems:
        raise BadInput(problems)
    state = layout.root / "checkpoints"
    state.mkdir(parents=True, exist_ok=True)
    config = state / "config.json"
    if isinstance(given.get("preferences"), dict):
        given["preferences"] = given["preferences"] | {"file": files["preferences"]}
    write_json(
        config,
        given
        | {
            "base": str(layout.channel("base")),
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


def channel_file(folder: Path, channel: str, digest: str | None, problems: list[str]) -> str | None:
    """The one file of a channel, with the digest that the job names; None where the job names none."""
    if digest is None:
        return None
    found = sorted(path for path in folder.glob("*") if path.is_file())
    if len(found) != 1:
        problems.append(f"channel {channel}: found {len(found)} files, expected one; name one object of the store")
        return None
    sha256 = sha256_of(found[0])
    if sha256 != digest:
        problems.append(f"channel {channel}: sha256 {sha256}, expected {digest}; the object was changed, build it anew")
    return str(found[0])


def publish(output: Path, model: Path) -> None:
    """Copies what a completed job has made to the folder that SageMaker packs, result.json last."""
    result = json.loads((output / "result.json").read_text(encoding="utf-8"))
    if result["status"] != "completed":
        return
    shutil.copytree(output / "adapter", model / "adapter", dirs_exist_ok=True)
    for name in reversed(KEPT_FILES):
        shutil.copyfile(output / name, model / name)


def fail(layout: Layout, reason: str, code: int) -> int:
    folder = layout.root / "output"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "failure").write_text(reason[-FAILURE_CHARACTERS:], encoding="utf-8")
    print(reason, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
