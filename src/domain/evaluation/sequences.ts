/** Runs of `size` words that follow each other, as one text each, as often as they come. */
export function sequences({ words, size }: { words: readonly string[]; size: number }): string[] {
  if (size === 1) return [...words];
  const found: string[] = [];
  for (let start = 0; start + size <= words.length; start += 1) found.push(words.slice(start, start + size).join(' '));
  return found;
}

/** How often each thing comes. */
export function countOf(things: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of things) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}
