import { expect } from 'chai';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { ComponentError, type Component } from '../../src/client/start/component.js';
import { takeHome, type Ledger } from '../../src/client/start/ledger.js';
import { groupMembers } from '../../src/client/start/process-table.js';
import { supervise } from '../../src/client/start/supervise.js';
import { makeScratch, until } from './support/scratch.js';

const server = (port: number): string => `
  console.log('listening soon');
  require('http').createServer((q, s) => s.end('ok')).listen(${port}, '127.0.0.1');
`;

describe('supervision', () => {
  let scratch: Awaited<ReturnType<typeof makeScratch>>;
  let ledger: Ledger;
  let said: string[];
  beforeEach(async () => {
    scratch = await makeScratch();
    ({ ledger } = await takeHome({ home: scratch.folder }));
    said = [];
  });
  afterEach(() => scratch.remove());

  const component = (change: Partial<Component> & { port: number; code: string }): Component => ({
    name: 'thing',
    command: process.execPath,
    arguments: ['-e', change.code],
    environment: { PATH: '/usr/bin:/bin' },
    directory: '/',
    probe: async ({ signal }) =>
      (await fetch(`http://127.0.0.1:${change.port}`, { signal })).ok ? null : 'answers badly',
    readyMilliseconds: 10_000,
    graceMilliseconds: 500,
    hint: 'Mend it.',
    ...change,
  });
  const start = (one: Component, more: { onRestarted?: () => Promise<void>; signal?: AbortSignal } = {}) =>
    supervise({
      component: one,
      logFile: join(scratch.folder, 'thing.log'),
      ledger,
      say: (line) => said.push(line),
      signal: new AbortController().signal,
      ...more,
    });

  it('starts again what was killed and tells that it did', async () => {
    const port = await getPort();
    let restarts = 0;
    const supervised = await start(component({ port, code: server(port) }), {
      onRestarted: async () => {
        restarts += 1;
      },
    });
    const first = supervised.pid!;
    process.kill(first, 'SIGKILL');
    await until({ what: 'a restart', check: () => restarts === 1 });
    expect(supervised.pid).to.not.equal(first);
    expect(said.join('\n')).to.contain('ended by itself with code 137; starting it again in 1 s');
    const second = supervised.pid!;
    await supervised.stop();
    expect(supervised.pid).to.equal(null);
    expect([...(await groupMembers(first)), ...(await groupMembers(second))]).to.deep.equal([]);
    const content = JSON.parse(await readFile(join(scratch.folder, 'processes.json'), 'utf8')) as { groups: unknown[] };
    expect(content.groups).to.deep.equal([]);
  });

  it('says why something did not start, with its last lines, log and hint', async () => {
    const code = "console.error('no such table: releases'); process.exit(3)";
    const error = await start(component({ port: 1, code })).catch((refusal: unknown) => refusal);
    expect(error).to.be.instanceOf(ComponentError);
    for (const part of [
      'thing did not start: it ended with code 3',
      '| no such table: releases',
      'thing.log',
      'Mend it.',
    ])
      expect((error as Error).message).to.contain(part);
  });

  it('gives up on what never answers, and leaves nothing of it', async () => {
    const code = "console.log('pid', process.pid); setInterval(() => {}, 1000)";
    const error = (await start(component({ port: 1, code, readyMilliseconds: 600 })).catch(
      (refusal: unknown) => refusal,
    )) as Error;
    expect(error.message).to.match(/thing did not start: no answer within 1 s \(.+\)/);
    const pid = Number(/pid (\d+)/.exec(await readFile(join(scratch.folder, 'thing.log'), 'utf8'))![1]);
    expect(await groupMembers(pid)).to.deep.equal([]);
  });

  it('can be stopped while it starts', async () => {
    const stop = new AbortController();
    const code = "console.log('pid', process.pid); setInterval(() => {}, 1000)";
    const starting = start(component({ port: 1, code }), { signal: stop.signal }).catch((refusal: unknown) => refusal);
    const log = join(scratch.folder, 'thing.log');
    await until({
      what: 'the process is up',
      check: async () => (await readFile(log, 'utf8').catch(() => '')).includes('pid'),
    });
    stop.abort();
    expect(((await starting) as Error).message).to.contain('it was stopped');
    const pid = Number(/pid (\d+)/.exec(await readFile(log, 'utf8'))![1]);
    expect(await groupMembers(pid)).to.deep.equal([]);
  });

  it('can be stopped between two restarts', async () => {
    const port = await getPort();
    const mark = join(scratch.folder, 'broken');
    const code = `if (require('fs').existsSync(${JSON.stringify(mark)})) process.exit(4);${server(port)}`;
    const supervised = await start(component({ port, code }));
    await writeFile(mark, '');
    process.kill(supervised.pid!, 'SIGKILL');
    await until({ what: 'a restart that fails', check: () => said.some((line) => line.includes('ended with code 4')) });
    await supervised.stop();
    expect(supervised.pid).to.equal(null);
  });
});
