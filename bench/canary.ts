import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { binomialCdf } from '../src/domain/statistics/distributions.js';
import { reportAsShipped } from './canary/as-shipped.js';
import { atDefaults, horizon, runMethods, tunables, tune, alpha, type Method, type Outcome } from './canary/methods.js';
import { canaryPicture } from './canary/picture.js';
import { report, reportMachine } from './support/report.js';

/**
 * What each way to watch a canary gets wrong, on the same simulated canaries: `npm run bench -- canary [--short] [--picture]`. Base error
 * rate 1 %, share 5 %, 40 requests a minute, 40,000 requests; the fault is three times the errors. `--picture` draws
 * docs/images/canary.svg anew.
 */
const bench = 'canary';
const short = process.argv.includes('--short');
const unlikely = 0.01;
const run = short
  ? { quiet: 200, tenTimes: 20, faulty: 100, tuning: 200 }
  : { quiet: 4000, tenTimes: 1000, faulty: 2000, tuning: 2000 };
const seeds = { tuning: 11, measuring: 12 };

const atMost = ({ hits, runs }: Outcome, p: number): boolean =>
  hits === 0 || binomialCdf({ successes: runs - hits, trials: runs, p: 1 - p }) >= unlikely;
const atLeast = ({ hits, runs }: Outcome, p: number): boolean =>
  binomialCdf({ successes: hits, trials: runs, p }) >= unlikely;

reportMachine({ bench });
const methods: Method[] = [
  ...atDefaults,
  ...tunables.map((tunable) => {
    process.stderr.write(`tuning ${tunable.name}\n`);
    return tune({ tunable, runs: run.tuning, seed: seeds.tuning });
  }),
];
const quiet = runMethods({ methods, name: 'quiet', runs: run.quiet, seed: seeds.measuring });
const tenTimes = runMethods({ methods, name: 'quietTenTimes', runs: run.tenTimes, seed: seeds.measuring });
const faulty = runMethods({ methods, name: 'faulty', runs: run.faulty, seed: seeds.measuring });

/** What each line measures: of which canaries, in what unit, and what ours is held against. */
const measures: {
  metric: string;
  unit: string;
  outcomes: Outcome[];
  value: (outcome: Outcome) => number | null;
  target: string;
  ok: (outcome: Outcome, clocks: boolean) => boolean | null;
}[] = [
  {
    ...{ metric: 'false rollback', unit: `share of ${run.quiet}`, outcomes: quiet, target: `<= ${alpha}` },
    ...{ value: ({ share }) => share, ok: (outcome) => atMost(outcome, alpha) },
  },
  {
    ...{ metric: 'false rollback, ten times the horizon', unit: `share of ${run.tenTimes}`, outcomes: tenTimes },
    ...{ target: `<= ${alpha}`, value: ({ share }) => share, ok: (outcome) => atMost(outcome, alpha) },
  },
  {
    ...{ metric: `fault found within ${horizon} requests`, unit: `share of ${run.faulty}`, outcomes: faulty },
    ...{ target: '>= 0.99', value: ({ share }) => share, ok: (outcome) => atLeast(outcome, 0.99) },
  },
  {
    ...{ metric: 'requests until found, mean', unit: 'requests', outcomes: faulty },
    ...{ target: '<= 9000 with the start clock alone, beyond chance', value: ({ mean }) => mean },
    ok: ({ mean, standardError }, clocks) => (clocks ? null : (mean ?? Infinity) <= 9000 + 2.33 * standardError),
  },
];
const reference = methods.findIndex(({ ours }) => ours);
for (const { metric, unit, outcomes, value, target, ok } of measures)
  for (const [index, { name, source, ours }] of methods.entries()) {
    const [own, beside] = [value(outcomes[index]!), value(outcomes[reference]!)];
    const line = { bench, unit, note: source };
    if (ours)
      report({
        ...line,
        metric: `${metric}: ${name}`,
        value: own ?? Infinity,
        target,
        ok: ok(outcomes[index]!, index !== reference),
      });
    else if (own === null || beside === null)
      report({ ...line, metric: `${metric}: never`, peer: name, value: beside ?? Infinity, target: null, ok: null });
    else
      report({
        ...{ ...line, metric, peer: name, value: beside, peerValue: own, target: null, ok: null },
        ...(own === 0 ? {} : { ratio: beside / own }),
      });
  }
await reportAsShipped({ bench, runs: run, seed: seeds.measuring });

if (process.argv.includes('--picture')) {
  const rows = methods.map(({ name }, index) => ({
    name,
    quiet: quiet[index]!.share,
    tenTimes: tenTimes[index]!.share,
    found: faulty[index]!.share,
    mean: faulty[index]!.mean,
  }));
  await writeFile(fileURLToPath(new URL('../docs/images/canary.svg', import.meta.url)), canaryPicture({ rows }));
}
