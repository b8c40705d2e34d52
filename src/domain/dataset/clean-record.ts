import type { SourceRecord } from './dead-letter.js';
import { allowedLanguages } from './language.js';
import { withoutNoise } from './noise.js';
import { normaliseRow } from './normalise.js';
import { resolvedOnly } from './resolved.js';
import { deadLetter, type RowFilter } from './row-filters.js';
import { parseTicket, type RowResult } from './ticket.js';

/** The steps that look at one row alone, in order: read, normalise, resolved, language, noise. */
export function recordCleaner({ languages }: { languages: readonly string[] }): (record: SourceRecord) => RowResult {
  const filters: RowFilter[] = [resolvedOnly, allowedLanguages(languages), withoutNoise];
  return (record) => {
    const parsed = parseTicket(record);
    if (parsed.row === null) return parsed;
    const row = normaliseRow(parsed.row);
    for (const filter of filters) {
      const objection = filter(row);
      if (objection) return { row: null, letter: deadLetter({ row, objection }) };
    }
    return { row, letter: null };
  };
}
