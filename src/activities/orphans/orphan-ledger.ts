import { z } from 'zod';
import { orphanSchema, type Orphan } from '../../contracts/orphans.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { PortError, type ArtifactStore } from '../ports.js';
import type { Unseen } from './look-for-orphans.js';

const attempts = 20;
const ledgerSchema = z.object({ version: z.literal(1), orphans: z.array(orphanSchema) });

const keyOf = (model: string): string => `orphans/${model}.json`;
const same = (one: Unseen, other: Unseen): boolean => one.kind === other.kind && one.name === other.name;

/**
 * Since when each orphan of a model has been one without a break: what was needed in between begins anew. Written by
 * compare-and-set, so that two sweeps at once agree.
 */
export async function noteOrphans({
  store,
  model,
  seen,
  now,
}: {
  store: ArtifactStore;
  model: string;
  seen: readonly Unseen[];
  now: string;
}): Promise<{ orphans: Orphan[]; fresh: Orphan[] }> {
  const key = keyOf(model);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await store.get({ key });
    const before = stored ? ledgerSchema.parse(JSON.parse(Buffer.from(stored.body).toString('utf8'))).orphans : [];
    if (before.length === 0 && seen.length === 0) return { orphans: [], fresh: [] };
    const orphans = seen.map((one) => before.find((known) => same(known, one)) ?? { ...one, firstSeenAt: now });
    const body = Buffer.from(canonicalJson({ version: 1, orphans }));
    const fresh = orphans.filter((one) => !before.some((known) => same(known, one)));
    if (await store.compareAndSet({ key, body, expected: stored?.version ?? null })) return { orphans, fresh };
  }
  throw new PortError('Conflict', `${key}: ${attempts} attempts lost against other writers`);
}
