import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { heartbeat, pause as wait } from '../../src/activities/heartbeat.js';
import type { Activities } from '../../src/activities/index.js';
import { batchMessages, type AnsweredChunk, type BatchInput, type BatchProgress } from '../../src/contracts/batch.js';
import { workflowIds } from '../../src/contracts/names.js';
import { batchInference } from '../../src/workflows/batch-inference.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';
import { ref, type Script, type World } from './support/world.js';

const counts: AnsweredChunk = {
  ...{ summarised: 5, deadLettered: 0, tooFew: 0, calls: 5, repaired: 0, pairs: 0, atOnce: 3 },
};
const pause = { by: 'ann', reason: 'faithfulness fell' };

describe('batchInference workflow', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  const inputOf = (): BatchInput => ({ model: `m-${randomUUID()}`, specification: ref('spec'), concurrency: 32 });

  async function play({
    script = {},
    activities = {},
    check,
  }: {
    script?: Script;
    activities?: Partial<Activities>;
    check: (played: {
      world: World;
      handle: WorkflowHandle<typeof batchInference>;
      end: () => Promise<BatchProgress>;
    }) => Promise<void>;
  }): Promise<void> {
    await onStage({
      environment,
      script,
      activities,
      play: async ({ world, orchestration }) => {
        const input = inputOf();
        const handle = await environment.client.workflow.start(batchInference, {
          workflowId: workflowIds.batch(input.model),
          taskQueue: orchestration,
          args: [input],
        });
        await check({ world, handle, end: () => handle.result() });
      },
    });
  }

  it('finds, answers two chunks at a time with half the calls each, concludes, and clears up', async () => {
    await play({
      check: async ({ world, end }) => {
        const done = await end();
        expect(done).to.deep.include({
          due: 12,
          unchanged: 3,
          summarised: 10,
          deadLettered: 2,
          calls: 14,
          paused: null,
        });
        expect(done.chunks).to.deep.equal({ done: 2, failed: 0, all: 2 });
        const asked = world.calls.filter(({ name }) => name === 'answerBatchChunk').map(({ input }) => input);
        expect(asked.map((one) => (one as { most: number }).most)).to.deep.equal([16, 16]);
        expect(world.names().slice(-3)).to.deep.equal(['concludeBatch', 'sendNotification', 'clearBatch']);
      },
    });
  });

  it('ends without a call where nothing has changed', async () => {
    await play({
      activities: {
        stageBatch: async () => ({ stage: null, reason: 'no item has changed', chunks: 0, due: 0, unchanged: 9 }),
      },
      check: async ({ world, end }) => {
        expect(await end()).to.include({ now: 'no item has changed', unchanged: 9 });
        expect(world.names()).to.deep.equal(['clearBatch']);
      },
    });
  });

  it('stops a chunk in its middle when it is paused, and takes it up again when it is resumed', async () => {
    let attempts = 0;
    let cancelled = 0;
    const answerBatchChunk = async (): Promise<AnsweredChunk> => {
      attempts += 1;
      if (attempts > 1) return counts;
      try {
        for (;;) {
          heartbeat('asking');
          await wait(50);
        }
      } finally {
        cancelled += 1;
      }
    };
    await play({
      activities: {
        answerBatchChunk,
        stageBatch: async () => ({ stage: ref('stage.json'), reason: '', chunks: 1, due: 5, unchanged: 0 }),
      },
      check: async ({ handle, end }) => {
        while (attempts === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        await handle.signal(batchMessages.pause, pause);
        expect((await handle.query(batchMessages.progress)).paused).to.deep.equal(pause);
        while (cancelled === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        await handle.signal(batchMessages.resume, { by: 'ann' });
        expect(await end()).to.include({ summarised: 5, paused: null, atOnce: 3 });
        expect({ attempts, cancelled }).to.deep.equal({ attempts: 2, cancelled: 1 });
      },
    });
  });

  it('holds for a pause that says neither who nor why, and for nobody who resumes without a name', async () => {
    await play({
      activities: {
        stageBatch: async () => {
          await wait(2000);
          return { stage: ref('stage.json'), reason: '', chunks: 1, due: 5, unchanged: 0 };
        },
      },
      check: async ({ handle, end }) => {
        await handle.signal(batchMessages.pause, undefined as never);
        expect((await handle.query(batchMessages.progress)).paused).to.include({ by: 'somebody' });
        await handle.signal(batchMessages.resume, 'ann' as never);
        expect((await handle.query(batchMessages.progress)).paused).to.include({ by: 'somebody' });
        await handle.signal(batchMessages.resume, { by: 'ann' });
        expect(await end()).to.include({ summarised: 5, paused: null });
      },
    });
  });

  it('is dated from its resumption where it was held from its start on', async () => {
    const runs: string[] = [];
    await onStage({
      environment,
      activities: {
        stageBatch: async ({ run }) => {
          runs.push(run);
          return { stage: null, reason: 'no item has changed', chunks: 0, due: 0, unchanged: 9 };
        },
      },
      play: async ({ orchestration }) => {
        const input = inputOf();
        const begun = await environment.currentTimeMs();
        const handle = await environment.client.workflow.start(batchInference, {
          ...{ workflowId: workflowIds.batch(input.model), taskQueue: orchestration },
          args: [{ ...input, paused: pause }],
        });
        expect((await handle.query(batchMessages.progress)).paused).to.deep.equal(pause);
        await environment.sleep('40 days');
        await handle.signal(batchMessages.resume, { by: 'ann' });
        expect(await handle.result()).to.include({ paused: null, unchanged: 9 });
        expect(Date.parse(runs[0]!) - begun).to.be.at.least(39 * 86_400_000);
      },
    });
  });

  it('waits at its end where a pause came too late for it, so that the next run does not begin', async () => {
    let running: WorkflowHandle<typeof batchInference> | null = null;
    await play({
      activities: {
        concludeBatch: async () => {
          while (running === null) await wait(20);
          await running.signal(batchMessages.pause, pause);
          return { moved: 12, expired: 0 };
        },
      },
      check: async ({ world, handle, end }) => {
        running = handle;
        while (!world.names().includes('clearBatch')) await new Promise((resolve) => setTimeout(resolve, 20));
        const { status } = await handle.describe();
        expect(status.name).to.equal('RUNNING');
        await handle.signal(batchMessages.resume, { by: 'ann' });
        expect(await end()).to.include({ now: 'done', paused: null });
      },
    });
  });

  it('opens the next chunk as wide as the one before it ended', async () => {
    const opened: number[] = [];
    await play({
      activities: {
        stageBatch: async () => ({ stage: ref('stage.json'), reason: '', chunks: 6, due: 30, unchanged: 0 }),
        answerBatchChunk: async ({ atOnce }) => {
          opened.push(atOnce);
          return counts;
        },
      },
      check: async ({ end }) => {
        expect(await end()).to.include({ summarised: 30 });
        expect(opened.sort((one, other) => other - one)).to.deep.equal([16, 16, 3, 3, 3, 3]);
      },
    });
  });

  it('goes on over several histories without losing count or what is laid down', async () => {
    const chunks = new Set<number>();
    await play({
      activities: {
        stageBatch: async () => ({ stage: ref('stage.json'), reason: '', chunks: 230, due: 1150, unchanged: 0 }),
        answerBatchChunk: async ({ chunk }) => {
          chunks.add(chunk);
          return counts;
        },
      },
      check: async ({ world, end }) => {
        expect(await end()).to.deep.include({ summarised: 1150, chunks: { done: 230, failed: 0, all: 230 } });
        expect(chunks.size).to.equal(230);
        expect(world.names()).to.deep.equal(['concludeBatch', 'clearBatch']);
      },
    });
  });

  it('moves the watermark by what is done where a chunk fails for good, and tells people', async () => {
    await play({
      script: { fail: (activity) => (activity === 'answerBatchChunk' ? 'the key was refused' : null) },
      check: async ({ world, end }) => {
        const done = await end();
        expect(done.chunks).to.deep.equal({ done: 0, failed: 2, all: 2 });
        expect(done.now).to.contain('the key was refused');
        expect(world.names().slice(-3)).to.deep.equal(['concludeBatch', 'sendNotification', 'clearBatch']);
        const told = world.calls.find(({ name }) => name === 'sendNotification')?.input;
        expect(told).to.include({ severity: 'warning' }).and.have.property('body').that.contains('the key was refused');
      },
    });
  });

  it('tells people why there are no summaries where the source can not be read', async () => {
    await play({
      script: { fail: (activity) => (activity === 'stageBatch' ? 'columns are missing: text' : null) },
      check: async ({ world, end }) => {
        expect(await end().catch((error: unknown) => error)).to.be.instanceOf(Error);
        expect(world.names()).to.deep.equal(['stageBatch', 'sendNotification', 'clearBatch']);
        const told = world.calls.find(({ name }) => name === 'sendNotification')?.input;
        expect(told).to.have.property('body').that.contains('columns are missing: text');
      },
    });
  });
});
