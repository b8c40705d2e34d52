import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './process.mjs';

const fromTorchIndex = new Set(['torch', 'torchvision', 'torchaudio', 'torchcodec']);
const onlyForCuda = /^(nvidia-|cuda-)/;

/** Splits a lock file of `uv pip compile` into its packages: [{name, version, text}]; text keeps marker and hashes. */
export function splitLock({ text }) {
  return text
    .split(/\n(?=[a-z0-9])/)
    .map((block) => ({ match: /^([a-z0-9._-]+)==([^ ;\\]+)/.exec(block), text: block.trimEnd() }))
    .filter(({ match }) => match !== null)
    .map(({ match, text: block }) => ({ name: match[1], version: match[2], text: block }));
}

/**
 * Asks PyTorch's CPU index, for two seconds at most, for the locked releases of its packages. Returns their lock lines
 * with hashes, or null where the index does not answer at once or lacks a release. The hashes come from that index
 * over TLS, because its files are not the ones that our lock names; every other package keeps the lock's hash.
 */
export async function probeCpuWheels({ uv, lock, python, workDirectory, env }) {
  const wanted = splitLock({ text: lock }).filter(({ name }) => fromTorchIndex.has(name));
  const input = join(workDirectory, 'torch.in');
  await writeFile(input, wanted.map(({ name, version }) => `${name}==${version}\n`).join(''));
  const args = ['pip', 'compile', input, '--torch-backend', 'cpu', '--no-deps', '--generate-hashes', '--no-annotate'];
  const { code, output } = await runCommand({
    command: uv,
    args: [...args, '--no-header', '--quiet', '--no-emit-index-url', '--python', python],
    env: { ...env, UV_HTTP_RETRIES: '0' },
    timeoutMs: 2_000,
  });
  const found = code === 0 ? splitLock({ text: output }) : [];
  const torch = found.find(({ name }) => name === 'torch');
  return torch?.version.endsWith('+cpu') && found.length === wanted.length ? found : null;
}

/** The lock with PyTorch's packages replaced by their CPU builds and without CUDA's libraries. */
export function withCpuWheels({ lock, wheels }) {
  const kept = splitLock({ text: lock }).filter(({ name }) => !fromTorchIndex.has(name) && !onlyForCuda.test(name));
  return [...kept, ...wheels].map(({ text }) => `${text}\n`).join('');
}

/**
 * The requirement files to install: the locked ones, or, where the CPU index answers and no NVIDIA driver is there, a
 * copy of the lock with the small CPU wheels. Returns {files, cpuWheels}.
 */
export async function chooseTorch({ uv, files, host, python, workDirectory, env }) {
  const locked = { files, cpuWheels: false };
  if (host.nvidia || host.platform !== 'linux') return locked;
  const lock = await readFile(files[0], 'utf8');
  const wheels = await probeCpuWheels({ uv, lock, python, workDirectory, env });
  if (wheels === null) return locked;
  const file = join(workDirectory, 'requirements.txt');
  await writeFile(file, withCpuWheels({ lock, wheels }));
  return { files: [file, ...files.slice(1)], cpuWheels: true };
}
