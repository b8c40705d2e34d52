import type { DeadLetter } from './dead-letter.js';
import { findLeaks } from './redaction/find-leaks.js';
import type { Redactor } from './redaction/personal-data.js';

/** Longest value of a dead letter, in characters; the source has the rest. */
const longestValue = 2000;

const cut = (text: string): string =>
  text.length <= longestValue ? text : `${text.slice(0, longestValue)}… (${text.length} characters)`;

/** A text without what the second detector finds; from the end, so that positions hold. */
function masked(text: string): string {
  return findLeaks({ text })
    .toSorted((one, other) => other.start - one.start)
    .reduce((rest, { type, start, end }) => `${rest.slice(0, start)}[${type}]${rest.slice(end)}`, text);
}

/**
 * A function that takes personal data out of a dead letter: both detectors go over everything that was read, since
 * dead letters are stored and shown like published rows.
 */
export function letterRedactor(redactor: Redactor): (letter: DeadLetter) => DeadLetter {
  const clean = (texts: readonly string[]): string[] =>
    redactor.redact({ texts: texts.map((text) => cut(text)) }).texts.map(masked);
  return (letter) => {
    const { record } = letter;
    const [detail] = clean([letter.detail]) as [string];
    if (typeof record === 'string') return { ...letter, detail, record: clean([record])[0] };
    if (typeof record !== 'object' || record === null) return { ...letter, detail };
    const entries = Object.entries(record);
    const texts = clean(
      entries.map(([, value]) => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null'))),
    );
    const kept = entries.map(([name, value], index): [string, unknown] => [
      name,
      typeof value === 'string' || (typeof value === 'object' && value !== null) ? texts[index] : value,
    ]);
    return {
      ...letter,
      detail,
      record: Array.isArray(record) ? kept.map(([, value]) => value) : Object.fromEntries(kept),
    };
  };
}
