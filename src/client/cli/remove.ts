import type { Command } from 'commander';
import { CannotRun, currentUser, verb, withClient, type CommandContext } from './command-context.js';

interface RemoveOptions {
  reason: string;
  by: string;
  endRelease?: boolean;
  yes?: boolean;
}

/** `remove MODEL`: ends a model; what is stored of it stays. */
export const addRemove = (program: Command, context: CommandContext): Command =>
  verb<RemoveOptions>({
    command: program
      .command('remove')
      .description('end a model: no more releases, nothing of it is served; records, versions and files stay')
      .argument('<model>')
      .requiredOption('--reason <text>', 'why')
      .option('--by <name>', 'who', currentUser())
      .option('--end-release', 'end a running release; else it goes to its end first')
      .option('--yes', 'do not ask'),
    context,
    run: ({ arguments: [model = ''], options: { reason, by, endRelease = false, yes = false } }) =>
      withClient(context.settings(), async (client) => {
        const { champion, running, queue } = await client.describe(model);
        context.say(`champion: ${champion?.releaseId ?? 'none'}; users who ask ${model} get no answer any more`);
        if (running)
          context.say(`${running.releaseId} is running and ${endRelease ? 'is ended' : 'goes to its end first'}`);
        if (queue.length > 0) context.say(`never begun: ${queue.map((one) => one.releaseId).join(', ')}`);
        if (!yes) {
          context.say(`Type ${model} to remove it:`);
          if ((await firstLine(context)) !== model)
            throw new CannotRun(`${model} is not removed: its name was not typed; --yes does not ask`);
        }
        const { waitsFor } = await client.remove({ model, reason, by, endRelease });
        const ending = waitsFor === null ? 'its lifecycle ends now' : `its lifecycle ends after ${waitsFor}`;
        return { code: 0, data: { model, by, reason, waitsFor }, text: `${model}: removed by ${by}, ${ending}` };
      }),
  });

async function firstLine(context: CommandContext): Promise<string | null> {
  for await (const line of context.lines()) return line.trim();
  return null;
}
