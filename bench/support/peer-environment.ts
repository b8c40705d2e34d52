import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

export const completeMarker = 'understudy-complete';

export function cacheFolder(): string {
  const { UNDERSTUDY_CACHE, XDG_CACHE_HOME } = process.env;
  return UNDERSTUDY_CACHE ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'understudy');
}

/**
 * The Python of a peer's own virtual environment, outside the project, built once for each content of a requirements
 * file with hashes.
 * @throws Error with pip's words where it can't be installed
 */
export async function peerPython({ name, requirements }: { name: string; requirements: URL }): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder(), 'peers', `${name}-${digest}`);
  const python = join(folder, 'bin', 'python');
  if (existsSync(join(folder, completeMarker))) return python;
  process.stderr.write(`installing ${name} into ${folder}\n`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await execa('python3', ['-m', 'venv', folder]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--no-deps'];
  await execa(python, [...pip, '-r', requirements.pathname]);
  await writeFile(join(folder, completeMarker), '');
  return python;
}
