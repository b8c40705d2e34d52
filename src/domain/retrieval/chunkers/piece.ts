/** A piece of a text by its offsets in UTF-16 code units, `end` exclusive, with the headings above it. */
export interface Piece {
  start: number;
  end: number;
  headings: string[];
}

/** Where a piece of text begins and ends. */
export interface Span {
  start: number;
  end: number;
}

/** How long a stretch of text is, in the unit that sizes are given in. */
export type Measure = (text: string) => number;

export interface ChunkSize {
  /** The most that a chunk holds. */
  size: number;
  /** How much of a chunk the next one repeats; less than `size`. */
  overlap: number;
  measure: Measure;
}

export const inCharacters: Measure = (text) => text.length;

/** A span without the blanks at its ends; null where nothing else is in it. */
export function trimmed({ text, span }: { text: string; span: Span }): Span | null {
  let { start, end } = span;
  while (start < end && /\s/u.test(text[start]!)) start += 1;
  while (end > start && /\s/u.test(text[end - 1]!)) end -= 1;
  return start < end ? { start, end } : null;
}

/** Moves an offset back from between the halves of one character. */
export const whole = (text: string, at: number): number => {
  const code = at > 0 && at < text.length ? text.charCodeAt(at) : 0;
  return code >= 0xdc00 && code <= 0xdfff ? at - 1 : at;
};

/**
 * Joins neighbouring parts into chunks of at most `size`, each new one going back over as many whole parts as fit into
 * `overlap`. A part alone larger than `size` is a chunk of its own.
 */
export function joinParts({
  text,
  parts,
  size: { size, overlap, measure },
}: {
  text: string;
  parts: readonly Span[];
  size: ChunkSize;
}): Span[] {
  const lengthOf = (from: number, to: number): number => measure(text.slice(parts[from]!.start, parts[to]!.end));
  const chunks: Span[] = [];
  let first = 0;
  for (let at = 1; at < parts.length; at += 1) {
    if (lengthOf(first, at) <= size) continue;
    chunks.push({ start: parts[first]!.start, end: parts[at - 1]!.end });
    let next = at;
    while (next - 1 > first && lengthOf(next - 1, at - 1) <= overlap && lengthOf(next - 1, at) <= size) next -= 1;
    first = next;
  }
  if (parts.length > first) chunks.push({ start: parts[first]!.start, end: parts.at(-1)!.end });
  return chunks.flatMap((span) => trimmed({ text, span }) ?? []);
}
