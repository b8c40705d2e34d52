import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { createOutcomeActivities } from '../../src/activities/outcomes.js';
import { TemporalOutcomes } from '../../src/adapters/temporal-outcomes/temporal-outcomes.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { rolloutMessages } from '../../src/contracts/release.js';
import type { LifecycleState } from '../../src/domain/release/lifecycle-state.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage } from './support/stage.js';
import { waitFor } from './support/started-release.js';

/** Alerts, in all more events than a history of a lifecycle has. */
const bursts = 11;
const alertsABurst = 100;

describe('a lifecycle whose history is full', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('begins a new one while a release runs and another waits, and loses neither', () =>
    onStage({
      environment,
      script: { rollout: { canary: { steps: [{ share: '5%', duration: 'PT0S' }] }, bake: { duration: 'PT0S' } } },
      activities: createOutcomeActivities({ outcomes: new TemporalOutcomes({ client: environment.client }) }),
      play: async ({ orchestration }) => {
        const { handle, model, request, state, terminate } = await startLifecycle({ environment, orchestration });
        const { workflow } = environment.client;
        const until = (holds: (now: LifecycleState) => boolean): Promise<LifecycleState> =>
          waitFor(async () => {
            const now = await state().catch(() => null);
            return now && holds(now) ? now : null;
          });
        const approve = async (releaseId: string): Promise<void> => {
          const rollout = workflow.getHandle(workflowIds.rollout(releaseId));
          const evidenceDigest = await waitFor(async () => {
            const progress = await rollout.query(rolloutMessages.progress).catch(() => null);
            return progress?.waiting?.evidenceDigest ?? null;
          });
          await rollout.executeUpdate(rolloutMessages.decide, {
            args: [{ decision: 'approve', by: 'bob', evidenceDigest, reason: 'read it' }],
          });
        };
        await request();
        await until(({ running }) => running !== null);
        await request({ requestedBy: 'carol' });
        const { runId } = await handle.describe();
        const alert = { kind: 'drift', severity: 'warning' as const, category: null, evidence: '' };
        for (let burst = 0; burst < bursts; burst += 1)
          await Promise.all(Array.from({ length: alertsABurst }, () => handle.signal(lifecycleMessages.alert, alert)));
        const now = workflow.getHandle(handle.workflowId);
        await waitFor(async () => ((await now.describe()).runId === runId ? null : true));

        await approve(`${model}-r1`);
        await approve(`${model}-r2`);
        const { ended, champion, releaseCount } = await until(({ ended }) => ended.length === 2);
        expect(ended.map(({ outcome, reasons }) => [outcome, reasons.length])).to.deep.equal([
          ['promoted', 1],
          ['promoted', 1],
        ]);
        expect(champion?.releaseId).to.equal(`${model}-r2`);
        expect(releaseCount).to.equal(2);
        await terminate();
      },
    }));
});
