import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ArtifactStore } from '../../src/activities/ports.js';
import { refKey } from '../../src/domain/artifact-ref.js';
import { expectPortError } from './support/expect-port-error.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (body: Uint8Array): string => Buffer.from(body).toString();
const digest = (body: string): string => createHash('sha256').update(body).digest('hex');

/** What every artifact store must do. `open` returns the same store again, as another process would see it. */
export function describeArtifactStore({
  name,
  open,
  createsRemovedAgain = true,
}: {
  name: string;
  open: () => ArtifactStore;
  /** False for a server that refuses a conditional write over what was removed: the refusal is tested then. */
  createsRemovedAgain?: boolean;
}): void {
  describe(`${name} keeps the contract of ArtifactStore`, () => {
    let store: ArtifactStore;
    let folder: string;
    const keyOf = (last: string): string => `${folder}/${last}`;
    const listed = async (prefix: string): Promise<string[]> => {
      const keys: string[] = [];
      for await (const { key } of store.list({ prefix })) keys.push(key);
      return keys;
    };

    beforeEach(() => {
      store = open();
      folder = `contract/${randomUUID()}`;
    });

    it('reads back what was put, with digest, length and a uri that names the key', async () => {
      const ref = await store.put({ key: keyOf('a.txt'), body: bytes('hello') });
      expect(ref).to.include({ sha256: digest('hello'), bytes: 5 });
      expect(refKey(ref)).to.equal(keyOf('a.txt'));
      const found = await open().get({ key: keyOf('a.txt') });
      expect(text(found!.body)).to.equal('hello');
      expect(found!.ref).to.deep.equal(ref);
    });

    it('put replaces, and the version changes even when the bytes do not', async () => {
      const key = keyOf('a.txt');
      await store.put({ key, body: bytes('one') });
      const first = await store.get({ key });
      await store.put({ key, body: bytes('one') });
      const second = await store.get({ key });
      expect(second!.version).not.to.equal(first!.version);
      await store.put({ key, body: bytes('two') });
      expect(text((await store.get({ key }))!.body)).to.equal('two');
    });

    it('answers null where nothing stands', async () => {
      expect(await store.get({ key: keyOf('nothing') })).to.equal(null);
      expect(await store.getIfChanged({ key: keyOf('nothing'), known: null })).to.equal(null);
      expect(await store.getIfChanged({ key: keyOf('nothing'), known: 'v1' })).to.equal(null);
    });

    it('putIfAbsent writes once and then tells what stands there', async () => {
      const key = keyOf('once');
      const first = await store.putIfAbsent({ key, body: bytes('first') });
      const second = await store.putIfAbsent({ key, body: bytes('second') });
      expect(first.created).to.equal(true);
      expect(second).to.deep.equal({ created: false, ref: first.ref });
      expect(text((await store.get({ key }))!.body)).to.equal('first');
    });

    it('of 20 putIfAbsent at once one creates', async () => {
      const key = keyOf('race');
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, at) => open().putIfAbsent({ key, body: bytes(`writer ${at}`) })),
      );
      expect(results.filter((result) => result.created)).to.have.length(1);
      expect(new Set(results.map((result) => result.ref.sha256))).to.have.property('size', 1);
    });

    it('compareAndSet writes over the version it was told and over no other', async () => {
      const key = keyOf('plan.json');
      const first = await store.compareAndSet({ key, body: bytes('1'), expected: null });
      expect(first).not.to.equal(null);
      expect(await store.compareAndSet({ key, body: bytes('x'), expected: null })).to.equal(null);
      const second = await store.compareAndSet({ key, body: bytes('2'), expected: first!.version });
      expect(second!.version).not.to.equal(first!.version);
      expect(await store.compareAndSet({ key, body: bytes('x'), expected: first!.version })).to.equal(null);
      const found = await open().get({ key });
      expect(text(found!.body)).to.equal('2');
      expect(found!.version).to.equal(second!.version);
    });

    it('compareAndSet over a version of a key that is not there writes nothing', async () => {
      expect(await store.compareAndSet({ key: keyOf('gone'), body: bytes('x'), expected: 'v3' })).to.equal(null);
      expect(await store.get({ key: keyOf('gone') })).to.equal(null);
      expect(await listed(folder)).to.deep.equal([]);
    });

    it('of 20 compareAndSet at once one wins', async () => {
      const key = keyOf('race.json');
      const start = await store.compareAndSet({ key, body: bytes('start'), expected: null });
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, at) =>
          open().compareAndSet({ key, body: bytes(String(at)), expected: start!.version }),
        ),
      );
      const winners = results.flatMap((result, at) => (result ? [{ at, ...result }] : []));
      expect(winners).to.have.length(1);
      const found = await store.get({ key });
      expect(text(found!.body)).to.equal(String(winners[0]!.at));
      expect(found!.version).to.equal(winners[0]!.version);
    });

    it('put, putIfAbsent and remove keep to a key that is compared and set', async () => {
      const key = keyOf('mixed.json');
      const first = await store.compareAndSet({ key, body: bytes('1'), expected: null });
      expect((await store.putIfAbsent({ key, body: bytes('x') })).created).to.equal(false);
      await store.put({ key, body: bytes('2') });
      expect(await store.compareAndSet({ key, body: bytes('x'), expected: first!.version })).to.equal(null);
      const put = await store.get({ key });
      expect(text(put!.body)).to.equal('2');
      await store.remove({ key });
      expect(await store.get({ key })).to.equal(null);
      expect(await listed(folder)).to.deep.equal([]);
      expect(await store.compareAndSet({ key, body: bytes('x'), expected: put!.version })).to.equal(null);
      if (!createsRemovedAgain)
        return expectPortError(store.compareAndSet({ key, body: bytes('3'), expected: null }), 'Conflict', 'removed');
      const again = await store.compareAndSet({ key, body: bytes('3'), expected: null });
      expect([first!.version, put!.version]).not.to.include(again!.version);
      expect(await listed(folder)).to.deep.equal([key]);
    });

    it('compareAndSet over nothing loses where put was first', async () => {
      const key = keyOf('plain');
      await store.put({ key, body: bytes('plain') });
      expect(await store.compareAndSet({ key, body: bytes('x'), expected: null })).to.equal(null);
      expect(text((await store.get({ key }))!.body)).to.equal('plain');
    });

    it('getIfChanged reads only what changed', async () => {
      const key = keyOf('watched');
      await store.put({ key, body: bytes('1') });
      const first = await store.getIfChanged({ key, known: null });
      if (first === 'unchanged' || first === null) throw new Error('expected an object');
      expect(await store.getIfChanged({ key, known: first.version })).to.equal('unchanged');
      await store.put({ key, body: bytes('2') });
      const second = await store.getIfChanged({ key, known: first.version });
      expect(second).to.be.an('object');
      await store.remove({ key });
      expect(await store.getIfChanged({ key, known: first.version })).to.equal(null);
    });

    it('lists keys under a prefix, in order, by string and not by folder', async () => {
      for (const last of ['b/2', 'b/1', 'b.txt', 'a/deep/er/x', 'bc'])
        await store.put({ key: keyOf(last), body: bytes(last) });
      await store.compareAndSet({ key: keyOf('b/0'), body: bytes('zero'), expected: null });
      expect(await listed(keyOf('b'))).to.deep.equal(['b.txt', 'b/0', 'b/1', 'b/2', 'bc'].map(keyOf));
      expect(await listed(keyOf('b/'))).to.deep.equal(['b/0', 'b/1', 'b/2'].map(keyOf));
      expect(await listed(`${folder}/`)).to.have.length(6);
      expect(await listed(keyOf('none/'))).to.deep.equal([]);
      for await (const { bytes: length, modifiedAt } of store.list({ prefix: keyOf('b/0') })) {
        expect(length).to.equal(4);
        expect(Math.abs(Date.parse(modifiedAt) - Date.now())).to.be.below(60_000);
      }
    });

    it('removing what is not there is no error', async () => {
      await store.remove({ key: keyOf('nothing') });
      await store.put({ key: keyOf('a'), body: bytes('a') });
      await store.remove({ key: keyOf('a') });
      await store.remove({ key: keyOf('a') });
      expect(await store.get({ key: keyOf('a') })).to.equal(null);
    });

    it('copies a file in and gives a local path with the same bytes', async () => {
      const local = await mkdtemp(join(tmpdir(), 'understudy-store-'));
      try {
        const body = 'x'.repeat(300_000);
        await writeFile(join(local, 'in'), body);
        const ref = await store.putFile({ key: keyOf('big'), path: join(local, 'in') });
        expect(ref).to.include({ sha256: digest(body), bytes: 300_000 });
        expect(await readFile(await store.localPath({ key: keyOf('big') }), 'utf8')).to.equal(body);
        await expectPortError(store.putFile({ key: keyOf('big'), path: join(local, 'missing') }), 'NotFound');
      } finally {
        await rm(local, { recursive: true });
      }
    });

    it('gives no local path to what is not there', async () => {
      await expectPortError(store.localPath({ key: keyOf('nothing') }), 'NotFound');
    });

    for (const key of ['', '/etc/passwd', '../out', 'a/../../out', 'a//b', 'a/', './a', 'a\\b', 'a\0b'])
      it(`refuses the key ${JSON.stringify(key)}`, async () => {
        await expectPortError(store.put({ key, body: bytes('x') }), 'InvalidInput', JSON.stringify(key));
        await expectPortError(store.get({ key }), 'InvalidInput', JSON.stringify(key));
        await expectPortError(store.remove({ key }), 'InvalidInput', JSON.stringify(key));
        await expectPortError(store.compareAndSet({ key, body: bytes('x'), expected: null }), 'InvalidInput');
      });
  });
}
