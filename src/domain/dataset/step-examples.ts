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

const cut = (text: string): string => (text.length <= longestExample ? text : `${text.slice(0, longestExample)}…`);

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
      return [{ step: 'redact', column, before: null, after: cut(redacted) }];
    }
    if (!clean || normal === written || given.normalise >= examplesKept) return [];
    if (redactor.redact({ texts: [written] }).found.length > 0 || findLeaks({ text: written }).length > 0) return [];
    given.normalise += 1;
    return [{ step: 'normalise', column, before: cut(written), after: cut(normal) }];
  };
}
