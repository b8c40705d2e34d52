"""TRL's trainers for one configuration: supervised (Hu et al. 2021) and by preferences (Rafailov et al. 2023)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .base_model import dtype_of
from .batches import Share
from .config import TrainingConfig
from .tokens import Tokenised, TokenisedPairs

KEPT_CHECKPOINTS = 2


def supervised_trainer(
    config: TrainingConfig, share: Share, model: Any, tokenizer: Any, train: Tokenised, validation: Tokenised | None
) -> Any:
    """A trainer of new LoRA weights on `model`, by the loss of the answers' tokens."""
    import torch
    from datasets import Dataset
    from peft import LoraConfig
    from trl import SFTConfig

    from .answer_loss import trainer_for

    arguments = SFTConfig(
        **_arguments(config, share, config.checkpoint_dir, torch),
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        learning_rate=config.learning_rate,
        max_length=config.max_length,
        eval_strategy="steps" if validation else "no",
        eval_steps=config.save_steps,
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


def preference_trainer(
    config: TrainingConfig, share: Share, model: Any, tokenizer: Any, pairs: TokenisedPairs, checkpoints: Path
) -> Any:
    """A trainer of the LoRA weights that `model` carries, by the loss of Rafailov et al. 2023, equation 7.

    The weights as they are now are the reference, kept beside those that learn. Without dropout, as the reference is
    compared to the model token by token.
    """
    import torch
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    assert config.preferences is not None
    arguments = DPOConfig(
        **_arguments(config, share, checkpoints, torch),
        num_train_epochs=config.preferences.epochs,
        max_steps=config.preferences.max_steps or -1,
        learning_rate=config.preferences.learning_rate,
        beta=config.preferences.beta,
        loss_type=["sigmoid"],
        max_length=config.max_length,
        eval_strategy="no",
    )

    class PairsTrainer(DPOTrainer):
        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            """The pairs are tokens already, with the same ends of turns as the supervised rows."""
            return dataset

        def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
            """Of a checkpoint with several adapters, transformers' own way leaves out the one that learns. The
            reference is what the model was made with.
            """
            self.model.load_adapter(resume_from_checkpoint, "default", is_trainable=True)

    return PairsTrainer(
        model=model, args=arguments, train_dataset=Dataset.from_list(pairs.rows), processing_class=tokenizer
    )


def _arguments(config: TrainingConfig, share: Share, checkpoints: Path, torch: Any) -> dict[str, Any]:
    cuda = torch.cuda.is_available()
    return {
        "output_dir": str(checkpoints),
        "per_device_train_batch_size": share.batch_size,
        "per_device_eval_batch_size": share.batch_size,
        "gradient_accumulation_steps": share.gradient_accumulation,
        "gradient_checkpointing": cuda,
        "lr_scheduler_type": "cosine",
        "warmup_steps": config.warmup_ratio,
        "bf16": dtype_of(torch) is torch.bfloat16,
        "use_cpu": not cuda,
        "seed": config.seed,
        "data_seed": config.seed,
        "logging_strategy": "steps",
        "logging_steps": 1,
        "save_strategy": "steps",
        "save_steps": config.save_steps,
        "save_total_limit": KEPT_CHECKPOINTS,
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_num_workers": 0,
        # Every LoRA weight has its part in every step.
        "ddp_find_unused_parameters": False,
    }
