import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Ledger } from '../start/ledger.js';
import { prepareStart, start, type StartOptions } from '../start/start.js';
import type { StartSummary } from '../start/demonstration/summary.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';

const sameKeyPressMilliseconds = 500;

const exampleName = (text: string): string => {
  if (/^[a-z0-9][a-z0-9-]*$/.test(text)) return text;
  throw new InvalidArgumentError('expected the name of a folder in examples/');
};

/** `start`: the embedded profile and its demonstration. */
export const addStart = (program: Command, context: CommandContext): Command =>
  verb<{ example: string; once?: boolean; base?: 'tiny'; approve: StartOptions['approve']; check?: boolean }>({
    command: program
      .command('start')
      .description('run everything on this machine and take the example through its releases')
      .option('--example <name>', 'folder in examples/', exampleName, 'support-assistant')
      .option('--once', 'stop everything when the releases have ended; exit 1 when one ended otherwise than expected')
      .addOption(new Option('--base <base>', 'a smaller base model, for tests').choices(['tiny']))
      .addOption(new Option('--approve <who>', 'who approves promotions').choices(['auto', 'ask']).default('auto'))
      // For "npm start", which asks before it downloads anything.
      .addOption(new Option('--check', 'only look whether options, settings, example and disk are fit').hideHelp()),
    context,
    run: async ({ options, json }) => {
      const base = options.base ?? null;
      if (options.check) {
        await prepareStart({ settings: context.settings(), example: options.example, base });
        return { code: 0, data: { fit: true }, text: '' };
      }
      const stopping = new AbortController();
      let ledger: Ledger | null = null;
      let asked = 0;
      const stop = (): void => {
        // One key press reaches this process more than once where a package runner stands between.
        if (Date.now() - asked < sameKeyPressMilliseconds) return;
        asked = Date.now();
        if (stopping.signal.aborted) {
          ledger?.killAll();
          process.exit(2);
        }
        context.say('stopping; once more ends everything at once');
        stopping.abort(new CannotRun('stopped before the releases had ended; the next start goes on with them'));
      };
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
      // Started with a channel, as "npm start" does: the end of that process, in whatever way, is the end of this one.
      process.once('disconnect', stop);
      // Listening alone would keep this process up for ever.
      process.channel?.unref();
      let summary: StartSummary | null = null;
      const asExpected = await start({
        settings: context.settings(),
        options: {
          example: options.example,
          once: options.once === true,
          base,
          approve: options.approve,
        },
        say: context.say,
        onSummary: ({ table, data }) => {
          summary = data;
          context.say(`${table}\nreport: ${data.report ?? 'none'}`);
        },
        onLedger: (taken) => (ledger = taken),
        signal: stopping.signal,
      });
      return { code: asExpected ? 0 : 1, data: summary, text: json ? '' : 'everything is stopped' };
    },
  });
