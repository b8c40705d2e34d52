import { createLostReleaseActivities } from '../../../src/activities/lost-release.js';
import { systemTiming } from '../../../src/activities/judging/pacer.js';
import type { ArtifactStore } from '../../../src/activities/ports.js';
import { createRecordingActivities } from '../../../src/activities/recording.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { StoreRouter } from '../../../src/adapters/store-router/store-router.js';
import type { LostReleaseInput } from '../../../src/contracts/lost-release.js';
import type { CloseReleaseInput } from '../../../src/contracts/recording.js';
import { storeKeys } from '../../../src/contracts/store-keys.js';
import { releaseRecordSchema, type ReleaseRecord } from '../../../src/domain/release/release-record.js';
import { storeSpecification } from '../../chaos/specification.js';
import { createMemoryStore } from '../../chaos/world/memory-store.js';
import { createOutside } from '../../chaos/world/outside.js';
import { releaseInput } from '../../workflows/support/started-release.js';

export const model = 'shop';
export const releaseId = `${model}-r2`;
export const target = (id: string) => ({
  ...{ releaseId: id, endpoint: 'http://127.0.0.1:9/v1', adapter: id, promptDigest: null, indexVersion: null },
});

/** A release that trains and is served, whose workflow is gone. */
export async function lostWorld({
  rolloutEnded = true,
  rollout = 'cancelled',
  whileWaiting = () => Promise.resolve(),
}: {
  rolloutEnded?: boolean;
  rollout?: 'cancelled' | 'terminated';
  /** What happens while something is waited for. */
  whileWaiting?: (router: StoreRouter) => Promise<unknown>;
} = {}) {
  const memory = createMemoryStore({ onWrite: () => undefined });
  const store = { ...memory, ...memory.port() } as unknown as ArtifactStore;
  const outside = createOutside({
    ...{ store: memory, qualityOf: () => 'good', answers: new Map(), onNotification: () => undefined },
  });
  const { trainer, serving, registry, notifier } = outside.ports;
  const router = new StoreRouter({ store });
  const held = new Map<string, () => Promise<void>>();
  /** Waits where the next caller is to hang. */
  const pass = async (place: string): Promise<void> => {
    const hang = held.get(place);
    held.delete(place);
    await hang?.();
  };
  const ports = {
    ...{ store, registry, serving, notifier, router, codeCommit: null },
    audit: new StoreAudit({ store }),
    trainer: {
      ...trainer,
      status: async (input: Parameters<typeof trainer.status>[0]) => {
        await pass('costs');
        return await trainer.status(input);
      },
    },
    reports: {
      release: async ({ record }: { record: ReleaseRecord }) => {
        await pass('report');
        return `${record.outcome} ${record.withdrawnAt}`;
      },
    },
  };
  const { endLostRelease } = createLostReleaseActivities({
    ...ports,
    rolloutMilliseconds: 200,
    timing: { ...systemTiming, sleep: async () => void (await whileWaiting(router)) },
    outcomes: {
      startOf: async () => null,
      awaitOutcome: async ({ signal }) => {
        if (rolloutEnded) return { kind: rollout, reason: 'its release is gone' };
        return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
      },
    },
  });
  const specification = await storeSpecification({ store: memory, model });
  const input = { ...releaseInput({ model }), specification };
  const lost: LostReleaseInput = {
    ...{ input, workflowId: `model:${model}`, reason: 'it was terminated' },
    ...{ startedAt: '2026-03-01T00:00:00.000Z', endedAt: '2026-03-01T01:00:00.000Z' },
  };
  const promoted: CloseReleaseInput = {
    ...{ input, runId: `run-${releaseId}`, outcome: 'promoted', stage: 'retire', reasons: ['promoted'] },
    ...{ withdrawnAt: null, startedAt: lost.startedAt, endedAt: lost.endedAt, timeline: [] },
    gathered: {
      ...{ dataset: null, adapter: null, training: null, evaluated: null },
      ...{ version: null, rolledOut: null, target: target(releaseId) },
    },
  };
  await trainer.start({ jobName: `train-${releaseId}` } as Parameters<typeof trainer.start>[0]);
  await serving.deploy({ ...{ model, releaseId, base: 'base' }, adapter: null });
  return {
    ...{ memory, outside, router, lost, endLostRelease },
    /** The release writes its record by itself. */
    close: () => createRecordingActivities(ports).closeRelease(promoted),
    /** Makes the next that comes to `place` wait there until it is let go. */
    hang: (place: 'costs' | 'report') => {
      let letGo = (): void => undefined;
      const gone = new Promise<void>((resolve) => (letGo = resolve));
      const reached = new Promise<void>((resolve) =>
        held.set(place, () => {
          resolve();
          return gone;
        }),
      );
      return { reached, letGo: () => letGo() };
    },
    report: async () => Buffer.from((await memory.get({ key: storeKeys.report({ releaseId }) }))!.body).toString(),
    record: async (): Promise<ReleaseRecord> => {
      const stored = await memory.get({ key: storeKeys.record({ releaseId }) });
      return releaseRecordSchema.parse(JSON.parse(Buffer.from(stored!.body).toString()));
    },
  };
}

/** The release takes everybody, as the first champion. */
export const promote = (router: StoreRouter) =>
  router.write({
    ...{ model, owner: { workflowId: `release:${releaseId}`, epoch: 2 }, expectedRevision: null },
    change: { champion: target(releaseId), reason: 'first champion' },
  });
