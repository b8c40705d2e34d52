import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { batchMessages, qualityAlert, type BatchInput } from '../../src/contracts/batch.js';
import { summariesCategory, type FeedbackReading } from '../../src/contracts/feedback.js';
import { workflowIds } from '../../src/contracts/names.js';
import { batchInference } from '../../src/workflows/batch-inference.js';
import { feedbackWatch } from '../../src/workflows/feedback-watch.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage, type StageSet } from './support/stage.js';
import { waitFor } from './support/started-release.js';
import { ref } from './support/world.js';

const badSummaries = { category: summariesCategory, people: 60, thumbsDown: 40, low: 0.54, high: 0.77 };
const sentence = 'summaries: 40 of 60 people rate answers badly, at least 54.1 % > 30.0 %';

describe('a batch whose summaries are rated badly', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  interface Held extends StageSet {
    batch: BatchInput;
    /** One look of the watch at what users say. */
    look: (bad: FeedbackReading['bad']) => Promise<void>;
    paused: () => Promise<unknown>;
  }

  /** A model with a lifecycle, whose feedback says what the test wants. */
  async function play(check: (held: Held) => Promise<void>): Promise<void> {
    const model = `m-${randomUUID()}`;
    const batch: BatchInput = { model, specification: ref('spec'), concurrency: 8 };
    let reading: FeedbackReading = { bad: [], sentences: [], batch };
    await onStage({
      environment,
      activities: { readFeedback: async () => reading },
      play: async (set) => {
        const { workflow } = environment.client;
        const start = { taskQueue: set.orchestration };
        const lifecycle = await workflow.start(modelLifecycle, {
          ...{ ...start, workflowId: workflowIds.lifecycle(model) },
          args: [{ model, specification: ref('spec'), state: null }],
        });
        const run = workflow.getHandle<typeof batchInference>(workflowIds.batch(model));
        try {
          await check({
            ...set,
            batch,
            look: async (bad) => {
              reading = { bad, sentences: bad.map(() => sentence), batch };
              await workflow.execute(feedbackWatch, {
                ...{ ...start, workflowId: `watch-${randomUUID()}` },
                args: [{ model, specification: ref('spec') }],
              });
            },
            paused: async () => (await run.query(batchMessages.progress)).paused,
          });
        } finally {
          await run.terminate().catch(() => undefined);
          await lifecycle.terminate();
        }
      },
    });
  }

  it('is held by a run that waits, and goes on by itself once nobody rates it so', async () => {
    await play(async ({ world, batch, look, paused }) => {
      await look([]);
      await look([badSummaries]);
      await waitFor(async () => ((await paused().catch(() => null)) === null ? null : true));
      expect(await paused()).to.deep.equal({ by: qualityAlert, reason: sentence });
      expect(world.names()).to.not.include('stageBatch');
      await look([badSummaries]);
      expect(await paused(), 'a second look changes nothing').to.deep.equal({ by: qualityAlert, reason: sentence });
      await look([{ ...badSummaries, category: 'delivery' }]);
      const handle = environment.client.workflow.getHandle<typeof batchInference>(workflowIds.batch(batch.model));
      expect(await handle.result()).to.include({ summarised: 10, paused: null });
    });
  });

  it('stays held where a person has paused it, whatever users say', async () => {
    await play(async ({ batch, orchestration, look, paused }) => {
      const byAnn = { by: 'ann', reason: 'the shop moves' };
      const handle = await environment.client.workflow.start(batchInference, {
        ...{ workflowId: workflowIds.batch(batch.model), taskQueue: orchestration },
        args: [{ ...batch, paused: byAnn }],
      });
      await look([badSummaries]);
      await look([]);
      expect(await paused()).to.deep.equal(byAnn);
      await handle.signal(batchMessages.resume, {} as never);
      expect(await paused(), 'a resume that names nobody').to.deep.equal(byAnn);
      await handle.signal(batchMessages.resume, { by: 'ann' });
      expect(await handle.result()).to.include({ summarised: 10, paused: null });
    });
  });
});
