import type { Command } from 'commander';
import { runningState } from '../running-lifecycle.js';
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
        const state = await runningState({ temporal: client.temporal, model });
        const { champion = null, running = null, queue = [] } = state ?? {};
        context.say(
          state
            ? `champion: ${champion?.releaseId ?? 'none'}; users who ask ${model} get no answer any more`
            : `${model} has no lifecycle; what is left of its Schedules and its batch ends`,
        );
        if (running)
          context.say(`${running.releaseId} is running and ${endRelease ? 'is ended' : 'goes to its end first'}`);
        if (queue.length > 0) context.say(`never begun: ${queue.map((one) => one.releaseId).join(', ')}`);
        if (!yes) {
          context.say(`Type ${model} to remove it:`);
          if ((await firstLine(context)) !== model)
            throw new CannotRun(`${model} is not removed: its name was not typed; --yes does not ask`);
        }
        const { waitsFor, left = null, hadLifecycle } = await client.remove({ model, reason, by, endRelease });
        return {
          code: 0,
          data: { model, by, reason, waitsFor, left },
          text: hadLifecycle
            ? `${model}: removed by ${by}; ${ending({ model, waitsFor, left })}`
            : `${model}: its Schedules and its batch are removed; it has no lifecycle`,
        };
      }),
  });

/** What the answer can't know yet: it comes before anything is unloaded. */
function ending({ model, waitsFor, left }: { model: string; waitsFor: string | null; left: string | null }): string {
  const first = waitsFor === null ? '' : `after ${waitsFor}, `;
  const before = left === null ? '' : ` (the last try: ${left}; it is tried again now)`;
  return `its lifecycle ends ${first}once nothing of it is served any more${before}; until then "understudy status ${model}" says what is left`;
}

async function firstLine(context: CommandContext): Promise<string | null> {
  for await (const line of context.lines()) return line.trim();
  return null;
}
