import { plainWords } from '../evaluation/words.js';
import type { ChunkFilter, FieldCondition, FieldKind } from './chunk.js';

/** A shorter value, such as a code of a language, is a common word in some other language. */
const shortestValue = 3;

/**
 * Filters that a question asks for by itself: a known value of a keyword field that stands in it as words. `values` are
 * what the index holds of each field. A value that names two fields filters by neither.
 */
export function filtersFromQuestion({
  question,
  fields,
  values,
}: {
  question: string;
  fields: Readonly<Record<string, FieldKind>>;
  values: Readonly<Record<string, readonly string[]>>;
}): ChunkFilter {
  const asked = ` ${plainWords(question).join(' ')} `;
  const found = Object.entries(values)
    .filter(([field]) => fields[field] === 'keyword')
    .flatMap(([field, known]) =>
      known
        .filter((value) => value.length >= shortestValue && asked.includes(` ${plainWords(value).join(' ')} `))
        .map((value) => ({ field, value })),
    );
  const conditions = new Map<string, string[]>();
  for (const { field, value } of found) {
    if (found.some((other) => other.field !== field && other.value === value)) continue;
    conditions.set(field, [...(conditions.get(field) ?? []), value]);
  }
  return [...conditions].map(([field, anyOf]): FieldCondition => ({ field, anyOf }));
}

/** A filter as a person reads it. */
export const shownFilter = (filter: ChunkFilter): string =>
  filter
    .map((one) => {
      if ('anyOf' in one) return `${one.field} is ${one.anyOf.join(' or ')}`;
      if ('noneOf' in one) return `${one.field} is not ${one.noneOf.join(' or ')}`;
      return `${one.field} from ${one.atLeast ?? 'any'} to ${one.atMost ?? 'any'}`;
    })
    .join(', ');
