import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { countHistory } from '../../bench/support/history-count.js';
import { workflowIds } from '../../src/contracts/names.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { onStage } from './support/stage.js';
import { startRelease } from './support/started-release.js';

const largestPayload = 32 * 1024;
/** Scheduled, started and completed, and the same of the workflow task that goes on. */
const eventsOfActivity = 6;

describe('the size of a release', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  beforeEach(async () => {
    environment = await timeSkippingEnvironment();
  });
  afterEach(() => environment?.teardown());

  it('stays under 45 activities, 400 events beside the watching, and 32 KB a payload over all its workflows', () =>
    onStage({
      environment,
      script: { rollout: { approval: { automatic: true } } },
      play: async (set) => {
        const { handle, input } = await startRelease({ environment, set });
        expect((await handle.result()).outcome).to.equal('promoted');
        const ids = [workflowIds.release, workflowIds.evaluation, workflowIds.rollout].map((id) => id(input.releaseId));
        const histories = await Promise.all(ids.map((id) => environment.client.workflow.getHandle(id).fetchHistory()));
        const { events, queues, children } = countHistory(histories);
        expect(children).to.equal(2);
        expect(queues.length).to.be.within(20, 45);
        const slices = histories
          .flatMap((history) => history.events ?? [])
          .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'watchGuards').length;
        // The canary's steps, and its bake of a day in slices of twelve hours.
        expect(slices).to.be.within(2, 4);
        expect(events - slices * eventsOfActivity).to.be.within(100, 400);
        const payloads = histories.flatMap((history) => payloadSizes(history));
        expect(payloads.length).to.be.greaterThan(50);
        expect(Math.max(...payloads)).to.be.lessThan(largestPayload);
      },
    }));
});

/** Bytes of every payload that stands anywhere in a history. */
function payloadSizes(value: unknown): number[] {
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return [];
  const fields = Object.entries(value);
  const own = fields.find(([name, field]) => name === 'data' && field instanceof Uint8Array);
  return own ? [(own[1] as Uint8Array).byteLength] : fields.flatMap(([, field]) => payloadSizes(field));
}
