import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { readRecord } from '../../activities/read-record.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { asResult, storeOf } from './data/dataset-context.js';

/** `release card RELEASE`: the model card, from the store alone. */
export const addReleaseCard = (release: Command, context: CommandContext): Command =>
  verb<{ out?: string }>({
    command: release
      .command('card')
      .description('write the model card of a release that has ended')
      .argument('<release>', 'such as support-assistant-r2')
      .option('--out <file>', 'where it is written, such as README.md; standard output without'),
    context,
    run: ({ arguments: [releaseId = ''], options: { out } }) =>
      asResult(context, async () => {
        const { cardOf } = await import('../../activities/model-card.js');
        const store = storeOf(context);
        const record = await readRecord({ store, releaseId });
        if (record === null)
          throw new CannotRun(`${releaseId} has no record in the store; it may still run ("understudy status")`);
        const card = await cardOf({ store, record });
        if (out === undefined) return { code: 0, data: { release: releaseId, card }, text: card.trimEnd() };
        const file = resolve(out);
        await writeFile(file, card).catch((error: unknown) => {
          throw new CannotRun(`--out ${file} can't be written: ${(error as Error).message}`);
        });
        return { code: 0, data: { release: releaseId, file }, text: `model card: ${file}` };
      }),
  });
