import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withLifecycle } from './support/lifecycle.js';

describe('an alert', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await timeSkippingEnvironment();
  });
  after(() => environment?.teardown());

  it('is known by what it is called, whatever that means to JavaScript', () =>
    withLifecycle({
      environment,
      play: async ({ request, alert, ended, state }) => {
        await request({ kind: 'training' });
        await alert({ kind: 'constructor' });
        const { running, queue } = await state();
        expect([running, ...queue].at(-1)).to.deep.include({ trigger: 'alert', requestedBy: ['alert:constructor'] });
        expect((await ended(2)).ended.map(({ outcome }) => outcome)).to.deep.equal(['promoted', 'promoted']);
      },
    }));
});
