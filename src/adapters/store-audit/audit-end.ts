import { type ArtifactStore, PortError } from '../../activities/ports.js';
import { parseJson } from '../../domain/parse-json.js';
import { type AuditRecord, auditHeadKey, auditHeadSchema, auditKey, auditRecordSchema } from './audit-record.js';

/** What a process has read of the end of a model's log, which only ever grows. */
export interface KnownEnd {
  last: AuditRecord | null;
  /** The first record that was read. */
  readonly from: number;
  /** The number of each entry from there on, by its key. */
  readonly sequences: Map<string, number>;
}

/** Records of a log from before entries were claimed: what is sent again is one of the last. */
const lookedBack = 8;

/**
 * The end of a log by its head; whoever noted that may have been overtaken since. From the first record on where the
 * head is missing, or names a record that is not there or another.
 */
export async function openEnd({
  store,
  model,
}: {
  store: Pick<ArtifactStore, 'get'>;
  model: string;
}): Promise<KnownEnd> {
  const beginning: KnownEnd = { last: null, from: 1, sequences: new Map() };
  const found = await store.get({ key: auditHeadKey(model) });
  const head = auditHeadSchema.safeParse(found && parseJson(Buffer.from(found.body).toString()));
  if (!head.success) return beginning;
  const { sequence, digest } = head.data;
  const from = Math.max(1, sequence - lookedBack + 1);
  const numbers = Array.from({ length: sequence - from + 1 }, (_, at) => from + at);
  const records = await Promise.all(numbers.map((one) => readRecord({ store, model, sequence: one })));
  const last = records.at(-1) ?? null;
  if (last?.digest !== digest || records.includes(null)) return beginning;
  return { last, from, sequences: new Map(records.map((record, at) => [record!.entry.key, from + at])) };
}

/** The number of the entry with a key, of the records `from` to `to`; null where none of them is it. */
export async function findEntry({
  store,
  model,
  key,
  from,
  to,
}: {
  store: Pick<ArtifactStore, 'get'>;
  model: string;
  key: string;
  from: number;
  to: number;
}): Promise<number | null> {
  for (let sequence = from; sequence <= to; sequence += 1)
    if ((await readRecord({ store, model, sequence }))?.entry.key === key) return sequence;
  return null;
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
