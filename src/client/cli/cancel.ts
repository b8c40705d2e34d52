import type { Command } from 'commander';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

/** `cancel RELEASE`: ends one release; its model goes on. */
export const addCancel = (program: Command, context: CommandContext): Command =>
  verb<{ reason: string; by: string }>({
    command: program
      .command('cancel')
      .description('end a running release wherever it is; what it has begun is taken back, and its model goes on')
      .argument('<release>', 'such as support-assistant-r2')
      .requiredOption('--reason <text>', 'why')
      .option('--by <name>', 'who', currentUser()),
    context,
    run: ({ arguments: [releaseId = ''], options: { reason, by } }) =>
      withClient(context.settings(), async (client) => {
        await client.cancel({ releaseId, by, reason });
        return {
          code: 0,
          data: { release: releaseId, cancelled: true, by, reason },
          text: `${releaseId}: cancelled by ${by} (${reason}); it ends once what it has begun is taken back, which "understudy status" shows`,
        };
      }),
  });
