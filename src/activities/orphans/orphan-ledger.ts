import { z } from 'zod';
import { orphanSchema, type Orphan } from '../../contracts/orphans.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { PortError, type ArtifactStore } from '../ports.js';
import type { Unseen } from './look-for-orphans.js';

const attempts = 20;
/** `toldAt` is null where people were told of it by nobody yet; ledgers of 0.1.0 did not know, and it is said again. */
const notedSchema = orphanSchema.extend({ toldAt: z.iso.datetime().nullable().default(null) });
const ledgerSchema = z.object({
  version: z.literal(1),
  orphans: z.array(notedSchema),
  /** Since when no lifecycle of the model runs; absent where one does. */
  unsweptSince: z.iso.datetime().optional(),
});
type Ledger = z.infer<typeof ledgerSchema>;

/** An orphan as the ledger has it. */
export type NotedOrphan = z.infer<typeof notedSchema>;

const keyOf = (model: string): string => `orphans/${model}.json`;
const same = (one: Unseen, other: Unseen): boolean => one.kind === other.kind && one.name === other.name;

/** Changes a model's ledger by compare-and-set, so that two sweeps at once agree; null leaves it. */
async function changeLedger({
  store,
  model,
  change,
}: {
  store: ArtifactStore;
  model: string;
  change: (before: Ledger) => Ledger | null;
}): Promise<Ledger> {
  const key = keyOf(model);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const stored = await store.get({ key });
    const before: Ledger = stored
      ? ledgerSchema.parse(JSON.parse(Buffer.from(stored.body).toString('utf8')))
      : { version: 1, orphans: [] };
    const after = change(before);
    if (after === null) return before;
    const body = Buffer.from(canonicalJson(after));
    if (await store.compareAndSet({ key, body, expected: stored?.version ?? null })) return after;
  }
  throw new PortError('Conflict', `${key}: ${attempts} attempts lost against other writers`);
}

/** Since when nobody could say what a model needs, without a sweep in between that could ask. */
export async function noteUnswept({
  store,
  model,
  now,
}: {
  store: ArtifactStore;
  model: string;
  now: string;
}): Promise<string> {
  const change = (before: Ledger): Ledger | null => (before.unsweptSince ? null : { ...before, unsweptSince: now });
  return (await changeLedger({ store, model, change })).unsweptSince!;
}

/**
 * Since when each orphan of a model has been one without a break: what was needed in between begins anew, also in what
 * people were told.
 */
export const noteOrphans = async ({
  store,
  model,
  seen,
  now,
}: {
  store: ArtifactStore;
  model: string;
  seen: readonly Unseen[];
  now: string;
}): Promise<NotedOrphan[]> => {
  const change = ({ orphans: before, unsweptSince }: Ledger): Ledger | null =>
    before.length === 0 && seen.length === 0 && !unsweptSince
      ? null
      : {
          version: 1,
          orphans: seen.map(
            (one) => before.find((known) => same(known, one)) ?? { ...one, firstSeenAt: now, toldAt: null },
          ),
        };
  return (await changeLedger({ store, model, change })).orphans;
};

/** Keeps that people were told of these. Written after they were, so that what nobody has read counts as untold. */
export const noteTold = async ({
  store,
  model,
  told,
  now,
}: {
  store: ArtifactStore;
  model: string;
  told: readonly Orphan[];
  now: string;
}): Promise<void> => {
  const isMeant = (one: NotedOrphan): boolean =>
    one.toldAt === null && told.some((known) => same(known, one) && known.firstSeenAt === one.firstSeenAt);
  const change = (before: Ledger): Ledger | null =>
    before.orphans.some(isMeant)
      ? { ...before, orphans: before.orphans.map((one) => (isMeant(one) ? { ...one, toldAt: now } : one)) }
      : null;
  await changeLedger({ store, model, change });
};
