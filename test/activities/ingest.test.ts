import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readLatest, readManifest } from '../../src/activities/dataset-publishing.js';
import { createIngestActivities } from '../../src/activities/ingest.js';
import { ExternalSources } from '../../src/adapters/data-sources/data-sources.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import type { IngestedDate } from '../../src/contracts/ingest.js';
import { createPseudonyms } from '../../src/domain/dataset/pseudonyms.js';
import type { ArtifactRef } from '../../src/domain/artifact-ref.js';
import { canonicalJson, digestOf } from '../../src/domain/release/evidence.js';
import { defaultPrompt } from '../../src/domain/release/prompt.js';
import { modelSpecSchema } from '../../src/domain/spec/model-spec.js';

const row = (index: number, day: number): string =>
  JSON.stringify({
    ...{ ticket_id: `T-${day}-${index}`, customer_id: `C-${index}`, category: 'tracking', resolved: true },
    created_at: `2026-03-${String(day).padStart(2, '0')}T${String(index % 24).padStart(2, '0')}:00:00Z`,
    customer_query: `Where is the parcel ${day * 1000 + index} that I sent to shelf ${index * 3}?`,
    agent_response: `Parcel ${day * 1000 + index} waits on shelf ${index * 3}.`,
  });
const day = (date: number, count: number): string[] => Array.from({ length: count }, (_, index) => row(index, date));

const pseudonyms = createPseudonyms({ key: null });
const tokenizers = { open: async () => null };

describe('ingest activities', () => {
  let folder: string;
  let store: DirectoryStore;
  let specification: ArtifactRef;
  let activities: ReturnType<typeof createIngestActivities>;
  const source = (): string => join(folder, 'tickets.jsonl');
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-ingest-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
    activities = createIngestActivities({
      store,
      sources: new ExternalSources(),
      codeCommit: null,
      pseudonyms,
      tokenizers,
    });
    const golden = { id: 'g1', input: 'How much is a box of ten kilos to Norway?', reference: '31 euros.' };
    const ref = await store.put({ key: 'golden/m/v1.jsonl', body: Buffer.from(JSON.stringify(golden)) });
    const spec = modelSpecSchema.parse({
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'tiny' } },
      data: { recipe: 'support-tickets', source: { kind: 'jsonl', uri: source() }, goldenSet: 'g.jsonl' },
      evaluation: { preset: 'support-deterministic' },
    });
    const document = {
      ...{ version: 1, spec, golden: { name: 'm', version: 'v1', ref }, prompt: defaultPrompt },
      ...{ promptDigest: digestOf(defaultPrompt), overlays: [] },
    };
    specification = await store.put({ key: 'specs/m/1.json', body: Buffer.from(canonicalJson(document)) });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function takeIn(date: string): Promise<IngestedDate> {
    const { stage, chunks } = await activities.stageIngest({ specification, date });
    for (let chunk = 0; chunk < chunks; chunk += 1)
      await activities.cleanIngestChunk({ specification, date, stage, chunk });
    return await activities.publishIngest({ specification, date, stage });
  }
  const keysUnder = async (prefix: string): Promise<string[]> => {
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix })) keys.push(key);
    return keys;
  };

  it('removes texts of users that are kept no longer, with what it laid down', async () => {
    const old = 'requests/m/2020-01-01/00/g1-1.jsonl.zst';
    const young = `requests/m/${new Date().toISOString().slice(0, 10)}/23/g1-1.jsonl.zst`;
    for (const key of [old, young]) await store.put({ key, body: Buffer.from('x') });
    await activities.clearIngest({ specification, date: '2026-01-01' });
    expect(await store.get({ key: old })).to.equal(null);
    expect(await store.get({ key: young })).to.not.equal(null);
  });

  it('publishes a date, gives the same version again, and leaves no raw rows behind', async () => {
    await writeFile(source(), [...day(1, 60), ...day(2, 40), 'no json'].join('\n'));
    const first = await takeIn('2026-03-02');
    expect(first).to.include({ date: '2026-03-02', read: 41, published: 40 });
    await activities.clearIngest({ specification, date: '2026-03-02' });
    expect(await keysUnder('ingest-stages/')).to.deep.equal([]);
    expect(await takeIn('2026-03-02')).to.deep.equal(first);
    const { manifest } = await readManifest({ store, name: 'm', digest: first.digest! });
    const window = { from: '2026-03-02T00:00:00.000Z', to: '2026-03-03T00:00:00.000Z' };
    expect(manifest.source).to.deep.include({ window, outside: 60 });
  });

  it('never lets a backfill take the place of a later date, and skips dates without rows', async () => {
    await writeFile(source(), [...day(1, 60), ...day(4, 40)].join('\n'));
    const latest = await takeIn('2026-03-04');
    const earlier = await takeIn('2026-03-01');
    expect(earlier.digest).to.not.equal(latest.digest);
    expect(await takeIn('2026-03-02')).to.deep.equal({ date: '2026-03-02', digest: null, read: 0, published: 0 });
    expect((await readLatest({ store, name: 'm' })).latest?.digest).to.equal(latest.digest);
  });

  it('does not clean a chunk twice', async () => {
    await writeFile(source(), day(2, 40).join('\n'));
    const date = '2026-03-02';
    const { stage } = await activities.stageIngest({ specification, date });
    await activities.cleanIngestChunk({ specification, date, stage, chunk: 0 });
    const [cleaned] = (await keysUnder('ingest-stages/')).filter((key) => key.includes('cleaned'));
    const before = await store.get({ key: cleaned! });
    await activities.cleanIngestChunk({ specification, date, stage, chunk: 0 });
    expect((await store.get({ key: cleaned! }))?.version).to.equal(before!.version);
  });

  it('says which date is none', async () => {
    const error: unknown = await takeIn('31.03.2026').catch((reason: unknown) => reason);
    expect(error).to.have.property('message').that.contains('"31.03.2026" is no date');
  });
});
