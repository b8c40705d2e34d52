import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { domains, type Domain } from '../../../examples/review-summaries/generator/aspects.js';
import { createBatchActivities } from '../../../src/activities/batch/index.js';
import type { ChatModel } from '../../../src/activities/ports.js';
import { ExternalSources } from '../../../src/adapters/data-sources/data-sources.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { StoreResultCache } from '../../../src/adapters/store-result-cache/store-result-cache.js';
import { StoreRouter } from '../../../src/adapters/store-router/store-router.js';
import { readSpecificationFile } from '../../../src/client/specification-file.js';
import type { ArtifactRef } from '../../../src/domain/artifact-ref.js';
import { createPseudonyms } from '../../../src/domain/dataset/pseudonyms.js';
import { canonicalJson } from '../../../src/domain/release/evidence.js';
import { summaryReply, targetOf } from './support/batch-world.js';

const example = new URL('../../../examples/review-summaries/', import.meta.url);
const path = (name: string): string => new URL(name, example).pathname;
const family = 'review-summaries';
const modelOf = (domain: Domain): string => `${family}.${domain}`;

describe('the batches of a family of models, over the reviews of one shop', () => {
  let folder: string;
  let store: DirectoryStore;
  let results: StoreResultCache;
  /** Adapters that were asked, in order. */
  let asked: string[];
  const specifications = {} as Record<Domain, ArtifactRef>;
  let activities: ReturnType<typeof createBatchActivities>;
  let run = Date.parse('2026-11-01T00:00:00.000Z');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-family-'));
    store = new DirectoryStore({ root: folder });
    const clock = { now: () => new Date(run).toISOString() };
    results = new StoreResultCache({ store, now: clock.now });
    asked = [];
    const chat: ChatModel = {
      complete: ({ model }) => {
        asked.push(model);
        return Promise.resolve({ text: summaryReply, promptTokens: 10, completionTokens: 5, milliseconds: 20 });
      },
    };
    const pseudonyms = createPseudonyms({ key: null });
    const router = new StoreRouter({ store });
    activities = createBatchActivities({
      ...{ store, sources: new ExternalSources(), router, chat, results, pseudonyms, clock },
    });
    for (const domain of domains) {
      const overlays = [path('understudy.embedded.yaml'), path(`domains/${domain}.yaml`)];
      const { specification } = await readSpecificationFile({ path: path('understudy.yaml'), overlays });
      const golden = {
        name: modelOf(domain),
        version: 'v1',
        ref: await store.put({ key: 'g', body: Buffer.from('') }),
      };
      const body = Buffer.from(canonicalJson({ ...specification, golden }));
      specifications[domain] = await store.put({ key: `specs/${domain}.json`, body });
      await promote(domain, 1);
    }
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const promote = (domain: Domain, release: number) =>
    new StoreRouter({ store }).write({
      ...{ model: modelOf(domain), owner: { workflowId: 'w', epoch: 2 }, expectedRevision: null },
      change: { champion: targetOf(`${modelOf(domain)}-r${release}`), reason: 'test' },
    });

  /** The batch of one model, as the workflow runs it. */
  async function batchOf(domain: Domain) {
    run += 3_600_000;
    const specification = specifications[domain];
    const { stage, due, unchanged, chunks } = await activities.stageBatch({
      specification,
      run: new Date(run).toISOString(),
    });
    if (stage !== null) {
      for (let chunk = 0; chunk < chunks; chunk += 1)
        await activities.answerBatchChunk({ specification, stage, chunk, most: 4, atOnce: 4 });
      await activities.concludeBatch({ specification, stage });
    }
    return { due, unchanged };
  }

  it('ask each item of the model of its domain, and after a promotion that one alone', async () => {
    const first: Record<string, number> = {};
    for (const domain of domains) first[domain] = (await batchOf(domain)).due;
    expect(first).to.deep.equal({ electronics: 14, fashion: 15, home: 15 });
    expect(new Set(asked)).to.deep.equal(new Set(domains.map((domain) => `${modelOf(domain)}-r1`)));
    expect(await results.get({ family, item: 'reader-3' })).to.include({ model: modelOf('electronics') });
    expect(await results.get({ family, item: 'dress-902' })).to.include({ model: modelOf('fashion') });
    expect(await results.get({ family, item: 'kettle-901' })).to.include({ model: modelOf('home') });

    asked.length = 0;
    await promote('electronics', 2);
    expect(await batchOf('electronics')).to.deep.equal({ due: 14, unchanged: 0 });
    expect(await batchOf('fashion')).to.deep.equal({ due: 0, unchanged: 15 });
    expect(await batchOf('home')).to.deep.equal({ due: 0, unchanged: 15 });
    expect(asked).to.deep.equal(Array.from({ length: 14 }, () => `${modelOf('electronics')}-r2`));
    expect((await results.get({ family, item: 'reader-3' }))?.release).to.equal(`${modelOf('electronics')}-r2`);
    expect((await results.get({ family, item: 'dress-902' }))?.release).to.equal(`${modelOf('fashion')}-r1`);
  });
});
