import { availableParallelism } from 'node:os';
import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import { InvalidArgumentError, type Command } from 'commander';
import { adaptScenario, knownGuards, type ScenarioChange } from '../../domain/simulation/adapt-scenario.js';
import type { CanaryFigures } from '../../domain/simulation/canary-figures.js';
import { canaryScenarios, type CanaryScenario } from '../../domain/simulation/canary-scenarios.js';
import { formatShare } from '../../domain/statistics/format.js';
import { simulateCanaries } from '../simulation/simulate-canaries.js';
import { CannotRun, verb, type CommandContext } from './command-context.js';
import { numberBetween, wholeNumberBetween } from './number-option.js';

interface SimulateOptions extends ScenarioChange {
  runs: number;
  seed: number;
  alpha: number;
  threads: number;
}

const namesOf = (text: string): string[] => {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !knownGuards.includes(name));
  if (unknown.length === 0) return names;
  throw new InvalidArgumentError(`"${unknown.join(', ')}": expected some of ${knownGuards.join(', ')}`);
};

/** @throws CannotRun for a name that no scenario has. */
function chosenScenarios({ names, change }: { names: readonly string[]; change: ScenarioChange }): CanaryScenario[] {
  const unknown = names.filter((name) => !canaryScenarios.some((scenario) => scenario.name === name));
  if (unknown.length > 0)
    throw new CannotRun(
      `no scenario ${unknown.join(', ')}; expected some of ${canaryScenarios.map(({ name }) => name).join(', ')}`,
    );
  const changed = Object.values(change).some((value) => value !== undefined);
  const wanted = names.length > 0 ? names : changed ? ['plain'] : canaryScenarios.map(({ name }) => name);
  return canaryScenarios
    .filter(({ name }) => wanted.includes(name))
    .map((scenario) => adaptScenario({ scenario, change }));
}

const whole = (value: number): string => String(Math.round(value));

function figuresText(figures: readonly CanaryFigures[]): string {
  const table = new Table({
    head: ['scenario', 'runs', 'rolled back by mistake', 'found', 'requests until then', 'target'],
    colWidths: [26, null, null, null, null, 44],
    wordWrap: true,
    style: { head: [], border: [] },
  });
  for (const { scenario, runs, falseShare, falseShareUpTo, found, ok, reason } of figures)
    table.push([
      scenario,
      runs,
      `${formatShare(falseShare)} (at most ${formatShare(falseShareUpTo)})`,
      found ? formatShare(found.share) : '-',
      found && found.runs > 0
        ? `mean ${whole(found.meanRequests)} +- ${whole(found.standardError)}, median ${whole(found.median)}`
        : '-',
      ok === null ? 'shown only' : ok ? 'reached' : `missed: ${reason}`,
    ]);
  return table.toString();
}

/** `simulate canary`: thousands of canaries whose truth is known, on the code that decides. */
export const addSimulateCanary = (parent: Command, context: CommandContext): Command =>
  verb<SimulateOptions>({
    command: parent
      .command('canary')
      .description(
        'simulate canaries on the code that decides; exit 1 where an error rate or a delay misses its target',
      )
      .argument('[scenarios...]', `some of ${canaryScenarios.map(({ name }) => name).join(', ')}; all by default`)
      .option('--runs <number>', 'canaries a scenario', wholeNumberBetween(1, 1e7), 10_000)
      .option('--seed <number>', 'the same figures for the same seed', wholeNumberBetween(0, 2 ** 32), 1)
      .option('--alpha <share>', 'split over the guards', numberBetween(1e-9, 0.5), 0.01)
      .option('--requests <number>', 'requests of a canary', wholeNumberBetween(1, 1e9))
      .option('--base-rate <share>', "the champion's errors", numberBetween(0, 1))
      .option('--ratio <number>', "the challenger's errors to the champion's", numberBetween(0, 1000))
      .option('--share <share>', "the challenger's share of users", numberBetween(1e-6, 1 - 1e-6))
      .option('--guards <events>', 'events watched, with commas between', namesOf)
      .option('--margin <share>', 'harm up to it is tolerated', numberBetween(0, 40))
      .option('--threads <number>', 'cores to use', wholeNumberBetween(1, 512), availableParallelism())
      .addHelpText('after', '\nOptions that change the canary, given without scenarios, change the scenario plain.'),
    context,
    run: async ({ arguments: names, options }) => {
      const { runs, seed, alpha, threads, ...rest } = options;
      const { requests, baseRate, ratio, share, guards, margin } = rest;
      const given = Object.entries({ requests, baseRate, ratio, share, guards, margin });
      const change = Object.fromEntries(given.filter(([, value]) => value !== undefined));
      const scenarios = chosenScenarios({ names, change });
      const bar = new SingleBar({
        format: '{bar} {value} of {total} canaries, {scenario}; {eta_formatted} left',
        stream: process.stderr,
        clearOnComplete: true,
      });
      bar.start(runs * scenarios.length, 0, { scenario: scenarios[0]?.name ?? '' });
      try {
        const figures = await simulateCanaries({
          ...{ scenarios, runs, alpha, seed, threads },
          onRuns: ({ scenario, runs: done }) => bar.increment(done, { scenario }),
        });
        const ok = figures.every((one) => one.ok !== false);
        return { code: ok ? 0 : 1, data: { seed, runs, alpha, ok, scenarios: figures }, text: figuresText(figures) };
      } finally {
        bar.stop();
      }
    },
  });
