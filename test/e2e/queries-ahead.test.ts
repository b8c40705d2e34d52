import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowClientInterceptor, type WorkflowHandle } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { patientQueries } from '../../src/client/patient-queries.js';
import { unsettled } from '../../src/contracts/unsettled.js';
import { replayProblems } from '../../src/workers/replay-check.js';
import { workflowSource } from '../../src/workers/workflow-code.js';
import { localEnvironment } from '../support/temporal.js';
import { type asking, decide, isAsked } from './support/asking-workflow.js';

const worker = fileURLToPath(new URL('support/asking-worker.ts', import.meta.url));
const workflows = fileURLToPath(new URL('support/asking-workflow.ts', import.meta.url));
const taskQueue = 'asking';
const { PENDING_ACTIVITY_STATE_STARTED: started } = proto.temporal.api.enums.v1.PendingActivityState;

describe('queries that come with news', function () {
  this.timeout(90_000);
  let environment: TestWorkflowEnvironment;
  const alive = new Set<ChildProcess>();

  before(async () => {
    environment = await localEnvironment();
  });
  afterEach(async () => {
    for (const child of alive) await kill(child);
  });
  after(async () => {
    await environment?.teardown();
  });

  async function startWorker(): Promise<ChildProcess> {
    const child = fork(worker, [environment.address, taskQueue], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    await once(child, 'message');
    return child;
  }

  async function kill(child: ChildProcess): Promise<void> {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async function untilStepRuns(handle: WorkflowHandle): Promise<void> {
    for (;;) {
      const { raw } = await handle.describe();
      if (raw.pendingActivities?.some(({ state }) => state === started)) return;
      await pause(50);
    }
  }

  const problemsOf = async (handle: WorkflowHandle) => {
    const { workflowsPath, workflowInterceptorModules } = workflowSource({ workflows });
    return await replayProblems({
      workflows: [{ workflowId: handle.workflowId, history: await handle.fetchHistory() }],
      options: { workflowsPath, interceptors: { workflowModules: workflowInterceptorModules } },
    });
  };

  /**
   * The worker that holds the workflow is killed, people ask, and while the server still waits for that worker the step
   * ends: whoever answers instead is handed the question together with that news.
   */
  async function askWhileNewsCome(client: Client) {
    const first = await startWorker();
    const handle = await client.workflow.start<typeof asking>('asking', {
      taskQueue,
      workflowId: `asking-${Date.now()}`,
    });
    await untilStepRuns(handle);
    await kill(first);
    await startWorker();
    const question = handle.query(isAsked);
    question.catch(() => undefined);
    await pause(500);
    await client.activity.complete({ workflowId: handle.workflowId, activityId: '1' }, undefined);
    return { handle, question };
  }

  it('are refused, and no answer of people is taken by what they would have shown', async () => {
    const { handle, question } = await askWhileNewsCome(environment.client);
    expect(String(await question.catch((error: Error) => error.message))).to.include(unsettled);
    // By now the server has given the news to a task of the workflow.
    expect(await handle.query(isAsked)).to.equal(true);
    expect(await handle.executeUpdate(decide, { args: ['yes'] })).to.equal('yes');
    expect(await handle.result()).to.equal('yes');
    expect(await problemsOf(handle)).to.deep.equal([]);
  });

  it('are put again by a client of ours, which gets the answer', async () => {
    const refused: string[] = [];
    const listening: WorkflowClientInterceptor = {
      query: (input, next) =>
        next(input).catch((error: Error) => {
          refused.push(error.message);
          throw error;
        }),
    };
    const { connection } = environment;
    const client = new Client({ connection, interceptors: { workflow: [patientQueries, listening] } });
    const { handle, question } = await askWhileNewsCome(client);
    expect(await question).to.equal(true);
    expect(refused).to.have.length(1);
    expect(await handle.executeUpdate(decide, { args: ['yes'] })).to.equal('yes');
    expect(await handle.result()).to.equal('yes');
    expect(await problemsOf(handle)).to.deep.equal([]);
  });
});
