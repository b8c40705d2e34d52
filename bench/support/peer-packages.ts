import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { cacheFolder, completeMarker } from './peer-environment.js';

/**
 * The folder of a peer's own npm packages, outside the project, installed once for each content of a lockfile.
 * @param source folder with package.json and package-lock.json
 * @throws Error with npm's words where they can't be installed
 */
export async function peerPackages({ name, source }: { name: string; source: string }): Promise<string> {
  const lock = await readFile(join(source, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), 'peers', `${name}-${digest}`);
  if (existsSync(join(folder, completeMarker))) return folder;
  process.stderr.write(`installing ${name} into ${folder}\n`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) await copyFile(join(source, file), join(folder, file));
  const quiet = ['--ignore-scripts', '--omit=peer', '--no-audit', '--no-fund', '--loglevel=error'];
  // Not "npm ci": that refuses a lockfile without the binaries of other platforms, which not every registry has.
  await execa('npm', ['install', '--no-save', ...quiet], { cwd: folder });
  await writeFile(join(folder, completeMarker), '');
  return folder;
}
