import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from '../workflows/support/lifecycle.js';
import { onStage } from '../workflows/support/stage.js';
import { waitFor } from '../workflows/support/started-release.js';

/** Temporal takes 10,000 signals of one run; on a machine without a free core the SDK gives up on so many. */
const alerts = 5000;
const alertsAtOnce = 50;

describe('a storm of alerts while no worker is there', function () {
  this.timeout(300_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  for (const severity of ['warning', 'critical'] as const)
    it(`is answered by the next worker where they are ${severity}, in the seconds that one task may take`, () =>
      onStage({
        environment,
        play: async ({ orchestration, whileAway }) => {
          const { handle, state, terminate } = await startLifecycle({ environment, orchestration });
          await waitFor(() => state().catch(() => null));
          const alert = { kind: 'drift', severity, category: null, evidence: '' };
          await whileAway(async () => {
            for (let sent = 0; sent < alerts; sent += alertsAtOnce)
              await Promise.all(
                Array.from({ length: alertsAtOnce }, () => handle.signal(lifecycleMessages.alert, alert)),
              );
          });
          // A task that took longer than the SDK lets it would break the worker's process, and the next one's.
          const wanted = severity === 'critical' ? 1 : 0;
          const { releaseCount } = await waitFor(async () => {
            const now = await state().catch(() => null);
            return now && now.releaseCount >= wanted ? now : null;
          });
          expect(releaseCount).to.equal(wanted);
          await terminate();
        },
      }));
});
