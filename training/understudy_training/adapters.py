"""Adapters on disk, complete or absent."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from .config import TrainingConfig
from .files import describe_files, digest_of_folder, write_json


def save_adapter(model: Any, config: TrainingConfig, target: Path) -> dict[str, Any]:
    """Writes the trained adapter as PEFT does, the same bytes for the same weights: {path, sha256, bytes}."""
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    # The path of the base on this machine says nothing elsewhere, and would change the adapter's digest.
    model.peft_config["default"].base_model_name_or_path = config.base_id()
    model.save_pretrained(partial, safe_serialization=True, save_embedding_layers=False, selected_adapters=["default"])
    (partial / "README.md").unlink(missing_ok=True)
    _sort_lists(partial / "adapter_config.json")
    for file in partial.iterdir():
        file.chmod(0o644)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    size = sum(entry["bytes"] for entry in describe_files(target))
    return {"path": target.name, "sha256": digest_of_folder(target), "bytes": size}


def _sort_lists(path: Path) -> None:
    """Sorts the lists of a JSON object: PEFT keeps the adapted layers as a set, whose order changes from run to run."""
    record = json.loads(path.read_text(encoding="utf-8"))
    write_json(path, {key: sorted(value) if isinstance(value, list) else value for key, value in record.items()})
