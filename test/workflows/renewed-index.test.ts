import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import { UnderstudyClient } from '../../src/client/understudy-client.js';
import { lifecycleMessages } from '../../src/contracts/lifecycle.js';
import { workflowIds } from '../../src/contracts/names.js';
import { defaultPrompt } from '../../src/domain/release/prompt.js';
import { modelSpecSchema } from '../../src/domain/spec/model-spec.js';
import { timeSkippingEnvironment } from '../support/temporal.js';
import { withLifecycle } from './support/lifecycle.js';
import { ref } from './support/world.js';

describe('an event that documents changed', function () {
  this.timeout(180_000);
  let environment: TestWorkflowEnvironment;
  before(async () => {
    environment = await timeSkippingEnvironment();
  });
  after(() => environment.teardown());

  const renewed = async ({ source }: { source: { kind: 'folder'; uri: string } | null }) => {
    const opened: unknown[] = [];
    const openIndex = async (input: unknown) => {
      opened.push(input);
      return { version: 'policies-2', plan: null, batches: 0, changed: 0, removed: 0, kept: 13 };
    };
    let outcome: unknown;
    await withLifecycle({
      environment,
      activities: { openIndex },
      play: async ({ world, handle, model, queuePrefix }) => {
        const spec = modelSpecSchema.parse({
          ...{ apiVersion: 'understudy/v1', model, base: { id: 'base' }, retrieval: { index: 'policies', source } },
          data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
          evaluation: { preset: 'support-deterministic' },
        });
        const golden = { name: 'm', version: 'v1', ref: ref('golden') };
        const document = { version: 1, spec, golden, prompt: defaultPrompt, promptDigest: 'p', overlays: [] };
        const body = Buffer.from(JSON.stringify(document));
        const applied = await world.store.put({ key: 'specs/one.json', body });
        await handle.executeUpdate(lifecycleMessages.applySpec, { args: [{ ref: applied, by: 'ann' }] });
        const client = UnderstudyClient.over({ temporal: environment.client, store: world.store, queuePrefix });
        const run = await client.renewIndex(model);
        outcome = run && { id: run.workflowId, expected: workflowIds.index(model), ...(await run.result()) };
        expect(opened).to.deep.equal(run ? [{ specification: applied }] : []);
      },
    });
    return outcome as { id: string; expected: string; version: string; switched: boolean } | null;
  };

  it('runs the index of the spec that is applied, on a worker', async () => {
    const outcome = await renewed({ source: { kind: 'folder', uri: '/policies' } });
    expect(outcome).to.include({ version: 'policies-2', switched: false });
    expect(outcome!.id).to.equal(outcome!.expected);
  });

  it('runs nothing where somebody else fills the index', async () => {
    expect(await renewed({ source: null })).to.equal(null);
  });
});
