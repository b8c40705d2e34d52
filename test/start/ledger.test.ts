import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { identifyProcess } from '../../src/adapters/local-trainer/process-identity.js';
import { AlreadyRunningError, takeHome } from '../../src/client/start/ledger.js';
import { groupMembers } from '../../src/client/start/process-table.js';
import { makeScratch, until } from './support/scratch.js';

const family = join(import.meta.dirname, 'support/family.mjs');

describe('home ledger', () => {
  let scratch: Awaited<ReturnType<typeof makeScratch>>;
  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());
  const file = () => join(scratch.folder, 'processes.json');

  it('refuses a second supervisor and shows where the first answers', async () => {
    const { ledger } = await takeHome({ home: scratch.folder });
    await ledger.publish({ gateway: 'http://127.0.0.1:8080' });
    const refusal = await takeHome({ home: scratch.folder }).catch((error: unknown) => error);
    expect(refusal).to.be.instanceOf(AlreadyRunningError);
    expect((refusal as Error).message)
      .to.contain('gateway: http://127.0.0.1:8080')
      .and.to.contain(`${process.pid}`);
    await ledger.release();
    await (await takeHome({ home: scratch.folder })).ledger.release();
  });

  it('ends what an earlier supervisor left, but never a process that only has the same number', async () => {
    const left = spawn(process.execPath, [family, '1'], { detached: true, stdio: 'ignore' });
    await once(left, 'spawn');
    await until({ what: 'the family is up', check: async () => (await groupMembers(left.pid!)).length === 2 });
    const identity = (await identifyProcess({ pid: left.pid! }))!;
    const dead = { name: 'supervisor', pid: identity.pid, began: 'long ago' };
    const write = (began: string) =>
      writeFile(
        file(),
        JSON.stringify({ supervisor: dead, urls: {}, groups: [{ ...identity, began, name: 'mlflow' }] }),
      );

    await write('another time');
    const spared = await takeHome({ home: scratch.folder });
    expect(spared.ended).to.deep.equal([]);
    expect(await groupMembers(left.pid!)).to.have.length(2);
    await spared.ledger.release();

    await write(identity.began);
    const { ledger, ended } = await takeHome({ home: scratch.folder, graceMilliseconds: 500 });
    expect(ended).to.deep.equal(['mlflow']);
    expect(await groupMembers(left.pid!)).to.deep.equal([]);
    await ledger.release();
  });

  it('records and forgets groups in the order they come', async () => {
    const { ledger } = await takeHome({ home: scratch.folder });
    await Promise.all([
      ledger.record({ name: 'one', pid: process.pid }),
      ledger.record({ name: 'two', pid: process.ppid }),
    ]);
    await ledger.forget(process.pid);
    const content = JSON.parse(await readFile(file(), 'utf8')) as { groups: { name: string }[] };
    expect(content.groups.map((group) => group.name)).to.deep.equal(['two']);
    await ledger.release();
  });

  it('takes a home whose file was cut off', async () => {
    await writeFile(file(), '{"supervisor": {"pid"');
    await (await takeHome({ home: scratch.folder })).ledger.release();
  });
});
