import { type ArtifactStore, PortError } from '../../activities/ports.js';
import { parseJson } from '../../domain/parse-json.js';
import { type AuditRecord, auditIndexKey, auditIndexSchema, auditKey, auditRecordSchema } from './audit-record.js';

/** What a process knows of a model's log, which only ever grows. */
export interface KnownLog {
  last: AuditRecord | null;
  /** The number of every entry by its key. */
  readonly sequences: Map<string, number>;
  /** How many of them were taken from the index, and not read. */
  readonly unread: number;
  /** How far the index in the store goes. */
  indexed: number;
}

/** Records that a new process reads at most, where each writer keeps the index up. */
const indexedEvery = 16;
const mostAtOnce = 32;

export const nothingKnown = (): KnownLog => ({ last: null, sequences: new Map(), unread: 0, indexed: 0 });

export const nextSequence = ({ last }: KnownLog): number => (last?.sequence ?? 0) + 1;

/** What the index says, where the record that it ends with stands in the log as it says; else nothing. */
export async function openLog({
  store,
  model,
}: {
  store: Pick<ArtifactStore, 'get'>;
  model: string;
}): Promise<KnownLog> {
  const found = await store.get({ key: auditIndexKey(model) });
  const index = auditIndexSchema.safeParse(found && parseJson(Buffer.from(found.body).toString()));
  if (!index.success) return nothingKnown();
  const { keys, digest } = index.data;
  const last = await readRecord({ store, model, sequence: keys.length });
  if (last?.digest !== digest) return nothingKnown();
  const sequences = new Map(keys.map((key, at) => [key, at + 1]));
  return { last, sequences, unread: keys.length, indexed: keys.length };
}

/** Reads on to the end, more and more at once. Several calls may do that side by side. */
export async function catchUp({
  store,
  model,
  known,
}: {
  store: Pick<ArtifactStore, 'get'>;
  model: string;
  known: KnownLog;
}): Promise<void> {
  for (let atOnce = 1; ; atOnce = Math.min(2 * atOnce, mostAtOnce)) {
    const from = nextSequence(known);
    const found = await Promise.all(
      Array.from({ length: atOnce }, (_, at) => readRecord({ store, model, sequence: from + at })),
    );
    const end = found.indexOf(null);
    for (const record of end === -1 ? found : found.slice(0, end)) {
      // Another call may have come here first.
      if (record!.sequence !== nextSequence(known)) continue;
      known.sequences.set(record!.entry.key, record!.sequence);
      known.last = record;
    }
    if (end !== -1 && nextSequence(known) === from + end) return;
  }
}

/** Writes the index anew once it is far enough behind. Without it the next process reads more, and nothing else. */
export async function keepIndex({
  store,
  model,
  known,
}: {
  store: Pick<ArtifactStore, 'put'>;
  model: string;
  known: KnownLog;
}): Promise<void> {
  const { last, sequences } = known;
  if (last === null || last.sequence - known.indexed < indexedEvery) return;
  const keys: string[] = [];
  for (const [key, sequence] of sequences) keys[sequence - 1] = key;
  // A log that has a key twice is broken, and has no index.
  if (keys.length !== last.sequence || sequences.size !== keys.length) return;
  known.indexed = last.sequence;
  const body = Buffer.from(`${JSON.stringify({ digest: last.digest, keys })}\n`);
  await store.put({ key: auditIndexKey(model), body }).catch(() => undefined);
}

export async function readRecord({
  store,
  model,
  sequence,
}: {
  store: Pick<ArtifactStore, 'get'>;
  model: string;
  sequence: number;
}): Promise<AuditRecord | null> {
  const key = auditKey({ model, sequence });
  const found = await store.get({ key });
  if (!found) return null;
  try {
    return auditRecordSchema.parse(JSON.parse(Buffer.from(found.body).toString()));
  } catch (error) {
    throw new PortError('InvalidInput', `${key}: is no audit record: ${(error as Error).message}; verify the log`);
  }
}
