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
import { decide, isAsked, type asking, type askingAside } from './support/asking-workflow.js';

const worker = fileURLToPath(new URL('support/asking-worker.ts', import.meta.url));
const workflows = fileURLToPath(new URL('support/asking-workflow.ts', import.meta.url));
const taskQueue = 'asking';
const { PENDING_ACTIVITY_STATE_STARTED: started, PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: calledOff } =
  proto.temporal.api.enums.v1.PendingActivityState;

/** For a machine with much else to do: an unanswered query ends after ten seconds by itself. */
const mostMilliseconds = 60_000;

describe('queries that come with news', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  /** One that is not of ours, as Temporal's console. */
  let client: Client;
  const alive = new Set<ChildProcess>();

  before(async () => {
    environment = await localEnvironment();
    client = new Client({ connection: environment.connection });
  });
  afterEach(async () => {
    for (const child of alive) await kill(child);
  });
  after(async () => {
    await environment?.teardown();
  });

  /** A worker that has loaded all it needs: the server soon knows of one that is gone, and waits for it no longer. */
  async function loadWorker(): Promise<ChildProcess> {
    const child = fork(worker, [environment.address, taskQueue], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    alive.add(child);
    child.once('exit', () => alive.delete(child));
    await once(child, 'message');
    return child;
  }

  async function poll(child: ChildProcess): Promise<void> {
    const polling = once(child, 'message');
    child.send('poll');
    await polling;
  }

  async function replace({ first, second }: Record<'first' | 'second', ChildProcess>): Promise<void> {
    await kill(first);
    await poll(second);
  }

  async function kill(child: ChildProcess): Promise<void> {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  type Description = Awaited<ReturnType<WorkflowHandle['describe']>>['raw'];

  async function until(handle: WorkflowHandle, isSo: (raw: Description) => boolean): Promise<void> {
    while (!isSo((await handle.describe()).raw)) await pause(50);
  }

  const isIn = (state: typeof started | typeof calledOff) => (raw: Description) =>
    raw.pendingActivities?.some((one) => one.state === state) ?? false;

  /** Asks as a client of ours does, which is answered once the server has given the news to a task, or at the end. */
  async function untilAsked({ workflowId }: WorkflowHandle): Promise<void> {
    const { client: ours } = environment;
    const asked = ours.withDeadline(Date.now() + mostMilliseconds, () =>
      ours.workflow.getHandle(workflowId).query(isAsked),
    );
    expect(await asked).to.equal(true);
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
    const [first, second] = await Promise.all([loadWorker(), loadWorker()]);
    await poll(first);
    const handle = await start(client);
    await replace({ first, second });
    return await askAndEndStep(client, handle);
  }

  async function start(client: Client) {
    const handle = await client.workflow.start<typeof asking>('asking', {
      taskQueue,
      workflowId: `asking-${Date.now()}`,
    });
    await until(handle, isIn(started));
    return handle;
  }

  async function askAndEndStep(client: Client, handle: WorkflowHandle<typeof asking>, activityId = '1') {
    const question = client.withDeadline(Date.now() + mostMilliseconds, () => handle.query(isAsked));
    question.catch(() => undefined);
    await pause(500);
    await client.activity.complete({ workflowId: handle.workflowId, activityId }, undefined);
    return { handle, question };
  }

  it('are refused, and no answer of people is taken by what they would have shown', async () => {
    const { handle, question } = await askWhileNewsCome(client);
    expect(String(await question.catch((error: Error) => error.message))).to.include(unsettled);
    await untilAsked(handle);
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
    const ours = new Client({ connection, interceptors: { workflow: [patientQueries, listening] } });
    const { handle, question } = await askWhileNewsCome(ours);
    expect(await question).to.equal(true);
    expect(refused).not.to.deep.equal([]);
    expect(refused.every((message) => message.includes(unsettled))).to.equal(true);
    expect(await handle.executeUpdate(decide, { args: ['yes'] })).to.equal('yes');
    expect(await handle.result()).to.equal('yes');
    expect(await problemsOf(handle)).to.deep.equal([]);
  });

  it('are refused where the last task gave the workflow nothing to do', async () => {
    const [first, second] = await Promise.all([loadWorker(), loadWorker()]);
    await poll(first);
    const handle = await client.workflow.start<typeof askingAside>('askingAside', {
      taskQueue,
      workflowId: `asking-aside-${Date.now()}`,
    });
    await until(handle, isIn(calledOff));
    await client.activity.reportCancellation({ workflowId: handle.workflowId, activityId: '1' });
    await until(handle, (raw) => raw.pendingActivities?.length === 1 && !raw.pendingWorkflowTask);
    await replace({ first, second });
    const { question } = await askAndEndStep(client, handle, '2');
    expect(String(await question.catch((error: Error) => error.message))).to.include(unsettled);
    await untilAsked(handle);
    expect(await handle.executeUpdate(decide, { args: ['yes'] })).to.equal('yes');
    expect(await handle.result()).to.equal('yes');
    expect(await problemsOf(handle)).to.deep.equal([]);
  });

  it('are answered by a workflow that was ended before a task took its news', async () => {
    const [first, second] = await Promise.all([loadWorker(), loadWorker()]);
    await poll(first);
    const handle = await start(client);
    await kill(first);
    await client.activity.complete({ workflowId: handle.workflowId, activityId: '1' }, undefined);
    await handle.terminate('over');
    await poll(second);
    await untilAsked(handle);
  });
});
