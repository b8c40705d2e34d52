import type { Command } from 'commander';
import { differenceLine } from '../../domain/spec/differences.js';
import type { ApplyPlan } from '../apply.js';
import { scheduleKinds } from '../model-schedules.js';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

/** What applying would change, a line each. */
export function planLines({ model, isNew, differences, schedules }: ApplyPlan): string[] {
  const lines = isNew ? [`${model} is new: its lifecycle begins`] : differences.map(differenceLine);
  for (const kind of scheduleKinds) {
    const { change, differences: inSchedule, pausedNote } = schedules[kind];
    if (change !== 'none' && change !== 'keep')
      lines.push(`schedule of ${kind}: ${change}`, ...inSchedule.map((one) => `  ${differenceLine(one)}`));
    if (pausedNote !== null && change !== 'remove')
      lines.push(
        `schedule of ${kind}: paused in Temporal${pausedNote && ` (${pausedNote})`}, and left so: nothing runs`,
      );
  }
  return lines.length > 0 ? lines : [`${model}: nothing changes`];
}

/** `apply SPEC`: makes a spec the model's own. */
export const addApply = (program: Command, context: CommandContext): Command =>
  verb<{ overlay: string[]; by: string; dryRun?: boolean }>({
    command: program
      .command('apply')
      .description('make a spec the model’s own: lifecycle, golden set and schedules; says first what changes')
      .argument('<spec>', 'the spec file')
      .option('--overlay <file...>', 'files laid over it, in order', [])
      .option('--by <name>', 'who applies it', currentUser())
      .option('--dry-run', 'only say what would change'),
    context,
    run: ({ arguments: [path = ''], options: { overlay, by, dryRun } }) =>
      withClient(context.settings(), async (client) => {
        const plan = await client.planApply({ path, overlays: overlay });
        const lines = planLines(plan);
        if (dryRun) return { code: 0, data: plan, text: lines.join('\n') };
        for (const line of lines) context.say(line);
        const applied = await client.apply({ path, overlays: overlay, by });
        const { model, digest, effective } = applied;
        return {
          code: 0,
          data: { ...applied, plan },
          text: `${model}: spec ${digest.slice(0, 12)} applied, effective ${effective}`,
        };
      }),
  });
