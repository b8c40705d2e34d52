import type { CleanResult, CleanRow } from './clean-record.js';
import type { DeadLetter } from './dead-letter.js';

/** A cleaned row or a dead letter as one line of a temporary file. */
export function spillLine(result: CleanResult): string {
  if (result.row === null) return JSON.stringify({ letter: result.letter });
  const { row, line, values, redacted, normalised, leaks, examples } = result.row;
  return JSON.stringify({ row: [row, line, values, redacted, normalised, leaks, examples] });
}

type Spilled =
  | { letter: DeadLetter }
  | {
      row: [
        CleanRow['row'],
        CleanRow['line'],
        CleanRow['values'],
        CleanRow['redacted'],
        CleanRow['normalised'],
        CleanRow['leaks'],
        CleanRow['examples'],
      ];
    };

/** What `spillLine` wrote. */
export function parseSpillLine(text: string): CleanResult {
  const spilled = JSON.parse(text) as Spilled;
  if ('letter' in spilled) return { row: null, letter: spilled.letter };
  const [row, line, values, redacted, normalised, leaks, examples] = spilled.row;
  return { row: { row, line, values, redacted, normalised, leaks, examples }, letter: null };
}
