import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { PublishedDataset } from '../../src/activities/dataset-publishing.js';
import { PortError } from '../../src/activities/ports.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { builtDataset, publishedLines } from './support/built-dataset.js';

const ticket = (index: number): string =>
  JSON.stringify({
    ...{ ticket_id: `T-${index}`, customer_id: `C-${index}`, category: index % 4 === 0 ? 'price' : 'tracking' },
    ...{ resolved: true, customer_query: `Where is the parcel ${index} that I sent to shelf ${index * 3}?` },
    agent_response: `Parcel ${index} waits on shelf ${index * 3}.`,
  });
const tickets = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => ticket(from + index)).join('\n');

describe('replay of older data', () => {
  let folder: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-replay-'));
    store = new DirectoryStore({ root: join(folder, 'store') });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function build(
    rows: string,
    replay: Record<string, unknown> | null,
    question = 'How much is it?',
    settings: Record<string, unknown> = {},
  ): Promise<PublishedDataset> {
    const uri = join(folder, 'tickets.jsonl');
    await writeFile(uri, rows);
    const source = { kind: 'jsonl', uri };
    return await builtDataset({ store, data: { source, replay, ...settings }, question });
  }
  const trained = (dataset: PublishedDataset): Promise<string[]> =>
    publishedLines({ store, dataset, file: 'train.jsonl' });

  it('mixes the wanted share in, each row once, by category, and names the parent', async () => {
    const first = await build(tickets(0, 400), null);
    const second = await build(tickets(300, 700), { share: '20%', from: [{ dataset: 'previous' }] });
    const { counts, parents } = second.manifest;
    expect(parents).to.deep.equal([first.manifest.digest]);
    expect(counts.replayed / (counts.train + counts.replayed)).to.be.closeTo(0.2, 0.01);
    const lines = await trained(second);
    expect(lines).to.have.length(counts.train + counts.replayed);
    expect(new Set(lines).size).to.equal(lines.length);
    const old = lines.flatMap((line) => {
      const number = Number(/parcel (\d+)/.exec(line)![1]);
      return number < 300 ? [number] : [];
    });
    expect(old).to.have.length(counts.replayed);
    expect(old.filter((number) => number % 4 === 0).length / old.length).to.be.closeTo(0.25, 0.05);
  });

  it('gives the same version when the run is repeated, though the latest is now its own', async () => {
    await build(tickets(0, 200), null);
    const replay = { share: '10%', from: [{ dataset: 'previous' }] };
    const once = await build(tickets(200, 400), replay);
    const again = await build(tickets(200, 400), replay);
    expect(again.manifest.digest).to.equal(once.manifest.digest);
    expect(again.manifest.counts.replayed).to.be.above(0);
  });

  describe('of rows that nearly say the same', () => {
    const long = (index: number, last: string): string =>
      JSON.stringify({
        ...{ ticket_id: `T-${index}-${last}`, customer_id: `C-${index}-${last}`, category: 'tracking', resolved: true },
        customer_query: `Where is the parcel ${index} that I sent to shelf ${index * 3}?`,
        agent_response: `${Array.from({ length: 30 }, (_, at) => `w${index * 31 + at}`).join(' ')} ${last}.`,
      });
    const rows = (from: number, to: number, last: string): string =>
      Array.from({ length: to - from }, (_, index) => long(from + index, last)).join('\n');

    it('brings none back that the new set has', async () => {
      await build(rows(0, 200, 'yesterday'), null);
      const replay = { share: '40%', from: [{ dataset: 'previous' }] };
      const mixed = await trained(await build(rows(100, 300, 'today'), replay));
      const old = mixed.filter((line) => line.includes('yesterday'));
      expect(old).to.have.length.above(50);
      expect(old.filter((line) => Number(/parcel (\d+)/.exec(line)![1]) >= 100)).to.deep.equal([]);
    });

    it('takes one of two older versions that nearly repeat each other', async () => {
      const first = await build(rows(0, 100, 'monday'), null);
      const second = await build(rows(0, 100, 'tuesday'), null);
      const from = [first, second].map(({ manifest }) => ({ dataset: manifest.digest }));
      const mixed = await trained(await build(rows(100, 300, 'today'), { share: '45%', from }));
      const old = mixed.flatMap((line) => (line.includes('today') ? [] : [/parcel (\d+)/.exec(line)![1]]));
      expect(old).to.have.length.above(50);
      expect(new Set(old).size).to.equal(old.length);
    });
  });

  it('mixes no more in where rows share ids, and counts a category of any name', async () => {
    const strange = (rows: string, id: string): string =>
      rows.replace(/"T-\d+"/g, `"${id}"`).replaceAll('"price"', '"__proto__"');
    const anyId = { uniqueIds: false };
    const first = strange(tickets(0, 400), 'T-1');
    await build(first, null, undefined, anyId);
    const replay = { share: '20%', from: [{ dataset: 'previous' }] };
    const { counts } = (await build(strange(tickets(400, 800), 'T-2'), replay, undefined, anyId)).manifest;
    expect(counts.replayed).to.equal(Math.round(counts.train / 4));
  });

  it('never brings a golden case back', async () => {
    const { manifest } = await build(tickets(0, 100), null);
    const replay = { share: '50%', from: [{ dataset: manifest.digest }] };
    const golden = 'Where is the parcel 7 that I sent to shelf 21?';
    const mixed = await trained(await build(tickets(100, 200), replay, golden));
    expect(mixed.filter((line) => line.includes('parcel 8 '))).to.have.length.at.most(1);
    expect(mixed.filter((line) => line.includes('parcel 7 '))).to.deep.equal([]);
  });

  it('has nothing to replay for a first version, and names a version that is not there', async () => {
    const first = await build(tickets(0, 100), { share: '10%', from: [{ dataset: 'previous' }] });
    expect(first.manifest).to.deep.include({ parents: [] });
    expect(first.manifest.counts.replayed).to.equal(0);
    const missing = { share: '10%', from: [{ dataset: 'a'.repeat(64) }] };
    const error: unknown = await build(tickets(0, 101), missing).catch((reason: unknown) => reason);
    expect(error).to.be.instanceOf(PortError);
    expect(error).to.include({ type: 'NotFound' });
  });
});
