"""The parts of a training: supervised, and by preferences."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from transformers import PrinterCallback

from .adapters import save_adapter
from .base_model import load_base, without_casts
from .batches import Share
from .checkpoints import Checkpoint, mark_complete
from .config import TrainingConfig
from .in_step import InStep
from .processes import Processes
from .progress import Progress, preference_folder, supervised_folder
from .stop import StopRequest
from .tokens import Tokenised, TokenisedPairs
from .tracking import MetricsFile, MlflowSender
from .trainers import preference_trainer, supervised_trainer
from .watch import NAMES, PREFERENCE_NAMES, Heartbeat, Watch


@dataclass(frozen=True)
class Ran:
    """How far a part of the training got; steps and seconds are those of the parts before as well."""

    step: int
    total_steps: int
    seconds: float
    completed: bool


@dataclass(frozen=True)
class Parts:
    """One training's parts, with what they share; `metrics` and `sender` are None in processes that do not write."""

    config: TrainingConfig
    share: Share
    processes: Processes
    stop: StopRequest
    tokenizer: Any
    metrics: MetricsFile | None
    sender: MlflowSender | None
    heartbeat: Heartbeat
    on_row: Callable[[dict[str, Any], int], None] | None

    def supervised(self, progress: Progress, train: Tokenised, validation: Tokenised | None) -> tuple[Ran, Any]:
        """Trains on the chats, unless that was done before; returns the model as well, None where it was done."""
        if progress.made is not None:
            return Ran(progress.made.step, progress.made.step, progress.made.seconds, True), None
        model = load_base(self.config, self.processes, torch)
        trainer = supervised_trainer(self.config, self.share, model, self.tokenizer, train, validation)
        nothing = Ran(0, 0, 0.0, True)
        digest = self.config.digest()
        ran = self._run(trainer, progress.supervised, digest, nothing, NAMES, validates=validation is not None)
        if ran.completed and self.config.preferences is not None:
            folder = supervised_folder(self.config)
            if self.processes.writes:
                save_adapter(trainer.model, self.config, folder)
                mark_complete(folder, ran.step, ran.seconds, self.config.preferences_digest())
            self.processes.wait(torch)
        return ran, trainer.model

    def by_preferences(self, checkpoint: Checkpoint | None, pairs: TokenisedPairs, before: Ran) -> tuple[Ran, Any]:
        """Trains the adapter of the supervised part further, by pairs of answers; returns the model as well."""
        from peft import PeftModel

        gc.collect()
        folder = preference_folder(self.config)
        base = load_base(self.config, self.processes, torch)
        model = PeftModel.from_pretrained(base, supervised_folder(self.config), is_trainable=True)
        # A name would be looked up on a hub at each checkpoint.
        model.peft_config["default"].base_model_name_or_path = str(self.config.base)
        trainer = preference_trainer(self.config, self.share, model, self.tokenizer, pairs, folder)
        digest = self.config.preferences_digest()
        return self._run(trainer, checkpoint, digest, before, PREFERENCE_NAMES, validates=False), trainer.model

    def _run(
        self,
        trainer: Any,
        checkpoint: Checkpoint | None,
        digest: str,
        before: Ran,
        names: Mapping[str, str],
        *,
        validates: bool,
    ) -> Ran:
        earlier_seconds = checkpoint.seconds if checkpoint else before.seconds
        trainer.remove_callback(PrinterCallback)
        trainer.add_callback(InStep(self.processes, self.stop, validates, torch))
        watch = self._watch(digest, before.step, earlier_seconds, names)
        if watch is not None:
            trainer.add_callback(watch)
        if not self.processes.any(self.stop.requested, trainer.args.device, torch):
            with without_casts(trainer.model, torch):
                trainer.train(resume_from_checkpoint=str(checkpoint.folder) if checkpoint else None)
        if watch is not None:
            watch.flush()
        state = trainer.state
        step = before.step + max(state.global_step, checkpoint.step if checkpoint else 0)
        return Ran(
            step=step,
            total_steps=max(before.step + state.max_steps, step),
            seconds=watch.seconds if watch else 0.0,
            completed=state.global_step >= state.max_steps > 0,
        )

    def _watch(self, digest: str, steps: int, seconds: float, names: Mapping[str, str]) -> Watch | None:
        if self.metrics is None:
            return None
        return Watch(
            metrics=self.metrics,
            sender=self.sender,
            heartbeat=self.heartbeat,
            config_digest=digest,
            earlier_steps=steps,
            earlier_seconds=seconds,
            names=names,
            on_row=self.on_row,
        )
