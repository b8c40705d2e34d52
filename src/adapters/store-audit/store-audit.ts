import { type ArtifactStore, type AuditEntry, type AuditLog, PortError } from '../../activities/ports.js';
import { parseJson } from '../../domain/parse-json.js';
import {
  type AuditRecord,
  auditClaimKey,
  auditClaimSchema,
  auditHeadKey,
  auditHeadSchema,
  auditKey,
  sealed,
  textOf,
} from './audit-record.js';
import { findEntry, openEnd, readRecord, type KnownEnd } from './audit-end.js';

const attempts = 200;

type AuditStore = Pick<ArtifactStore, 'get' | 'put' | 'putIfAbsent' | 'compareAndSet'>;

const claimOf = (key: string, from: number): Uint8Array => Buffer.from(textOf({ key, from }));

/**
 * The audit log in the artifact store: one object a record, created and never replaced, each with the digest of the
 * one before. Several processes may append; a number that another took is read and the next one tried. What an entry
 * costs does not grow with the log: a process reads its end alone, and where an entry may stand that was sent before is
 * noted by its key (its claim), before it is written.
 */
export class StoreAudit implements AuditLog {
  readonly #store: AuditStore;
  readonly #now: () => Date;
  readonly #known = new Map<string, Promise<KnownEnd>>();

  constructor({ store, now = () => new Date() }: { store: AuditStore; now?: () => Date }) {
    this.#store = store;
    this.#now = now;
  }

  async append({ model, entry }: { model: string; entry: AuditEntry }): Promise<{ sequence: number }> {
    const known = await this.#open(model);
    const earlier = known.sequences.get(entry.key) ?? (await this.#claim({ model, key: entry.key, known }));
    if (earlier !== null) return { sequence: earlier };
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      await this.#catchUp({ model, known });
      const sequence = known.sequences.get(entry.key);
      if (sequence !== undefined) return { sequence };
      const record = this.#seal({ model, entry, last: known.last });
      const { created } = await this.#store.putIfAbsent({
        key: auditKey({ model, sequence: record.sequence }),
        body: Buffer.from(textOf(record)),
      });
      if (!created) continue;
      await Promise.all([
        this.#noteHead(record),
        this.#store.put({ key: auditClaimKey({ model, key: entry.key }), body: claimOf(entry.key, record.sequence) }),
      ]);
      return { sequence: record.sequence };
    }
    throw new PortError('Conflict', `audit log of ${model}: ${attempts} attempts lost against other writers`);
  }

  #open(model: string): Promise<KnownEnd> {
    const opened = this.#known.get(model) ?? openEnd({ store: this.#store, model });
    this.#known.set(model, opened);
    opened.catch(() => this.#known.delete(model));
    return opened;
  }

  /**
   * Notes that an entry will stand behind what is known of the log. Where it was sent before, an earlier attempt may
   * have written it: its number, should it stand before what is known; else null.
   */
  async #claim({ model, key, known }: { model: string; key: string; known: KnownEnd }): Promise<number | null> {
    const claim = auditClaimKey({ model, key });
    const from = (known.last?.sequence ?? 0) + 1;
    const { created } = await this.#store.putIfAbsent({ key: claim, body: claimOf(key, from) });
    if (created) return null;
    const found = await this.#store.get({ key: claim });
    const parsed = auditClaimSchema.safeParse(found && parseJson(Buffer.from(found.body).toString()));
    // What is no claim says nothing of where the entry may stand.
    const first = parsed.success ? parsed.data.from : 1;
    return await findEntry({ store: this.#store, model, key, from: first, to: known.from - 1 });
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

  async #catchUp({ model, known }: { model: string; known: KnownEnd }): Promise<void> {
    for (;;) {
      const sequence = (known.last?.sequence ?? 0) + 1;
      const record = await readRecord({ store: this.#store, model, sequence });
      // Another call of this process may have come here first.
      if ((known.last?.sequence ?? 0) + 1 !== sequence) continue;
      if (!record) return;
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
