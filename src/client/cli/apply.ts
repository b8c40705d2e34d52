import type { Command } from 'commander';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

/** `apply SPEC`: makes a spec the model's own and its schedule. */
export const addApply = (program: Command, context: CommandContext): Command =>
  verb<{ overlay: string[]; by: string }>({
    command: program
      .command('apply')
      .description('make a spec the model’s own: lifecycle, golden set and schedule')
      .argument('<spec>', 'the spec file')
      .option('--overlay <file...>', 'files laid over it, in order', [])
      .option('--by <name>', 'who applies it', currentUser()),
    context,
    run: ({ arguments: [path = ''], options: { overlay, by } }) =>
      withClient(context.settings(), async (client) => {
        const applied = await client.apply({ path, overlays: overlay, by });
        const { model, digest, effective, schedule, ingestSchedule, batchSchedule } = applied;
        return {
          code: 0,
          data: applied,
          text: `${model}: spec ${digest.slice(0, 12)} applied, effective ${effective}; schedule: ${schedule}, of ingest: ${ingestSchedule}, of batch: ${batchSchedule}`,
        };
      }),
  });
