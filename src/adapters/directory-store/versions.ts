import { link, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../activities/ports.js';
import { codeOf, syncFolder } from './atomic-files.js';
import { nameOfVersion, versionOfName } from './keys.js';

/** How many versions of a key stay on the disk. */
export const keptVersions = 20;

/** The newest version of a key; number 0 where there has never been one. */
export interface Head {
  number: number;
  /** The newest version says that the key was removed. */
  removed: boolean;
}

/** The newest version in a key's folder: the highest number wins, whatever else lies there. */
export async function readHead(folder: string): Promise<Head> {
  let head: Head = { number: 0, removed: false };
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const number = versionOfName(entry.name);
    if (number !== null && number > head.number) head = { number, removed: entry.isSymbolicLink() };
  }
  return head;
}

/**
 * Puts the next version on top of `head`; true when it is ours, false when somebody else was first.
 *
 * link(2) and symlink(2) refuse a name that exists, so each number has one winner and a killed writer leaves nothing
 * behind that another must wait for. A writer that slept while its number was used *and pruned* finds the head at
 * least `keptVersions` above its own number; whether it won can't be told then, and it rejects with type `Conflict`.
 */
export async function appendVersion({
  folder,
  head,
  file,
}: {
  folder: string;
  head: Head;
  /** A hidden file to link, or null for the mark of a removal (a dangling symbolic link). */
  file: string | null;
}): Promise<boolean> {
  const number = head.number + 1;
  const path = join(folder, nameOfVersion(number));
  try {
    await (file === null ? symlink('removed', path) : link(file, path));
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
  await syncFolder(folder);
  const now = await readHead(folder);
  if (now.number >= number + keptVersions) {
    await rm(path, { force: true });
    throw new PortError(
      'Conflict',
      `${folder}: version ${number} was written while the newest became ${now.number}; read again and decide`,
    );
  }
  await prune({ folder, upTo: number - keptVersions });
  return true;
}

async function prune({ folder, upTo }: { folder: string; upTo: number }): Promise<void> {
  if (upTo < 1) return;
  for (const name of await readdir(folder)) {
    const number = versionOfName(name);
    if (number !== null && number <= upTo) await rm(join(folder, name), { force: true });
  }
}
