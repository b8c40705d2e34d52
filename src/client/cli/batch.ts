import type { Command } from 'commander';
import { batchDetails } from '../../contracts/batch-details.js';
import { pauseBatch, resumeBatch, startBatch } from '../batch.js';
import type { UnderstudyClient } from '../understudy-client.js';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

const placeOf = async (client: UnderstudyClient, model: string) => ({
  temporal: client.temporal,
  store: client.store,
  queuePrefix: '',
  specification: (await client.describe(model)).specification,
});

/** `batch run|pause|resume MODEL`: the summaries of a model's items. */
export function addBatch(program: Command, context: CommandContext): Command {
  const batch = program.command('batch').description('renew the summaries of items, or hold that');
  verb({
    command: batch.command('run').description('renew what has changed now, and wait for the end').argument('<model>'),
    context,
    run: ({ arguments: [model = ''] }) =>
      withClient(context.settings(), async (client) => {
        const started = await startBatch(await placeOf(client, model));
        const { paused } = await started.progress();
        if (paused !== null) context.say(`${model}: paused by ${paused.by} (${paused.reason}); resume it first`);
        const progress = await started.result();
        const failed = progress.chunks.failed > 0;
        return { code: failed ? 1 : 0, data: progress, text: batchDetails(progress) };
      }),
  });
  verb<{ reason: string; by: string }>({
    command: batch
      .command('pause')
      .description('hold the batch of a model at once, until it is resumed')
      .argument('<model>')
      .requiredOption('--reason <text>', 'why')
      .option('--by <name>', 'who', currentUser()),
    context,
    run: ({ arguments: [model = ''], options: { reason, by } }) =>
      withClient(context.settings(), async (client) => {
        await pauseBatch({ ...(await placeOf(client, model)), pause: { reason, by } });
        return {
          code: 0,
          data: { model, paused: true, by, reason },
          text: `batch of ${model}: paused by ${by} (${reason})`,
        };
      }),
  });
  verb<{ by: string }>({
    command: batch
      .command('resume')
      .description('let the batch of a model go on')
      .argument('<model>')
      .option('--by <name>', 'who', currentUser()),
    context,
    run: ({ arguments: [model = ''], options: { by } }) =>
      withClient(context.settings(), async (client) => {
        await resumeBatch({ temporal: client.temporal, model, by });
        return { code: 0, data: { model, paused: false, by }, text: `batch of ${model}: resumed by ${by}` };
      }),
  });
  return batch;
}
