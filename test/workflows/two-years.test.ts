import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import type { History } from '../../src/workers/replay-check.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withLifecycle, type PlayedLifecycle } from './support/lifecycle.js';
import { waitFor } from './support/started-release.js';

const months = 24;
const alertsAMonth = 30;
const monthsBetweenCritical = 3;
/** Events after which the lifecycle begins a new history. */
const fullHistory = 1000;
/** A month may add so much that it would be full. */
const nearlyFull = 700;
const longestHistory = 2000;

describe('two years of a model', function () {
  this.timeout(300_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await timeSkippingEnvironment();
  });
  after(() => environment?.teardown());

  const noted = ({ handle }: PlayedLifecycle, evidence: string): Promise<void> =>
    handle.signal(lifecycleMessages.alert, { kind: 'drift', severity: 'warning', category: null, evidence });

  const until = ({ state }: PlayedLifecycle, holds: (now: LifecycleState) => boolean): Promise<LifecycleState> =>
    waitFor(async () => {
      const now = await state().catch(() => null);
      return now && holds(now) ? now : null;
    });

  /** Lets an hour pass, again and again, until nothing runs or waits. */
  async function atRest({ state }: PlayedLifecycle): Promise<LifecycleState> {
    for (;;) {
      const now = await state();
      if (now.running === null && now.queue.length === 0) return now;
      await environment.sleep('1 hour');
    }
  }

  const runIdOf = async (workflowId: string): Promise<string> =>
    (await environment.client.workflow.getHandle(workflowId).describe()).runId;

  /** Events of each run of a workflow, from the first run on. */
  async function historiesOf(workflowId: string, firstRunId: string): Promise<number[]> {
    const lengths: number[] = [];
    let runId: string | null | undefined = firstRunId;
    while (runId) {
      const history: History = await environment.client.workflow.getHandle(workflowId, runId).fetchHistory();
      const events = history.events!;
      lengths.push(events.length);
      runId = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    }
    return lengths;
  }

  /** A release is asked for, and alerts come while it runs; one of them asks for another where it is critical. */
  async function playMonth(played: PlayedLifecycle, month: number): Promise<number> {
    const { releaseCount } = await played.state();
    await played.schedule();
    // What asks before it runs is one with it.
    await until(played, ({ running }) => running !== null);
    await Promise.all(Array.from({ length: alertsAMonth }, (_, index) => noted(played, `${month}/${index}`)));
    const isCritical = month % monthsBetweenCritical === 1;
    if (isCritical) {
      await played.alert({ kind: 'thumbsDown', category: 'delivery' });
      await until(played, ({ queue }) => queue.length === 1);
    }
    return releaseCount + 1 + Number(isCritical);
  }

  /**
   * Where the history is nearly full, alerts until a new one begins, so that none begins while a release runs: this
   * server's clock stands still for ever once a child of a run that is over has ended. The dev server plays that, in
   * new-history.test.ts.
   */
  async function untilRoom(played: PlayedLifecycle): Promise<void> {
    const lifecycle = environment.client.workflow.getHandle(workflowIds.lifecycle(played.model));
    const { runId, historyLength } = await lifecycle.describe();
    if (historyLength < nearlyFull) return;
    for (let count = historyLength; count <= fullHistory; count += 1) await noted(played, 'until the history is full');
    await waitFor(async () => ((await lifecycle.describe()).runId === runId ? null : true));
  }

  it('is a release a month with alerts in between, in histories that stay short, and nothing is lost', () =>
    withLifecycle({
      environment,
      play: async (played) => {
        const { model } = played;
        const lifecycleId = workflowIds.lifecycle(model);
        const firstRunId = await runIdOf(lifecycleId);
        await until(played, () => true);
        for (let month = 1; month <= months; month += 1) {
          const expected = await playMonth(played, month);
          await environment.sleep('30 days');
          expect((await atRest(played)).releaseCount).to.equal(expected);
          await untilRoom(played);
        }
        const all = months + months / monthsBetweenCritical;
        const { releaseCount, champion, previous, ended } = await played.state();
        expect(releaseCount).to.equal(all);
        expect(champion?.releaseId).to.equal(`${model}-r${all}`);
        expect(previous.map((one) => one.releaseId)).to.deep.equal([31, 30, 29].map((number) => `${model}-r${number}`));
        expect(ended.map(({ outcome, reasons }) => [outcome, reasons.length])).to.deep.equal(
          ended.map(() => ['promoted', 1]),
        );

        const lengths = await historiesOf(lifecycleId, firstRunId);
        expect(lengths.length).to.be.greaterThan(1);
        for (let number = 1; number <= all; number += 1)
          for (const kind of ['release', 'rollout', 'evaluation'] as const) {
            const workflowId = workflowIds[kind](`${model}-r${number}`);
            lengths.push(...(await historiesOf(workflowId, await runIdOf(workflowId))));
          }
        expect(Math.max(...lengths)).to.be.lessThan(longestHistory);
      },
    }));
});
