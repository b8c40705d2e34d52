"""Prints as JSON how far our adapter arithmetic is from vLLM's own, and from none for tokens without an adapter."""

import json
import sys
from pathlib import Path

import torch
from understudy_vllm.adapters_on_cpu import GroupedAdapters
from vllm.lora.layers import LoRAMapping
from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU

INPUTS, RANK, SLICES = 64, 16, (64, 32, 32)
torch.manual_seed(1)


def weights(*shape: int) -> torch.Tensor:
    return (torch.randn(*shape) / 8).to(torch.bfloat16)


def outcome(wrapper_class: type, adapters: list[int], is_prefill: bool) -> torch.Tensor:
    wrapper = wrapper_class(256, 64, device="cpu")
    mapping = LoRAMapping(tuple(adapters), tuple(adapters), is_prefill=is_prefill)
    wrapper.update_metadata(mapping, [11, 12], 2, 100)
    output = start[: len(adapters)].clone()
    wrapper.add_lora_linear(output, tokens[: len(adapters)], down, up, 1.0, SLICES)
    return output


tokens, start = weights(40, INPUTS), weights(40, sum(SLICES))
down = tuple(weights(2, 1, RANK, INPUTS) for _ in SLICES)
up = tuple(weights(2, 1, width, RANK) for width in SLICES)
found = {}
for name, adapters in {
    "one adapter": [11] * 40,
    "two adapters": [11] * 13 + [12] * 27,
    "two adapters by turns": [11, 12] * 20,
    "one token": [12],
}.items():
    for is_prefill in (True, False):
        own, theirs = (outcome(one, adapters, is_prefill) for one in (GroupedAdapters, PunicaWrapperCPU))
        key = f"{name}, {'prefill' if is_prefill else 'decode'}"
        found[key] = float((own.float() - theirs.float()).abs().max())
        assert float((theirs.float() - start[: len(adapters)].float()).abs().max()) > 0.1, "the adapter changed nothing"
mixed = outcome(GroupedAdapters, [0, 11, 0, 12], True)
found["without an adapter"] = float((mixed[[0, 2]].float() - start[[0, 2]].float()).abs().max())
Path(sys.argv[1]).write_text(json.dumps(found))
