import type { DataRow, Scalar } from './data-row.js';
import type { DeadLetter, SourceRecord } from './dead-letter.js';
import type { Recipe } from './recipes.js';

const shownCharacters = 80;

const shown = (value: unknown): string => {
  const written = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  if (written.length <= shownCharacters) return written;
  return `${written.slice(0, shownCharacters)}… (${written.length} characters)`;
};

const scalarOf = (value: unknown): Scalar => {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
};

/**
 * A function that reads a mapped record as a row of the recipe; what can't be read becomes a dead letter that names the
 * column. Columns outside the recipe are dropped, but for those in `kept`.
 */
export function rowParser({
  recipe,
  kept,
}: {
  recipe: Recipe;
  kept: readonly string[];
}): (record: SourceRecord) => { row: DataRow; letter: null } | { row: null; letter: DeadLetter } {
  const others = kept.filter((name) => !recipe.columns.includes(name));
  return ({ row, line, fields }) => {
    const parsed = recipe.schema.safeParse(fields);
    if (parsed.success) {
      const values: Record<string, Scalar> = parsed.data;
      for (const name of others) values[name] = scalarOf(fields[name]);
      return { row: { row, line, values }, letter: null };
    }
    const issue = parsed.error.issues[0]!;
    const column = String(issue.path[0]);
    const detail = `column ${column} is "${shown(fields[column])}": ${issue.message}`;
    return { row: null, letter: { row, line, reason: 'invalidRow', column, detail, record: fields } };
  };
}
