import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { replayProblems } from '../../src/workers/replay-check.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage, workflowBundle } from './support/stage.js';
import { waitFor } from './support/started-release.js';

describe('a worker that has not seen a lifecycle before', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('knows how the last release ended before it judges what people ask, as every replay does', () =>
    onStage({
      environment,
      script: {
        rollout: {
          approval: { automatic: true },
          canary: { steps: [{ share: 0.05, duration: 'PT0S', maximum: 'PT1H' }] },
          bake: { duration: 'PT0S' },
        },
      },
      play: async ({ orchestration, whileAway }) => {
        const { handle, state, request, terminate } = await startLifecycle({ environment, orchestration });
        const ended = (count: number) =>
          waitFor(async () => {
            const now = await state();
            return now.ended.length === count && !now.running ? now : null;
          });
        try {
          const { releaseId } = await request();
          expect((await ended(1)).champion?.releaseId).to.equal(releaseId);
          await whileAway(async () => {});
          const { decision, reason } = await request({ kind: 'prompt' });
          expect(decision, reason).to.equal('queued');
          await ended(2);
          const workflows = [{ workflowId: handle.workflowId, history: await handle.fetchHistory() }];
          const problems = await replayProblems({ workflows, options: { workflowBundle: await workflowBundle() } });
          expect(problems).to.deep.equal([]);
        } finally {
          await terminate();
        }
      },
    }));
});
