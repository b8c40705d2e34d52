import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createStepActivities } from '../../../src/activities/canary-assessment.js';
import { createTrafficActivities } from '../../../src/activities/traffic.js';
import { createWatchActivities } from '../../../src/activities/watch.js';
import { RoaringBucketSet } from '../../../src/adapters/bitmap/roaring-bucket-set.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { StoreRouter } from '../../../src/adapters/store-router/store-router.js';
import { telemetryKey } from '../../../src/adapters/store-telemetry/read-snapshot.js';
import { StoreTelemetry } from '../../../src/adapters/store-telemetry/store-telemetry.js';
import type { WatchInput, WatchResult } from '../../../src/contracts/watch.js';
import { bucketCount } from '../../../src/domain/rollout/buckets.js';
import { latencyBounds, type Telemetry } from '../../../src/domain/rollout/telemetry.js';
import type { Target } from '../../../src/domain/rollout/traffic-plan.js';

export const model = 'm';
export const releaseId = 'm-r2';
export const owner = { workflowId: 'release:m-r2', epoch: 4 };
export const target = (name: string): Target => ({
  releaseId: name,
  endpoint: 'http://127.0.0.1:1/v1',
  adapter: name,
  promptDigest: null,
  indexVersion: null,
});
export const watchInput = (change: Partial<WatchInput> = {}): WatchInput => ({
  releaseId,
  model,
  owner,
  fromRevision: 2,
  guards: [{ event: 'error', direction: 'higher', margin: 0.2, weight: 1 }],
  alpha: 0.01,
  errorLimit: 0.02,
  errorWindowMilliseconds: 600_000,
  leaseMilliseconds: 60_000,
  sliceMilliseconds: 0,
  ...change,
});

/** A store of its own with the activities' real adapters over it, and a clock that a test moves. */
export async function createCanaryWorld() {
  const root = await mkdtemp(join(tmpdir(), 'understudy-canary-'));
  const store = new DirectoryStore({ root });
  let now = Date.parse('2026-03-01T00:00:00.000Z');
  const clock = { now: () => new Date(now).toISOString() };
  const router = () => new StoreRouter({ store, now: () => new Date(now) });
  const ports = () => ({
    store,
    router: router(),
    telemetry: new StoreTelemetry({ store, onCorrupt: () => undefined }),
    buckets: RoaringBucketSet,
    audit: new StoreAudit({ store }),
    clock,
  });

  /** The champion alone, then a canary of 25 %. */
  async function startCanary(): Promise<void> {
    const traffic = createTrafficActivities(ports());
    const before = { workflowId: 'release:m-r1', epoch: 2 };
    await traffic.writePlan({
      model,
      owner: before,
      change: { champion: target('m-r1'), reason: 'first' },
      leaseMilliseconds: null,
    });
    const change = { challenger: target(releaseId), challengerShare: 0.25, reason: 'canary' };
    await traffic.writePlan({ model, owner, change, leaseMilliseconds: 60_000 });
  }

  /** Users 0 .. n-1, spread over the buckets by 4:1; the first `failed` of the challenger's see an error. */
  async function writeTelemetry({
    users,
    failed,
    revision = 2,
    gateway = 'g1',
    ended = false,
    skew = 0,
  }: {
    users: number;
    failed: number;
    revision?: number;
    gateway?: string;
    ended?: boolean;
    /** Milliseconds by which the gateway's clock is ahead. */
    skew?: number;
  }): Promise<void> {
    const all = Array.from({ length: users }, (_, user) => Math.floor((user * bucketCount) / users));
    const split = bucketCount / 4;
    const arm = (own: number[], errors: number[]) => ({
      exposed: RoaringBucketSet.of(own).toBase64(),
      requests: own.length,
      latency: latencyBounds.map(() => 0).concat(0),
      events: { error: { count: errors.length, buckets: RoaringBucketSet.of(errors).toBase64() } },
    });
    const challenger = all.filter((bucket) => bucket < split);
    const telemetry: Telemetry = {
      model,
      gateway,
      revision,
      at: new Date(now + skew).toISOString(),
      arms: {
        champion: arm(
          all.filter((bucket) => bucket >= split),
          [],
        ),
        challenger: arm(challenger, challenger.slice(0, failed)),
      },
      breaker: [],
      ...(ended ? { ended } : {}),
    };
    await store.put({
      key: telemetryKey({ model, revision, gateway }),
      body: Buffer.from(JSON.stringify(telemetry)),
    });
  }

  return {
    store,
    clock,
    router,
    ports,
    traffic: () => createTrafficActivities(ports()),
    assessments: () => createStepActivities(ports()),
    startCanary,
    writeTelemetry,
    /** One look of the watcher, unless `change` asks for a longer slice. */
    watch: (change: Partial<WatchInput> = {}): Promise<WatchResult> =>
      new MockActivityEnvironment().run(
        createWatchActivities({ ...ports(), judge: null, pacer: null }).watchGuards,
        watchInput(change),
      ),
    pass: (milliseconds: number): void => {
      now += milliseconds;
    },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}
export type CanaryWorld = Awaited<ReturnType<typeof createCanaryWorld>>;
