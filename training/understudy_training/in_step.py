"""Keeping the processes of a training together."""

from __future__ import annotations

from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from .processes import Processes
from .stop import StopRequest


class InStep(TrainerCallback):
    """Keeps the processes at the same step: all stop after it when any was asked to, and a checkpoint is whole before
    it counts. Comes before the callbacks that write.
    """

    def __init__(self, processes: Processes, stop: StopRequest, validates: bool, torch: Any) -> None:
        self._processes = processes
        self._stop = stop
        self._validates = validates
        self._torch = torch

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        if self._validates and state.global_step >= state.max_steps:
            control.should_evaluate = True
        if self._processes.any(self._stop.requested, args.device, self._torch):
            control.should_save = True
            control.should_training_stop = True

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self._processes.wait(self._torch)
