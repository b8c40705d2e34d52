import { randomUUID } from 'node:crypto';
import { CompleteAsyncError, Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { queueName } from '../../src/contracts/names.js';
import { rolloutMessages } from '../../src/contracts/release.js';
import type { WatchResult } from '../../src/contracts/watch.js';
import { createWorkers } from '../../src/workers/workers.js';
import { localEnvironment } from '../support/temporal.js';
import { workflowBundle } from './support/stage.js';
import { startRelease } from './support/started-release.js';
import { createWorld, ref, verdict } from './support/world.js';

const tripped: WatchResult = {
  kind: 'tripped',
  reason: 'error: e 140 >= 100',
  verdicts: [verdict('fail', 'error: e 140 >= 100')],
  evidence: ref('trip'),
  rolledBackAt: '2026-01-01T00:00:00.000Z',
  revision: 2,
};

describe('a guard and a decision in the same moment', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  /**
   * A release that asks at 5 % while its guards are watched. Approval and trip arrive while no worker runs, so that one
   * workflow task sees both.
   */
  async function playBoth({ tripFirst }: { tripFirst: boolean }): Promise<void> {
    let taskToken: Uint8Array | null = null;
    const world = await createWorld({
      rollout: {
        approval: { automatic: true, unsigned: true },
        canary: { steps: [{ share: '5%', duration: 'PT0S', maximum: 'PT0S' }], onInconclusive: 'ask' },
      },
      step: () => ({ verdict: 'inconclusive', reason: 'too few keys' }),
      watch: () => {
        taskToken = Context.current().info.taskToken;
        throw new CompleteAsyncError();
      },
    });
    const queuePrefix = `${randomUUID().slice(0, 8)}-`;
    const work = async () => {
      const workers = await createWorkers({
        connection: environment.nativeConnection,
        namespace: 'default',
        queuePrefix,
        activities: world.activities,
        code: { workflowBundle: await workflowBundle() },
      });
      const running = workers.run();
      return async () => {
        workers.shutdown();
        await running;
      };
    };
    let stop = await work();
    try {
      const orchestration = queueName({ prefix: queuePrefix, queue: 'orchestration' });
      const started = await startRelease({ environment, set: { world, orchestration } });
      await started.waiting();
      await stop();
      const { activity } = environment.client;
      const steps = [
        () => started.rollout.signal(rolloutMessages.approvePromotion, { by: 'bob' }),
        () => activity.complete(taskToken!, tripped),
      ];
      for (const step of tripFirst ? steps.reverse() : steps) await step();
      stop = await work();
      const result = await started.handle.result();
      expect(result).to.include({ outcome: 'rolledBack', kept: null });
      expect(result.reasons).to.deep.equal(['error: e 140 >= 100']);
      expect(await started.plan()).to.deep.include({ challenger: null, challengerShare: 0 });
      expect((await started.plan()).champion.releaseId).to.equal(started.input.champion!.releaseId);
      expect(world.plans.map((plan) => plan.challengerShare)).to.deep.equal([0, 0.05, 0]);
      const moves = world.calls.filter((call) => call.name === 'moveAliases');
      expect(moves.map((call) => (call.input as { champion: string }).champion)).to.deep.equal(['1']);
    } finally {
      await stop();
      await world.dispose();
    }
  }

  it('the guard wins over an approval that came first', () => playBoth({ tripFirst: false }));
  it('the guard wins over an approval that came after it', () => playBoth({ tripFirst: true }));
});
