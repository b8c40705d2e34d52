"""The same batch of a step, over however many processes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .config import TrainingConfig
from .problems import BadInput


@dataclass(frozen=True)
class Share:
    """What one process does of a step: `batch_size` rows at a time, `gradient_accumulation` times."""

    batch_size: int
    gradient_accumulation: int


def share_of_step(config: TrainingConfig, processes: int) -> Share:
    """Divides a step's rows over the processes, so that a step learns from as many rows on one GPU as on eight.

    Accumulated batches are spread first, as they cost time, then rows of a batch. Raises BadInput where the rows can't
    be divided.
    """
    spread = math.gcd(config.gradient_accumulation, processes)
    among = processes // spread
    if config.batch_size % among != 0:
        rows = config.batch_size * config.gradient_accumulation
        raise BadInput(
            [
                f"config.batchSize: {config.batch_size} x gradientAccumulation {config.gradient_accumulation} are "
                f"{rows} rows a step, which {processes} processes can't share evenly; choose a batchSize that "
                f"{among} divides, or fewer GPUs"
            ]
        )
    return Share(config.batch_size // among, config.gradient_accumulation // spread)
