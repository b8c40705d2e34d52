import { simulateCanaries } from '../../src/client/simulation/simulate-canaries.js';
import type { CanaryFigures } from '../../src/domain/simulation/canary-figures.js';
import { canaryScenarios } from '../../src/domain/simulation/canary-scenarios.js';
import { report } from '../support/report.js';
import { horizon, perMinute } from './methods.js';

/**
 * Ours as a canary runs it: five guards and all clocks. It looks at events that no rule beside it knows, so it has
 * canaries of its own, with the same errors, share and traffic; targets are those of `understudy simulate canary`.
 * @param runs canaries of each kind
 */
export async function reportAsShipped({
  bench,
  runs,
  seed,
}: {
  bench: string;
  runs: { quiet: number; faulty: number };
  seed: number;
}): Promise<void> {
  const simulate = async (of: { name: string; runs: number }): Promise<CanaryFigures> => {
    const scenario = canaryScenarios.find(({ name }) => name === of.name)!;
    const world = { ...scenario.world, requests: horizon, requestsAnHour: 60 * perMinute };
    const [figures] = await simulateCanaries({ scenarios: [{ ...scenario, world }], runs: of.runs, seed });
    return figures!;
  };
  const show = (line: { metric: string; value: number; unit: string; target: string; ok: boolean | null }): void =>
    report({ bench, ...line, metric: `${line.metric}: Understudy: five guards, all clocks`, note: 'docs/canary.md' });

  const quiet = await simulate({ name: 'five-guards', runs: runs.quiet });
  const { found, target, ok } = await simulate({ name: 'triple-errors-five-guards', runs: runs.faulty });
  show({
    ...{ metric: 'false rollback', value: quiet.falseShare, unit: `share of ${quiet.runs}` },
    ...{ target: `<= ${quiet.target.alpha}`, ok: quiet.ok },
  });
  if (!found || target.kind !== 'found') throw new RangeError('three times the errors are no fault any more');
  show({
    ...{ metric: `fault found within ${horizon} requests`, value: found.share, unit: `share of ${runs.faulty}` },
    ...{ target: `>= ${target.least}`, ok },
  });
  show({
    ...{ metric: 'requests until found, mean', value: found.meanRequests, unit: 'requests' },
    ...{ target: `<= ${target.meanRequests}, beyond chance`, ok },
  });
}
