import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { postDelivery } from '../../src/adapters/temporal/post-delivery.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { notificationWorkflowId } from '../../src/contracts/notification.js';
import { localEnvironment } from '../support/temporal.js';
import { startLifecycle } from './support/lifecycle.js';
import { onStage } from './support/stage.js';
import { waitFor } from './support/started-release.js';

/** Of a server's limits, as it counts them: the text and what it is packed in. */
const mostBytes = { summary: 400, details: 20_000 };
/** What Temporal Cloud takes of a summary. */
const mostSummary = 200;
const longestReason = 2000;
const reasons = ['日', '👩', 'ö', '"', '\n', '\u0001', '\ud800', 'x', '日"', '\\'].map((one, index) =>
  `${index} ${one.repeat(longestReason)}`.slice(0, longestReason),
);

describe('what people read in the UI', function () {
  this.timeout(120_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment();
  });
  after(() => environment?.teardown());

  /** Every text of a history, with its size as it was sent. */
  async function textsOf(workflowId: string) {
    const { events } = await environment.client.workflow.getHandle(workflowId).fetchHistory();
    return events!.flatMap(({ userMetadata }) =>
      (['summary', 'details'] as const).flatMap((kind) => {
        const { data, metadata } = userMetadata?.[kind] ?? {};
        if (!data) return [];
        const packed = Object.entries(metadata!).reduce((sum, [name, value]) => sum + name.length + value.length, 20);
        return [{ kind, text: JSON.parse(Buffer.from(data).toString()) as string, bytes: data.length, packed }];
      }),
    );
  }

  async function expectFitting(workflowId: string): Promise<string[]> {
    const texts = await textsOf(workflowId);
    expect(texts.length, workflowId).to.be.greaterThan(0);
    for (const { kind, bytes, packed, text } of texts) {
      expect(bytes + packed, text.slice(0, 60)).to.be.at.most(mostBytes[kind]);
      if (kind === 'summary') expect(bytes, text.slice(0, 60)).to.be.at.most(mostSummary);
    }
    return texts.filter(({ kind }) => kind === 'details').map(({ text }) => text);
  }

  it('fits into what a server takes, although a release was asked for with ten of the longest reasons', () =>
    onStage({
      environment,
      script: {
        rollout: { approval: { automatic: true }, bake: { duration: 'PT0S' } },
        fail: (activity) => (activity === 'moveAliases' ? reasons.join('') : null),
      },
      play: async ({ orchestration }) => {
        const { model, handle, request, state, terminate } = await startLifecycle({ environment, orchestration });
        try {
          await waitFor(() => state().catch(() => null));
          await handle.executeUpdate(lifecycleMessages.pause, { args: [{ by: 'bob', reason: reasons[0]! }] });
          for (const reason of reasons) await request({ reason });
          await handle.executeUpdate(lifecycleMessages.resume, { args: [{ by: 'bob' }] });
          await waitFor(async () => ((await state()).ended.length > 0 ? true : null));
          const releaseId = `${model}-r1`;
          const ids = [workflowIds.lifecycle(model), workflowIds.release(releaseId), workflowIds.rollout(releaseId)];
          const details = (await Promise.all(ids.map(expectFitting))).flat();
          expect(details.filter((text) => text.endsWith('…')).length).to.be.greaterThan(1);
          for (const text of details) expect(text).to.not.match(/\p{Surrogate}…$/u);
        } finally {
          await terminate();
        }
      },
    }));

  it('fits also of a message on its way', async () => {
    const notification = { key: 'm-r1/long', severity: 'warning' as const, title: reasons.join(''), body: '' };
    const route = 'webhook-1';
    await postDelivery({ client: environment.client })({
      ...{ route, quietHours: null },
      notification: { ...notification, model: 'm', releaseId: 'm-r1' },
    });
    const id = notificationWorkflowId({ key: notification.key, route });
    await expectFitting(id);
    await environment.client.workflow.getHandle(id).terminate('the test is over');
  });
});
