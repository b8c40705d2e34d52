import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createFeedbackActivities } from '../../src/activities/feedback-reading.js';
import { encodeSegment } from '../../src/activities/segment-file.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { canonicalJson } from '../../src/domain/release/evidence.js';
import { parseModelSpec } from '../../src/domain/spec/model-spec.js';

const model = 'm';
const now = '2026-03-10T12:00:00.000Z';
const questions: Record<string, string> = { delivery: 'when does my parcel arrive', returns: 'may I send shoes back' };

interface Rated {
  category: keyof typeof questions;
  event: string;
  count: number;
  release?: string;
  person?: (index: number) => string;
  hour?: string;
}

describe('readFeedback', () => {
  let folder: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-feedback-'));
    store = new DirectoryStore({ root: folder });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function specification(batch: object | null): Promise<ArtifactRef> {
    const cases = Object.entries(questions).map(([category, input]) => ({
      ...{ id: category, input, reference: 'a', cluster: category, tags: { category } },
    }));
    const body = Buffer.from(cases.map((one) => JSON.stringify(one)).join('\n'));
    const golden = await store.put({ key: 'golden/m/v1.jsonl', body });
    const { spec, problems } = parseModelSpec({
      ...{ apiVersion: 'understudy/v1', model, base: { id: 'base' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: '/none.csv' }, goldenSet: 'v1.jsonl' },
      evaluation: { preset: 'support-deterministic' },
      triggers: { cooldown: '7d', feedback: { thumbsDownOver: '30%', window: '2d' } },
      batch,
    });
    expect(problems).to.deep.equal([]);
    const prompt = { system: null, template: '{query}', maxTokens: 32, temperature: 0 };
    const applied = { version: 1, spec, prompt, promptDigest: 'p', overlays: [] };
    return await store.put({
      key: 'specs/m/1.json',
      body: Buffer.from(canonicalJson({ ...applied, golden: { name: model, version: 'v1', ref: golden } })),
    });
  }

  let written = 0;
  async function write({
    category,
    event,
    count,
    release = 'm-r2',
    person,
    hour = '2026-03-10/11',
  }: Rated): Promise<void> {
    const at = `${hour.replace('/', 'T')}:30:00.000Z`;
    const lines = Array.from({ length: count }, (_, index) => {
      const id = `${(written += 1)}`;
      const answer = { kind: 'answer', id, at, release, query: questions[category], session: null };
      const user = person ? person(index) : `${category}-${event}-${index}`;
      return [answer, { kind: 'feedback', id, at, event }].map((line) => JSON.stringify({ ...line, user, model }));
    });
    const body = Buffer.from(await encodeSegment({ lines: lines.flat() }));
    await store.put({ key: `requests/${model}/${hour}/g1-${written}.jsonl.zst`, body });
  }

  async function rate({
    event,
    count,
    release = 'm-r2',
    user,
  }: {
    event: string;
    count: number;
    release?: string;
    user?: string;
  }) {
    const lines = Array.from({ length: count }, (_, index) => {
      const id = `version-${event}-${release}-${index}`;
      return {
        kind: 'summaryFeedback',
        id,
        at: '2026-03-10T11:30:00.000Z',
        model,
        release,
        event,
        item: 'p1',
        user: user ?? null,
      };
    });
    const body = Buffer.from(await encodeSegment({ lines: lines.map((line) => JSON.stringify(line)) }));
    await store.put({ key: `requests/${model}/2026-03-10/11/g2-${(written += 1)}.jsonl.zst`, body });
  }

  async function read(batch: object | null = null) {
    const router = new StoreRouter({ store });
    const target = { endpoint: 'http://127.0.0.1/v1', adapter: 'a', promptDigest: null, indexVersion: null };
    await router.write({
      ...{ model, owner: { workflowId: 'test', epoch: 0 }, expectedRevision: null },
      change: { champion: { ...target, releaseId: 'm-r2' }, reason: 'test' },
    });
    const clock = { now: () => now };
    const input = { model, specification: await specification(batch) };
    return await createFeedbackActivities({ store, router, clock }).readFeedback(input);
  }

  it('names the category whose answers users rate badly, with both numbers', async () => {
    await write({ category: 'delivery', event: 'thumbsDown', count: 60 });
    await write({ category: 'delivery', event: 'thumbsUp', count: 40 });
    await write({ category: 'returns', event: 'thumbsDown', count: 10 });
    await write({ category: 'returns', event: 'thumbsUp', count: 90, hour: '2026-03-09/23' });
    const { bad, sentences } = await read();
    expect(bad).to.have.length(1);
    expect(bad[0]).to.include({ category: 'delivery', people: 100, thumbsDown: 60 });
    expect(sentences).to.deep.equal(['delivery: 60 of 100 people rate answers badly, at least 50.2 % > 30.0 %']);
  });

  it('counts only people, only answers of the champion, and only the window', async () => {
    await write({ category: 'delivery', event: 'thumbsDown', count: 200, person: () => 'the same' });
    await write({ category: 'delivery', event: 'thumbsDown', count: 100, release: 'm-r1' });
    await write({ category: 'returns', event: 'thumbsDown', count: 100, hour: '2026-03-08/11' });
    expect(await read()).to.deep.equal({ bad: [], sentences: [], batch: null });
  });

  it('takes what people say of the summaries of the champion as a category of its own, and names their batch', async () => {
    await rate({ event: 'thumbsDown', count: 60 });
    await rate({ event: 'thumbsUp', count: 40 });
    await rate({ event: 'thumbsUp', count: 500, release: 'm-r1' });
    await rate({ event: 'thumbsUp', count: 500, user: 'the same' });
    const { bad, batch } = await read({ source: { kind: 'csv', uri: '/reviews.csv' }, concurrency: 8 });
    expect(bad).to.have.length(1);
    expect(bad[0]).to.include({ category: 'summaries', people: 101, thumbsDown: 60 });
    expect(batch).to.deep.include({ model, concurrency: 8 });
  });

  it('says nothing where nobody has rated', async () => {
    expect(await read()).to.deep.equal({ bad: [], sentences: [], batch: null });
  });
});
