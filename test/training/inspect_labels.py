"""Prints, for each row of the first batch that the trainer would learn from, which text carries labels."""

import contextlib
import json
import sys
from pathlib import Path

import torch
from transformers import AutoTokenizer
from understudy_training.base_model import load_base
from understudy_training.batches import share_of_step
from understudy_training.config import read_config
from understudy_training.conversations import read_conversations
from understudy_training.processes import this_process
from understudy_training.tokens import tokenise
from understudy_training.trainers import supervised_trainer

with contextlib.redirect_stdout(sys.stderr):
    config = read_config(Path(sys.argv[1]))
    tokenizer = AutoTokenizer.from_pretrained(config.base)
    rows = tokenise(read_conversations(config.train_file, "trainFile"), tokenizer, config.max_length, "trainFile")
    model = load_base(config, this_process(), torch)
    trainer = supervised_trainer(config, share_of_step(config, 1), model, tokenizer, rows, None)
    batch = next(iter(trainer.get_train_dataloader()))
    shown = []
    for ids, labels in zip(batch["input_ids"], batch["labels"], strict=True):
        kept = [token for token, label in zip(ids.tolist(), labels.tolist(), strict=True) if label != -100]
        shown.append({"text": tokenizer.decode(ids), "labelled": tokenizer.decode(kept)})
print(json.dumps({"rows": shown, "truncated": rows.truncated, "dropped": rows.dropped}))
