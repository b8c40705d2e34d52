import type { DeadLetter } from './dead-letter.js';
import { normaliseText } from './normalise.js';
import { findLeaks } from './redaction/find-leaks.js';
import type { Redactor } from './redaction/personal-data.js';

/** Longest value of a dead letter, in characters; the source has the rest. */
const longestValue = 2000;
/** How much of a value is looked through for it: what stands behind is never shown. */
const longestRead = 100_000;

const cut = ({ text, written }: { text: string; written: string }): string => {
  const isRead = written.length <= longestRead;
  if (isRead && text.length <= longestValue) return text;
  // Where reading stopped half of a value may stand, so that the end of what was read is not shown.
  const end = isRead ? longestValue : Math.min(longestValue, Math.max(0, text.length - longestValue));
  return `${text.slice(0, end)}… (${isRead ? text.length : written.length} characters)`;
};

/** A text without what the second detector finds; from the end, so that positions hold. */
function masked(text: string): string {
  return findLeaks({ text })
    .toSorted((one, other) => other.start - one.start)
    .reduce((rest, { type, start, end }) => `${rest.slice(0, start)}[${type}]${rest.slice(end)}`, text);
}

/**
 * A function that takes personal data out of texts that never became those of a row. What shows only behind an entity, a
 * tag or an invisible character is found too: such a text is given as a reader sees it. Texts are cut last, so that no
 * half of a value is left.
 */
export function textRedactor(redactor: Redactor): (texts: readonly string[]) => string[] {
  const clean = (texts: readonly string[]): string[] => redactor.redact({ texts }).texts.map(masked);
  return (texts) => {
    const written = clean(texts.map((text) => text.slice(0, longestRead)));
    const plain = written.map(normaliseText);
    const read = clean(plain);
    return written.map((text, index) =>
      cut({ text: read[index] === plain[index] ? text : read[index]!, written: texts[index]! }),
    );
  };
}

/**
 * A function that takes personal data out of a dead letter: both detectors go over everything that was read, since
 * dead letters are stored and shown like published rows.
 */
export function letterRedactor(redactor: Redactor): (letter: DeadLetter) => DeadLetter {
  const clean = textRedactor(redactor);
  return (letter) => {
    const { record } = letter;
    const detail = clean([letter.detail])[0]!;
    if (typeof record === 'string') return { ...letter, detail, record: clean([record])[0] };
    if (typeof record !== 'object' || record === null) return { ...letter, detail };
    const entries = Object.entries(record).map(([name, value]: [string, unknown]) => {
      const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
      return { name, value, text };
    });
    const texts = clean(entries.map(({ text }) => text));
    const kept = entries.map(({ name, value, text }, index): [string, unknown] => {
      const isText = typeof value === 'string' || (typeof value === 'object' && value !== null);
      return [name, isText || texts[index] !== text ? texts[index] : value];
    });
    return {
      ...letter,
      detail,
      record: Array.isArray(record) ? kept.map(([, value]) => value) : Object.fromEntries(kept),
    };
  };
}
