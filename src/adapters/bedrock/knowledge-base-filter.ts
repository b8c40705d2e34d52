import type { RetrievalFilter } from '@aws-sdk/client-bedrock-agent-runtime';
import type { ChunkFilter, FieldCondition } from '../../domain/retrieval/chunk.js';

/** A filter in the words of Bedrock (Agents for Amazon Bedrock API Reference, RetrievalFilter); undefined for none. */
export function knowledgeBaseFilter(filter: ChunkFilter): RetrievalFilter | undefined {
  const conditions = filter.flatMap(conditionsOf);
  // `andAll` takes two conditions or more.
  return conditions.length < 2 ? conditions[0] : { andAll: conditions };
}

function conditionsOf(condition: FieldCondition): RetrievalFilter[] {
  const { field: key } = condition;
  if ('anyOf' in condition) return [listed({ key, values: condition.anyOf, one: 'equals', many: 'in' })];
  if ('noneOf' in condition) return [listed({ key, values: condition.noneOf, one: 'notEquals', many: 'notIn' })];
  const { atLeast, atMost } = condition;
  return [
    ...(atLeast === undefined ? [] : [{ greaterThanOrEquals: { key, value: atLeast } }]),
    ...(atMost === undefined ? [] : [{ lessThanOrEquals: { key, value: atMost } }]),
  ];
}

/** Lists hold texts there, numbers and truth values are compared one by one. */
function listed({
  key,
  values,
  one,
  many,
}: {
  key: string;
  values: readonly (string | number | boolean)[];
  one: 'equals' | 'notEquals';
  many: 'in' | 'notIn';
}): RetrievalFilter {
  const single = (value: string | number | boolean): RetrievalFilter =>
    one === 'equals' ? { equals: { key, value } } : { notEquals: { key, value } };
  const [first] = values;
  if (values.length === 1 && first !== undefined) return single(first);
  if (values.every((value) => typeof value === 'string'))
    return many === 'in' ? { in: { key, value: [...values] } } : { notIn: { key, value: [...values] } };
  return one === 'equals' ? { orAll: values.map(single) } : { andAll: values.map(single) };
}
