/** No account, card or phone number fits into one: a type has no digits and a number five at most. */
const placeholder = /\[([A-Z][A-Z_]*)_(\d{1,5})\]/g;

/** A stretch of a text: a placeholder from an earlier redaction, or what lies between. */
export interface Stretch {
  start: number;
  end: number;
  isPlaceholder: boolean;
}

/** A text cut at its placeholders, which are those of known types: anything else in brackets was written by somebody. */
export function stretchesOf({ text, types }: { text: string; types: ReadonlySet<string> }): Stretch[] {
  if (!text.includes('[')) return [{ start: 0, end: text.length, isPlaceholder: false }];
  const stretches: Stretch[] = [];
  let from = 0;
  for (const match of text.matchAll(placeholder)) {
    if (!types.has(match[1]!)) continue;
    stretches.push({ start: from, end: match.index, isPlaceholder: false });
    from = match.index + match[0].length;
    stretches.push({ start: match.index, end: from, isPlaceholder: true });
  }
  stretches.push({ start: from, end: text.length, isPlaceholder: false });
  return stretches.filter(({ start, end }) => end > start);
}

/** A text in which each placeholder is blank space and a wall (`|`), so that all positions stay and nothing joins over it. */
export const withBlankPlaceholders = (text: string): string =>
  text.includes('[') ? text.replace(placeholder, (found) => ' | '.padEnd(found.length)) : text;

/**
 * A text without anything that looks like a placeholder, as if nothing had stood there; null where nothing does. Who
 * writes one into the middle of a value parts it for every detector.
 */
export const withoutPlaceholders = (text: string): string | null => {
  const rest = text.includes('[') ? text.replace(placeholder, '').replace(/ {2,}/g, ' ') : text;
  return rest === text ? null : rest;
};

/**
 * Gives equal values of a document equal placeholders, counted by type from 1; numbers that the document's texts
 * carry already are left out.
 */
export function createNumbering({
  texts,
}: {
  texts: readonly string[];
}): (value: { type: string; key: string }) => string {
  const used = new Map<string, number>();
  for (const text of texts) {
    if (!text.includes('[')) continue;
    for (const [, type, number] of text.matchAll(placeholder)) {
      used.set(type!, Math.max(used.get(type!) ?? 0, Number(number)));
    }
  }
  const given = new Map<string, string>();
  return ({ type, key }) => {
    const value = `${type}\0${key}`;
    const known = given.get(value);
    if (known !== undefined) return known;
    const number = (used.get(type) ?? 0) + 1;
    used.set(type, number);
    const next = `[${type}_${number}]`;
    given.set(value, next);
    return next;
  };
}
