import type { ArtifactStore } from '../../../src/activities/ports.js';
import { decodeSegment } from '../../../src/activities/segment-file.js';

/** All rows of the segments under a prefix, in the order of their keys, and the keys. */
export async function readSegments<Row>({ store, prefix }: { store: ArtifactStore; prefix: string }) {
  const keys: string[] = [];
  const rows: Row[] = [];
  for await (const { key } of store.list({ prefix })) {
    keys.push(key);
    const { body } = (await store.get({ key }))!;
    rows.push(...decodeSegment({ body }).map((line) => JSON.parse(line) as Row));
  }
  return { keys, rows };
}
