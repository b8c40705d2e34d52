import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file in a folder of its own. */
export async function createTemporary({
  name,
  content,
}: {
  name: string;
  content: string;
}): Promise<{ path: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'understudy-infra-'));
  const path = join(folder, name);
  await writeFile(path, content);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
