import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { ApplicationFailure } from '@temporalio/common';
import { expect } from 'chai';
import { createOutcomeActivities } from '../../src/activities/outcomes.js';
import { TemporalOutcomes } from '../../src/adapters/temporal-outcomes/temporal-outcomes.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { hold } from './support/hold.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage } from './support/stage.js';
import { waitFor } from './support/started-release.js';

describe('a lifecycle that goes on beside its release', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  it('asks again where nobody can say how the release goes, and does not give it up', () => {
    const held = hold({ activity: 'smokeTest' });
    const { awaitRelease } = createOutcomeActivities({
      outcomes: new TemporalOutcomes({ client: environment.client }),
    });
    let asked = 0;
    return onStage({
      environment,
      script: { rollout: { approval: { automatic: true }, bake: { duration: 'PT0S' } }, fail: held.fail },
      activities: {
        awaitRelease: async (input) => {
          asked += 1;
          if (asked === 1) throw ApplicationFailure.nonRetryable('Temporal: permission denied', 'Unauthorised');
          return await awaitRelease(input);
        },
      },
      play: async ({ orchestration }) => {
        const { handle, model, request, state, terminate } = await startLifecycle({ environment, orchestration });
        await request();
        await held.reached;
        const alert = { kind: 'drift', severity: 'warning' as const, category: null, evidence: '' };
        for (let burst = 0; burst < 11; burst += 1)
          await Promise.all(Array.from({ length: 100 }, () => handle.signal(lifecycleMessages.alert, alert)));
        await waitFor(async () => (asked >= 1 ? true : null));
        const { running, ended: before } = await state();
        expect([running?.releaseId, before.length]).to.deep.equal([`${model}-r1`, 0]);
        held.letGo();
        const { champion, ended: after } = await waitFor(async () => {
          const now = await state();
          return now.ended.length > 0 ? now : null;
        });
        expect(after.map(({ outcome }) => outcome)).to.deep.equal(['promoted']);
        expect(champion?.releaseId).to.equal(`${model}-r1`);
        await terminate();
      },
    }).finally(held.letGo);
  });
});
