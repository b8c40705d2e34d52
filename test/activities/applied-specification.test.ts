import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ModelRegistry } from '../../src/activities/ports.js';
import { createRegistryActivities } from '../../src/activities/registry.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { readAudit } from '../../src/adapters/store-audit/read-audit.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { defaultPrompt } from '../../src/domain/release/prompt.js';
import { modelSpecSchema } from '../../src/domain/spec/model-spec.js';

describe('a spec that is applied', () => {
  let folder: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-applied-'));
    store = new DirectoryStore({ root: folder });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function specification(cooldown: string) {
    const spec = modelSpecSchema.parse({
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'tiny' }, triggers: { cooldown } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'a' }, goldenSet: 'g' },
      evaluation: { preset: 'support-deterministic' },
    });
    const golden = await store.put({ key: 'golden.jsonl', body: Buffer.from('{}') });
    const document = {
      ...{ version: 1, spec, golden: { name: 'm', version: 'v1', ref: golden } },
      ...{ prompt: defaultPrompt, promptDigest: 'p', overlays: [] },
    };
    return await store.put({ key: `specs/${cooldown}.json`, body: Buffer.from(JSON.stringify(document)) });
  }

  it('has an entry of its own each time, also where somebody goes back to an earlier one', async () => {
    const { readSpecification } = createRegistryActivities({
      ...{ store, audit: new StoreAudit({ store }), registry: {} as ModelRegistry },
      judge: null,
    });
    const [first, second] = [await specification('1d'), await specification('2d')];
    const applied = [
      [first, 'u1'],
      [second, 'u2'],
      [first, 'u3'],
      [first, 'u3'],
    ] as const;
    for (const [ref, step] of applied) await readSpecification({ specification: ref, by: 'ann', step });
    const entries = (await readAudit({ store, model: 'm' })).map(({ entry }) => entry.details['specification']);
    expect(entries).to.deep.equal([first.sha256, second.sha256, first.sha256]);
  });
});
