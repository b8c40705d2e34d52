import type { DataRow, Scalar } from './data-row.js';
import type { DeadLetter, SourceRecord } from './dead-letter.js';
import type { Recipe } from './recipes.js';

const shownCharacters = 80;

const shown = (written: string): string => {
  if (written.length <= shownCharacters) return written;
  return `${written.slice(0, shownCharacters)}… (${written.length} characters)`;
};

const scalarOf = (value: unknown): Scalar => {
  if (value === undefined || value === null || value === '') return null;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
};

/** The fields of a record that the recipe or the spec names. */
export const knownFields = ({
  fields,
  recipe,
  kept,
}: {
  fields: SourceRecord['fields'];
  recipe: Recipe;
  kept: readonly string[];
}): SourceRecord['fields'] =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => recipe.columns.includes(name) || kept.includes(name)));

/**
 * A function that reads a mapped record as a row of the recipe; what can't be read becomes a dead letter that names the
 * column. Columns outside the recipe are dropped, but for those in `kept`, from dead letters too: what nobody asked for,
 * such as a name, is in no file.
 *
 * @param withoutPersonalData what is done to a value before a part of it is shown
 */
export function rowParser({
  recipe,
  kept,
  withoutPersonalData,
}: {
  recipe: Recipe;
  kept: readonly string[];
  withoutPersonalData: (text: string) => string;
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
    const value = fields[column];
    const written = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
    const detail = `column ${column} is "${shown(withoutPersonalData(written))}": ${issue.message}`;
    const record = knownFields({ fields, recipe, kept });
    return { row: null, letter: { row, line, reason: 'invalidRow', column, detail, record } };
  };
}
