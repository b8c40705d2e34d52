import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import type { BatchInput } from '../../src/contracts/batch.js';
import { canonicalJson, digestOf } from '../../src/domain/release/evidence.js';
import { storeKeys } from '../../src/contracts/store-keys.js';
import { promptSchema } from '../../src/domain/release/prompt.js';
import { modelSpecSchema } from '../../src/domain/spec/model-spec.js';

const reviewsOfItem = 6;

/** Writes reviews of `items` items, the spec of a model of its own, and a plan that lets `endpoint` answer. */
export async function layBatchDown({
  folder,
  store,
  endpoint,
  model,
  items,
  concurrency,
}: {
  folder: string;
  store: DirectoryStore;
  endpoint: string;
  model: string;
  items: number;
  concurrency: number;
}): Promise<BatchInput> {
  const uri = join(folder, `${model}.jsonl`);
  const rows = Array.from({ length: items * reviewsOfItem }, (_, row) => ({
    ...{ review_id: `r${row}`, product_id: `item-${row % items}`, star_rating: (row % 5) + 1, helpful_votes: row % 7 },
    text: `The kettle item-${row % items} is sturdy but its cord is short, as buyer ${row} found out.`,
  }));
  await writeFile(uri, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const source = { kind: 'jsonl', uri };
  const spec = modelSpecSchema.parse({
    ...{ apiVersion: 'understudy/v1', model, base: { id: 'none' }, batch: { source, concurrency } },
    data: { recipe: 'reviews', source, goldenSet: 'none.jsonl' },
    evaluation: { preset: 'support-deterministic' },
  });
  // As `apply` writes it for a spec with a batch.
  const prompt = promptSchema.parse({ reply: 'summary' });
  const golden = await store.put({ key: `golden/${model}/v1.jsonl`, body: Buffer.from('') });
  const document = {
    ...{ version: 1, spec, golden: { name: model, version: 'v1', ref: golden }, prompt },
    ...{ promptDigest: digestOf(prompt), overlays: [] },
  };
  const specification = await store.put({
    key: `specs/${model}/bench.json`,
    body: Buffer.from(canonicalJson(document)),
  });
  const releaseId = `${model}-r1`;
  await store.put({ key: storeKeys.prompt({ releaseId }), body: Buffer.from(canonicalJson(prompt)) });
  await new StoreRouter({ store }).write({
    model,
    owner: { workflowId: 'bench', epoch: 2 },
    change: {
      champion: { releaseId, endpoint, adapter: releaseId, promptDigest: null, indexVersion: null },
      reason: 'bench',
    },
    expectedRevision: null,
  });
  return { model, specification, concurrency };
}
