import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environments, requirementFiles } from './environments.mjs';
import { SetupFailure } from './failure.mjs';
import { gigabytes, readHost, requireDisk, vllmObstacle } from './host.mjs';
import { withLock } from './lock.mjs';
import { cacheRoot, digestOf } from './paths.mjs';
import { runCommand } from './process.mjs';
import { startProgress } from './progress.mjs';
import { findPython } from './python.mjs';
import { chooseTorch } from './torch.mjs';
import { ensureUv, explainInstall } from './uv.mjs';

const marker = 'understudy-complete.json';
const managedPython = { path: '3.12', version: [3, 12] };

/**
 * Makes sure that a virtual environment of environments.mjs is there and complete: its folder is named by the digest
 * of its requirement files and Python's version, its marker is written last, and one without a marker is built anew.
 * Returns {name, directory, bin, installed, seconds}. Throws SetupFailure (exit 2) with what to mend.
 */
export async function ensureEnvironment({ name, env = process.env, host = readHost(), report = toStderr }) {
  const environment = environments[name];
  const obstacle = environment.serves ? vllmObstacle({ host }) : null;
  if (obstacle !== null) throw new SetupFailure(obstacle);
  const python = (await findPython({ env, range: environment.range })) ?? managedPython;
  const files = requirementFiles({ environment, host });
  const digest = await digestOf({ files, and: [python.version.join('.')] });
  const cache = cacheRoot({ env });
  const directory = join(cache, 'venvs', `${name}-${digest}`);
  const result = { name, directory, bin: join(directory, 'bin') };
  if (isComplete({ directory, environment })) return { ...result, installed: false, seconds: 0 };
  const begun = Date.now();
  await requireDisk({ directory: cache, bytes: environment.bytes, what: environment.title });
  await withLock({
    file: join(cache, 'locks', `${name}.lock`),
    onWait: ({ pid }) => report(`  ${environment.title}: another set-up (process ${pid}) is at it, waiting\n`),
    work: async () => {
      if (isComplete({ directory, environment })) return;
      const uv = await ensureUv({ env, report });
      await build({ uv, python, environment, files, directory, cache, name, env, host, report });
    },
  });
  return { ...result, installed: true, seconds: Math.round((Date.now() - begun) / 100) / 10 };
}

const toStderr = (text) => process.stderr.write(text);

const isComplete = ({ directory, environment }) =>
  [marker, ...environment.binaries.map((binary) => join('bin', binary))].every((file) =>
    existsSync(join(directory, file)),
  );

async function build({ uv, python, environment, files, directory, cache, name, env, host, report }) {
  const log = join(cache, 'logs', `${name}.log`);
  const { title, seconds, downloadBytes, bytes } = environment;
  await rm(directory, { recursive: true, force: true });
  const uvEnv = { ...env, UV_NO_PROGRESS: '1', VIRTUAL_ENV: '', UV_HTTP_TIMEOUT: env.UV_HTTP_TIMEOUT ?? '120' };
  if (python === managedPython) report(`  ${title}: no fitting Python on the PATH, uv fetches Python ${python.path}\n`);
  const made = await runCommand({
    command: uv,
    args: ['venv', '--quiet', '--no-project', '--python', python.path, directory],
    env: uvEnv,
    log,
  });
  if (made.code !== 0) throw new SetupFailure(explainVenv({ environment, python, output: made.output, log }));
  const executable = join(directory, 'bin', 'python');
  const choice = environment.torch
    ? await chooseTorch({ uv, files, host, python: executable, workDirectory: directory, env: uvEnv })
    : { files, cpuWheels: false };
  if (environment.torch) report(estimate({ title, downloadBytes, bytes, cpuWheels: choice.cpuWheels }));
  const progress = startProgress({ title, expectedSeconds: seconds });
  const backend = choice.cpuWheels ? ['--torch-backend', 'cpu'] : [];
  const inputs = choice.files.flatMap((file) => ['-r', file]);
  const args = ['pip', 'install', '--no-deps', '--require-hashes', ...backend, '--python', executable, ...inputs];
  const installed = await runCommand({ command: uv, args, env: uvEnv, log, onLine: (line) => progress.note(line) });
  if (installed.code !== 0) {
    progress.fail();
    throw new SetupFailure(explainInstall({ title, output: installed.output, log }));
  }
  const record = { name, python: python.version.join('.'), cpuWheels: choice.cpuWheels, at: new Date().toISOString() };
  await writeFile(join(directory, `${marker}.new`), `${JSON.stringify(record)}\n`);
  await rename(join(directory, `${marker}.new`), join(directory, marker));
  progress.done('ready');
}

function estimate({ title, downloadBytes, bytes, cpuWheels }) {
  const download = cpuWheels ? 0.7e9 : downloadBytes;
  const disk = cpuWheels ? 2.5e9 : bytes;
  const minutes = Math.ceil((download * 8) / 100e6 / 60);
  return (
    `  ${title}: ${gigabytes(download)} to download, ${gigabytes(disk)} on disk; about ${minutes} min at 100 Mbit/s, under one on a fast network` +
    `${cpuWheels ? " (PyTorch's small CPU wheels)" : ''}\n`
  );
}

function explainVenv({ environment, python, output, log }) {
  if (python !== managedPython) return explainInstall({ title: environment.title, output, log });
  const { from, below } = environment.range;
  return (
    `The ${environment.title} needs Python ${from.join('.')} or newer (below ${below.join('.')}); none is on the PATH and uv could not fetch one. ` +
    `Install one, for example "apt install python3.12 python3.12-venv" or "uv python install 3.12", and start again. The full output is in ${log}.`
  );
}
