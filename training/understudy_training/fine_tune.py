"""Supervised fine-tuning of LoRA adapters with TRL and PEFT (Hu et al. 2021; QLoRA: Dettmers et al. 2023)."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import platform
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from .checkpoints import Checkpoint, latest_checkpoint
from .config import TrainingConfig
from .conversations import read_conversations
from .files import describe_files, digest_of_folder, write_json
from .problems import BadInput
from .tokens import Tokenised, tokenise
from .tracking import MetricsFile, MlflowSender

MLFLOW_PATIENCE_SECONDS = 120
MLFLOW_PATIENCE_WHEN_STOPPED_SECONDS = 5
KEPT_CHECKPOINTS = 2


def fine_tune(config: TrainingConfig, on_row: Callable[[dict[str, Any], int], None] | None = None) -> dict[str, Any]:
    """Trains, or goes on from the last complete checkpoint, and writes `result.json` last of all; returns it.

    `on_row` is told of every row of metrics, with the number of steps in all.

    Raises BadInput with every problem of data, settings or machine before any step is made.
    """
    chats = read_conversations(config.train_file, "trainFile")
    validation_chats = read_conversations(config.validation_file, "validationFile") if config.validation_file else []
    digest = config.digest()
    config.output_dir.mkdir(parents=True, exist_ok=True)
    config.checkpoint_dir.mkdir(parents=True, exist_ok=True)
    checkpoint = latest_checkpoint(config.checkpoint_dir, digest)
    (config.output_dir / "result.json").unlink(missing_ok=True)

    import torch
    from transformers import AutoTokenizer, PrinterCallback, set_seed

    _require_cuda_for_qlora(config, torch)
    from .watch import Heartbeat, StopRequest, Watch

    stop = StopRequest()
    heartbeat = Heartbeat(config.output_dir / "progress.json")
    heartbeat.beat("loading", checkpoint.step if checkpoint else 0, 0, None)
    torch.set_num_threads(config.threads or os.cpu_count() or 1)
    torch.use_deterministic_algorithms(True, warn_only=True)
    set_seed(config.seed)
    tokenizer = AutoTokenizer.from_pretrained(config.base, local_files_only=True)
    if tokenizer.chat_template is None:
        raise BadInput([f"config.base: {config.base} has no chat template; use an instruction-tuned base"])
    train = tokenise(chats, tokenizer, config.max_length, "trainFile")
    validation = (
        tokenise(validation_chats, tokenizer, config.max_length, "validationFile") if validation_chats else None
    )

    trainer = _make_trainer(config, tokenizer, train, validation, torch)
    metrics = MetricsFile(config.output_dir / "metrics.jsonl", checkpoint.step if checkpoint else 0)
    sender = MlflowSender(config.mlflow, metrics.rows) if config.mlflow else None
    if sender is not None:
        sender.start()
    watch = Watch(
        metrics=metrics,
        sender=sender,
        heartbeat=heartbeat,
        stop=stop,
        config_digest=digest,
        earlier_seconds=checkpoint.seconds if checkpoint else 0,
        validates=validation is not None,
        on_row=on_row,
    )
    trainer.remove_callback(PrinterCallback)
    trainer.add_callback(watch)
    if not stop.requested:
        with _without_casts(trainer.model, torch):
            trainer.train(resume_from_checkpoint=str(checkpoint.folder) if checkpoint else None)
    watch.flush()
    metrics.close()
    status = "completed" if trainer.state.global_step >= trainer.state.max_steps > 0 else "stopped"
    if sender is not None:
        sender.close(MLFLOW_PATIENCE_SECONDS if status == "completed" else MLFLOW_PATIENCE_WHEN_STOPPED_SECONDS)
    adapter = _save_adapter(trainer, config) if status == "completed" else None
    step = max(trainer.state.global_step, checkpoint.step if checkpoint else 0)
    result = _describe(config, status, step, metrics, watch.seconds, (chats, train), adapter, checkpoint, sender)
    heartbeat.beat(status, step, max(trainer.state.max_steps, step), result["trainLoss"])
    write_json(config.output_dir / "result.json", result)
    return result


def _require_cuda_for_qlora(config: TrainingConfig, torch: Any) -> None:
    if config.method != "qlora":
        return
    missing = [] if torch.cuda.is_available() else ["no CUDA device is visible to PyTorch"]
    if importlib.util.find_spec("bitsandbytes") is None:
        missing.append("the package bitsandbytes is not installed")
    if missing:
        raise BadInput([f'config.method: qlora needs a GPU and bitsandbytes, but {" and ".join(missing)}; use "lora"'])


def _make_trainer(
    config: TrainingConfig, tokenizer: Any, train: Tokenised, validation: Tokenised | None, torch: Any
) -> Any:
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig
    from trl import SFTConfig

    from .answer_loss import trainer_for

    cuda = torch.cuda.is_available()
    dtype = torch.bfloat16 if cuda or _multiplies_bfloat16(torch) else torch.float32
    quantised = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    model = AutoModelForCausalLM.from_pretrained(
        config.base,
        local_files_only=True,
        dtype=dtype,
        **({"quantization_config": quantised} if config.method == "qlora" else {}),
    )
    model.config.use_cache = False
    arguments = SFTConfig(
        output_dir=str(config.checkpoint_dir),
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=config.batch_size,
        gradient_accumulation_steps=config.gradient_accumulation,
        gradient_checkpointing=cuda,
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        learning_rate=config.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=config.warmup_ratio,
        max_length=config.max_length,
        bf16=dtype is torch.bfloat16,
        use_cpu=not cuda,
        seed=config.seed,
        data_seed=config.seed,
        logging_strategy="steps",
        logging_steps=1,
        save_strategy="steps",
        save_steps=config.save_steps,
        save_total_limit=KEPT_CHECKPOINTS,
        eval_strategy="steps" if validation else "no",
        eval_steps=config.save_steps,
        report_to="none",
        disable_tqdm=True,
        dataloader_num_workers=0,
    )
    lora = LoraConfig(
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )
    return trainer_for(model, torch)(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list(train.rows),
        eval_dataset=Dataset.from_list(validation.rows) if validation else None,
        processing_class=tokenizer,
        peft_config=lora,
    )


def _without_casts(model: Any, torch: Any) -> AbstractContextManager[None]:
    """On a CPU, spares PEFT's copies of every input in single precision: autocast turns them back at once."""
    from peft.helpers import disable_input_dtype_casting

    return nullcontext() if torch.cuda.is_available() else disable_input_dtype_casting(model)


def _multiplies_bfloat16(torch: Any) -> bool:
    """Whether the processor has instructions for bfloat16: without them it is slower than single precision."""
    return bool(torch.cpu.get_capabilities().get("avx512_bf16") or torch.cpu.get_capabilities().get("amx_bf16"))


def _save_adapter(trainer: Any, config: TrainingConfig) -> dict[str, Any]:
    target = config.output_dir / "adapter"
    partial = config.output_dir / "adapter.partial"
    shutil.rmtree(partial, ignore_errors=True)
    # The path of the base on this machine says nothing elsewhere, and would change the adapter's digest.
    trainer.model.peft_config["default"].base_model_name_or_path = config.base_id()
    trainer.model.save_pretrained(partial, safe_serialization=True, save_embedding_layers=False)
    (partial / "README.md").unlink(missing_ok=True)
    _sort_lists(partial / "adapter_config.json")
    for file in partial.iterdir():
        file.chmod(0o644)
    shutil.rmtree(target, ignore_errors=True)
    partial.rename(target)
    size = sum(entry["bytes"] for entry in describe_files(target))
    return {"path": "adapter", "sha256": digest_of_folder(target), "bytes": size}


def _sort_lists(path: Path) -> None:
    """Sorts the lists of a JSON object: PEFT keeps the adapted layers as a set, whose order changes from run to run."""
    record = json.loads(path.read_text(encoding="utf-8"))
    write_json(path, {key: sorted(value) if isinstance(value, list) else value for key, value in record.items()})


def _describe(
    config: TrainingConfig,
    status: str,
    steps: int,
    metrics: MetricsFile,
    seconds: float,
    data: tuple[list[Any], Tokenised],
    adapter: dict[str, Any] | None,
    checkpoint: Checkpoint | None,
    sender: MlflowSender | None,
) -> dict[str, Any]:
    chats, train = data
    losses = [row["loss"] for row in metrics.rows if row.get("loss") is not None]
    last = losses[-max(1, len(losses) // 10) :]
    validation = [row["validationLoss"] for row in metrics.rows if row.get("validationLoss") is not None]
    kept = describe_files(config.output_dir / "adapter") if adapter else []
    packages = ("torch", "transformers", "trl", "peft", "datasets", "safetensors")
    return {
        "status": status,
        "steps": steps,
        "trainLoss": sum(last) / len(last) if last else None,
        "validationLoss": validation[-1] if validation else None,
        "seconds": round(seconds, 3),
        "rows": len(chats),
        "truncated": train.truncated,
        "dropped": train.dropped,
        "resumedFrom": checkpoint.step if checkpoint else None,
        "adapter": adapter,
        "files": [{**entry, "path": f"adapter/{entry['path']}"} for entry in kept],
        "base": config.base_id(),
        "seed": config.seed,
        "mlflow": {"pending": sender.pending, "failure": sender.failure} if sender else None,
        "versions": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in packages},
        },
    }
