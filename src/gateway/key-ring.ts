import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { parseJson } from '../domain/parse-json.js';

export const scopes = ['query', 'test', 'feedback'] as const;
export type Scope = (typeof scopes)[number];

/** One API key as it rests in the keys file: its hash, never itself. Two records may overlap while a key is rotated. */
export const keyRecordSchema = z.object({
  id: z.string().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hex digits'),
  scopes: z.array(z.enum(scopes)).min(1),
  defaultModel: z.string().min(1).nullable(),
  expiresAt: z.iso.datetime().nullable(),
  rate: z
    .object({ perSecond: z.number().positive(), burst: z.number().int().min(1) })
    .optional()
    .describe('instead of 50 a second with a burst of 100'),
  quotaPerDay: z.number().int().min(1).nullable().optional().describe('instead of 10,000; null for none'),
});
export type KeyRecord = z.infer<typeof keyRecordSchema>;
const keysFileSchema = z.array(keyRecordSchema);

/** The hash under which a key rests. */
export const hashKey = (key: string): string => createHash('sha256').update(key).digest('hex');

/** The API keys of a file, read again when it changes. A file that can't be read leaves the keys as they were. */
export class KeyRing {
  private entries: { digest: Buffer; record: KeyRecord; expires: number }[] = [];
  private version = '';

  constructor(private readonly path: string) {}

  get size(): number {
    return this.entries.length;
  }

  /** Reads the file when its size or time changed. Rejects when it can't be read or parsed, naming file and field. */
  async refresh(): Promise<void> {
    const { mtimeMs, size, ino } = await stat(this.path);
    const version = `${ino}:${mtimeMs}:${size}`;
    if (version === this.version) return;
    const parsed = keysFileSchema.safeParse(parseJson(await readFile(this.path, 'utf8')));
    if (!parsed.success) throw new Error(`keys file ${this.path}: ${z.prettifyError(parsed.error)}`);
    this.entries = parsed.data.map((record) => ({
      digest: Buffer.from(record.sha256, 'hex'),
      record,
      expires: record.expiresAt === null ? Infinity : Date.parse(record.expiresAt),
    }));
    this.version = version;
  }

  /**
   * The record of a presented key, null when unknown or expired; compares with every record in constant time. Node gives
   * each byte of a header as a character, so that a key beyond ASCII is hashed as the bytes that were sent.
   */
  find({ key, now }: { key: string; now: number }): KeyRecord | null {
    const digest = createHash('sha256').update(key, 'latin1').digest();
    let found: KeyRecord | null = null;
    for (const entry of this.entries)
      if (timingSafeEqual(entry.digest, digest) && now < entry.expires) found ??= entry.record;
    return found;
  }
}
