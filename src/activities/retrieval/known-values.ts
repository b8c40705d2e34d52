import { LRUCache } from 'lru-cache';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { ChunkReader } from '../vector-store-port.js';

/** A field with more values is no field that questions name. */
const mostValues = 500;
const mostVersions = 50;

type Values = Promise<Record<string, string[]>>;
const known = new WeakMap<ChunkReader, LRUCache<string, Values>>();

/** The values of every keyword field in one version of an index, read once: a version does not change. */
export function knownValues({
  chunks,
  collection,
  fields,
}: {
  chunks: ChunkReader;
  /** The version itself, and not a name that leads to it. */
  collection: string;
  fields: RetrievalSpec['fields'];
}): Values {
  let versions = known.get(chunks);
  if (!versions) known.set(chunks, (versions = new LRUCache({ max: mostVersions })));
  const key = JSON.stringify([collection, fields]);
  const found = versions.get(key);
  if (found) return found;
  const keywords = Object.keys(fields).filter((field) => fields[field] === 'keyword');
  const read = Promise.all(
    keywords.map(
      async (field) => [field, await chunks.fieldValues({ collection, field, limit: mostValues + 1 })] as const,
    ),
  ).then((entries) => Object.fromEntries(entries.filter(([, values]) => values.length <= mostValues)));
  versions.set(key, read);
  // What failed is asked again by the next question.
  read.catch(() => versions.delete(key));
  return read;
}
