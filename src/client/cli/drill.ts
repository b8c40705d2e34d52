import type { Command } from 'commander';
import { rollbackSentence } from '../../domain/release/rollback-time.js';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

/** Within so many seconds of the evidence no gateway may send anybody to the challenger. */
const boundSeconds = 3;

/** `drill MODEL`: a rollback rehearsed on purpose. */
export const addDrill = (program: Command, context: CommandContext): Command =>
  verb<{ reason: string; by: string }>({
    command: program
      .command('drill')
      .description('rehearse a rollback while no release runs, and time it at the gateways; users notice nothing')
      .argument('<model>')
      .option('--reason <text>', 'why', 'rehearsal')
      .option('--by <name>', 'who', currentUser()),
    context,
    run: ({ arguments: [model = ''], options }) =>
      withClient(context.settings(), async (client) => {
        const time = await client.drill({ model, ...options });
        const good = time.seconds !== null && time.seconds <= boundSeconds;
        const bound = time.seconds === null ? '' : ` (${good ? 'within' : 'over'} ${boundSeconds} s)`;
        return { code: good ? 0 : 1, data: time, text: `${model}: ${rollbackSentence(time)}${bound}` };
      }),
  });
