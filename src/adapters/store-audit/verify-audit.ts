import type { ArtifactStore } from '../../activities/ports.js';
import { readAhead } from '../../activities/read-ahead.js';
import { planKey } from '../store-router/store-router.js';
import {
  type AuditHead,
  type AuditRecord,
  auditHeadKey,
  auditHeadSchema,
  auditKey,
  auditPrefix,
  auditRecordSchema,
  expectedDigest,
  textOf,
} from './audit-record.js';
import { verifyPlans, type LoggedEntry } from './verify-plans.js';

export interface AuditProblem {
  /** The store key where it shows. */
  key: string;
  problem: string;
}

export interface AuditVerification {
  ok: boolean;
  entries: number;
  /** The newest record's number and digest; note it elsewhere to prove later that the whole log is the same. */
  head: AuditHead | null;
  /** How many anchors of the model the log was held against. */
  anchors: number;
  problems: AuditProblem[];
}

/** A head as it was noted elsewhere. */
export interface AuditAnchor extends AuditHead {
  model: string;
}

/**
 * Reads a model's whole audit log and finds every edited, missing, added or reordered record, an end cut off that had
 * been noted, a log that was removed as a whole, and a traffic plan that it does not tell of. Whoever can write the whole
 * store can forge a whole log with all its digests: against that, heads that were noted elsewhere (`anchors`) must still
 * be in it. What came after the newest of them, such a writer can forge.
 */
export async function verifyAudit({
  store,
  model,
  anchors = [],
}: {
  store: ArtifactStore;
  model: string;
  anchors?: readonly AuditAnchor[];
}): Promise<AuditVerification> {
  const problems: AuditProblem[] = [];
  const keys = new Map<string, string>();
  let last: AuditRecord | null = null;
  let entries = 0;
  const digests = new Map<number, string>();
  const logged: LoggedEntry[] = [];
  // Before the log: that only grows, so that whatever is written meanwhile is no problem.
  const [head, plan] = await Promise.all([store.get({ key: auditHeadKey(model) }), store.get({ key: planKey(model) })]);
  const found = readAhead({
    things: store.list({ prefix: auditPrefix(model) }),
    read: async ({ key }) => ({ key, stood: await read({ store, key }) }),
  });
  for await (const { key, stood } of found) {
    const say = (problem: string): number => problems.push({ key, problem });
    entries += 1;
    if (typeof stood === 'string') {
      say(stood);
      continue;
    }
    const { record, digest } = stood;
    const sequence: number = (last?.sequence ?? 0) + 1;
    if (auditKey({ model, sequence: record.sequence }) !== key)
      say(
        `says it is record ${record.sequence} of ${record.model}, which belongs at ${auditKey({ model, sequence: record.sequence })}`,
      );
    if (record.model !== model) say(`belongs to model ${record.model}, expected ${model}`);
    if (record.sequence !== sequence)
      say(`record ${record.sequence} follows record ${sequence - 1}, expected ${sequence}`);
    if (record.digest !== digest) say(`was edited: its digest is ${digest}, written is ${record.digest}`);
    if (record.previous !== (last?.digest ?? null))
      say(`names ${record.previous ?? 'nothing'} as the record before, expected ${last?.digest ?? 'nothing'}`);
    const earlier = keys.get(record.entry.key);
    if (earlier !== undefined) say(`repeats the key ${record.entry.key} of ${earlier}`);
    keys.set(record.entry.key, key);
    digests.set(record.sequence, digest);
    logged.push({ key, entry: record.entry });
    last = record;
  }
  problems.push(
    ...checkHead({ found: head, model, digests }),
    ...verifyPlans({ model, entries: logged, before: plan, after: await store.get({ key: planKey(model) }) }),
  );
  const held = anchors.filter((one) => one.model === model);
  for (const { sequence, digest } of held)
    if (digests.get(sequence) !== digest)
      problems.push({
        key: auditKey({ model, sequence }),
        problem: `was ${digest} when it was anchored; the log has ${digests.get(sequence) ?? 'no such record'}: it was written anew or cut off`,
      });
  return {
    ok: problems.length === 0,
    entries,
    head: last && { sequence: last.sequence, digest: last.digest },
    anchors: held.length,
    problems,
  };
}

/** What stood under a key. */
type Stored = Awaited<ReturnType<ArtifactStore['get']>>;

/** A record, and the digest of what was written of it. A text says why it is none. */
async function read({
  store,
  key,
}: {
  store: ArtifactStore;
  key: string;
}): Promise<{ record: AuditRecord; digest: string } | string> {
  const found = await store.get({ key });
  if (!found) return 'went away while the log was read';
  const body = Buffer.from(found.body);
  try {
    const written = JSON.parse(body.toString()) as object;
    const record = auditRecordSchema.parse(written);
    if (body.equals(Buffer.from(textOf(written)))) return { record, digest: expectedDigest(written) };
    return 'was edited: it is not written as records are (a name that stands twice, other spaces)';
  } catch (error) {
    return `is no audit record: ${(error as Error).message}`;
  }
}

/** A writer that died may have noted an older head than there is, never a newer one. */
function checkHead({
  found,
  model,
  digests,
}: {
  found: Stored;
  model: string;
  digests: ReadonlyMap<number, string>;
}): AuditProblem[] {
  const key = auditHeadKey(model);
  if (!found) return digests.size > 1 ? [{ key, problem: `is missing, with ${digests.size} records in the log` }] : [];
  try {
    const { sequence, digest } = auditHeadSchema.parse(JSON.parse(Buffer.from(found.body).toString()));
    const have = digests.get(sequence);
    if (have === digest) return [];
    return [
      { key, problem: `notes record ${sequence} with digest ${digest}; the log has ${have ?? 'no such record'}` },
    ];
  } catch (error) {
    return [{ key, problem: `is no head of an audit log: ${(error as Error).message}` }];
  }
}
