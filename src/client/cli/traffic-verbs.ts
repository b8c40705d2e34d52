import type { Command } from 'commander';
import { openStore } from '../../adapters/open-store.js';
import { rollbackSentence } from '../../domain/release/rollback-time.js';
import { rollBackDirectly } from '../direct-rollback.js';
import { currentUser, verb, withClient, type CommandContext } from './command-context.js';

/** `rollback MODEL`: gives traffic back. */
export const addRollback = (program: Command, context: CommandContext): Command =>
  verb<{ reason: string; to?: string; by: string; direct?: boolean }>({
    command: program
      .command('rollback')
      .description('give traffic back: to the champion while a release runs, else to the champion before')
      .argument('<model>')
      .requiredOption('--reason <text>', 'why')
      .option('--to <release>', 'an earlier champion that is still kept')
      .option('--direct', 'write the plan into the store while Temporal or all workers are away; ends no release')
      .option('--by <name>', 'who', currentUser()),
    context,
    run: async ({ arguments: [model = ''], options: { reason, to = null, by, direct = false } }) => {
      const settings = context.settings();
      const message = { model, to, reason, by };
      const answer = direct
        ? await rollBackDirectly({ store: openStore({ location: settings.store }), ...message })
        : await withClient(settings, (client) => client.rollback(message));
      const { champion, time = null } = answer;
      const took = time === null ? '' : `\n${rollbackSentence(time)}`;
      const left = direct ? `\nOnce Temporal is back, "understudy rollback ${model}" ends the release.` : '';
      return { code: 0, data: answer, text: `${model}: ${champion} serves (${answer.reason})${took}${left}` };
    },
  });

/** `pause MODEL`: no new releases until resumed. */
export const addPause = (program: Command, context: CommandContext): Command =>
  verb<{ reason: string; by: string }>({
    command: program
      .command('pause')
      .description('start no new releases of a model')
      .argument('<model>')
      .requiredOption('--reason <text>', 'why')
      .option('--by <name>', 'who', currentUser()),
    context,
    run: ({ arguments: [model = ''], options: { reason, by } }) =>
      withClient(context.settings(), async (client) => {
        await client.pause({ model, reason, by });
        return { code: 0, data: { model, paused: true, by, reason }, text: `${model}: paused by ${by} (${reason})` };
      }),
  });

/** `resume MODEL`. */
export const addResume = (program: Command, context: CommandContext): Command =>
  verb<{ by: string }>({
    command: program
      .command('resume')
      .description('start releases of a model again')
      .argument('<model>')
      .option('--by <name>', 'who', currentUser()),
    context,
    run: ({ arguments: [model = ''], options: { by } }) =>
      withClient(context.settings(), async (client) => {
        await client.resume({ model, by });
        return { code: 0, data: { model, paused: false, by }, text: `${model}: resumed by ${by}` };
      }),
  });
