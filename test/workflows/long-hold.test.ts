import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { workflowIds } from '../../src/contracts/names.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';
import { startRelease } from './support/started-release.js';

const day = 24 * 3_600_000;

describe('a canary that holds for a month', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  it('looks ever more seldom, so that its history stays under 2,000 events', () =>
    onStage({
      environment,
      script: {
        rollout: {
          approval: { automatic: true },
          canary: { steps: [{ share: '5%', duration: '30m', maximum: '30d' }], onInconclusive: 'rollback' },
        },
        step: () => ({ verdict: 'inconclusive', reason: '12 keys < 300' }),
      },
      play: async (set) => {
        const { handle, input } = await startRelease({ environment, set });
        const began = await environment.currentTimeMs();
        expect(await handle.result()).to.include({ outcome: 'rolledBack', stage: 'canary' });
        expect((await environment.currentTimeMs()) - began).to.be.greaterThan(30 * day);
        const rollout = await environment.client.workflow.getHandle(workflowIds.rollout(input.releaseId)).describe();
        expect(rollout.historyLength).to.be.lessThan(2000);
        expect(set.world.names().filter((name) => name === 'assessStep').length).to.be.within(60, 120);
      },
    }));
});
