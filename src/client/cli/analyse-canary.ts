import Table from 'cli-table3';
import type { Command } from 'commander';
import { analyseCanary, type CanaryAnalysis } from '../../domain/analysis/analyse-canary.js';
import { canaryEventSchema } from '../../domain/analysis/canary-event.js';
import { verb, type CommandContext } from './command-context.js';
import { numberBetween } from './number-option.js';
import { readRows } from './read-rows.js';

interface CanaryOptions {
  events: string;
  alpha: number;
  slo: number;
  margin?: number;
  errorLimit?: number;
}

function canaryText({ verdict, guards, breakers, sampleRatio }: CanaryAnalysis): string {
  const table = new Table({
    head: ['guard', 'verdict', 'decided at', 'why'],
    colWidths: [null, null, null, 80],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  const at = (place: { row: number; t: number } | null): string => (place ? `row ${place.row}, ${place.t} s` : '-');
  for (const guard of guards) table.push([guard.event, guard.verdict, at(guard.decidedAt), guard.reason]);
  for (const { event, verdict: said, decidedAt, reason } of breakers)
    table.push([`${event} limit`, said, at(decidedAt), reason]);
  table.push(['sample ratio', sampleRatio.verdict, '-', sampleRatio.reason]);
  return `${table.toString()}\n${verdict}`;
}

/** `analyse canary`: the guards over a file of events, row by row as the gateway saw them. */
export const addAnalyseCanary = (parent: Command, context: CommandContext): Command =>
  verb<CanaryOptions>({
    command: parent
      .command('canary')
      .description('judge a canary from its events; exit 1 unless all guards pass')
      .requiredOption('--events <file>', 'JSON lines {t, key, arm, share, error, latencyMs, ...}')
      .option('--alpha <share>', 'split over the guards', numberBetween(1e-9, 0.5), 0.01)
      .option('--slo <milliseconds>', 'an answer over it is slow', numberBetween(0, 1e9), 450)
      .option(
        '--margin <share>',
        'harm up to it is tolerated (default: 0.2, and 0.5 for thumbsDown and blocked)',
        numberBetween(0, 48),
      )
      .option('--error-limit <share>', 'absolute limit over ten minutes (default: none)', numberBetween(0, 1)),
    context,
    run: async ({ options: { events, alpha, slo, margin = null, errorLimit } }) => {
      const rows = await readRows({ file: events, schema: canaryEventSchema });
      const limits = errorLimit === undefined ? {} : { error: errorLimit };
      const analysis = analyseCanary({ rows, alpha, slo, margin, limits });
      return { code: analysis.verdict === 'pass' ? 0 : 1, data: analysis, text: canaryText(analysis) };
    },
  });
