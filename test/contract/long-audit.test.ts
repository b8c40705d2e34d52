import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ArtifactStore } from '../../src/activities/ports.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { auditClaimKey, auditHeadKey } from '../../src/adapters/store-audit/audit-record.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { verifyAudit } from '../../src/adapters/store-audit/verify-audit.js';
import { auditEntry } from './audit-log-contract.js';

describe('StoreAudit, however long the log is', () => {
  let root: string;
  let store: DirectoryStore;
  const model = 'support-assistant';
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-audit-'));
    store = new DirectoryStore({ root });
    const log = new StoreAudit({ store });
    for (let at = 1; at <= 60; at += 1) await log.append({ model, entry: auditEntry(`key ${at}`, { at }) });
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  type Part = Pick<ArtifactStore, 'get' | 'put' | 'putIfAbsent' | 'compareAndSet'>;
  const partOf = (changed: Partial<Part>): Part => ({
    get: (input) => store.get(input),
    put: (input) => store.put(input),
    putIfAbsent: (input) => store.putIfAbsent(input),
    compareAndSet: (input) => store.compareAndSet(input),
    ...changed,
  });
  /** A process of its own, and what it read and wrote. */
  const anew = () => {
    const asked: string[] = [];
    const noting = partOf({
      get: (input) => (asked.push(input.key), store.get(input)),
      putIfAbsent: (input) => (asked.push(input.key), store.putIfAbsent(input)),
    });
    return { asked, log: new StoreAudit({ store: noting }) };
  };
  const isWhole = async (entries: number): Promise<void> => {
    expect(await verifyAudit({ store, model })).to.deep.include({ ok: true, entries });
  };

  it('reads the end of a long log alone', async () => {
    const { asked, log } = anew();
    expect(await log.append({ model, entry: auditEntry('key 61') })).to.deep.equal({ sequence: 61 });
    expect(asked.length).to.be.at.most(14);
    await isWhole(61);
  });

  it('finds an entry far behind by its key, with three calls more', async () => {
    const { asked, log } = anew();
    expect(await log.append({ model, entry: auditEntry('key 3') })).to.deep.equal({ sequence: 3 });
    expect(asked.length).to.be.at.most(14);
    await isWhole(60);
  });

  it('finds an entry whose writer died before it said where that stands', async () => {
    await store.put({ key: auditClaimKey({ model, key: 'key 30' }), body: Buffer.from('{"key":"key 30","from":21}') });
    expect(await anew().log.append({ model, entry: auditEntry('key 30') })).to.deep.equal({ sequence: 30 });
    await isWhole(60);
  });

  it('appends an entry whose writer died before it wrote it', async () => {
    await store.put({ key: auditClaimKey({ model, key: 'late' }), body: Buffer.from('{"key":"late","from":21}') });
    expect(await anew().log.append({ model, entry: auditEntry('late') })).to.deep.equal({ sequence: 61 });
    await isWhole(61);
  });

  it('finds an entry wherever it is where its claim says nothing', async () => {
    await store.put({ key: auditClaimKey({ model, key: 'key 2' }), body: Buffer.from('{') });
    expect(await anew().log.append({ model, entry: auditEntry('key 2') })).to.deep.equal({ sequence: 2 });
    await isWhole(60);
  });

  it('finds an entry that was just written before there were claims', async () => {
    await store.remove({ key: auditClaimKey({ model, key: 'key 55' }) });
    expect(await anew().log.append({ model, entry: auditEntry('key 55') })).to.deep.equal({ sequence: 55 });
    await isWhole(60);
  });

  it('goes on at the end where the head is behind, missing, or of another log', async () => {
    const head = (await store.get({ key: auditHeadKey(model) }))!.body;
    await store.remove({ key: auditHeadKey(model) });
    expect(await anew().log.append({ model, entry: auditEntry('key 61') })).to.deep.equal({ sequence: 61 });
    await store.put({ key: auditHeadKey(model), body: head });
    expect(await anew().log.append({ model, entry: auditEntry('key 62') })).to.deep.equal({ sequence: 62 });
    const other = JSON.stringify({ sequence: 40, digest: 'f'.repeat(64) });
    await store.put({ key: auditHeadKey(model), body: Buffer.from(other) });
    expect(await anew().log.append({ model, entry: auditEntry('key 63') })).to.deep.equal({ sequence: 63 });
    await isWhole(63);
  });

  it('writes an entry once where many processes send it at once', async () => {
    const sent = Array.from({ length: 12 }, () => anew().log.append({ model, entry: auditEntry('same') }));
    expect(new Set((await Promise.all(sent)).map(({ sequence }) => sequence))).to.deep.equal(new Set([61]));
    await isWhole(61);
  });

  it('forgets an end that could not be read', async () => {
    let isAway = true;
    const flaky = partOf({
      get: (input) => (isAway ? Promise.reject(new Error('the store is away')) : store.get(input)),
    });
    const log = new StoreAudit({ store: flaky });
    const refused = await log.append({ model, entry: auditEntry('key 61') }).catch((error: Error) => error.message);
    expect(refused).to.equal('the store is away');
    isAway = false;
    expect(await log.append({ model, entry: auditEntry('key 61') })).to.deep.equal({ sequence: 61 });
    await isWhole(61);
  });
});
