import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { hashKey, KeyRing } from '../../../src/gateway/key-ring.js';

const record = (id: string, expiresAt: string | null = null) => ({
  id,
  sha256: hashKey(`secret of ${id}`),
  scopes: ['query'],
  defaultModel: null,
  expiresAt,
});

describe('key ring', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
    path = join(folder, 'keys.json');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('finds a key by its hash until it expires, old and new together while one is rotated', async () => {
    await writeFile(path, JSON.stringify([record('old', '2026-11-21T12:00:00Z'), record('new')]));
    const ring = new KeyRing(path);
    await ring.refresh();
    const expiry = Date.parse('2026-11-21T12:00:00Z');
    const find = (id: string, now: number) => ring.find({ key: `secret of ${id}`, now })?.id ?? null;
    expect([find('old', expiry - 1), find('new', expiry - 1)]).to.deep.equal(['old', 'new']);
    expect([find('old', expiry), find('new', expiry)]).to.deep.equal([null, 'new']);
    expect(ring.find({ key: hashKey('secret of new'), now: 0 }), 'the hash is no key').to.equal(null);
  });

  it('follows the file, and keeps its keys when the file goes bad', async () => {
    await writeFile(path, JSON.stringify([record('first')]));
    const ring = new KeyRing(path);
    await ring.refresh();
    await writeFile(path, JSON.stringify([record('first'), record('second')]));
    await ring.refresh();
    expect(ring.size).to.equal(2);
    await writeFile(path, JSON.stringify([{ ...record('third'), sha256: 'plain text' }]));
    const refused = await ring.refresh().catch((error: unknown) => error);
    expect(String(refused)).to.match(/keys\.json: .*expected 64 lower-case hex digits[^]*\[0\]\.sha256/);
    await rm(path);
    expect(await ring.refresh().catch((error: unknown) => String(error))).to.match(/ENOENT/);
    expect(ring.size).to.equal(2);
  });

  it('finds a key beyond ASCII by the bytes of its header', async () => {
    await writeFile(path, JSON.stringify([{ ...record('wide'), sha256: hashKey('schlüssel-ключ') }]));
    const ring = new KeyRing(path);
    await ring.refresh();
    const asNodeReadsIt = Buffer.from('schlüssel-ключ', 'utf8').toString('latin1');
    expect(ring.find({ key: asNodeReadsIt, now: 0 })?.id).to.equal('wide');
  });
});
