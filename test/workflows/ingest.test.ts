import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { ingestMessages, type IngestInput, type IngestProgress } from '../../src/contracts/ingest.js';
import { ingest } from '../../src/workflows/ingest.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';
import { ref, type Script, type World } from './support/world.js';

describe('ingest workflow', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  async function play({
    dates,
    script = {},
    check,
  }: {
    dates: Pick<IngestInput, 'from' | 'to'>;
    script?: Script;
    check: (played: {
      world: World;
      end: Promise<IngestProgress>;
      progress: () => Promise<IngestProgress>;
    }) => Promise<void>;
  }): Promise<void> {
    await onStage({
      environment,
      script,
      play: async ({ world, orchestration }) => {
        const handle = await environment.client.workflow.start(ingest, {
          workflowId: `ingest:${randomUUID()}`,
          taskQueue: orchestration,
          args: [{ model: 'm', specification: ref('spec'), ...dates }],
        });
        await check({ world, end: handle.result(), progress: () => handle.query(ingestMessages.progress) });
      },
    });
  }

  it('takes in date after date, every chunk once, and clears up after each', async () => {
    await play({
      dates: { from: '2026-02-27', to: '2026-03-01' },
      check: async ({ world, end, progress }) => {
        const done = await end;
        expect(done).to.include({ date: null, dates: 3, read: 36, published: 33 });
        expect(done.latest.map(({ date }) => date)).to.deep.equal(['2026-02-27', '2026-02-28', '2026-03-01']);
        expect(await progress()).to.deep.equal(done);
        const ofDate = world.calls.filter(({ input }) => (input as { date: string }).date === '2026-02-28');
        expect(ofDate.map(({ name }) => name).sort()).to.deep.equal([
          ...['cleanIngestChunk', 'cleanIngestChunk', 'cleanIngestChunk'],
          ...['clearIngest', 'publishIngest', 'stageIngest'],
        ]);
      },
    });
  });

  it('takes in yesterday where no date is named', async () => {
    await play({
      dates: { from: null, to: null },
      check: async ({ end }) => {
        const [only] = (await end).latest;
        expect(Date.now() - Date.parse(only!.date)).to.be.within(0, 3 * 86_400_000);
      },
    });
  });

  it('backfills a quarter over several runs without losing count', async () => {
    await play({
      dates: { from: '2026-01-01', to: '2026-03-31' },
      check: async ({ end }) => {
        const done = await end;
        expect(done).to.include({ dates: 90, read: 1080, published: 990 });
        expect(done.latest).to.have.length(31);
      },
    });
  });

  it('refuses what is no date', async () => {
    await play({
      dates: { from: '01.02.2026', to: null },
      check: async ({ world, end }) => {
        const error: unknown = await end.catch((reason: unknown) => reason);
        expect(error).to.have.nested.property(
          'cause.message',
          '"01.02.2026" is no date; expected one such as 2026-03-31',
        );
        expect(world.names()).to.deep.equal([]);
      },
    });
  });

  it('fails with the reason, tells people, and still clears the raw rows away', async () => {
    await play({
      dates: { from: '2026-01-01', to: '2026-01-02' },
      script: { fail: (activity) => (activity === 'publishIngest' ? 'validation failed' : null) },
      check: async ({ world, end }) => {
        const error: unknown = await end.catch((reason: unknown) => reason);
        expect(error).to.be.instanceOf(WorkflowFailedError);
        expect(world.names().slice(-2)).to.deep.equal(['sendNotification', 'clearIngest']);
        const told = world.calls.find(({ name }) => name === 'sendNotification')?.input;
        expect(told).to.deep.include({ title: 'm: the data of 2026-01-01 was not taken in', severity: 'warning' });
        expect(told).to.have.property('body').that.contains('validation failed');
      },
    });
  });
});
