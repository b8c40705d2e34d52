import { DataProblem } from './data-problem.js';
import type { CleanRow } from './clean-record.js';

const examplesShown = 20;

/** Gathers what the second detector still found: counts by type and the first rows, never a value. */
export function createLeakReport() {
  const counts: Record<string, number> = {};
  const examples: string[] = [];
  let rows = 0;
  return {
    see: ({ row, leaks }: Pick<CleanRow, 'row' | 'leaks'>): void => {
      if (leaks.length === 0) return;
      rows += 1;
      for (const { type } of leaks) counts[type] = (counts[type] ?? 0) + 1;
      const found = [...new Set(leaks.map(({ type, column }) => `${type} in ${column}`))].join(', ');
      if (examples.length < examplesShown) examples.push(`row ${row}: ${found}`);
    },
    /** @throws DataProblem where anything was found, so that nothing is published */
    refuse: (): void => {
      if (rows === 0) return;
      const types = Object.entries(counts).map(([type, count]) => `${type} ${count}`);
      const more = rows > examples.length ? ` and ${rows - examples.length} rows more` : '';
      throw new DataProblem(
        'refused',
        `personal data is left in ${rows} rows after redaction (${types.join(', ')}), nothing was published. ` +
          `${examples.join('; ')}${more}. Add a pattern for it to data.redaction.patterns, or mend the source`,
      );
    },
  };
}
