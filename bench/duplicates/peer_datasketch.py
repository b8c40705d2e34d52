"""Drops near-duplicates with datasketch, for bench/duplicates.ts: reads texts as JSON lines, prints one JSON object.

The way of the library's documentation: word 3-shingles, MinHash of 128 permutations filled by `update_batch`, and an
LSH index that each row is looked up in and, where nothing is found, inserted into. `hash` is Python's own, which is
faster than the default SHA-1.
"""

import json
import re
import resource
import sys
import time

from datasketch import MinHash, MinHashLSH

THRESHOLD = 0.85
PERMUTATIONS = 128
WORD = re.compile(r"\w+(?:['’]\w+)*")


def shingles(text: str) -> set[str]:
    words = WORD.findall(text.lower())
    return {" ".join(words[start : start + 3]) for start in range(max(1, len(words) - 2))}


def short_hash(value: str) -> int:
    return hash(value) & 0xFFFFFFFF


def kept_rows(texts: list[str]) -> list[int]:
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    empty = MinHash(num_perm=PERMUTATIONS, hashfunc=short_hash)
    kept = []
    for row, text in enumerate(texts):
        signature = empty.copy()
        signature.update_batch(shingles(text))
        if index.query(signature):
            continue
        index.insert(row, signature, check_duplication=False)
        kept.append(row)
    return kept


def peak_bytes() -> int:
    """The most memory this process has had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        texts = [json.loads(line) for line in file]
    kept_rows(texts[:500])
    before = peak_bytes()
    begun = time.perf_counter()
    kept = kept_rows(texts)
    seconds = time.perf_counter() - begun
    print(json.dumps({"seconds": seconds, "kept": kept, "bytes": peak_bytes() - before}))


main()
