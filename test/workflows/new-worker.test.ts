import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { heartbeat, pause } from '../../src/activities/heartbeat.js';
import { batchMessages, type AnsweredChunk } from '../../src/contracts/batch.js';
import { workflowIds } from '../../src/contracts/names.js';
import { replayProblems, type ReplayProblem } from '../../src/workers/replay-check.js';
import { batchInference } from '../../src/workflows/batch-inference.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage, workflowBundle } from './support/stage.js';
import { waitFor } from './support/started-release.js';
import { ref } from './support/world.js';

async function replayed(handle: WorkflowHandle): Promise<ReplayProblem[]> {
  const workflows = [{ workflowId: handle.workflowId, history: await handle.fetchHistory() }];
  return await replayProblems({ workflows, options: { workflowBundle: await workflowBundle() } });
}

describe('a worker that has not seen a workflow before', function () {
  this.timeout(60_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('knows how the last release of a lifecycle ended before it judges what people ask, as every replay does', () =>
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
          expect(await replayed(handle)).to.deep.equal([]);
        } finally {
          await terminate();
        }
      },
    }));

  it('resumes the chunks of a paused batch in their order, also where they stopped at different times', async () => {
    const stoppedAfter = [1500, 0];
    let asked = 0;
    const answerBatchChunk = async ({ chunk }: { chunk: number }): Promise<AnsweredChunk> => {
      asked += 1;
      if (asked > 2) return { summarised: 5, deadLettered: 0, tooFew: 0, calls: 5, repaired: 0, pairs: 0, atOnce: 2 };
      try {
        for (;;) {
          heartbeat('asking');
          await pause(50);
        }
      } finally {
        await new Promise((resolve) => setTimeout(resolve, stoppedAfter[chunk]));
      }
    };
    await onStage({
      environment,
      activities: { answerBatchChunk },
      play: async ({ orchestration, whileAway }) => {
        const model = `m-${randomUUID()}`;
        const handle = await environment.client.workflow.start(batchInference, {
          ...{ workflowId: workflowIds.batch(model), taskQueue: orchestration },
          args: [{ model, specification: ref('spec'), concurrency: 4 }],
        });
        await waitFor(async () => (asked === 2 ? true : null));
        await handle.signal(batchMessages.pause, { by: 'ann', reason: 'a look first' });
        await waitFor(async () => ((await handle.describe()).raw.pendingActivities?.length ? null : true));
        await whileAway(() => handle.signal(batchMessages.resume, { by: 'ann' }));
        expect(await handle.result()).to.deep.include({ summarised: 10, chunks: { done: 2, failed: 0, all: 2 } });
        expect(await replayed(handle)).to.deep.equal([]);
      },
    });
  });
});
