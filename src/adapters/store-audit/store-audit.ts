import { type ArtifactStore, type AuditEntry, type AuditLog, PortError } from '../../activities/ports.js';
import {
  type AuditRecord,
  auditHeadKey,
  auditHeadSchema,
  auditKey,
  auditRecordSchema,
  sealed,
  textOf,
} from './audit-record.js';

/** What of a model's log this process has read: it only ever grows. */
interface Known {
  last: AuditRecord | null;
  sequences: Map<string, number>;
}

const attempts = 200;

/**
 * The audit log in the artifact store: one object a record, created and never replaced, each with the digest of the
 * one before. Several processes may append; a number that another took is read and the next one tried.
 */
export class StoreAudit implements AuditLog {
  readonly #store: ArtifactStore;
  readonly #now: () => Date;
  readonly #known = new Map<string, Known>();

  constructor({ store, now = () => new Date() }: { store: ArtifactStore; now?: () => Date }) {
    this.#store = store;
    this.#now = now;
  }

  async append({ model, entry }: { model: string; entry: AuditEntry }): Promise<{ sequence: number }> {
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const known = await this.#catchUp(model);
      const sequence = known.sequences.get(entry.key);
      if (sequence !== undefined) return { sequence };
      const record = this.#seal({ model, entry, last: known.last });
      const { created } = await this.#store.putIfAbsent({
        key: auditKey({ model, sequence: record.sequence }),
        body: Buffer.from(textOf(record)),
      });
      if (!created) continue;
      await this.#noteHead(record);
      return { sequence: record.sequence };
    }
    throw new PortError('Conflict', `audit log of ${model}: ${attempts} attempts lost against other writers`);
  }

  #seal({ model, entry, last }: { model: string; entry: AuditEntry; last: AuditRecord | null }): AuditRecord {
    try {
      const sequence = (last?.sequence ?? 0) + 1;
      return sealed({ sequence, model, at: this.#now().toISOString(), previous: last?.digest ?? null, entry });
    } catch (error) {
      throw new PortError('InvalidInput', `audit entry ${entry.key}: ${(error as Error).message}`, null, {
        cause: error,
      });
    }
  }

  async #catchUp(model: string): Promise<Known> {
    const known = this.#known.get(model) ?? { last: null, sequences: new Map<string, number>() };
    this.#known.set(model, known);
    for (;;) {
      const sequence = (known.last?.sequence ?? 0) + 1;
      const record = await readRecord({ store: this.#store, model, sequence });
      // Another call of this process may have come here first.
      if ((known.last?.sequence ?? 0) + 1 !== sequence) continue;
      if (!record) return known;
      known.sequences.set(record.entry.key, sequence);
      known.last = record;
    }
  }

  async #noteHead({ model, sequence, digest }: AuditRecord): Promise<void> {
    const key = auditHeadKey(model);
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const found = await this.#store.get({ key });
      if (found && auditHeadSchema.parse(JSON.parse(Buffer.from(found.body).toString())).sequence >= sequence) return;
      const body = Buffer.from(`${JSON.stringify({ sequence, digest })}\n`);
      if (await this.#store.compareAndSet({ key, body, expected: found?.version ?? null })) return;
    }
  }
}

async function readRecord({
  store,
  model,
  sequence,
}: {
  store: ArtifactStore;
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
