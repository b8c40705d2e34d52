import { binomialCdf } from '../src/domain/statistics/distributions.js';
import { scenarios } from '../test/support/simulation/comparison-scenarios.js';
import { judgeScenarios, rateScenarios } from '../test/support/simulation/judge-scenarios.js';
import { report, reportMachine } from './support/report.js';
import {
  alpha,
  boundOften,
  compareAtBoundary,
  compareOften,
  compareTwentyGates,
  correctOften,
  decideUnderFloors,
  lookOften,
  rectifyOften,
  winAsPlanned,
  type Counted,
  type Run,
} from './support/simulated-decisions.js';

/**
 * Error rates of the decisions, on simulated comparisons whose truth is known: `npm run bench -- decisions [--short] [part ...]`.
 * A share misses its target where an exact binomial test at 1 % says that chance alone does not explain it.
 */
const bench = 'decisions';
const short = process.argv.includes('--short');
/** With 199 resamples the 95 % interval has exactly its level, as with 10,000; it is only a little wider on average. */
const run: Run = { trials: short ? 100 : 4000, seed: 42, resamples: 199 };
const unlikely = 0.01;

const chanceOfAtMost = ({ hits, of }: Counted, p: number): number => binomialCdf({ successes: hits, trials: of, p });
const chanceOfAtLeast = ({ hits, of }: Counted, p: number): number =>
  binomialCdf({ successes: of - hits, trials: of, p: 1 - p });

interface Target {
  least?: number;
  most?: number;
}

function tell({
  metric,
  counted,
  target,
  note,
}: {
  metric: string;
  counted: Counted;
  target: Target;
  note?: string;
}): void {
  const { least, most } = target;
  const ok =
    (least === undefined || chanceOfAtMost(counted, least) >= unlikely) &&
    (most === undefined || (most === 0 ? counted.hits === 0 : chanceOfAtLeast(counted, most) >= unlikely));
  const named = [least === undefined ? '' : `>= ${least}`, most === undefined ? '' : `<= ${most}`].filter(Boolean);
  report({
    ...{ bench, metric, value: counted.hits / counted.of, unit: `share of ${counted.of}` },
    ...{ target: `${named.join(' and ')}, binomial bound at 99 %`, ok },
    ...(note === undefined ? {} : { note }),
  });
}

/** Where few large values or clusters carry the mean, an interval that is too wide is the safe side: only the lower end binds. */
const oneSided = new Set([
  '60 clusters, a few of which hold most cases',
  'rare large losses: 2 % lose 0.98',
  'rare large losses: 5 % lose 0.95',
  'judge favours one style, 30 clusters of very unequal size, half labelled',
  'judge favours one style, 80 clusters, a few of which hold most cases, 40 % labelled',
]);
const nominal = { least: 0.94, most: 0.96 };
const atLeastNominal = { least: 0.94 };
const falsePromotion = { most: alpha };

/** Name by name what is simulated; names on the command line choose among them. */
const parts: Record<string, () => void> = {
  comparisons: () => {
    for (const scenario of scenarios) {
      const { promoted, covered } = compareOften({ ...run, scenario });
      tell({ metric: `false promotion: ${scenario.name}`, counted: promoted, target: falsePromotion });
      const target = oneSided.has(scenario.name) ? atLeastNominal : nominal;
      tell({ metric: `coverage of 95 %: ${scenario.name}`, counted: covered, target });
    }
    for (const decision of ['superior', 'nonInferior'] as const)
      tell({
        metric: `false promotion: boundary of ${decision}, relative 5 %`,
        counted: compareAtBoundary({ ...run, claim: { decision, kind: 'relative', size: 0.05, better: 'higher' } }),
        target: falsePromotion,
      });
  },
  gates: () =>
    tell({
      metric: 'false promotion: 20 gates, one of them without a difference',
      counted: compareTwentyGates(run),
      target: falsePromotion,
    }),
  power: () => {
    for (const [name, sizes] of [
      ['120 clusters of 1', Array<number>(120).fill(1)],
      ['40 clusters of 5', Array<number>(40).fill(5)],
      [
        "60 clusters by Zipf's law, 60 cases to 1",
        Array.from({ length: 60 }, (_, rank) => Math.round(60 / (rank + 1))),
      ],
    ] as const)
      tell({
        metric: `power at the plan's smallest effect: ${name}`,
        counted: winAsPlanned({ ...run, resamples: short ? 199 : 1999, sizes }),
        target: { least: 0.8 },
      });
  },
  floors: () =>
    tell({
      metric: 'decided under the floors: 19 clusters, or 29 untied cases',
      counted: decideUnderFloors(run),
      target: { most: 0 },
    }),
  shares: () => {
    for (const [rate, n] of [
      [0.01, 200],
      [0.05, 300],
      [0.1, 120],
    ] as const)
      tell({
        metric: `coverage of 95 %: score interval of a yes/no rate of ${rate}, ${n} cases`,
        counted: boundOften({ ...run, rate, n }),
        target: atLeastNominal,
      });
  },
  judges: () => {
    for (const scenario of judgeScenarios) {
      const { promoted, covered, judgeAlone } = rectifyOften({ ...run, scenario });
      const note = `the judge alone would promote ${judgeAlone.hits} of ${judgeAlone.of}`;
      tell({ metric: `false promotion: ${scenario.name}`, counted: promoted, target: falsePromotion, note });
      const target = oneSided.has(scenario.name) ? atLeastNominal : nominal;
      tell({ metric: `coverage of 95 %: ${scenario.name}`, counted: covered, target });
    }
  },
  rates: () => {
    for (const scenario of rateScenarios) {
      const counted = correctOften({ ...run, scenario });
      tell({ metric: `coverage of 95 %: ${scenario.name}`, counted, target: atLeastNominal });
    }
  },
  looks: () => {
    for (const { gain, target } of [
      { gain: 0, target: falsePromotion },
      { gain: 0.08, target: { least: 0.8 } },
    ]) {
      const { promoted, covered, asked } = lookOften({ ...run, gain });
      const name = `four looks, challenger ${gain} better`;
      const note = `asked ${(100 * asked).toFixed(1)} % of the cases on average`;
      tell({ metric: `${gain === 0 ? 'false promotion' : 'promotion'}: ${name}`, counted: promoted, target, note });
      tell({ metric: `coverage of 95 %: repeated interval, ${name}`, counted: covered, target: atLeastNominal });
    }
  },
};

const chosen = process.argv.slice(2).filter((name) => name !== '--short');
const unknown = chosen.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0)
  throw new RangeError(`no part ${unknown.join(', ')}; expected ${Object.keys(parts).join(', ')}`);
reportMachine({ bench });
for (const [name, tellPart] of Object.entries(parts)) if (chosen.length === 0 || chosen.includes(name)) tellPart();
