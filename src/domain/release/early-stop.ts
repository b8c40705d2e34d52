import type { GateSpec } from '../spec/evaluation-spec.js';
import { normalQuantile } from '../statistics/distributions.js';
import { floors } from '../statistics/floors.js';
import { formatNumber, formatShare } from '../statistics/format.js';
import {
  conditionalPower,
  mostLooks,
  planSequentialLooks,
  type SequentialLook,
} from '../statistics/group-sequential.js';
import { plannedPower } from '../statistics/power-plan.js';
import { seededRandom } from '../statistics/random.js';
import { rulesOf } from './rules.js';
import { decideGates, type GateComparison, type GatesInput, type GatesResult } from './gates.js';

export interface PlannedLook extends SequentialLook {
  /** Ids of the cases asked up to and with this look. */
  cases: string[];
}

export interface LookDecision {
  /** Null: go on to the next look. */
  stop: 'success' | 'failure' | 'futility' | 'end' | null;
  reason: string;
  result: GatesResult;
}

/** With less than this chance to pass at the end, the rest of the cases would be money spent in vain. */
export const futileUnder = 0.1;

/**
 * Looks for an early stop, fixed before the first case is asked: whole clusters in seeded random order, in even parts.
 * Looks under the floor of 20 clusters are left out.
 * @param looks at most 4.
 * @throws RangeError for another number of looks, or no case.
 */
export function planLooks({
  cases,
  looks = mostLooks,
  alpha,
  seed,
}: {
  cases: readonly { id: string; cluster: string }[];
  looks?: number;
  alpha: number;
  seed: number;
}): PlannedLook[] {
  if (!Number.isInteger(looks) || looks < 1 || looks > mostLooks)
    throw new RangeError(`${looks} looks: expected 1 to ${mostLooks}`);
  if (cases.length === 0) throw new RangeError('no case to look at: expected at least one');
  const order = shuffled({ names: [...new Set(cases.map((one) => one.cluster))].sort(), seed });
  const rank = new Map(order.map((cluster, index) => [cluster, index]));
  const counts = Array.from({ length: looks }, (_, index) => Math.round((order.length * (index + 1)) / looks));
  const kept = counts.filter((count, index) => count >= floors.clusters || index === looks - 1);
  const plan = planSequentialLooks({ alpha, fractions: kept.map((count) => count / order.length) });
  return plan.map((look, index) => ({
    ...look,
    cases: cases.filter((one) => rank.get(one.cluster)! < kept[index]!).map((one) => one.id),
  }));
}

/**
 * Decides at one look, on the cases asked so far: every gate at this look's own level, so that its interval is the
 * repeated one. Ends early for success when all gates pass, for failure when one fails, and for futility when a
 * comparison has less than 10 % chance left for an effect that the whole set was made to see. The futility rule does not
 * bind: whoever goes on regardless keeps the promised error rate. A gate on the point, which promises none, is read on the
 * cases asked so far, and ends nothing as failed while its interval holds the limit; by rules before 4 it was read on its
 * bound before the last look.
 * @param index which look, from 0.
 */
export function decideLook({
  plan,
  index,
  gates,
}: {
  plan: readonly PlannedLook[];
  index: number;
  gates: GatesInput;
}): LookDecision {
  const look = plan[index]!;
  const last = index === plan.length - 1;
  const byPoint = rulesOf(gates) >= 4;
  const asked = new Set(look.cases);
  const within = <Row extends { id: string }>(rows: readonly Row[] | null): Row[] | null =>
    rows && rows.filter((row) => asked.has(row.id));
  const result = decideGates({
    ...gates,
    gates: last || byPoint ? gates.gates : gates.gates.map(onBound),
    interim: byPoint && !last,
    scores: within(gates.scores)!,
    baselineScores: within(gates.baselineScores),
    championScores: within(gates.championScores),
    alpha: look.alpha,
    cautious: true,
  });
  const where = `look ${index + 1} of ${plan.length}, ${look.cases.length} cases, boundary ${formatNumber(look.boundary)}`;
  const decide = (stop: LookDecision['stop'], why: string): LookDecision => ({
    ...{ stop, reason: `${where}: ${why}`, result },
  });
  if (last) return decide('end', 'all cases were asked');
  if (result.verdict === 'pass') return decide('success', 'every gate passes at its boundary');
  const failed = result.verdicts.find((one) => one.verdict === 'fail');
  if (failed) return decide('failure', failed.reason);
  const futile = leastPower({
    comparisons: result.comparisons,
    look,
    boundary: plan.at(-1)!.boundary,
    alpha: gates.alpha,
  });
  if (futile && futile.power < futileUnder)
    return decide('futility', `${futile.gate} has ${formatShare(futile.power)} chance left to pass at the end`);
  return decide(null, 'not decided, going on');
}

function onBound(gate: GateSpec): GateSpec {
  if (gate.on !== 'point') return gate;
  const { on, ...rest } = gate;
  return rest;
}

/** The comparison that is least likely to pass at the end. */
function leastPower({
  comparisons,
  look,
  boundary,
  alpha,
}: {
  comparisons: readonly GateComparison[];
  look: SequentialLook;
  boundary: number;
  alpha: number;
}): { gate: string; power: number } | null {
  const drift = normalQuantile(1 - alpha / 2) + normalQuantile(plannedPower);
  const powers = comparisons.flatMap(({ gate, result, rectified }) => {
    if (result === null || rectified) return [];
    const { contrast, standardError } = result;
    if (standardError === null || standardError === 0) return [];
    const z = (contrast.estimate - contrast.boundary) / standardError;
    return [{ gate, power: conditionalPower({ z, fraction: look.fraction, drift, boundary }) }];
  });
  return powers.length === 0 ? null : powers.reduce((least, one) => (one.power < least.power ? one : least));
}

function shuffled({ names, seed }: { names: string[]; seed: number }): string[] {
  const random = seededRandom(seed);
  for (let index = names.length - 1; index > 0; index -= 1) {
    const other = random.index(index + 1);
    [names[index], names[other]] = [names[other]!, names[index]!];
  }
  return names;
}
