import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { removeOldLiveTexts } from '../../src/activities/live-text-retention.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';

const now = Date.parse('2026-11-21T13:00:00Z');

describe('what users wrote, once the spec keeps it no longer', () => {
  let root: string;
  let store: DirectoryStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-retention-'));
    store = new DirectoryStore({ root });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const write = async (key: string, at?: string) => {
    await store.put({ key, body: Buffer.from('x') });
    if (at !== undefined) await utimes(await store.localPath({ key }), new Date(at), new Date(at));
  };
  const left = async (prefix: string) => {
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix })) keys.push(key);
    return keys;
  };
  const remove = (retention: string | null) => removeOldLiveTexts({ store, model: 'm', retention, now });

  it('loses the hours of the request log that are over', async () => {
    const hours = ['2026-11-20/23', '2026-11-21/00', '2026-11-21/01', '2026-11-21/12'];
    const keys = hours.map((hour) => `requests/m/${hour}/g1-1.jsonl.zst`);
    for (const key of [...keys, 'requests/n/2020-01-01/00/g1-1.jsonl.zst']) await write(key);
    expect(await remove(null)).to.deep.equal({ requests: 0, pairs: 0 });
    expect(await left('requests/m/')).to.deep.equal(keys);
    expect(await remove('PT12H')).to.deep.equal({ requests: 2, pairs: 0 });
    expect(await left('requests/m/')).to.deep.equal(keys.slice(2));
    expect(await left('requests/n/')).to.have.length(1);
  });

  it("loses the pairs of the model's shadows, and of no other model with a name like it", async () => {
    await write('shadow/m-r2/g1-1.jsonl.zst', '2026-11-20T00:00:00Z');
    await write('shadow/m-r3/g1-1.jsonl.zst', '2026-11-21T00:00:00Z');
    await write('shadow/m-r3/g1-2.jsonl.zst', '2026-11-21T12:00:00Z');
    await write('shadow/m-r3-r1/g1-1.jsonl.zst', '2026-11-01T00:00:00Z');
    await write('releases/m-r2/shadow/evidence.json', '2026-11-01T00:00:00Z');
    expect(await remove('PT12H')).to.deep.equal({ requests: 0, pairs: 2 });
    expect(await left('shadow/')).to.deep.equal(['shadow/m-r3-r1/g1-1.jsonl.zst', 'shadow/m-r3/g1-2.jsonl.zst']);
    expect(await left('releases/')).to.have.length(1);
  });
});
