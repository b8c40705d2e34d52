import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { historyFromFile, patchesOf, type HistoryFile } from './history-file.js';

const workflows = fileURLToPath(new URL('../../src/workflows', import.meta.url));
const recorded = fileURLToPath(new URL('histories/next', import.meta.url));

const filesOf = async (folder: string, ending: string): Promise<string[]> =>
  await Promise.all(
    (await readdir(folder, { recursive: true }))
      .filter((file) => file.endsWith(ending))
      .map((file) => readFile(join(folder, file), 'utf8')),
  );

describe('patches of the workflows', () => {
  it('are each played in a stored history, so that a later order of commands in their branch fails a replay', async () => {
    const sources = await filesOf(workflows, '.ts');
    const ids = sources.flatMap((source) => [...source.matchAll(/\bpatched\('([^']+)'\)/g)].map(([, id]) => id!));
    const calls = sources.flatMap((source) => source.match(/\bpatched\(/g) ?? []);
    expect(ids, 'every patch is named where it is asked for').to.have.length(calls.length).above(0);
    const played = new Set(
      (await filesOf(recorded, '.json')).flatMap((text) => patchesOf(historyFromFile(JSON.parse(text) as HistoryFile))),
    );
    const unplayed = [...new Set(ids)].filter((id) => !played.has(id)).sort();
    expect(unplayed, 'add a story to record-rare-branches.ts, and record it by name').to.deep.equal([]);
  });
});
