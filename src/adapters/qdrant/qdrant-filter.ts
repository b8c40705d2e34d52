import type { Schemas } from '@qdrant/js-client-rest';
import type { ChunkFilter, FieldCondition, FieldValue } from '../../domain/retrieval/chunk.js';

type Condition = Schemas['Condition'];

const isText = (values: readonly FieldValue[]): values is string[] =>
  values.every((value) => typeof value === 'string');

/** Qdrant matches texts in lists; numbers are floats there and have ranges alone, booleans one by one. */
function anyOf({ key, values }: { key: string; values: readonly FieldValue[] }): Condition {
  if (isText(values)) return { key, match: { any: values } };
  const one = (value: FieldValue): Condition =>
    typeof value === 'number' ? { key, range: { gte: value, lte: value } } : { key, match: { value } };
  return { should: values.map(one) };
}

function conditionOf(condition: FieldCondition): { must?: Condition; not?: Condition } {
  const key = `fields.${condition.field}`;
  if ('anyOf' in condition) return { must: anyOf({ key, values: condition.anyOf }) };
  if ('noneOf' in condition) return { not: anyOf({ key, values: condition.noneOf }) };
  const { atLeast, atMost } = condition;
  const range = {
    ...(atLeast === undefined ? {} : { gte: atLeast }),
    ...(atMost === undefined ? {} : { lte: atMost }),
  };
  return { must: { key, range } };
}

/** A filter as Qdrant takes it; undefined for none. */
export function qdrantFilter(filter: ChunkFilter): Schemas['Filter'] | undefined {
  if (filter.length === 0) return undefined;
  const conditions = filter.map(conditionOf);
  const must = conditions.flatMap(({ must: one }) => one ?? []);
  const mustNot = conditions.flatMap(({ not }) => not ?? []);
  return {
    ...(must.length > 0 ? { must } : {}),
    ...(mustNot.length > 0 ? { must_not: mustNot } : {}),
  };
}
