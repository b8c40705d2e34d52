import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuild } from './build.mjs';
import { locate, parts, testParts, toEnvironment } from './locate.mjs';
import { ensurePackages, requireTools } from './packages.mjs';
import { projectRoot } from './paths.mjs';

/**
 * Sets everything up, runs mocha over each group's `files` without its `ignore` (globs), one process after the other,
 * and closes with what failed and the plain line "N passed, N failed". Returns the exit code: 0 only when something ran
 * and nothing failed.
 */
export async function runTests({ groups, args, env = process.env }) {
  requireTools({ env });
  await ensurePackages({ env });
  await ensureBuild({ env });
  const located = await locate({ only: [...parts, ...testParts], env });
  const folder = await mkdtemp(join(tmpdir(), 'understudy-tests-'));
  try {
    const testEnv = { ...env, ...toEnvironment({ located, env }) };
    const all = { passes: 0, failures: 0, failed: [] };
    let isGood = true;
    for (const [index, { files, ignore }] of groups.entries()) {
      const summary = join(folder, `summary-${index}.json`);
      const code = await runMocha({ files, ignore, args, env: { ...testEnv, UNDERSTUDY_TEST_SUMMARY: summary } });
      const counts = await readCounts({ summary });
      all.passes += counts.passes;
      all.failures += counts.failures;
      all.failed.push(...counts.failed);
      isGood &&= code === 0;
      // Interrupted by a person, who wants no more of them.
      if (code > 128) break;
    }
    // Said again at the end: logs of thousands of tests are often cut to their last lines.
    for (const { title, reason } of all.failed) process.stdout.write(`\nFAILED ${title}\n${reason}\n`);
    process.stdout.write(`${all.passes} passed, ${all.failures} failed\n`);
    if (all.passes + all.failures === 0) process.stderr.write('No test ran.\n');
    return isGood && all.failures === 0 && all.passes > 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runMocha({ files, ignore, args, env }) {
  const mocha = join(projectRoot, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const reporter = join(projectRoot, 'test', 'support', 'reporter.cjs');
  const ignored = ignore.flatMap((glob) => ['--ignore', glob]);
  const child = spawn(process.execPath, [mocha, '--exit', '--reporter', reporter, ...ignored, ...args, ...files], {
    cwd: projectRoot,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  return new Promise((settle, refuse) => {
    child.once('error', refuse);
    child.once('close', (code, signal) => settle(code ?? 128 + constants.signals[signal]));
  });
}

/** What the reporter counted; tests that could not be loaded, or died, left nothing and count as one failure. */
async function readCounts({ summary }) {
  try {
    return JSON.parse(await readFile(summary, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') {
      return { passes: 0, failures: 1, failed: [{ title: 'tests', reason: 'They ended without figures; see above.' }] };
    }
    throw error;
  }
}
