import type { Client } from '@temporalio/client';
import { expect } from 'chai';
import type { IndexResult } from '../../src/contracts/indexing.js';
import { withIndex } from '../../src/client/start/demonstration/with-index.js';
import { UnderstudyClient } from '../../src/client/understudy-client.js';
import { indexWorld, type IndexWorld } from '../activities/support/index-world.js';

interface Started {
  type: string;
  workflowId: string;
  taskQueue: string;
  args: unknown[];
}

describe('the index of a demonstration', function () {
  this.timeout(20_000);
  let world: IndexWorld;
  afterEach(() => world.close());

  /** A client whose index workflow is what the world's own steps make of it. */
  function clientOf(started: Started[]): UnderstudyClient {
    const start = async (type: string, options: Omit<Started, 'type'>) => {
      started.push({ type, ...options });
      return { result: (): Promise<IndexResult> => world.run() };
    };
    const temporal = { workflow: { start } } as unknown as Client;
    const client = UnderstudyClient.over({ temporal, store: world.store, queuePrefix: '' });
    return Object.assign(client, {
      apply: async () => ({ model: 'm', digest: 'd', effective: 'now' }),
      describe: async () => ({ specification: world.specification }),
    });
  }

  it('is brought up to date as soon as a spec is applied, by a worker, and said', async () => {
    world = await indexWorld({ files: { 'times.md': 'The cutoff is 14:00.' } });
    const started: Started[] = [];
    const said: string[] = [];
    const client = withIndex({ client: clientOf(started), say: (line) => said.push(line) });
    await client.apply({ path: 'understudy.yaml', overlays: [], by: 'test' });
    await client.apply({ path: 'understudy.yaml', overlays: [], by: 'test' });
    expect(started.map(({ type, workflowId, taskQueue }) => [type, workflowId, taskQueue])).to.deep.equal([
      ['index', 'index:m', 'orchestration'],
      ['index', 'index:m', 'orchestration'],
    ]);
    expect(started[0]!.args).to.deep.equal([{ model: 'm', specification: world.specification }]);
    expect(said[0]).to.match(/^index policies-[0-9a-f]{12}: 1 documents in 1 chunks, 0 left out$/);
    expect(said[1]).to.match(/^index policies-[0-9a-f]{12}: 1 documents, none changed$/);
  });

  it('is left alone where the spec names no documents', async () => {
    world = await indexWorld({ files: { 'times.md': 'The cutoff is 14:00.' } });
    const { retrieval } = world.spec;
    world.specification = await world.applied({ ...world.spec, retrieval: { ...retrieval!, source: null } });
    const started: Started[] = [];
    const client = withIndex({ client: clientOf(started), say: () => undefined });
    await client.apply({ path: 'understudy.yaml', overlays: [], by: 'test' });
    expect(started).to.deep.equal([]);
  });
});
