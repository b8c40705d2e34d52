import { SetupFailure } from './failure.mjs';
import { findOnPath, runCommand } from './process.mjs';

const names = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const ask = 'import sys, platform; print(sys.version_info[0], sys.version_info[1], platform.python_implementation())';
const ways =
  'Install one and start again: Debian and Ubuntu "apt install python3 python3-venv", Fedora "dnf install python3", macOS "brew install python".';

/** True when `version` ([major, minor]) lies in [from, below). */
const within = (version, { from, below }) =>
  compare(version, from) >= 0 && (below === null || compare(version, below) < 0);

const compare = (one, other) => one[0] - other[0] || one[1] - other[1];

/** The CPython at `name` on the PATH as {path, version: [major, minor]}, or null. */
async function inspectPython({ name, env }) {
  const path = findOnPath({ name, env });
  if (path === null) return null;
  const { code, output } = await runCommand({ command: path, args: ['-c', ask], env, timeoutMs: 20_000 });
  const match = /^(\d+) (\d+) CPython/m.exec(output);
  return code === 0 && match !== null ? { path, version: [Number(match[1]), Number(match[2])] } : null;
}

/**
 * The first Python on the PATH inside `range`, or null when there are only others that the project can start from.
 * Throws SetupFailure when there is none at all or all are older than 3.10.
 */
export async function findPython({ env, range }) {
  const found = [];
  for (const name of names) {
    const python = await inspectPython({ name, env });
    if (python !== null && within(python.version, range)) return python;
    if (python !== null) found.push(python);
  }
  if (found.length === 0) {
    throw new SetupFailure(
      `Python was not found: looked for ${names.join(', ')} on the PATH; 3.10 or newer is needed. ${ways}`,
    );
  }
  if (!found.some(({ version }) => compare(version, [3, 10]) >= 0)) {
    const list = found.map(({ path, version }) => `${version.join('.')} (${path})`).join(', ');
    throw new SetupFailure(`Python is too old: found ${list}; 3.10 or newer is needed. ${ways}`);
  }
  return null;
}
