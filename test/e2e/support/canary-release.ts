import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { systemClock } from '../../../src/activities/clock.js';
import { createRollbackTimeActivities } from '../../../src/activities/rollback-time.js';
import { createWatchActivities } from '../../../src/activities/watch.js';
import { RoaringBucketSet } from '../../../src/adapters/bitmap/roaring-bucket-set.js';
import { StoreAudit } from '../../../src/adapters/store-audit/store-audit.js';
import { StoreTelemetry } from '../../../src/adapters/store-telemetry/store-telemetry.js';
import { workflowIds } from '../../../src/contracts/names.js';
import { release } from '../../../src/workflows/release.js';
import { createWorkers } from '../../../src/workers/workers.js';
import { queueName } from '../../../src/contracts/names.js';
import { workflowBundle } from '../../workflows/support/stage.js';
import { releaseInput } from '../../workflows/support/started-release.js';
import { createWorld } from '../../workflows/support/world.js';

export const model = 'shop';

/**
 * A release of `shop` on its way through a canary of 50 %, with the real watcher over the gateways' real telemetry; all
 * else answers at once. Champion and challenger are asked at `endpoint`.
 */
export async function startCanaryRelease({
  environment,
  endpoint,
  lease,
}: {
  environment: TestWorkflowEnvironment;
  endpoint: string;
  lease: string;
}) {
  const world = await createWorld({
    rollout: {
      approval: { automatic: true },
      canary: { steps: [{ share: '50%', duration: '1h', maximum: '6h' }] },
      lease,
    },
  });
  const { store } = world;
  const ports = {
    ...{ store, router: world.router, clock: systemClock, audit: new StoreAudit({ store }) },
    telemetry: new StoreTelemetry({ store, onCorrupt: () => undefined }),
    buckets: RoaringBucketSet,
    ...{ judge: null, pacer: null },
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
      deployRelease: async ({ releaseId }) => ({ endpoint, liveEndpoint: endpoint, adapter: releaseId }),
    },
    code: { workflowBundle: await workflowBundle() },
  });
  const running = workers.run();
  const input = releaseInput({ model });
  const champion = { ...input.champion!, target: { ...input.champion!.target, endpoint } };
  await world.router.write({
    ...{ model, expectedRevision: null },
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
