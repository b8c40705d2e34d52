import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { auditHeadKey, auditKey, expectedDigest, textOf } from '../../src/adapters/store-audit/audit-record.js';
import type { AuditRecord } from '../../src/adapters/store-audit/audit-record.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { verifyAudit } from '../../src/adapters/store-audit/verify-audit.js';
import { systemClock } from '../../src/activities/clock.js';
import { createTrafficActivities } from '../../src/activities/traffic.js';
import { StoreRouter } from '../../src/adapters/store-router/store-router.js';
import { auditEntry, describeAuditLog } from './audit-log-contract.js';

let root: string;
let store: DirectoryStore;
const model = 'support-assistant';
const key = (sequence: number): string => auditKey({ model, sequence });

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'understudy-audit-'));
});
after(() => rm(root, { recursive: true, force: true }));

describeAuditLog({ name: 'StoreAudit', open: () => new StoreAudit({ store: new DirectoryStore({ root }) }) });

describe('verifyAudit', () => {
  const read = async (sequence: number): Promise<AuditRecord> =>
    JSON.parse(Buffer.from((await store.get({ key: key(sequence) }))!.body).toString()) as AuditRecord;
  const write = async (sequence: number, record: unknown): Promise<void> => {
    await store.put({ key: key(sequence), body: Buffer.from(textOf(record)) });
  };
  const problems = async (): Promise<string> => {
    const { ok, problems: found } = await verifyAudit({ store, model });
    expect(ok).to.equal(found.length === 0);
    return found.map(({ key: at, problem }) => `${at}: ${problem}`).join('\n');
  };

  beforeEach(async () => {
    await rm(root, { recursive: true, force: true });
    store = new DirectoryStore({ root });
    const log = new StoreAudit({ store });
    for (let at = 1; at <= 5; at += 1) await log.append({ model, entry: auditEntry(`key ${at}`, { at }) });
  });

  it('passes an untouched log and says its head', async () => {
    const { ok, entries, head, problems: found } = await verifyAudit({ store, model });
    expect({ ok, entries, found }).to.deep.equal({ ok: true, entries: 5, found: [] });
    expect(head).to.deep.equal({ sequence: 5, digest: (await read(5)).digest });
  });

  it('passes a model without a log', async () => {
    expect(await verifyAudit({ store, model: 'other' })).to.deep.equal({
      ok: true,
      entries: 0,
      head: null,
      anchors: 0,
      problems: [],
    });
  });

  it('passes a log whose last writer died before it noted the head', async () => {
    await store.remove({ key: auditHeadKey(model) });
    await store.compareAndSet({
      key: auditHeadKey(model),
      body: Buffer.from(JSON.stringify({ sequence: 3, digest: (await read(3)).digest })),
      expected: null,
    });
    expect(await problems()).to.equal('');
  });

  it('passes a log that grows while it is read', async () => {
    const router = new StoreRouter({ store });
    const traffic = createTrafficActivities({ store, router, audit: new StoreAudit({ store }), clock: systemClock });
    const champion = { releaseId: 'r1', endpoint: 'http://127.0.0.1:1/v1', adapter: 'r1', promptDigest: null };
    const growing = Object.assign(Object.create(store) as DirectoryStore, {
      list: async function* (asked: { prefix: string }) {
        yield* store.list(asked);
        for (const reason of ['first', 'second', 'third'])
          await traffic.writePlan({
            ...{ model, owner: { workflowId: 'release:r1', epoch: 2 }, leaseMilliseconds: null },
            change: { champion: { ...champion, indexVersion: null }, reason },
          });
      },
      get: (asked: { key: string }) => store.get(asked),
    });
    expect(await verifyAudit({ store: growing, model })).to.deep.include({ ok: true, entries: 5 });
    expect(await problems()).to.equal('');
  });

  it('passes names in another order, which say the same, and no other change', async () => {
    const record = await read(3);
    await write(3, Object.fromEntries(Object.entries(record).reverse()));
    expect(await problems()).to.equal('');
  });

  it('finds an edited reason', async () => {
    const record = await read(3);
    await write(3, { ...record, entry: { ...record.entry, reason: 'looked fine' } });
    expect(await problems()).to.include(`${key(3)}: was edited`);
  });

  it('finds an edit whose digest was made to fit', async () => {
    const record = await read(3);
    const edited = { ...record, entry: { ...record.entry, actor: 'somebody else' } };
    await write(3, { ...edited, digest: expectedDigest(edited) });
    expect(await problems()).to.include(`${key(4)}: names ${record.digest} as the record before`);
  });

  it('finds an edited last record whose digest was made to fit', async () => {
    const record = await read(5);
    const edited = { ...record, entry: { ...record.entry, actor: 'somebody else' } };
    await write(5, { ...edited, digest: expectedDigest(edited) });
    expect(await problems()).to.include('notes record 5');
  });

  it('finds a missing record', async () => {
    await store.remove({ key: key(2) });
    expect(await problems()).to.include(`${key(3)}: record 3 follows record 1, expected 2`);
  });

  it('finds an end cut off', async () => {
    await store.remove({ key: key(5) });
    await store.remove({ key: key(4) });
    expect(await problems())
      .to.include('notes record 5')
      .and.to.include('no such record');
  });

  it('finds an end cut off with its head, by the traffic plan that stands', async () => {
    const router = new StoreRouter({ store });
    const traffic = createTrafficActivities({ store, router, audit: new StoreAudit({ store }), clock: systemClock });
    const champion = { releaseId: 'r1', endpoint: 'http://127.0.0.1:1/v1', adapter: 'r1', promptDigest: null };
    for (const reason of ['first', 'second', 'third'])
      await traffic.writePlan({
        ...{ model, owner: { workflowId: 'release:r1', epoch: 2 }, leaseMilliseconds: null },
        change: { champion: { ...champion, indexVersion: null }, reason },
      });
    expect(await problems()).to.equal('');
    await store.remove({ key: key(8) });
    await store.remove({ key: auditHeadKey(model) });
    await store.compareAndSet({
      key: auditHeadKey(model),
      body: Buffer.from(JSON.stringify({ sequence: 7, digest: (await read(7)).digest })),
      expected: null,
    });
    // Whoever wrote the newest plan may have ended before it was noted.
    expect(await problems()).to.equal('');
    for (const sequence of [2, 3, 4, 5, 6, 7]) await store.remove({ key: key(sequence) });
    await store.remove({ key: auditHeadKey(model) });
    expect(await problems()).to.include('is revision 3: its end was cut off');
  });

  it('finds a name that stands twice', async () => {
    const original = Buffer.from((await store.get({ key: key(3) }))!.body).toString();
    const forged = original.replace('"reason":', '"reason": "looked fine",\n    "reason":');
    expect(forged).not.to.equal(original);
    await store.put({ key: key(3), body: Buffer.from(forged) });
    expect(await problems()).to.include(`${key(3)}: was edited: it is not written`);
  });

  it('finds a name that a schema skips, written as records are', async () => {
    const original = Buffer.from((await store.get({ key: key(3) }))!.body).toString();
    const planted = '"__proto__": {\n$1  "approvedBy": "nobody"\n$1}';
    for (const forged of [
      original.replace(/^( +)"at": 3$/m, `$1"at": 3,\n$1${planted}`),
      original.replace(/^( +)"kind": "decision",$/m, `$1"kind": "decision",\n$1${planted},`),
      original.replace(/^( +)"sequence": 3,$/m, `$1"sequence": 3,\n$1${planted},`),
    ]) {
      expect(forged).not.to.equal(original);
      expect(textOf(JSON.parse(forged)), 'otherwise its form alone gives it away').to.equal(forged);
      await store.put({ key: key(3), body: Buffer.from(forged) });
      expect(await problems()).to.match(/00000003\.json: (was edited: its digest|is no audit record)/);
    }
  });

  it('passes details with a name that a schema skips, as they were written', async () => {
    const details = JSON.parse('{ "__proto__": { "approvedBy": "mira" } }') as Record<string, unknown>;
    await new StoreAudit({ store }).append({ model, entry: auditEntry('key 6', details) });
    expect(await problems()).to.equal('');
    const written = Buffer.from((await store.get({ key: key(6) }))!.body).toString();
    await store.put({ key: key(6), body: Buffer.from(written.replace('"mira"', '"nobody"')) });
    expect(await problems()).to.include(`${key(6)}: was edited: its digest`);
  });

  it('finds bytes that are no text, where they read as the ones that were written', async () => {
    await new StoreAudit({ store }).append({ model, entry: auditEntry('key 6', { said: '\ufffd' }) });
    expect(await problems()).to.equal('');
    const body = Buffer.from((await store.get({ key: key(6) }))!.body);
    const at = body.indexOf('\ufffd');
    const forged = Buffer.concat([body.subarray(0, at), Buffer.from([0xff]), body.subarray(at + 3)]);
    await store.put({ key: key(6), body: forged });
    expect(await problems()).to.include(`${key(6)}: was edited: it is not written`);
  });

  it('finds two records that changed places', async () => {
    const [second, third] = [await read(2), await read(3)];
    await write(2, third);
    await write(3, second);
    expect(await problems()).to.include(`${key(2)}: says it is record 3`);
  });

  it('finds a record of another model, a repeated key and a file that is no record', async () => {
    await write(6, { ...(await read(5)), model: 'other', sequence: 6 });
    await store.put({ key: key(7), body: Buffer.from('nothing') });
    expect(await problems())
      .to.include(`${key(6)}: belongs to model other`)
      .and.to.include('repeats the key key 5')
      .and.to.include(`${key(7)}: is no audit record`);
  });

  it('finds any changed byte', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        fc.integer({ min: 32, max: 126 }),
        async (at, place, code) => {
          const original = Buffer.from((await store.get({ key: key(at) }))!.body);
          const changed = Buffer.from(original);
          changed[place % changed.length] = code;
          await store.put({ key: key(at), body: changed });
          const { ok } = await verifyAudit({ store, model });
          await store.put({ key: key(at), body: original });
          return ok === changed.equals(original);
        },
      ),
      { numRuns: 150, seed: 11 },
    );
  });
});
