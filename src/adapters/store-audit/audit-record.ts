import { z } from 'zod';
import type { AuditEntry } from '../../activities/ports.js';
import { digestOf } from '../../domain/release/evidence.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

export const auditRecordSchema = z.strictObject({
  sequence: z.number().int().min(1),
  model: z.string().min(1),
  at: z.iso.datetime(),
  /** The digest of the record before; null for the first. */
  previous: digest.nullable(),
  entry: z.strictObject({
    key: z.string().min(1),
    kind: z.enum(['decision', 'approval', 'plan', 'promotion', 'rollback', 'deletion', 'specification', 'pause']),
    actor: z.string(),
    releaseId: z.string().nullable(),
    reason: z.string(),
    evidenceDigest: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  }),
  /** SHA-256 of the canonical JSON of everything above. */
  digest,
});
export type AuditRecord = z.infer<typeof auditRecordSchema>;

export const auditPrefix = (model: string): string => `audit/${model}/`;

export const auditKey = ({ model, sequence }: { model: string; sequence: number }): string =>
  `${auditPrefix(model)}${String(sequence).padStart(8, '0')}.json`;

/** Where the newest record is noted a second time, so that a log cut off at its end is noticed. */
export const auditHeadKey = (model: string): string => `audit-heads/${model}.json`;

export const auditHeadSchema = z.strictObject({ sequence: z.number().int().min(1), digest });
export type AuditHead = z.infer<typeof auditHeadSchema>;

/** The keys of the first entries in their order, so that a process need not read them all. */
export const auditIndexKey = (model: string): string => `audit-index/${model}.json`;

/** With the digest of the record that the keys end with. */
export const auditIndexSchema = z.object({ digest, keys: z.array(z.string()).min(1) });

/** The record with its digest. Throws as `canonicalJson` does for details that are not plain JSON. */
export function sealed(record: Omit<AuditRecord, 'digest' | 'entry'> & { entry: AuditEntry }): AuditRecord {
  return { ...record, digest: digestOf(record) };
}

/** The digest that a record should carry, of every name that was written: a schema keeps no `__proto__`. */
export function expectedDigest({ digest: _written, ...rest }: object & { digest?: unknown }): string {
  void _written;
  return digestOf(rest);
}

/** A record as it stands in the store, byte by byte. */
export const textOf = (record: unknown): string => `${JSON.stringify(record, null, 2)}\n`;
