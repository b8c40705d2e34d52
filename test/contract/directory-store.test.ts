import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { appendVersion, keptVersions, readHead } from '../../src/adapters/directory-store/versions.js';
import { describeArtifactStore } from './artifact-store-contract.js';
import { expectPortError } from './support/expect-port-error.js';

let root: string;
const body = (text: string): Uint8Array => Buffer.from(text);

interface Racer {
  process: ChildProcess;
  next: () => Promise<string>;
}

/** Starts racers and lets them off together once all are ready. */
async function race({ task, racers, rounds }: { task: string; racers: number; rounds: number }): Promise<Racer[]> {
  const script = fileURLToPath(new URL('support/store-racer.ts', import.meta.url));
  const started = Array.from({ length: racers }, (_, at) => {
    const process_ = spawn(process.execPath, ['--import=tsx', script, root, task, `racer-${at}`, String(rounds)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
    return { process: process_, next: async () => String((await lines.next()).value) };
  });
  for (const racer of started) expect(await racer.next()).to.equal('ready');
  for (const racer of started) racer.process.stdin.write('go\n');
  return started;
}

async function results({ racers }: { racers: Racer[] }): Promise<unknown[]> {
  return Promise.all(racers.map(async (racer): Promise<unknown> => JSON.parse(await racer.next())));
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'understudy-store-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

describeArtifactStore({ name: 'DirectoryStore', open: () => new DirectoryStore({ root }) });

describe('DirectoryStore', () => {
  it('refuses to compare and set over the version of a key that put wrote', async () => {
    const store = new DirectoryStore({ root });
    await store.put({ key: 'plain', body: body('1') });
    const found = await store.get({ key: 'plain' });
    await expectPortError(
      store.compareAndSet({ key: 'plain', body: body('2'), expected: found!.version }),
      'InvalidInput',
      'plain',
      'compareAndSet from the start',
    );
  });

  it('refuses keys that look like its own files', async () => {
    const store = new DirectoryStore({ root });
    for (const key of ['.tmp/x', 'a/@v00000001', `${'x'.repeat(256)}`])
      await expectPortError(store.put({ key, body: body('x') }), 'InvalidInput');
    await store.put({ key: 'file', body: body('x') });
    await expectPortError(store.put({ key: 'file/below', body: body('x') }), 'InvalidInput');
    expect(await store.get({ key: 'file/below' })).to.equal(null);
  });

  it(`keeps the last ${keptVersions} versions and leaves nothing hidden`, async () => {
    const store = new DirectoryStore({ root });
    let expected: string | null = null;
    for (let round = 0; round < keptVersions + 10; round += 1)
      expected = (await store.compareAndSet({ key: 'plan', body: body(String(round)), expected }))!.version;
    expect(await readdir(join(root, 'plan'))).to.have.length(keptVersions);
    expect(await readdir(join(root, '.tmp'))).to.deep.equal([]);
  });

  it('tells a writer that slept past the pruning of its number to read again', async () => {
    const store = new DirectoryStore({ root });
    await store.compareAndSet({ key: 'plan', body: body('first'), expected: null });
    const folder = join(root, 'plan');
    const seen = await readHead(folder);
    for (let round = 0; round < 3 * keptVersions; round += 1) await store.put({ key: 'plan', body: body('newer') });
    const late = join(root, 'late');
    await writeFile(late, 'late');
    await expectPortError(appendVersion({ folder, head: seen, file: late }), 'Conflict', 'version 2');
    expect(Buffer.from((await store.get({ key: 'plan' }))!.body).toString()).to.equal('newer');
  });

  it('sweeps what a killed writer left a day ago, not what is being written', async () => {
    await mkdir(join(root, '.tmp'));
    await writeFile(join(root, '.tmp', 'old'), 'x');
    await writeFile(join(root, '.tmp', 'young'), 'x');
    const yesterday = Date.now() / 1000 - 25 * 3600;
    await utimes(join(root, '.tmp', 'old'), yesterday, yesterday);
    await new DirectoryStore({ root }).put({ key: 'a', body: body('a') });
    expect(await readdir(join(root, '.tmp'))).to.deep.equal(['young']);
  });

  it('agrees with a map on any sequence of calls', async () => {
    const key = fc.constantFrom('a', 'b', 'c/d');
    const call = fc.record({ key, kind: fc.constantFrom('put', 'absent', 'swap', 'swapNull', 'remove') });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 25 }), async (calls) => {
        await rm(root, { recursive: true, force: true });
        const store = new DirectoryStore({ root });
        const model = new Map<string, string>();
        for (const [at, { key, kind }] of calls.entries()) {
          const next = body(String(at));
          const before = await store.get({ key });
          if (kind === 'put') await store.put({ key, body: next }).then(() => model.set(key, String(at)));
          if (kind === 'remove') await store.remove({ key }).then(() => model.delete(key));
          if (kind === 'absent' && (await store.putIfAbsent({ key, body: next })).created !== !model.has(key))
            return false;
          if (kind === 'absent' && !model.has(key)) model.set(key, String(at));
          const expected = kind === 'swap' && before && before.version.startsWith('v') ? before.version : null;
          if (kind.startsWith('swap')) {
            const written = await store.compareAndSet({ key, body: next, expected });
            if ((written !== null) !== (expected !== null || !model.has(key))) return false;
            if (written) model.set(key, String(at));
          }
          const after = await store.get({ key });
          if ((after ? Buffer.from(after.body).toString() : undefined) !== model.get(key)) return false;
        }
        const keys: string[] = [];
        for await (const { key } of store.list({ prefix: '' })) keys.push(key);
        expect(keys).to.deep.equal([...model.keys()].sort());
        return true;
      }),
      { numRuns: 40, seed: 7 },
    );
  });

  for (const task of ['putIfAbsent', 'compareAndSet', 'mixed'])
    it(`has one winner a key when 4 processes race by ${task}`, async () => {
      const rounds = 40;
      const racers = await race({ task, racers: 4, rounds });
      const won = (await results({ racers })) as number[][];
      expect(won.flat().sort((a, b) => a - b)).to.deep.equal(Array.from({ length: rounds }, (_, at) => at));
      const store = new DirectoryStore({ root });
      for (const [at, keys] of won.entries())
        for (const key of keys)
          expect(Buffer.from((await store.get({ key: `race/${task}/${key}` }))!.body).toString()).to.equal(
            `racer-${at}`,
          );
    });

  it('loses no increment of a counter that 4 processes raise', async () => {
    const racers = await race({ task: 'increment', racers: 4, rounds: 50 });
    await results({ racers });
    const found = await new DirectoryStore({ root }).get({ key: 'race/counter' });
    expect(Buffer.from(found!.body).toString()).to.equal('200');
  });

  it('shows whole objects only and goes on after its writers are killed in the middle', async () => {
    const store = new DirectoryStore({ root });
    for (let round = 0; round < 3; round += 1) {
      const racers = await race({ task: 'scribble', racers: 2, rounds: 1 });
      const versions = new Set<string>();
      const bodies = new Set<string>();
      while (versions.size < 12 || bodies.size < 4)
        for (const key of ['race/plain', 'race/managed']) {
          const found = await store.get({ key });
          if (!found) continue;
          versions.add(`${key} ${found.version}`);
          const text = Buffer.from(found.body).toString();
          const first = text.slice(0, text.indexOf(';') + 1);
          expect(text === first.repeat(20_000), `torn object at ${key}`).to.equal(true);
          bodies.add(first);
        }
      const ended = racers.map((racer) => once(racer.process, 'exit'));
      for (const racer of racers) racer.process.kill('SIGKILL');
      await Promise.all(ended);
      const found = await store.get({ key: 'race/managed' });
      expect(
        await store.compareAndSet({ key: 'race/managed', body: body('x;'.repeat(20_000)), expected: found!.version }),
      ).not.to.equal(null);
    }
  });
});
