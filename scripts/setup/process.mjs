import { spawn } from 'node:child_process';
import { accessSync, constants, createWriteStream, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

const running = new Set();
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** A set-up that is stopped leaves nobody at work: what runs gets the signal, then this process ends by it. */
function endAll(signal) {
  for (const child of running) child.kill(signal);
  for (const one of signals) process.removeListener(one, endAll);
  process.kill(process.pid, signal);
}

function track(child) {
  if (running.size === 0) for (const signal of signals) process.on(signal, endAll);
  running.add(child);
  child.once('close', () => {
    running.delete(child);
    if (running.size === 0) for (const signal of signals) process.removeListener(signal, endAll);
  });
}

/**
 * Runs a command to its end without a shell. `onLine` sees each line of both streams; `log` is a file that keeps them.
 * Returns {code, output}: code 127 when the command could not be started, output is both streams together, 124 when
 * `timeoutMs` ran out.
 */
export async function runCommand({ command, args, env, cwd, log, onLine, timeoutMs }) {
  if (log) await mkdir(dirname(log), { recursive: true });
  const sink = log ? createWriteStream(log) : null;
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  track(child);
  let output = '';
  let timedOut = false;
  const timer = timeoutMs ? setTimeout(() => (timedOut = child.kill('SIGKILL')), timeoutMs) : null;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => {
      output += text;
      sink?.write(text);
      if (onLine) for (const line of text.split(/[\r\n]+/)) if (line.trim()) onLine(line.trim());
    });
  }
  const code = await new Promise((settle) => {
    child.once('error', () => settle(127));
    child.once('close', (status, signal) => settle(timedOut ? 124 : (status ?? (signal ? 128 : 1))));
  });
  if (timer) clearTimeout(timer);
  if (sink) await new Promise((done) => sink.end(done));
  return { code, output };
}

/** The absolute path of an executable on the PATH of `env`, or null. */
export function findOnPath({ name, env }) {
  for (const folder of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      if (statSync(candidate).isFile()) return candidate;
    } catch {
      continue;
    }
  }
  return null;
}
