"""Adapters on the CPU, adapter by adapter instead of token by token.

vLLM 0.32 copies the whole adapter once for each token of a batch (`vllm/lora/ops/torch_ops/lora_ops.py`), so that
reading a question of 60 tokens moves gigabytes. Here the tokens are sorted by adapter first, and each adapter
multiplies its own.
It also leaves tokens without an adapter alone: there the index -1 picks the last adapter's weights.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import linear
from vllm.lora.punica_wrapper.punica_cpu import PunicaWrapperCPU


class GroupedAdapters(PunicaWrapperCPU):
    """The adapters of a batch. `update_metadata` is called before every step of the model, with an adapter by token."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._groups: list[tuple[int, torch.Tensor | None]] = []

    def update_metadata(self, *arguments: Any, **settings: Any) -> None:
        super().update_metadata(*arguments, **settings)
        self._groups = groups_of(self.token_lora_indices)

    def add_lora_linear(
        self,
        y: torch.Tensor,
        x: torch.Tensor,
        lora_a_stacked: tuple[torch.Tensor, ...],
        lora_b_stacked: tuple[torch.Tensor, ...],
        scale: float,
        output_slices: tuple[int, ...],
        **_: Any,
    ) -> None:
        """Adds `(x @ A^T @ B^T) * scale` to `y` in place, slice by slice of the output.

        `x` is [tokens, in], `y` [tokens, out]; a stack of A is [adapters, 1, rank, in], one of B
        [adapters, 1, slice, rank].
        """
        x = x.view(-1, x.shape[-1])
        y = y.view(-1, y.shape[-1])
        for adapter, rows in self._groups:
            inputs = x if rows is None else x[rows]
            start = 0
            for down, up, width in zip(lora_a_stacked, lora_b_stacked, output_slices, strict=True):
                change = linear(linear(inputs, down[adapter, 0]), up[adapter, 0])
                if scale != 1:
                    change *= scale
                if rows is None:
                    y[:, start : start + width] += change
                else:
                    y[:, start : start + width].index_add_(0, rows, change)
                start += width


def groups_of(indices: torch.Tensor) -> list[tuple[int, torch.Tensor | None]]:
    """By adapter the rows of its tokens; None for all of them. Tokens without an adapter (-1) are in no group."""
    present = sorted({index for index in indices.tolist() if index >= 0})
    if len(present) == 1 and bool((indices == present[0]).all()):
        return [(present[0], None)]
    return [(adapter, torch.nonzero(indices == adapter).flatten()) for adapter in present]
