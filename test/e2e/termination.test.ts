import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage } from '../workflows/support/stage.js';
import { ref, type World } from '../workflows/support/world.js';

const rollout = {
  approval: { automatic: true },
  canary: { steps: [{ share: '5%', duration: '1s', maximum: '1h' }] },
  bake: { duration: '1s', holdback: '5%' },
};

/** Resolves once `holds`; the test's own timeout bounds it. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 100));
}

describe('termination from outside, on the dev server', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment.teardown());

  const planOf = async ({ world, model }: { world: World; model: string }) => (await world.router.read({ model }))!;

  for (const victim of ['release', 'rollout'] as const)
    it(`gives the champion its traffic back when the ${victim} of a canary is terminated`, () =>
      onStage({
        environment,
        script: { rollout, step: () => ({ verdict: 'inconclusive', reason: 'waiting' }) },
        play: async ({ world, orchestration }) => {
          const model = `m${randomUUID().slice(0, 8)}`;
          const handle = await environment.client.workflow.start(modelLifecycle, {
            workflowId: `model:${model}`,
            taskQueue: orchestration,
            args: [{ model, specification: ref('spec'), state: null }],
          });
          try {
            for (const number of [1, 2]) {
              await handle.executeUpdate(lifecycleMessages.requestRelease, {
                args: [{ kind: 'training', reason: 'test', requestedBy: 'ann', priority: 'normal' }],
              });
              if (number === 1)
                await until(async () => (await handle.query(lifecycleMessages.describe)).ended.length === 1);
            }
            await until(async () => (await planOf({ world, model })).challengerShare === 0.05);
            await environment.client.workflow.getHandle(`${victim}:${model}-r2`).terminate('a test');
            const terminatedAt = Date.now();
            await until(async () => (await planOf({ world, model })).challenger === null);
            expect(Date.now() - terminatedAt).to.be.lessThan(10_000);
            await until(async () => (await handle.query(lifecycleMessages.describe)).ended.length === 2);
            const state = await handle.query(lifecycleMessages.describe);
            expect(state.ended.at(-1)).to.include({ releaseId: `${model}-r2`, outcome: 'failed' });
            expect(state.champion?.releaseId).to.equal(`${model}-r1`);
            const plan = await planOf({ world, model });
            expect(plan).to.include({ challengerShare: 0, mirrorShare: 0 });
            expect(plan.champion.releaseId).to.equal(`${model}-r1`);
          } finally {
            await handle.terminate('the test is over');
          }
        },
      }));
});
