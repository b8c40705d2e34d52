import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { fairness } from '../../src/client/start/components.js';
import { fairnessOf, workflowIds } from '../../src/contracts/names.js';
import { release } from '../../src/workflows/release.js';
import { localEnvironment } from '../support/temporal.js';
import { onStage } from '../workflows/support/stage.js';
import { releaseInput, waitFor } from '../workflows/support/started-release.js';

const backlog = 60;
const quietModels = 60;
/** What the worker has taken already, and a turn or two of the model that was there first. */
const mostTurnsBefore = 6;

describe('a queue that all models share', function () {
  this.timeout(300_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await localEnvironment({ dynamicConfig: fairness });
  });
  after(() => environment?.teardown());

  it('does not let one busy model starve the others', async () => {
    const order: string[] = [];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    await onStage({
      environment,
      script: { evaluation: () => 'fail' },
      activities: {
        prepareDataset: async ({ releaseId }) => {
          order.push(releaseId);
          await gate;
          return {
            ...{ name: 'm', digest: 'd', read: 1, rows: 1, deadLettered: {} },
            ...Object.fromEntries(
              ['train', 'validation', 'table', 'manifest'].map((name) => [
                name,
                { uri: `store://${name}`, sha256: 'a'.repeat(64), bytes: 1 },
              ]),
            ),
          } as never;
        },
      },
      play: async ({ orchestration }) => {
        const { workflow } = environment.client;
        const start = (model: string, number: number) => {
          const input = { ...releaseInput({ model }), releaseId: `${model}-r${number}`, champion: null };
          return workflow.start(release, {
            workflowId: workflowIds.release(input.releaseId),
            taskQueue: orchestration,
            priority: fairnessOf(model),
            args: [input],
          });
        };
        const wantsData = (handle: Awaited<ReturnType<typeof start>>) =>
          waitFor(async () => {
            const { events } = await handle.fetchHistory();
            const named = events!.some(
              (one) => one.activityTaskScheduledEventAttributes?.activityType?.name === 'prepareDataset',
            );
            return named ? true : null;
          });
        const busy = await Promise.all(Array.from({ length: backlog }, (_, index) => start('busy', index + 1)));
        await Promise.all(busy.map(wantsData));
        const names = Array.from({ length: quietModels }, (_, index) => `quiet${index}`);
        const quiet = await Promise.all(names.map((model) => start(model, 1)));
        await Promise.all(quiet.map(wantsData));
        open();
        await Promise.all([...busy, ...quiet].map((handle) => handle.result()));
        expect(order).to.have.length(backlog + quietModels);
        const last = order.findLastIndex((releaseId) => releaseId.startsWith('quiet'));
        const turns = order.slice(0, last).filter((releaseId) => releaseId.startsWith('busy')).length;
        expect(turns, `turns of the busy model before each of ${quietModels} quiet ones had its own`).to.be.at.most(
          mostTurnsBefore,
        );
      },
    });
  });
});
