import { randomUUID } from 'node:crypto';
import { Worker } from '@temporalio/worker';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { ApplicationFailure } from '@temporalio/common';
import { indexMessages, type IndexResult } from '../../src/contracts/indexing.js';
import { queueName, taskQueues, type TaskQueue } from '../../src/contracts/names.js';
import { index } from '../../src/workflows/index-documents.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { ref } from './support/world.js';

describe('index workflow', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await timeSkippingEnvironment();
  });
  after(() => environment.teardown());

  const check = { chunks: 90, recall: 1, golden: null };
  const result: IndexResult = {
    ...{ version: 'policies-1', switched: true, documents: 90, changed: 90, removed: 0, deadLetters: 2, check },
  };
  const input = { model: 'm', specification: ref('spec') };

  /** Runs the workflow over steps that write down what was asked of them. */
  async function run(fail: (step: string) => Error | null = () => null) {
    const done: string[] = [];
    const prefix = `${randomUUID()}-`;
    const step =
      <Value>(name: string, value: Value) =>
      async (asked?: { batch?: number; title?: string; body?: string }): Promise<Value> => {
        const error = fail(name);
        if (error) throw error;
        done.push([name, asked?.batch ?? asked?.title].filter((part) => part !== undefined).join(' '));
        return value;
      };
    const opened = { version: 'policies-1', plan: ref('plan'), batches: 3, changed: 90, removed: 0, kept: 0 };
    const activities = {
      openIndex: step('open', opened),
      stageIndex: step('stage', undefined),
      indexBatch: step('batch', undefined),
      checkIndex: step('check', check),
      switchIndex: step('switch', result),
      sendNotification: step('tell', undefined),
    };
    const workers = await Promise.all(
      (['orchestration', 'data'] as TaskQueue[]).map((queue) =>
        Worker.create({
          connection: environment.nativeConnection,
          taskQueue: queueName({ prefix, queue }),
          activities,
          ...(queue === 'orchestration'
            ? { workflowsPath: new URL('../../src/workflows/index.ts', import.meta.url).pathname }
            : {}),
        }),
      ),
    );
    const running = workers.map((worker) => worker.run());
    try {
      const handle = await environment.client.workflow.start(index, {
        workflowId: randomUUID(),
        taskQueue: `${prefix}${taskQueues.orchestration}`,
        args: [input],
      });
      const ended = await handle.result().catch((error: Error) => error);
      return { done, ended, progress: await handle.query(indexMessages.progress) };
    } finally {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
    }
  }

  it('stages, indexes every batch once, checks, and switches last', async () => {
    const { done, ended, progress } = await run();
    expect(ended).to.deep.equal(result);
    expect(done.slice(0, 2)).to.deep.equal(['open', 'stage']);
    expect(done.slice(2, 5).sort()).to.deep.equal(['batch 0', 'batch 1', 'batch 2']);
    expect(done.slice(5)).to.deep.equal(['check', 'switch']);
    expect(progress).to.deep.include({ stage: 'ended', batches: { done: 3, all: 3 } });
  });

  it('switches nothing where the check says no, and tells people', async () => {
    const { done, ended } = await run((step) =>
      step === 'check' ? ApplicationFailure.nonRetryable('recall 40 % < 95 %', 'DataRefused') : null,
    );
    expect(ended).to.be.instanceOf(Error);
    expect(done).to.not.include('switch');
    expect(done.at(-1)).to.equal('tell m: the index was not brought up to date');
  });

  it('waits for a store that is away for a minute, and goes on where it was', async () => {
    let failures = 0;
    const { done, ended } = await run((step) =>
      step === 'batch' && failures++ < 6 ? ApplicationFailure.retryable('the store is away', 'Unavailable') : null,
    );
    expect(ended).to.deep.equal(result);
    expect(done.filter((one) => one === 'stage')).to.have.length(1);
  });
});
