import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ArtifactStore } from '../../src/activities/ports.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { auditIndexKey } from '../../src/adapters/store-audit/audit-record.js';
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
    for (let at = 1; at <= 120; at += 1) await log.append({ model, entry: auditEntry(`key ${at}`, { at }) });
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
  const index = async () =>
    JSON.parse(Buffer.from((await store.get({ key: auditIndexKey(model) }))!.body).toString()) as {
      keys: string[];
      digest: string;
    };
  const isWhole = async (entries: number): Promise<void> => {
    expect(await verifyAudit({ store, model })).to.deep.include({ ok: true, entries });
  };

  it('is gone on with at the cost of its end alone', async () => {
    const { asked, log } = anew();
    expect(await log.append({ model, entry: auditEntry('key 121') })).to.include({ sequence: 121 });
    expect(asked.length).to.be.at.most(40);
    await isWhole(121);
  });

  it('has an entry far behind found that is sent again, and one of its end', async () => {
    for (const at of [3, 119]) {
      const { asked, log } = anew();
      expect(await log.append({ model, entry: auditEntry(`key ${at}`) })).to.include({ sequence: at });
      expect(asked.length).to.be.at.most(40);
    }
    await isWhole(120);
  });

  it('needs no index, which is written again', async () => {
    await store.remove({ key: auditIndexKey(model) });
    const { log } = anew();
    expect(await log.append({ model, entry: auditEntry('key 2') })).to.include({ sequence: 2 });
    expect(await log.append({ model, entry: auditEntry('key 121') })).to.include({ sequence: 121 });
    const { keys } = await index();
    expect(keys).to.deep.equal(Array.from({ length: 120 }, (_, at) => `key ${at + 1}`));
    await isWhole(121);
  });

  it('believes no index that the log does not bear out', async () => {
    const { keys, digest } = await index();
    const put = (value: unknown) => store.put({ key: auditIndexKey(model), body: Buffer.from(JSON.stringify(value)) });
    // Somebody would keep an entry from being written.
    await put({ digest, keys: keys.with(5, 'promotion to come') });
    expect(await anew().log.append({ model, entry: auditEntry('promotion to come') })).to.include({ sequence: 121 });
    await put({ digest: 'f'.repeat(64), keys });
    expect(await anew().log.append({ model, entry: auditEntry('key 4') })).to.include({ sequence: 4 });
    await store.put({ key: auditIndexKey(model), body: Buffer.from('{') });
    expect(await anew().log.append({ model, entry: auditEntry('key 122') })).to.include({ sequence: 122 });
    await isWhole(122);
  });

  it('writes an entry once where many processes send it at once', async () => {
    const sent = Array.from({ length: 12 }, () => anew().log.append({ model, entry: auditEntry('same') }));
    expect(new Set((await Promise.all(sent)).map(({ sequence }) => sequence))).to.deep.equal(new Set([121]));
    await isWhole(121);
  });

  it('forgets an end that could not be read', async () => {
    let isAway = true;
    const flaky = partOf({
      get: (input) => (isAway ? Promise.reject(new Error('the store is away')) : store.get(input)),
    });
    const log = new StoreAudit({ store: flaky });
    const refused = await log.append({ model, entry: auditEntry('key 121') }).catch((error: Error) => error.message);
    expect(refused).to.equal('the store is away');
    isAway = false;
    expect(await log.append({ model, entry: auditEntry('key 121') })).to.include({ sequence: 121 });
    await isWhole(121);
  });
});
