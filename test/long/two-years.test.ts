import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import type { History } from '../../src/workers/replay-check.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withLifecycle } from '../workflows/support/lifecycle.js';
import { waitFor } from '../workflows/support/started-release.js';

const months = 24;
const alertsAMonth = 30;
const longestHistory = 2000;

describe('two years of a model', function () {
  this.timeout(300_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await timeSkippingEnvironment();
  });
  after(() => environment?.teardown());

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

  it('is a release a month with alerts in between, in histories that stay short, and nothing is lost', () =>
    withLifecycle({
      environment,
      play: async ({ schedule, alert, state, model, handle }) => {
        const lifecycleId = workflowIds.lifecycle(model);
        const { runId: firstRunId } = await environment.client.workflow.getHandle(lifecycleId).describe();
        await waitFor(() => state().catch(() => null));
        for (let month = 1; month <= months; month += 1) {
          await schedule();
          for (let index = 0; index < alertsAMonth; index += 1)
            await handle.signal(lifecycleMessages.alert, {
              ...{ kind: 'drift', severity: 'warning', category: null, evidence: `${month}/${index}` },
            });
          // One a quarter is critical, and waits for the release that runs.
          if (month % 3 === 0) await alert({ kind: 'thumbsDown', category: 'delivery' });
          await environment.sleep('30 days');
        }
        const all = months + months / 3;
        const { releaseCount, champion, previous, ended, queue, running } = await state();
        expect({ releaseCount, queue, running }).to.deep.equal({ releaseCount: all, queue: [], running: null });
        expect(champion?.releaseId).to.equal(`${model}-r${all}`);
        expect(previous.map((one) => one.releaseId)).to.deep.equal([31, 30, 29].map((number) => `${model}-r${number}`));
        expect(ended.map((one) => one.outcome)).to.deep.equal(ended.map(() => 'promoted'));

        const lengths = await historiesOf(lifecycleId, firstRunId);
        expect(lengths.length).to.be.greaterThan(1);
        for (const kind of ['release', 'rollout', 'evaluation'] as const) {
          const workflowId = workflowIds[kind](champion!.releaseId);
          const { runId } = await environment.client.workflow.getHandle(workflowId).describe();
          lengths.push(...(await historiesOf(workflowId, runId)));
        }
        expect(Math.max(...lengths)).to.be.lessThan(longestHistory);
      },
    }));
});
