import { PortError } from '../activities/ports.js';
import type { ChunkReader, VectorStore } from '../activities/vector-store-port.js';

/**
 * A store that somebody else fills, such as a knowledge base, as a vector store: reads go through, every write is refused
 * by its name.
 */
export function readOnlyChunks({ reader, name }: { reader: ChunkReader; name: string }): VectorStore {
  const refuse = () =>
    Promise.reject(
      new PortError(
        'InvalidInput',
        `${name} is read only: its owner fills it; set retrieval.source to null in the spec, or unset the setting that names it`,
      ),
    );
  return {
    describe: (input) => reader.describe(input),
    nearest: (input) => reader.nearest(input),
    matching: (input) => reader.matching(input),
    fieldValues: (input) => reader.fieldValues(input),
    ...(reader.search && { search: (input) => reader.search!(input) }),
    createCollection: refuse,
    copyCollection: refuse,
    upsert: refuse,
    removeDocuments: refuse,
    count: refuse,
    scan: refuse,
    optimise: refuse,
    setAlias: refuse,
    aliases: async () => ({}),
    collections: async () => [],
    dropCollection: refuse,
  };
}
