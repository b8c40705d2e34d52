"""The tiny base: a Llama of a few million parameters, made and pre-trained here in about a minute on two cores."""

from __future__ import annotations

import math
import time
from pathlib import Path
from random import Random
from typing import Any

from .tiny_copying import plant_copying
from .tiny_corpus import make_chats
from .tiny_tokenizer import train_tokenizer
from .tokens import label_answers

HIDDEN = 256
LAYERS = 4
HEADS = 4
FEED_FORWARD = 512
POSITIONS = 2048
ROTARY_BASE = 1e6
LENGTH = 192
BATCH = 12
STEPS = 250
PEAK_LEARNING_RATE = 1.5e-3
WARM_UP_STEPS = 30
QUESTION_WEIGHT = 0.15
TOKENIZER_CHATS = 4000
VALIDATION_CHATS = 64


def prepare_tiny(output: Path, seed: int) -> dict[str, Any]:
    """Writes the pre-trained model, its tokenizer and its chat template into `output`; returns figures for the record.

    A question's token counts less than an answer's: what a customer asks need not be predicted, only read.
    """
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    begun = time.monotonic()
    torch.manual_seed(seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    tokenizer = train_tokenizer([message["content"] for chat in make_chats(seed, TOKENIZER_CHATS) for message in chat])
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=FEED_FORWARD,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        head_dim=HIDDEN // HEADS,
        max_position_embeddings=POSITIONS,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": ROTARY_BASE},
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    model = LlamaForCausalLM(config)
    plant_copying(model, torch)
    chats = make_chats(seed + 1, STEPS * BATCH * LENGTH // 50)
    rows = pack([label_answers(chat, tokenizer) for chat in chats], Random(seed))[: STEPS * BATCH]
    loss = _train(model, rows, torch)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.to(torch.bfloat16).save_pretrained(output, safe_serialization=True)
    tokenizer.save_pretrained(output)
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return {
        "parameters": parameters,
        "steps": STEPS,
        "loss": loss,
        "trainingSeconds": round(time.monotonic() - begun, 1),
    }


def pack(chats: list[tuple[list[int], list[int]]], random: Random) -> list[tuple[list[int], list[int]]]:
    """Chats one after the other, cut into rows of LENGTH tokens, each beginning with a whole chat."""
    rows = []
    ids: list[int] = []
    labels: list[int] = []
    for more_ids, more_labels in chats:
        ids, labels = ids + more_ids, labels + more_labels
        if len(ids) >= LENGTH:
            rows.append((ids[:LENGTH], labels[:LENGTH]))
            ids, labels = [], []
    random.shuffle(rows)
    return rows


def _train(model: Any, rows: list[tuple[list[int], list[int]]], torch: Any) -> float:
    decayed = [parameter for parameter in model.parameters() if parameter.dim() > 1]
    others = [parameter for parameter in model.parameters() if parameter.dim() < 2]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.02}, {"params": others, "weight_decay": 0.0}], lr=1.0, betas=(0.9, 0.95)
    )
    rate = torch.optim.lr_scheduler.LambdaLR(optimizer, _learning_rate)
    faster = bool(torch.cpu.get_capabilities().get("avx512_bf16"))
    steps = len(rows) // BATCH
    recent: list[float] = []
    for step in range(steps):
        batch = rows[step * BATCH : (step + 1) * BATCH]
        ids = torch.tensor([row[0] for row in batch])
        answers = torch.tensor([row[1] for row in batch])[:, 1:] >= 0
        with torch.autocast("cpu", torch.bfloat16, enabled=faster):
            logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
        losses = torch.nn.functional.cross_entropy(logits.float().flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
        weights = torch.where(answers, 1.0, QUESTION_WEIGHT).flatten()
        loss = (losses * weights).sum() / weights.sum()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        rate.step()
        recent = [*recent[-19:], (losses * answers.flatten()).sum().item() / answers.sum().item()]
        if step % 20 == 19:
            print(f"tiny: step {step + 1} of {steps}, answer loss {sum(recent) / len(recent):.3f}", flush=True)
    return round(sum(recent) / len(recent), 4)


def _learning_rate(step: int) -> float:
    if step < WARM_UP_STEPS:
        return PEAK_LEARNING_RATE * (step + 1) / WARM_UP_STEPS
    return PEAK_LEARNING_RATE * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * min(1, step / STEPS))))
