"""Prints loss, accuracy and gradients of one batch, by our way through the head and by TRL's, in single precision."""

import contextlib
import json
import sys
from pathlib import Path

import torch
from transformers import AutoTokenizer
from trl import SFTTrainer
from understudy_training.base_model import load_base
from understudy_training.batches import share_of_step
from understudy_training.config import read_config
from understudy_training.conversations import read_conversations
from understudy_training.processes import this_process
from understudy_training.tokens import tokenise
from understudy_training.trainers import supervised_trainer


def measure(trainer, compute_loss, batch):
    trainer.model.zero_grad()
    trainer.model.train()
    trainer._metrics["train"].clear()
    loss = compute_loss(trainer, trainer.model, dict(batch), num_items_in_batch=None)
    loss.backward()
    gradients = {name: p.grad.clone() for name, p in trainer.model.named_parameters() if p.grad is not None}
    return loss.item(), trainer._metrics["train"]["mean_token_accuracy"][-1], gradients


torch.set_num_threads(1)
with contextlib.redirect_stdout(sys.stderr):
    config = read_config(Path(sys.argv[1]))
    tokenizer = AutoTokenizer.from_pretrained(config.base)
    rows = tokenise(read_conversations(config.train_file, "trainFile"), tokenizer, config.max_length, "trainFile")
    model = load_base(config, this_process(), torch)
    trainer = supervised_trainer(config, share_of_step(config, 1), model, tokenizer, rows, None)
    trainer.model.float()
    # LoRA's second matrix begins at zero, and the first would have no gradient to compare.
    for name, parameter in trainer.model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.02)
    batch = next(iter(trainer.get_train_dataloader()))
    trainer.accelerator.native_amp = False
    trainer.accelerator.state._mixed_precision = "no"
    ours = measure(trainer, type(trainer).compute_loss, batch)
    theirs = measure(trainer, SFTTrainer.compute_loss, batch)
    largest = max(gradient.abs().max().item() for gradient in theirs[2].values())
    difference = max((gradient - theirs[2][name]).abs().max().item() for name, gradient in ours[2].items())
print(
    json.dumps(
        {
            "own": type(trainer).__name__,
            "loss": [ours[0], theirs[0]],
            "accuracy": [ours[1], theirs[1]],
            "gradients": [len(ours[2]), len(theirs[2])],
            "largest": largest,
            "difference": difference,
        }
    )
)
