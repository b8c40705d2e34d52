import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { PortError } from '../../../src/activities/ports.js';
import { DirectoryStore } from '../../../src/adapters/directory-store/directory-store.js';
import { SegmentWriter } from '../../../src/gateway/segment-writer.js';
import { FragileStore } from '../../gateway/support/fragile-store.js';
import { readSegments } from '../../gateway/support/read-segments.js';

describe('segment writer', () => {
  let folder: string;
  let store: FragileStore;
  let dropped: number;
  const failures: unknown[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'segments-'));
    store = new FragileStore(new DirectoryStore({ root: folder }));
    dropped = 0;
    failures.length = 0;
  });
  afterEach(() => rm(folder, { recursive: true }));

  const writer = (mostBytes = 1e6) =>
    new SegmentWriter({
      store,
      gateway: 'g1',
      clock: () => 1000,
      flushMilliseconds: 60_000,
      mostBytes,
      onFailure: (error) => failures.push(error),
      onDrop: (lines) => (dropped += lines),
    });
  const read = (prefix = 'a/') => readSegments<{ n: number }>({ store, prefix });

  it('writes each folder by itself, in the order of the lines', async () => {
    const segments = writer();
    for (let n = 0; n < 4; n += 1) segments.append({ prefix: n % 2 ? 'b/' : 'a/', row: { n } });
    await segments.stop();
    expect(await read('a/')).to.deep.equal({ keys: ['a/g1-1000.jsonl.zst'], rows: [{ n: 0 }, { n: 2 }] });
    expect(await read('b/')).to.deep.equal({ keys: ['b/g1-1001.jsonl.zst'], rows: [{ n: 1 }, { n: 3 }] });
  });

  it('makes no new memory for each segment, and mixes none of them', async () => {
    const allocate = Buffer.allocUnsafeSlow;
    let made = 0;
    Buffer.allocUnsafeSlow = (size) => ((made += 1), allocate(size));
    try {
      const segments = writer();
      for (let round = 0; round < 10; round += 1) {
        for (let n = 0; n < 20; n += 1)
          segments.append({ prefix: `${round}/`, row: { round, text: 'x'.repeat(1500) } });
        await segments.flush();
        if (round === 0) made = 0;
      }
      expect(made).to.equal(0);
    } finally {
      Buffer.allocUnsafeSlow = allocate;
    }
    for (let round = 0; round < 10; round += 1) {
      const { rows } = await readSegments<{ round: number }>({ store, prefix: `${round}/` });
      expect(rows.map((row) => row.round)).to.deep.equal(Array.from({ length: 20 }, () => round));
    }
  });

  it('steps over what an earlier process wrote under the same numbers', async () => {
    for (const n of [1, 2]) {
      const segments = writer();
      segments.append({ prefix: 'a/', row: { n } });
      await segments.stop();
    }
    expect((await read()).rows).to.deep.equal([{ n: 1 }, { n: 2 }]);
  });

  it('cuts a busy time into segments', async () => {
    const segments = writer();
    for (let n = 0; n < 1201; n += 1) segments.append({ prefix: 'a/', row: { n } });
    await segments.stop();
    const { keys, rows } = await read();
    expect(keys).to.have.length(3);
    expect(rows.map(({ n }) => n)).to.deep.equal(Array.from({ length: 1201 }, (_, n) => n));
  });

  it('keeps lines while the store is away, and writes each once', async () => {
    const segments = writer();
    store.away = true;
    segments.append({ prefix: 'a/', row: { n: 1 } });
    await segments.flush();
    expect(failures).to.have.length(1);
    segments.append({ prefix: 'a/', row: { n: 2 } });
    store.away = false;
    await segments.stop();
    expect((await read()).rows).to.deep.equal([{ n: 1 }, { n: 2 }]);
  });

  it('writes no line twice when the confirmation of a write is lost', async () => {
    const segments = writer();
    const put = store.putIfAbsent.bind(store);
    store.putIfAbsent = async (input) => {
      store.putIfAbsent = put;
      await put(input);
      throw new PortError('Timeout', 'no confirmation');
    };
    segments.append({ prefix: 'a/', row: { n: 1 } });
    await segments.flush();
    expect(failures).to.have.length(1);
    await segments.stop();
    expect((await read()).rows).to.deep.equal([{ n: 1 }]);
  });

  it('gives up the oldest lines when the store is away for too long, and counts them', async () => {
    const segments = writer(1000);
    store.away = true;
    for (let n = 0; n < 3; n += 1) {
      segments.append({ prefix: 'a/', row: { n, filler: 'x'.repeat(480) } });
      await segments.flush();
    }
    store.away = false;
    await segments.stop();
    expect(dropped).to.equal(1);
    expect((await read()).rows.map(({ n }) => n)).to.deep.equal([1, 2]);
  });
});
