import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheRoot } from './cache.js';

const buildMilliseconds = 8 * 60_000;

/**
 * The command of a Go module at a version, built once into the cache outside the project. Null, with a loud word,
 * where Go is missing or the module can't be had: what needs it is skipped, never silently.
 */
export async function findGoTool({
  module,
  version,
  command,
}: {
  module: string;
  version: string;
  command: string;
}): Promise<string | null> {
  const folder = join(cacheRoot(), 'tools', `${command}-${version}`);
  const path = join(folder, command);
  if (existsSync(path)) return path;
  try {
    await mkdir(folder, { recursive: true });
    await execa('go', ['install', `${module}@${version}`], {
      env: { GOBIN: folder, GOFLAGS: '-mod=mod' },
      timeout: buildMilliseconds,
    });
    return path;
  } catch (error) {
    process.stderr.write(`NO ${command.toUpperCase()} HERE, its tests are skipped: ${String(error).split('\n')[0]}\n`);
    return null;
  }
}
