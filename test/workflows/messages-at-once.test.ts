import { WithStartWorkflowOperation, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages, type Alert, type RequestRelease } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { rolloutMessages, type Abort, type Decide } from '../../src/contracts/release.js';
import { modelLifecycle } from '../../src/workflows/model-lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage, type StageSet } from './support/stage.js';
import { expectGivenBack, startRelease, waitFor, type StartedRelease } from './support/started-release.js';
import { ref } from './support/world.js';

const tries = 5;
const told: Abort = { by: 'bob', reason: 'wrong data' };
const request: RequestRelease = { kind: 'training', reason: 'new data', requestedBy: 'ann', priority: 'normal' };
const steps = [{ share: '5%', duration: 'PT0S' }];
const quick = { canary: { steps }, bake: { duration: 'PT0S' } };

describe('messages that a workflow gets at once', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  /** Whether the latest two updates were taken in by one workflow task. */
  async function inOneTask(handle: WorkflowHandle): Promise<boolean> {
    const { events } = await handle.fetchHistory();
    let task = 0;
    const takenIn: number[] = [];
    for (const event of events!) {
      if (event.workflowTaskCompletedEventAttributes) task += 1;
      if (event.workflowExecutionUpdateAcceptedEventAttributes) takenIn.push(task);
    }
    return takenIn.length >= 2 && takenIn.at(-1) === takenIn.at(-2);
  }

  /**
   * Sends two updates while no worker is there. The server tells nobody when it has both, so that this is tried again,
   * with more time, until one task has taken them in.
   */
  async function twice<Played extends { handle: WorkflowHandle }>({
    set,
    begin,
    updates,
    check,
  }: {
    set: StageSet;
    begin: () => Promise<Played>;
    updates: (played: Played) => (() => Promise<unknown>)[];
    check: (played: Played, answers: PromiseSettledResult<unknown>[]) => Promise<void>;
  }): Promise<void> {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const played = await begin();
      const answers = await set.whileAway(async () => {
        const sent = Promise.allSettled(updates(played).map((update) => update()));
        await new Promise((resolve) => setTimeout(resolve, 250 * 2 ** attempt));
        return { sent };
      });
      const settled = await answers.sent;
      const together = await inOneTask(played.handle);
      await check(played, settled);
      if (together) return;
    }
    expect.fail(`no task had both updates in ${tries} tries`);
  }

  it('makes one release of two requests in one task', () =>
    onStage({
      environment,
      play: (set) =>
        twice({
          set,
          begin: async () => {
            const lifecycle = await startLifecycle({ environment, orchestration: set.orchestration });
            await waitFor(() => lifecycle.state().catch(() => null));
            return lifecycle;
          },
          updates: ({ request: ask }) => [() => ask({ requestedBy: 'ann' }), () => ask({ requestedBy: 'carol' })],
          check: async ({ state, model, terminate }, answers) => {
            const given = answers.map((one) => (one as PromiseFulfilledResult<{ decision: string }>).value);
            expect(given.map(({ decision }) => decision).sort()).to.deep.equal(['coalesced', 'queued']);
            for (const one of given) expect(one).to.include({ releaseId: `${model}-r1` });
            const { running, queue, releaseCount } = await state();
            expect(releaseCount).to.equal(1);
            expect((running ?? queue[0])!.requestedBy.sort()).to.deep.equal(['ann', 'carol']);
            await terminate();
          },
        }),
    }));

  const decisions: {
    what: string;
    required: number;
    second: 'approve' | 'reject' | 'abort';
    outcomes: string[];
    promoted: boolean;
  }[] = [
    {
      ...{ what: 'two approvals where one is enough', required: 1, second: 'approve' },
      ...{ outcomes: ['promoted'], promoted: true },
    },
    {
      ...{ what: 'an approval and a refusal', required: 2, second: 'reject' },
      ...{ outcomes: ['rejected'], promoted: false },
    },
    {
      ...{ what: 'an approval and a stop', required: 1, second: 'abort' },
      ...{ outcomes: ['cancelled', 'rolledBack'], promoted: false },
    },
  ];
  for (const { what, required, second, outcomes, promoted } of decisions)
    it(`ends ${promoted ? 'promoted' : 'with the champion'} after ${what} in one task`, () =>
      onStage({
        environment,
        script: { rollout: { ...quick, approval: { required } } },
        play: async (set) => {
          const played: StartedRelease[] = [];
          await twice({
            set,
            begin: async () => {
              for (const one of played) set.world.served.delete(one.input.champion!.releaseId);
              set.world.closed.length = 0;
              const started = await startRelease({ environment, set });
              played.push(started);
              const { waiting } = await started.waiting();
              return { started, handle: started.rollout, digest: waiting!.evidenceDigest! };
            },
            updates: ({ started: { rollout }, digest }) => {
              const decide = (decision: Decide['decision'], by: string) => () =>
                rollout.executeUpdate(rolloutMessages.decide, {
                  args: [{ decision, by, evidenceDigest: digest, reason: 'read it' }],
                });
              const other =
                second === 'abort'
                  ? () => rollout.executeUpdate(rolloutMessages.abortUpdate, { args: [told] })
                  : decide(second, 'carol');
              return [decide('approve', 'bob'), other];
            },
            check: async ({ started }) => {
              const result = await started.handle.result();
              expect(outcomes).to.include(result.outcome);
              if (!promoted) return await expectGivenBack(started, set);
              const { releaseId } = started.input;
              expect((await started.plan()).champion.releaseId).to.equal(releaseId);
              const promotions = set.world.plans.filter(({ reason }) => reason.startsWith(`${releaseId}: promoted`));
              expect(promotions).to.have.length(1);
            },
          });
        },
      }));

  it('cancels a release that is told so before its first task', () =>
    onStage({
      environment,
      play: async (set) => {
        const started = await set.whileAway(() => startRelease({ environment, set, cancelled: told }));
        const result = await started.handle.result();
        expect(result).to.include({ outcome: 'cancelled', stage: 'data', kept: null });
        expect(result.reasons).to.deep.equal(['cancelled by bob: wrong data']);
        expect(set.world.names()).to.not.include('startTraining');
        await expectGivenBack(started, set);
      },
    }));

  it('keeps what a lifecycle is asked before it has read its spec', () =>
    onStage({
      environment,
      script: { rollout: quick },
      play: async (set) => {
        const { workflow } = environment.client;
        const model = `m${set.queuePrefix.replace('-', '')}`;
        const options = {
          workflowId: workflowIds.lifecycle(model),
          taskQueue: set.orchestration,
          args: [{ model, specification: ref('spec'), state: null }] as Parameters<typeof modelLifecycle>,
        };
        const alert: Alert = { kind: 'drift', severity: 'critical', category: null, evidence: '' };
        const withStart = () =>
          new WithStartWorkflowOperation(modelLifecycle, { ...options, workflowIdConflictPolicy: 'USE_EXISTING' });
        const { answers } = await set.whileAway(async () => {
          await workflow.signalWithStart(modelLifecycle, {
            ...{ ...options, signal: lifecycleMessages.alert, signalArgs: [alert] },
          });
          const applied = workflow.executeUpdateWithStart(lifecycleMessages.applySpec, {
            startWorkflowOperation: withStart(),
            args: [{ ref: ref('other'), by: 'dora' }],
          });
          const requested = workflow.executeUpdateWithStart(lifecycleMessages.requestRelease, {
            startWorkflowOperation: withStart(),
            args: [request],
          });
          return { answers: Promise.all([applied, requested]) };
        });
        const [{ digest }, { releaseId }] = await answers;
        expect(digest).to.equal(ref('other').sha256);
        const handle = workflow.getHandle<typeof modelLifecycle>(options.workflowId);
        const state = await handle.query(lifecycleMessages.describe);
        expect(state.specification).to.deep.equal(ref('other'));
        // It waits for its approval, so that both who asked are still named.
        expect(releaseId).to.equal([...state.queue].at(-1)?.releaseId ?? state.running!.releaseId);
        const askedBy = [state.running, ...state.queue].flatMap((one) => one?.requestedBy ?? []);
        expect(askedBy).to.include.members(['alert:drift', 'ann']);
        await handle.terminate('the test is over');
        await workflow.getHandle(workflowIds.release(`${model}-r1`)).terminate('the test is over');
      },
    }));
});
