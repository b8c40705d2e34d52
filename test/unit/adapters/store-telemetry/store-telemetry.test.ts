import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { RoaringBucketSet } from '../../../../src/adapters/bitmap/roaring-bucket-set.js';
import { DirectoryStore } from '../../../../src/adapters/directory-store/directory-store.js';
import { telemetryKey } from '../../../../src/adapters/store-telemetry/read-snapshot.js';
import { StoreTelemetry } from '../../../../src/adapters/store-telemetry/store-telemetry.js';
import { latencyBounds, type Telemetry } from '../../../../src/domain/rollout/telemetry.js';

const arm = (buckets: number[]) => ({
  exposed: RoaringBucketSet.of(buckets).toBase64(),
  requests: buckets.length,
  latency: new Array<number>(latencyBounds.length + 1).fill(0),
  events: { error: { count: 1, buckets: RoaringBucketSet.of(buckets.slice(0, 1)).toBase64() } },
});
const snapshot = (change: Partial<Telemetry>): Telemetry => ({
  model: 'm',
  gateway: 'g1',
  revision: 1,
  at: '2026-11-21T12:00:00Z',
  arms: { champion: arm([1, 2]), challenger: arm([3]) },
  breaker: [],
  ...change,
});

describe('StoreTelemetry', () => {
  let folder: string;
  let store: DirectoryStore;
  let corrupt: { key: string; reason: string }[];
  let source: StoreTelemetry;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'telemetry-'));
    store = new DirectoryStore({ root: folder });
    corrupt = [];
    source = new StoreTelemetry({ store, onCorrupt: (input) => corrupt.push(input) });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));
  const put = (key: string, body: unknown) =>
    store.put({ key, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) });
  const write = (telemetry: Telemetry) => put(telemetryKey(telemetry), telemetry);

  it("reads every gateway's snapshot from a revision on, in order of revision and gateway", async () => {
    const written = [
      snapshot({ revision: 10 }),
      snapshot({ revision: 2, gateway: 'g2' }),
      snapshot({ revision: 2 }),
      snapshot({ revision: 1 }),
    ];
    for (const one of written) await write(one);
    await write(snapshot({ model: 'm.other', revision: 2 }));
    const { snapshots: read } = await source.read({ model: 'm', fromRevision: 2 });
    expect(read.map(({ revision, gateway }) => `${revision} ${gateway}`)).to.deep.equal(['2 g1', '2 g2', '10 g1']);
    expect(read[2]).to.deep.equal(written[0]);
    expect(corrupt).to.deep.equal([]);
  });

  it('reads nothing where nothing was counted', async () => {
    expect(await source.read({ model: 'm', fromRevision: 1 })).to.deep.equal({ snapshots: [], corrupt: [] });
  });

  it('names corrupt snapshots and reads the others', async () => {
    await write(snapshot({}));
    await put('telemetry/m/1/half.json', '{"model":');
    await put('telemetry/m/1/negative.json', {
      ...snapshot({ gateway: 'negative' }),
      arms: { champion: { ...arm([1]), requests: -1 }, challenger: arm([]) },
    });
    await put('telemetry/m/1/moved.json', snapshot({ gateway: 'g9' }));
    await put('telemetry/m/1/bits.json', {
      ...snapshot({ gateway: 'bits' }),
      arms: { champion: { ...arm([1]), exposed: 'AAAA' }, challenger: arm([]) },
    });
    const read = await source.read({ model: 'm', fromRevision: 1 });
    expect(read.snapshots.map(({ gateway }) => gateway)).to.deep.equal(['g1']);
    expect(read.corrupt).to.have.deep.members(corrupt);
    const reasonOf = (file: string) => corrupt.find(({ key }) => key === `telemetry/m/1/${file}`)?.reason;
    expect(reasonOf('half.json')).to.be.a('string');
    expect(reasonOf('negative.json')).to.match(/arms\.champion\.requests/);
    expect(reasonOf('moved.json')).to.match(/belongs under telemetry\/m\/1\/g9\.json/);
    expect(reasonOf('bits.json')).to.match(/arms\.champion\.exposed: bitmap of 3 bytes/);
  });
});
