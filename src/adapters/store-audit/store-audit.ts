import {
  type ArtifactStore,
  type AuditEntry,
  type AuditKeys,
  type AuditLog,
  PortError,
} from '../../activities/ports.js';
import { type AuditRecord, auditHeadKey, auditHeadSchema, auditKey, sealed, textOf } from './audit-record.js';
import { catchUp, keepIndex, nothingKnown, openLog, readRecord, type KnownLog } from './known-log.js';

const attempts = 200;

type AuditStore = Pick<ArtifactStore, 'get' | 'put' | 'putIfAbsent' | 'compareAndSet'>;

/**
 * The audit log in the artifact store: one object a record, created and never replaced, each with the digest of the
 * one before. Several processes may append; a number that another took is read and the next one tried. A process that is
 * new to a log takes the keys of its entries from an index, and reads those alone that came after that.
 */
export class StoreAudit implements AuditLog, AuditKeys {
  readonly #store: AuditStore;
  readonly #now: () => Date;
  readonly #known = new Map<string, Promise<KnownLog>>();

  constructor({ store, now = () => new Date() }: { store: AuditStore; now?: () => Date }) {
    this.#store = store;
    this.#now = now;
  }

  async append({
    model,
    entry,
  }: {
    model: string;
    entry: AuditEntry;
  }): Promise<{ sequence: number; entry: AuditEntry }> {
    const store = this.#store;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const known = await this.#open(model);
      await catchUp({ store, model, known });
      const sequence = known.sequences.get(entry.key);
      if (sequence !== undefined) {
        const found = await readRecord({ store, model, sequence });
        if (found?.entry.key === entry.key) return { sequence, entry: found.entry };
        // The index says what the log does not, or the log was changed.
        this.#known.set(model, Promise.resolve(nothingKnown()));
        continue;
      }
      const record = this.#seal({ model, entry, last: known.last });
      const { created } = await store.putIfAbsent({
        key: auditKey({ model, sequence: record.sequence }),
        body: Buffer.from(textOf(record)),
      });
      if (!created) continue;
      await Promise.all([this.#noteHead(record), keepIndex({ store, model, known })]);
      return { sequence: record.sequence, entry };
    }
    throw new PortError('Conflict', `audit log of ${model}: ${attempts} attempts lost against other writers`);
  }

  async keys({ model }: { model: string }): Promise<string[]> {
    const known = await this.#open(model);
    await catchUp({ store: this.#store, model, known });
    return [...known.sequences].sort(([, one], [, other]) => one - other).map(([key]) => key);
  }

  #open(model: string): Promise<KnownLog> {
    const opened = this.#known.get(model) ?? openLog({ store: this.#store, model });
    this.#known.set(model, opened);
    opened.catch(() => {
      if (this.#known.get(model) === opened) this.#known.delete(model);
    });
    return opened;
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
