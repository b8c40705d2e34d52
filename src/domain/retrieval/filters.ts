import type { Chunk, ChunkFilter, FieldCondition, FieldKind, FieldValue } from './chunk.js';

/** Names that fields may have: they become columns, keys and paths in stores. */
export const fieldNamePattern = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

const kindOf = (value: unknown): FieldKind | null => {
  if (typeof value === 'string') return 'keyword';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'number' && Number.isFinite(value) ? 'number' : null;
};

/**
 * Reads filters as callers write them, typed by the fields of an index: `{language: 'de'}`, `{language: ['de', 'fr']}`,
 * `{language: {not: ['en']}}`, `{stars: {atLeast: 4}}`. All problems at once, each with field, value and what was
 * expected.
 */
export function parseFilters({
  filters,
  fields,
}: {
  filters: Readonly<Record<string, unknown>>;
  fields: Readonly<Record<string, FieldKind>>;
}): { filter: ChunkFilter; problems: [] } | { filter: null; problems: string[] } {
  const problems: string[] = [];
  const filter: FieldCondition[] = [];
  for (const [field, asked] of Object.entries(filters)) {
    const kind = Object.hasOwn(fields, field) ? fields[field]! : null;
    if (kind === null) {
      const known = Object.keys(fields).sort().join(', ') || 'none';
      problems.push(`filters.${field}: no such field; the index has ${known}`);
      continue;
    }
    const condition = conditionOf({ field, kind, asked });
    if (typeof condition === 'string') problems.push(`filters.${field} is ${JSON.stringify(asked)}: ${condition}`);
    else filter.push(condition);
  }
  return problems.length > 0 ? { filter: null, problems } : { filter, problems: [] };
}

function conditionOf({
  field,
  kind,
  asked,
}: {
  field: string;
  kind: FieldKind;
  asked: unknown;
}): FieldCondition | string {
  if (kindOf(asked) === kind) return { field, anyOf: [asked as FieldValue] };
  const list = (values: unknown): values is FieldValue[] =>
    Array.isArray(values) && values.length > 0 && values.every((value) => kindOf(value) === kind);
  if (list(asked)) return { field, anyOf: asked };
  if (typeof asked === 'object' && asked !== null && !Array.isArray(asked)) {
    const { not, atLeast, atMost, ...rest } = asked as Record<string, unknown>;
    if (Object.keys(rest).length === 0 && not !== undefined && atLeast === undefined && atMost === undefined) {
      if (kindOf(not) === kind) return { field, noneOf: [not as FieldValue] };
      if (list(not)) return { field, noneOf: not };
    }
    const bounds = [atLeast, atMost].filter((bound) => bound !== undefined);
    const isRange = kind === 'number' && Object.keys(rest).length === 0 && not === undefined && bounds.length > 0;
    if (isRange && bounds.every((bound) => kindOf(bound) === 'number'))
      return { field, ...(asked as { atLeast?: number; atMost?: number }) };
  }
  const range = kind === 'number' ? ', {atLeast, atMost}' : '';
  return `expected a ${kind === 'keyword' ? 'text' : kind}, a list of them, {not: ...}${range}`;
}

/** Whether a chunk meets every condition; a field that it lacks meets only `noneOf`. */
export const matchesFilter = ({ chunk, filter }: { chunk: Pick<Chunk, 'fields'>; filter: ChunkFilter }): boolean =>
  filter.every((condition) => {
    const value = Object.hasOwn(chunk.fields, condition.field) ? chunk.fields[condition.field] : undefined;
    if ('anyOf' in condition) return value !== undefined && condition.anyOf.includes(value);
    if ('noneOf' in condition) return value === undefined || !condition.noneOf.includes(value);
    const { atLeast = -Infinity, atMost = Infinity } = condition;
    return typeof value === 'number' && value >= atLeast && value <= atMost;
  });
