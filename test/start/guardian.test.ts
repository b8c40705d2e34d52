import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startGuarded } from '../../src/client/start/guarded-process.js';
import { groupMembers, signalGroup } from '../../src/client/start/process-table.js';
import { makeScratch, until } from './support/scratch.js';

const family = join(import.meta.dirname, 'support/family.mjs');
const environment = { PATH: '/usr/bin:/bin' };

describe('guardian', () => {
  let scratch: Awaited<ReturnType<typeof makeScratch>>;
  beforeEach(async () => {
    scratch = await makeScratch();
  });
  afterEach(() => scratch.remove());

  const start = (options: { depth?: number; stubborn?: boolean; afterwards?: string[]; command?: string }) =>
    startGuarded({
      command: options.command ?? process.execPath,
      arguments: [family, String(options.depth ?? 2), options.stubborn ? 'yes' : 'no'],
      environment,
      directory: '/',
      logFile: join(scratch.folder, 'log'),
      graceMilliseconds: 300,
      ...(options.afterwards ? { afterwards: options.afterwards } : {}),
    });
  const membersReach = (group: number, count: number) =>
    until({ what: `${count} processes in the group`, check: async () => (await groupMembers(group)).length === count });

  it('ends the whole group when asked', async () => {
    const guarded = await start({});
    await membersReach(guarded.pid, 3);
    await guarded.stop();
    expect(await groupMembers(guarded.pid)).to.deep.equal([]);
  });

  it('ends a group that ignores being asked, after the grace', async () => {
    const guarded = await start({ stubborn: true });
    await membersReach(guarded.pid, 3);
    await until({
      what: 'all have said that they are up',
      check: async () => (await readFile(join(scratch.folder, 'log'), 'utf8')).split('\n').length === 4,
    });
    const since = Date.now();
    await guarded.stop();
    expect(Date.now() - since).to.be.within(250, 3000);
    expect(await groupMembers(guarded.pid)).to.deep.equal([]);
  });

  it('leaves nothing when the supervisor is killed with SIGKILL', async () => {
    const supervisor = spawn(
      process.execPath,
      [
        ...['--import', 'tsx', join(import.meta.dirname, 'support/short-supervisor.ts')],
        ...[join(scratch.folder, 'log'), process.execPath, family, '2', 'yes'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const group = Number((await once(createInterface({ input: supervisor.stdout }), 'line'))[0]);
    await membersReach(group, 3);
    supervisor.kill('SIGKILL');
    await membersReach(group, 0);
  });

  it('takes the rest of the group along when the command ends by itself', async () => {
    const guarded = await start({});
    await membersReach(guarded.pid, 3);
    process.kill(guarded.pid, 'SIGKILL');
    expect(await guarded.exited).to.deep.equal({ code: 137 });
    expect(await groupMembers(guarded.pid)).to.deep.equal([]);
  });

  it('is missed by the supervisor when it is itself killed: the group ends all the same', async () => {
    const guarded = await start({});
    await membersReach(guarded.pid, 3);
    const guardianPid = Number((await readFile(`/proc/${guarded.pid}/stat`, 'utf8')).split(') ')[1]!.split(' ')[1]);
    process.kill(guardianPid, 'SIGKILL');
    await guarded.exited;
    expect(await groupMembers(guarded.pid)).to.deep.equal([]);
  });

  it('runs what comes afterwards only when it was asked to end', async () => {
    const mark = join(scratch.folder, 'afterwards');
    const afterwards = [process.execPath, '-e', `require('fs').writeFileSync(${JSON.stringify(mark)}, 'done')`];
    const dying = await start({ depth: 0, afterwards });
    signalGroup({ group: dying.pid, signal: 'SIGKILL' });
    await dying.exited;
    expect(await readFile(mark, 'utf8').catch(() => null)).to.equal(null);
    const asked = await start({ depth: 0, afterwards });
    await asked.stop();
    expect(await readFile(mark, 'utf8')).to.equal('done');
  });

  it('says why a command could not be started', async () => {
    const message = await start({ command: '/no/such/command' }).then(
      () => 'started',
      (error: Error) => error.message,
    );
    expect(message).to.contain('/no/such/command could not be started').and.to.contain('ENOENT');
  });
});
