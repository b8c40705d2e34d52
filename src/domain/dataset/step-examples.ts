import { findLeaks } from './redaction/find-leaks.js';
import type { Redactor } from './redaction/personal-data.js';

/** A text that a step changed; `before` is null where it may hold personal data. */
export interface StepExample {
  step: 'normalise' | 'redact';
  column: string;
  before: string | null;
  after: string;
}

/** Examples of each step that are kept of a data set. */
export const examplesKept = 5;
const longestExample = 300;
const leadIn = 80;

/** Where two texts begin to differ. */
function firstChange(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

/** The part of a text around its first change. */
function excerpt({ text, change }: { text: string; change: number }): string {
  const start = text.length <= longestExample || change < longestExample / 2 ? 0 : change - leadIn;
  const end = start + longestExample;
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}

/**
 * Gives examples of what the steps changed, the first few of each. The text before normalising is shown only of rows in
 * which nobody finds personal data, before and after it; that before redaction never.
 */
export function stepExamples({ redactor }: { redactor: Redactor }) {
  const given = { normalise: 0, redact: 0 };
  return ({
    column,
    written,
    normal,
    redacted,
    clean,
  }: {
    column: string;
    written: string;
    normal: string;
    redacted: string;
    /** Whether the row holds no personal data. */
    clean: boolean;
  }): StepExample[] => {
    if (redacted !== normal && given.redact < examplesKept) {
      given.redact += 1;
      const after = excerpt({ text: redacted, change: firstChange(normal, redacted) });
      return [{ step: 'redact', column, before: null, after }];
    }
    if (!clean || normal === written || given.normalise >= examplesKept) return [];
    if (redactor.redact({ texts: [written] }).found.length > 0 || findLeaks({ text: written }).length > 0) return [];
    given.normalise += 1;
    const change = firstChange(written, normal);
    const [before, after] = [written, normal].map((text) => excerpt({ text, change })) as [string, string];
    return [{ step: 'normalise', column, before, after }];
  };
}
