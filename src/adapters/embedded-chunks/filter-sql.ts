import type { ChunkFilter, FieldValue } from '../../domain/retrieval/chunk.js';

/** A condition on the table `chunks`, and what its question marks stand for. */
export interface SqlCondition {
  sql: string;
  parameters: (string | number)[];
}

/** SQLite's JSON gives a boolean as 0 or 1. */
const bound = (value: FieldValue): string | number => (typeof value === 'boolean' ? Number(value) : value);

/** The path of a field in its JSON column; field names are letters, digits and underscores alone. */
export const fieldPath = (field: string): string => `json_extract(chunks.fields, '$.${field}')`;

/** A filter as SQL; `1` for none. Fields have been checked against the collection's. */
export function filterSql(filter: ChunkFilter): SqlCondition {
  const parts: string[] = ['1'];
  const parameters: (string | number)[] = [];
  for (const condition of filter) {
    const path = fieldPath(condition.field);
    if ('anyOf' in condition || 'noneOf' in condition) {
      const values = 'anyOf' in condition ? condition.anyOf : condition.noneOf;
      const places = values.map(() => '?').join(', ');
      parts.push('anyOf' in condition ? `${path} IN (${places})` : `(${path} IS NULL OR ${path} NOT IN (${places}))`);
      parameters.push(...values.map(bound));
      continue;
    }
    for (const [operator, limit] of [
      ['>=', condition.atLeast],
      ['<=', condition.atMost],
    ] as const) {
      if (limit === undefined) continue;
      parts.push(`${path} ${operator} ?`);
      parameters.push(limit);
    }
  }
  return { sql: parts.join(' AND '), parameters };
}
