import { parseArgs } from 'node:util';
import { SetupFailure, reportFailure } from './failure.mjs';
import { locate, parts } from './locate.mjs';

const usage = `node scripts/setup/main.mjs [--only ${parts.join(',')}] [--json]
Sets up the named parts, by default all, each only when missing or changed, and says where they are.`;

/** Exit 0 with the parts in place, 2 when something is to be mended first. */
async function main() {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  });
  if (values.help) return process.stdout.write(`${usage}\n`);
  const only = values.only?.split(',') ?? parts;
  const unknown = only.filter((part) => !parts.includes(part));
  if (unknown.length > 0) {
    throw new SetupFailure(`--only: found ${unknown.join(', ')}, expected some of ${parts.join(', ')}\n${usage}`);
  }
  const located = await locate({ only });
  if (values.json) return process.stdout.write(`${JSON.stringify(located)}\n`);
  const { models, ...binaries } = located;
  for (const [name, path] of [...Object.entries(binaries), ...Object.entries(models)]) {
    if (path !== null) process.stdout.write(`${name}: ${path}\n`);
  }
  return true;
}

try {
  await main();
} catch (error) {
  process.exitCode = reportFailure({ error });
}
