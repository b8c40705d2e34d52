import { Option, type Command } from 'commander';
import { z } from 'zod';
import { analyseComparison, type ComparisonAnalysis } from '../../domain/analysis/analyse-comparison.js';
import type { Better, Decision, EffectKind } from '../../domain/statistics/contrast.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { numberBetween } from './number-option.js';
import { readRows } from './read-rows.js';

/** Squares of scores beyond this are no numbers any more, and nothing could be said of them. */
const largestScore = 1e100;

/** One scored case of one arm; a score that is null or missing was not measured. */
const scoreSchema = z.object({
  id: z.union([z.string().min(1), z.number()]).transform(String),
  cluster: z
    .union([z.string(), z.number()])
    .transform(String)
    .nullish()
    .transform((cluster) => cluster ?? null),
  score: z
    .number()
    .min(-largestScore, `expected a score from ${-largestScore}; use another unit`)
    .max(largestScore, `expected a score up to ${largestScore}; use another unit`)
    .nullish()
    .transform((score) => score ?? null),
});

interface ComparisonOptions {
  champion: string;
  challenger: string;
  metric: string;
  decision: Decision;
  minimumEffect?: number;
  margin?: number;
  kind: EffectKind;
  better?: Better;
  alpha: number;
  seed: number;
}

const shown = (value: number | null): string => (value === null ? 'none' : String(Number(value.toPrecision(4))));

function comparisonText(analysis: ComparisonAnalysis): string {
  const { metric, n, clusters, champion, challenger, difference, interval, pValue, verdict, reason, power } = analysis;
  return [
    `${metric} over ${n} cases in ${clusters} clusters: champion ${shown(champion)}, challenger ${shown(challenger)}`,
    `difference ${shown(difference)}, ${interval.level * 100} % interval ${shown(interval.low)} to ${shown(interval.high)}, p ${shown(pValue)}`,
    `these cases can show an effect of ${shown(power.smallestEffect)}; cases needed for the one asked about: ${shown(power.casesNeeded)}`,
    `${verdict}: ${reason}`,
  ].join('\n');
}

/** The size that the decision is about; naming the other one's is a mistake, not something to leave out silently. */
function sizeOf({ decision, minimumEffect, margin }: ComparisonOptions): number | undefined {
  const [own, other, flag] =
    decision === 'superior' ? [minimumEffect, margin, '--margin'] : [margin, minimumEffect, '--minimum-effect'];
  if (other !== undefined) throw new CannotRun(`${flag} has no meaning with --decision ${decision}`);
  return own;
}

/** `analyse comparison`: two files of scores, compared case by case as a gate would. */
export const addAnalyseComparison = (parent: Command, context: CommandContext): Command =>
  verb<ComparisonOptions>({
    command: parent
      .command('comparison')
      .description('compare the scores of two releases, case by case; exit 1 unless the challenger passes')
      .requiredOption('--champion <file>', 'JSON lines {id, cluster, score}')
      .requiredOption('--challenger <file>', 'the same cases')
      .requiredOption('--metric <name>', 'such as tokenF1')
      .addOption(new Option('--decision <kind>').choices(['superior', 'nonInferior']).default('superior'))
      .option('--minimum-effect <size>', 'to win by, with superior (default 0)', numberBetween(0, 1e9))
      .option('--margin <size>', 'that may be lost, with nonInferior (default 0.02)', numberBetween(0, 1e9))
      .addOption(new Option('--kind <kind>', 'of the size').choices(['relative', 'absolute']).default('relative'))
      .addOption(new Option('--better <direction>', 'where the metric is not known').choices(['higher', 'lower']))
      .option('--alpha <share>', 'error rate', numberBetween(1e-9, 0.5), 0.05)
      .option('--seed <number>', 'of the resampling', numberBetween(0, Number.MAX_SAFE_INTEGER), 1),
    context,
    run: async ({ options }) => {
      const size = sizeOf(options);
      const { metric, decision, kind, alpha, seed, better } = options;
      const [champion, challenger] = await Promise.all(
        [options.champion, options.challenger].map((file) => readRows({ file, schema: scoreSchema })),
      );
      const analysis = analyseComparison({
        ...{ metric, decision, kind, alpha, seed },
        ...(size === undefined ? {} : { size }),
        ...(better === undefined ? {} : { better }),
        champion: champion!,
        challenger: challenger!,
      });
      return { code: analysis.verdict === 'pass' ? 0 : 1, data: analysis, text: comparisonText(analysis) };
    },
  });
