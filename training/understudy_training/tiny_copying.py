"""Initial weights by which the tiny base can copy from its context before it has learned anything.

Copying arbitrary facts takes induction heads: a head that brings along the previous token, and one in a later layer
that looks for an earlier place after the same token and repeats what came next (Elhage et al. 2021, "A mathematical
framework for transformer circuits"; Olsson et al. 2022). Training finds them only after many more tokens than a
minute allows, so they are planted, and training starts from there.
"""

from __future__ import annotations

import math
from typing import Any

TOKEN_WIDTH = 160
CONSTANT = TOKEN_WIDTH
MATCH_WIDTH = 19
ONE_BACK = TOKEN_WIDTH + 1
ONE_BACK_AGAIN = ONE_BACK + MATCH_WIDTH
TWO_BACK = ONE_BACK_AGAIN + MATCH_WIDTH
POSITION_PAIRS = 12
EMBEDDING_STD = 1 / math.sqrt(TOKEN_WIDTH)
POSITION_SHARPNESS = 90.0
MATCH_SHARPNESS = 30.0
SECOND_MATCH = 1.0
COPY_STRENGTH = 6.0


def plant_copying(model: Any, torch: Any) -> None:
    """Overwrites embeddings and heads of a LlamaForCausalLM of hidden size 256 with head size 64.

    The residual stream then holds the token, a constant, and projections of the tokens one and two places back.
    """
    with torch.no_grad():
        embedding = model.model.embed_tokens.weight
        embedding.zero_()
        embedding[:, :TOKEN_WIDTH].normal_(0, EMBEDDING_STD)
        embedding[:, CONSTANT] = 1.0
        matches = _projection(2 * MATCH_WIDTH, torch)
        first, second = model.model.layers[0].self_attn, model.model.layers[1].self_attn
        frequencies = model.model.rotary_emb.inv_freq
        _look_back(first, 0, distance=1, carried=matches, target=ONE_BACK, frequencies=frequencies)
        _look_back(first, 1, distance=2, carried=matches[MATCH_WIDTH:], target=TWO_BACK, frequencies=frequencies)
        halves = _projection(2 * first.head_dim, torch).split(first.head_dim)
        for head, half in enumerate(halves):
            _repeat(second, head, match=matches[:MATCH_WIDTH], copied=half)


def _projection(width: int, torch: Any) -> Any:
    """`width` orthonormal rows over the token's part of the stream."""
    return torch.linalg.qr(torch.randn(TOKEN_WIDTH, width))[0].T


def _clear(attention: Any, head: int) -> tuple[Any, Any, Any, Any]:
    """A head's weights for query, key, value and output, zeroed."""
    rows = slice(head * attention.head_dim, (head + 1) * attention.head_dim)
    parts = [layer.weight[rows] for layer in (attention.q_proj, attention.k_proj, attention.v_proj)]
    parts.append(attention.o_proj.weight[:, rows])
    for part in parts:
        part.zero_()
    return tuple(parts)


def _stream_unit(attention: Any) -> float:
    """How large a component of size 1 is after normalisation, in a stream of norm sqrt(2): the token and the
    constant.
    """
    return math.sqrt(attention.o_proj.weight.shape[0] / 2)


def _look_back(attention: Any, head: int, *, distance: int, carried: Any, target: int, frequencies: Any) -> None:
    """Makes a head attend `distance` places back, by phases of the rotary embedding, and carry that token to
    `target`.
    """
    query, key, value, output = _clear(attention, head)
    half, unit = attention.head_dim // 2, _stream_unit(attention)
    size = math.sqrt(POSITION_SHARPNESS) / unit
    for pair in range(POSITION_PAIRS):
        phase = -distance * float(frequencies[pair])
        query[pair, CONSTANT] = size * math.cos(phase)
        query[pair + half, CONSTANT] = size * math.sin(phase)
        key[pair, CONSTANT] = size
    width = carried.shape[0]
    value[:width, :TOKEN_WIDTH] = carried / unit
    for index in range(width):
        output[target + index, index] = math.sqrt(TOKEN_WIDTH / MATCH_WIDTH)


def _repeat(attention: Any, head: int, *, match: Any, copied: Any) -> None:
    """Makes a head attend to the places that come after the current token, its predecessor matching too, and repeat
    them.
    """
    query, key, value, output = _clear(attention, head)
    half, unit = attention.head_dim // 2, _stream_unit(attention)
    # The slowest pairs of the rotary embedding hardly turn over a chat: they compare content, not position.
    slow = [*range(POSITION_PAIRS + 1, half), *range(half + POSITION_PAIRS + 1, 2 * half)]
    size = math.sqrt(MATCH_SHARPNESS * math.sqrt(attention.head_dim)) / unit
    for index in range(MATCH_WIDTH):
        one, two = slow[index], slow[MATCH_WIDTH + index]
        query[one, :TOKEN_WIDTH] = match[index] * math.sqrt(TOKEN_WIDTH / MATCH_WIDTH) * size
        key[one, ONE_BACK + index] = size
        query[two, ONE_BACK_AGAIN + index] = size * SECOND_MATCH
        key[two, TWO_BACK + index] = size
    value[:, :TOKEN_WIDTH] = copied / unit
    output[:TOKEN_WIDTH] = copied.T * COPY_STRENGTH
