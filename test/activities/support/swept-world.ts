import { createOrphanActivities } from '../../../src/activities/orphans/orphans.js';
import { type ArtifactStore } from '../../../src/activities/ports.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { StoreRouter } from '../../../src/adapters/store-router/store-router.js';
import type { Orphan } from '../../../src/contracts/orphans.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { initialState } from '../../../src/domain/release/admission.js';
import type { KeptRelease, LifecycleState, QueuedRelease } from '../../../src/domain/release/lifecycle-state.js';
import type { ReleaseRecord } from '../../../src/domain/release/release-record.js';
import { createMemoryStore } from '../../chaos/world/memory-store.js';
import { createOutside } from '../../chaos/world/outside.js';
import { record as sampleRecord } from '../../unit/report/sample-release.js';

export const model = 'shop';
export const hour = 3_600_000;
export const day = 24 * hour;
export const id = (number: number): string => `${model}-r${number}`;
export const ref = (key: string) => ({ uri: `store://${key}`, sha256: 'a'.repeat(64), bytes: 1 });
export const adapterOf = (number: number) =>
  ref(storeKeys.release({ releaseId: id(number), file: 'adapter/adapter-files.json' }));
export const target = (number: number) => ({
  ...{ releaseId: id(number), endpoint: 'http://127.0.0.1:9/v1', adapter: id(number) },
  ...{ promptDigest: null, indexVersion: null },
});
export const kept = (number: number, adapter = number): KeptRelease => ({
  ...{ releaseId: id(number), version: `${number}`, target: target(number), base: 'base' },
  ...{ adapter: adapterOf(adapter), specification: ref('spec'), promotedAt: '2026-03-01T00:00:00.000Z' },
});
const shown = ({ kind, name }: Orphan): string => `${kind} ${name}`;
export const waiting = (number: number, more: Partial<QueuedRelease> = {}): QueuedRelease => ({
  ...{ releaseId: id(number), kind: 'training', trigger: 'person', priority: 'normal', requestedBy: ['ann'] },
  ...{ reasons: ['test'], requestedAt: '2026-03-01T00:00:00.000Z', indexVersion: null, candidate: null, ...more },
});

/** A champion r5 that may go back to r3, with whatever a test adds outside. */
export function createSweptWorld() {
  const memory = createMemoryStore({ onWrite: () => undefined });
  const store = { ...memory, list: memory.port().list } as unknown as ArtifactStore;
  const outside = createOutside({
    ...{ store: memory, qualityOf: () => 'good', answers: new Map(), onNotification: () => undefined },
  });
  const { trainer, serving, registry } = outside.ports;
  const router = new StoreRouter({ store });
  const settings = { cooldownMilliseconds: 0, monthlyBudgetUsd: null, keepReleases: 1, quietHours: null };
  const base = initialState({ model, specification: ref('spec'), settings, now: '2026-03-01T00:00:00.000Z' });
  const known: {
    state: LifecycleState | null;
    running: Set<string>;
    now: number;
    /** Where Temporal can't say. */
    asks?: () => Promise<never>;
  } = {
    state: { ...base, releaseCount: 9, epoch: 18, champion: kept(5), previous: [kept(3)] },
    running: new Set(),
    now: Date.parse('2026-03-01T00:00:00.000Z'),
  };
  const audit = new StoreAudit({ store });
  const activities = createOrphanActivities({
    ...{ store, trainer, serving, registry, router, audit, auditKeys: audit },
    clock: { now: () => new Date(known.now).toISOString() },
    lifecycles: {
      models: async () => (known.state ? [model] : []),
      describe: async () => (known.asks ? await known.asks() : known.state),
      isRunning: async ({ workflowId }) => known.running.has(workflowId),
    },
  });
  const messages: string[] = [];
  return {
    ...{ memory, outside, router, known, activities, messages, audit },
    deploy: (number: number) => serving.deploy({ ...{ model, releaseId: id(number), base: 'base' }, adapter: null }),
    train: (number: number) => trainer.start({ jobName: `train-${id(number)}` } as Parameters<typeof trainer.start>[0]),
    /** An ended release with its weights; `version` where the registry knows it. */
    end: async ({
      number,
      version = null,
      adapter = adapterOf(number),
    }: {
      number: number;
      version?: string | null;
      /** As its record names it. */
      adapter?: ReleaseRecord['adapter'];
    }) => {
      const record: ReleaseRecord = {
        ...sampleRecord,
        ...{ model, releaseId: id(number), outcome: 'rejected', withdrawnAt: null, adapter },
        tracking: { runId: `run-${number}`, modelVersion: version },
      };
      await memory.put({ key: storeKeys.record({ releaseId: id(number) }), body: Buffer.from(JSON.stringify(record)) });
      for (const file of ['adapter/adapter-files.json', 'adapter/adapter.bin', 'evaluation/evidence.json'])
        await memory.put({ key: storeKeys.release({ releaseId: id(number), file }), body: Buffer.from('x') });
    },
    /** As the command line looks, and tells nobody. */
    find: async () => (await activities.findOrphans({ model })).orphans.map(shown),
    /** What a sweep does, which tells people of what is new where it can; what it has removed. */
    sweep: async ({ tells = true } = {}) => {
      const { fresh, freshKey } = await activities.findOrphans({ model });
      const told = tells ? fresh : [];
      if (told.length > 0) messages.push(`${freshKey}: ${told.map(shown).join(', ')}`);
      return (await activities.removeOrphans({ model, graceMilliseconds: day, told })).removed.map(shown);
    },
    pass: (milliseconds: number): void => {
      known.now += milliseconds;
    },
    keys: async () => (await memory.list({ prefix: 'releases/' })).map(({ key }) => key),
  };
}
export type SweptWorld = ReturnType<typeof createSweptWorld>;
