"""Fine-tuning of LoRA adapters with TRL and PEFT (Hu et al. 2021; QLoRA: Dettmers et al. 2023): supervised, then, where
the configuration names preferences, by them, with what the supervised training has made as the reference, as Rafailov
et al. 2023 (section 4, outline of DPO) have it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .adapters import save_adapter
from .base_model import attention_of, require_cuda_for_qlora, use_threads
from .batches import share_of_step
from .config import TrainingConfig
from .conversations import read_conversations, read_preferences
from .files import write_json
from .outcome import Outcome, describe
from .problems import BadInput
from .processes import this_process
from .progress import progress_of
from .stop import StopRequest
from .tokens import tokenise, tokenise_pairs
from .tracking import MetricsFile, MlflowSender

MLFLOW_PATIENCE_SECONDS = 120
MLFLOW_PATIENCE_WHEN_STOPPED_SECONDS = 5


def fine_tune(config: TrainingConfig, on_row: Callable[[dict[str, Any], int], None] | None = None) -> dict[str, Any]:
    """Trains, or goes on from the last complete checkpoint, and writes `result.json` last of all; returns it.

    Every process of a training calls it; the first of them writes. `on_row` is told there of every row of metrics, with
    the number of steps in all. Raises BadInput with every problem of data, settings or machine before any step is made.
    """
    chats = read_conversations(config.train_file, "trainFile")
    validation_chats = read_conversations(config.validation_file, "validationFile") if config.validation_file else []
    pairs = read_preferences(config.preferences.file, "preferences.file") if config.preferences else []
    processes = this_process()
    share = share_of_step(config, processes.count)
    for folder in (config.output_dir, config.checkpoint_dir):
        folder.mkdir(parents=True, exist_ok=True)
    progress = progress_of(config, tidies=processes.writes)

    import torch

    require_cuda_for_qlora(config, torch)
    from transformers import AutoTokenizer, set_seed

    from .parts import Parts
    from .watch import Heartbeat

    stop = StopRequest()
    processes.join(torch)
    heartbeat = Heartbeat(config.output_dir / "progress.json")
    if processes.writes:
        (config.output_dir / "result.json").unlink(missing_ok=True)
        heartbeat.beat("loading", progress.step, 0, None)
    use_threads(config, processes, torch)
    torch.use_deterministic_algorithms(True, warn_only=True)
    set_seed(config.seed)
    tokenizer = AutoTokenizer.from_pretrained(config.base, local_files_only=True)
    if tokenizer.chat_template is None:
        raise BadInput([f"config.base: {config.base} has no chat template; use an instruction-tuned base"])
    train = tokenise(chats, tokenizer, config.max_length, "trainFile")
    validation = (
        tokenise(validation_chats, tokenizer, config.max_length, "validationFile") if validation_chats else None
    )
    compared = tokenise_pairs(pairs, tokenizer, config.max_length, "preferences.file") if pairs else None

    metrics = MetricsFile(config.output_dir / "metrics.jsonl", progress.step) if processes.writes else None
    sender = MlflowSender(config.mlflow, metrics.rows) if config.mlflow and metrics else None
    if sender is not None:
        sender.start()
    parts = Parts(config, share, processes, stop, tokenizer, metrics, sender, heartbeat, on_row)
    ran, model = parts.supervised(progress, train, validation)
    if ran.completed and compared is not None:
        # Two bases at once need not fit where one does.
        model = None
        ran, model = parts.by_preferences(progress.preferences, compared, ran)
    status = "completed" if ran.completed else "stopped"
    result: dict[str, Any] = {"status": status, "steps": ran.step, "trainLoss": None}
    if metrics is not None:
        metrics.close()
        if sender is not None:
            sender.close(MLFLOW_PATIENCE_SECONDS if ran.completed else MLFLOW_PATIENCE_WHEN_STOPPED_SECONDS)
        outcome = Outcome(
            status=status,
            steps=ran.step,
            seconds=ran.seconds,
            rows=len(chats),
            train=train,
            pairs=len(pairs),
            compared=compared,
            resumed_from=progress.step or None,
            adapter=save_adapter(model, config, config.output_dir / "adapter") if ran.completed else None,
            processes=processes.count,
            attention=attention_of(torch),
        )
        result = describe(config, outcome, metrics.rows, sender)
        heartbeat.beat(status, ran.step, max(ran.total_steps, ran.step), result["trainLoss"])
        write_json(config.output_dir / "result.json", result)
    processes.leave(torch)
    return result
