import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { systemClock } from '../../../src/activities/clock.js';
import { createRollbackTimeActivities } from '../../../src/activities/rollback-time.js';
import { createPacer, systemTiming } from '../../../src/activities/judging/pacer.js';
import type { Judge } from '../../../src/activities/judging/judge-port.js';
import { createShadowActivities } from '../../../src/activities/shadow/watch-shadow.js';
import { createWatchActivities } from '../../../src/activities/watch.js';
import { RoaringBucketSet } from '../../../src/adapters/bitmap/roaring-bucket-set.js';
import type { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { StoreTelemetry } from '../../../src/adapters/store-telemetry/store-telemetry.js';
import { workflowIds } from '../../../src/contracts/names.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../../src/domain/spec/model-spec.js';
import { release } from '../../../src/workflows/release.js';
import { createWorkers } from '../../../src/workers/workers.js';
import { queueName } from '../../../src/contracts/names.js';
import { workflowBundle } from '../../workflows/support/stage.js';
import { releaseInput } from '../../workflows/support/started-release.js';
import { createWorld } from '../../workflows/support/world.js';

export const model = 'shop';

const pacerOf = ({ limits }: Judge) => createPacer({ limits, timing: systemTiming });

/** A spec whose judge decides a shadow although nobody calibrated it. */
async function judgedSpecification({ store, model: name }: { store: DirectoryStore; model: string }) {
  const { spec, problems } = parseModelSpec({
    apiVersion: 'understudy/v1',
    model: name,
    base: { id: 'base' },
    data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
    evaluation: {
      preset: 'support-deterministic',
      judge: { model: 'judge', allowUncalibrated: ['pairwisePreference'] },
    },
  });
  if (!spec) throw new Error(JSON.stringify(problems));
  const golden = { name, version: 'v1', ref: { uri: 'store://golden', sha256: 'a'.repeat(64), bytes: 1 } };
  const prompt = { system: null, template: '{query}', maxTokens: 32, temperature: 0 };
  return await store.put({
    key: `specs/${name}/1.json`,
    body: Buffer.from(canonicalJson({ version: 1, spec, golden, prompt, promptDigest: 'p', overlays: [] })),
  });
}

/**
 * A release of `shop` on its way through a canary of 50 %, with the real watcher over the gateways' real telemetry; all
 * else answers at once. Champion and challenger are asked at `endpoint`.
 */
export async function startCanaryRelease({
  environment,
  endpoint,
  lease,
  shadow = null,
}: {
  environment: TestWorkflowEnvironment;
  endpoint: string;
  lease: string;
  /** A real shadow before the canary, as the spec has it, and who judges its pairs. */
  shadow?: { spec: Record<string, unknown>; judge: Judge } | null;
}) {
  const world = await createWorld({
    rollout: {
      ...(shadow && { shadow: shadow.spec }),
      approval: { automatic: true },
      canary: { steps: [{ share: '50%', duration: '1h', maximum: '6h' }] },
      lease,
    },
  });
  const { store } = world;
  const ports = {
    store,
    router: world.router,
    clock: systemClock,
    audit: new StoreAudit({ store }),
    telemetry: new StoreTelemetry({ store, onCorrupt: () => undefined }),
    buckets: RoaringBucketSet,
    judge: null,
    pacer: null,
  };
  const queuePrefix = 'e2e-';
  const workers = await createWorkers({
    connection: environment.nativeConnection,
    namespace: environment.namespace ?? 'default',
    queuePrefix,
    activities: {
      ...world.activities,
      ...createWatchActivities(ports),
      ...createRollbackTimeActivities(ports),
      ...(shadow && createShadowActivities({ ...ports, judge: shadow.judge, pacer: pacerOf(shadow.judge) })),
      deployRelease: async ({ releaseId }) => ({ endpoint, liveEndpoint: endpoint, adapter: releaseId }),
    },
    code: { workflowBundle: await workflowBundle() },
  });
  const running = workers.run();
  const input = {
    ...releaseInput({ model }),
    ...(shadow && { specification: await judgedSpecification({ store, model }) }),
  };
  const champion = { ...input.champion!, target: { ...input.champion!.target, endpoint } };
  await world.router.write({
    model,
    expectedRevision: null,
    owner: { workflowId: workflowIds.lifecycle(model), epoch: 2 },
    change: { champion: champion.target, reason: 'before' },
  });
  const handle = await environment.client.workflow.start(release, {
    workflowId: workflowIds.release(input.releaseId),
    taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
    args: [{ ...input, champion }],
  });
  return {
    world,
    handle,
    plan: async () => (await world.router.read({ model }))!,
    stop: async () => {
      workers.shutdown();
      await running;
      await world.dispose();
    },
  };
}
