import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { callScript, emptyWorld, fake, fakePython, fakeUv, runSetup, type World } from './support.js';

const installs = async (world: World): Promise<string[]> =>
  (await readFile(world.calls, 'utf8')).split('\n').filter((line) => line.startsWith('uv pip install'));

/** The pid that a fake writes once it runs. */
async function readWhenThere(file: string): Promise<number> {
  for (;;) {
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid > 0) return pid;
    await sleep(20);
  }
}

/** Resolves when nothing runs under this pid; one that ended and waits to be collected does not run. */
async function untilGone(pid: number): Promise<void> {
  const state = async () => (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).split(') ').at(-1) ?? '';
  while (/^[^ZX]/.test(await state())) await sleep(20);
}

describe('the set-up', function () {
  this.timeout(60_000);
  let world: World;
  beforeEach(async () => {
    world = await emptyWorld();
  });

  it('installs once, says where, and installs nothing the second time', async () => {
    await fakePython(world, '3.12');
    await fakeUv(world);
    const first = await runSetup(world, ['--only', 'temporal,mlflow', '--json']);
    expect(first.exitCode, first.stderr).to.equal(0);
    const located = JSON.parse(first.stdout) as Record<string, string>;
    expect(located.temporal).to.match(/venvs\/temporal-[0-9a-f]{12}\/bin\/temporal$/);
    expect(located.temporalTestServer).to.match(/\/bin\/temporal-test-server$/);
    expect(located.mlflow).to.match(/venvs\/mlflow-[0-9a-f]{12}\/bin\/mlflow$/);
    expect(await installs(world)).to.have.length(2);
    for (const call of await installs(world)) expect(call).to.contain('--require-hashes');
    const second = await runSetup(world, ['--only', 'temporal,mlflow', '--json']);
    expect(second.stdout).to.equal(first.stdout);
    expect(second.stderr).to.equal('');
    expect(await installs(world)).to.have.length(2);
  });

  it('builds an environment anew that a kill left half made', async () => {
    await fakePython(world, '3.12');
    await fakeUv(world);
    await runSetup(world, ['--only', 'temporal']);
    const [name] = await readdir(join(world.cache, 'venvs'));
    await rm(join(world.cache, 'venvs', name ?? '', 'understudy-complete.json'));
    const again = await runSetup(world, ['--only', 'temporal']);
    expect(again.exitCode, again.stderr).to.equal(0);
    expect(await installs(world)).to.have.length(2);
  });

  it('lets one of two set-ups at once install and the other wait', async () => {
    await fakePython(world, '3.12');
    await fakeUv(world, 'sleep 1');
    const both = await Promise.all([1, 2].map(() => runSetup(world, ['--only', 'temporal', '--json'])));
    for (const { exitCode, stderr } of both) expect(exitCode, stderr).to.equal(0);
    expect(both[0]?.stdout).to.equal(both[1]?.stdout);
    expect(await installs(world)).to.have.length(1);
    expect(both.map(({ stderr }) => stderr).join('')).to.match(/another set-up \(process \d+\) is at it, waiting/);
  });

  it('leaves nobody at work when it is stopped in the middle', async () => {
    await fakePython(world, '3.12');
    await fakeUv(world, `echo $$ > '${world.cache}/pid'; exec sleep 1000`);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const setup = runSetup(world, ['--only', 'temporal']);
      const pid = await readWhenThere(join(world.cache, 'pid'));
      setup.kill(signal);
      expect((await setup).signal).to.equal(signal);
      await untilGone(pid);
      await rm(join(world.cache, 'pid'));
    }
    await fakeUv(world);
    expect((await runSetup(world, ['--only', 'temporal'])).exitCode, 'the next one is not held up').to.equal(0);
  });

  it('says that Python is missing or too old, and how to get one', async () => {
    const missing = await runSetup(world, ['--only', 'temporal']);
    expect(missing.exitCode).to.equal(2);
    expect(missing.stderr).to.match(
      /Python was not found: looked for python3, .* 3\.10 or newer is needed\. Install one/,
    );
    await fakePython(world, '3.8');
    const old = await runSetup(world, ['--only', 'temporal']);
    expect(old.exitCode).to.equal(2);
    expect(old.stderr).to.match(/Python is too old: found 3\.8 \(.*python3\); 3\.10 or newer is needed/);
  });

  it('says that the network is away or the disk ran full, and leaves nothing that looks complete', async () => {
    await fakePython(world, '3.12');
    await fakeUv(world, 'echo "error: error sending request for url: dns error" >&2; exit 2');
    const offline = await runSetup(world, ['--only', 'temporal']);
    expect(offline.exitCode).to.equal(2);
    expect(offline.stderr).to.contain("The package index could not be reached while installing Temporal's server");
    await fakeUv(world, 'echo "No space left on device (os error 28)" >&2; exit 2');
    const full = await runSetup(world, ['--only', 'temporal']);
    expect(full.exitCode).to.equal(2);
    expect(full.stderr).to.contain("The disk ran full while installing Temporal's server");
    await fakeUv(world);
    expect((await runSetup(world, ['--only', 'temporal'])).exitCode).to.equal(0);
  });

  it('says how much disk is needed before it fetches anything', async () => {
    const input = `{ directory: ${JSON.stringify(world.cache)}, bytes: 7e9, what: 'the model stack', statistics: async () => ({ bavail: 1000, bsize: 4096e2 }) }`;
    const { exitCode, stderr } = await callScript(world, 'host.mjs', 'requireDisk', input);
    expect(exitCode).to.equal(2);
    expect(stderr).to.match(/Not enough disk for the model stack: 7\.0 GB needed, 0\.4 GB free in .*\. Free 6\.6 GB/);
  });

  it('refuses the model stack where vLLM can not run, before it fetches anything, and names the ways out', async () => {
    await fakePython(world, '3.12');
    await fakeUv(world);
    for (const [host, reason] of [
      [{ platform: 'darwin', arch: 'arm64', cpuFlags: null }, 'the operating system is darwin, linux is needed'],
      [{ platform: 'linux', arch: 'x64', cpuFlags: ['sse2', 'avx'] }, 'neither AVX-512 nor AVX2'],
      [{ platform: 'linux', arch: 'ppc64', cpuFlags: null }, 'the processor is ppc64'],
    ] as const) {
      const input = `{ name: 'model', host: ${JSON.stringify({ ...host, nvidia: false })} }`;
      const { exitCode, stderr } = await callScript(world, 'install.mjs', 'ensureEnvironment', input);
      expect(exitCode).to.equal(2);
      expect(stderr).to.contain(reason).and.contain('OPENAI_BASE_URL').and.contain("vLLM's container image");
    }
    expect(await readFile(world.calls, 'utf8').catch(() => '')).to.equal('');
    const training = `{ name: 'training', host: { platform: 'darwin', arch: 'arm64', cpuFlags: null, nvidia: false } }`;
    expect((await callScript(world, 'install.mjs', 'ensureEnvironment', training)).exitCode).to.equal(0);
  });

  it('makes its own uv when none is on the PATH, and says what python lacks', async () => {
    await fake({ world, name: 'python3', script: `case "$1" in -c) echo "3 12 CPython" ;; *) exit 1 ;; esac` });
    const { exitCode, stderr } = await runSetup(world, ['--only', 'temporal']);
    expect(exitCode).to.equal(2);
    expect(stderr).to.match(/can't make a virtual environment .* apt install python3-venv/);
  });

  it('refuses a part that it does not know', async () => {
    const { exitCode, stderr } = await runSetup(world, ['--only', 'redis']);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain(
      '--only: found redis, expected some of temporal, mlflow, embedding, model, smollm2, tiny',
    );
  });
});
