import Table from 'cli-table3';
import type { Command } from 'commander';
import { verb, type CommandContext } from './command-context.js';
import { machineChecks, serverChecks, type Check } from './doctor-checks.js';
import { platformChecks } from './doctor-platform.js';
import { temporalChecks } from './doctor-temporal.js';

const marks: Record<Check['state'], string> = { ok: '✓', warning: '!', failed: '✗' };

function doctorText(checks: readonly Check[]): string {
  const table = new Table({
    head: ['', 'checked', 'found', 'how to mend it'],
    colWidths: [null, null, 52, 46],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { name, state, found, mend } of checks) table.push([marks[state], name, found, mend]);
  return table.toString();
}

/** `doctor`: checks this machine and every external system, and says how to mend what is wrong. */
export const addDoctor = (program: Command, context: CommandContext): Command =>
  verb<{ fix?: boolean }>({
    command: program
      .command('doctor')
      .description('check this machine and every server, and say how to mend what is wrong')
      .option(
        '--fix',
        'make what Temporal lacks: namespace, retention, search attributes; move to the newest payload key',
      ),
    context,
    run: async ({ options }) => {
      const settings = context.settings();
      const [machine, temporal, servers, platform] = await Promise.all([
        Promise.all(machineChecks(settings)),
        temporalChecks({ settings, fix: options.fix === true }),
        serverChecks(settings),
        platformChecks(settings),
      ]);
      const checks = [...machine, ...temporal, ...servers, ...platform];
      const ok = checks.every((check) => check.state !== 'failed');
      return { code: ok ? 0 : 1, data: { ok, checks }, text: doctorText(checks) };
    },
  });
