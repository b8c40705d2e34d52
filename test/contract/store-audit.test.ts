import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { auditHeadKey, auditKey, expectedDigest } from '../../src/adapters/store-audit/audit-record.js';
import type { AuditRecord } from '../../src/adapters/store-audit/audit-record.js';
import { StoreAudit } from '../../src/adapters/store-audit/store-audit.js';
import { verifyAudit } from '../../src/adapters/store-audit/verify-audit.js';
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
    await store.put({ key: key(sequence), body: Buffer.from(JSON.stringify(record)) });
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
          const same = (() => {
            try {
              return JSON.stringify(JSON.parse(changed.toString())) === JSON.stringify(JSON.parse(original.toString()));
            } catch {
              return false;
            }
          })();
          await store.put({ key: key(at), body: changed });
          const { ok } = await verifyAudit({ store, model });
          await store.put({ key: key(at), body: original });
          return ok === same;
        },
      ),
      { numRuns: 150, seed: 11 },
    );
  });
});
