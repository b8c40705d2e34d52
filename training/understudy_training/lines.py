"""The lines by which a training's figures are read from its log."""

from __future__ import annotations

from typing import Any

PRINTED = ("loss", "validationLoss", "preferenceLoss", "preferenceMargin")


def print_row(row: dict[str, Any], total_steps: int) -> None:
    """One line a step: `understudy step=12 totalSteps=40 loss=1.25 validationLoss=1.5`."""
    values = {"step": row["step"], "totalSteps": total_steps}
    values |= {name: row[name] for name in PRINTED if row.get(name) is not None}
    print("understudy " + " ".join(f"{name}={value}" for name, value in values.items()), flush=True)
