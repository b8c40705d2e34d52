import { differencesOf, type Difference } from '../../domain/evaluation/recompute.js';
import { worstVerdict, type Verdict } from '../../domain/release/verdict.js';
import type { JudgedLook } from '../../domain/rollout/looks.js';
import { breakerVerdict } from '../breaker-reading.js';
import { minimumKeysVerdict, stepGuards } from '../canary-assessment.js';
import { readRules, readSteps, readTrip, type CanaryRules, type StepEvidence, type Trip } from '../canary-evidence.js';
import { guardJudge, judgeSampleRatio } from '../guard-judgement.js';
import { readLooks } from '../look-log.js';
import type { ArtifactStore } from '../ports.js';
import type { RecomputedPart } from './recomputed-part.js';

/**
 * A stored canary again from its looks and counts: what each guard said at each look, each step, the bake, and the trip
 * where there was one. Empty where the release had none.
 */
export async function recomputeCanary({
  store,
  releaseId,
}: {
  store: ArtifactStore;
  releaseId: string;
}): Promise<RecomputedPart[]> {
  const looks = await readLooks({ store, releaseId });
  const rules = await readRules({ store, releaseId });
  const steps = await readSteps({ store, releaseId });
  const trip = await readTrip({ store, releaseId });
  if (rules === null) {
    // A first champion is watched by nobody: its bake rests on the absolute limit alone.
    const alone = steps.filter((step) => step.alone).map((step) => stepAgain({ step, looks, rules }));
    const hasMore = steps.length > alone.length || trip !== null || looks.length > 0;
    return hasMore ? [...alone, notRecorded(steps.at(-1)?.verdict ?? 'fail')] : alone;
  }
  return [
    ...(looks.length > 0 ? [guardsAgain({ looks, rules })] : []),
    ...steps.map((step) => stepAgain({ step, looks, rules })),
    ...(trip ? [tripAgain({ trip, looks, rules })] : []),
  ];
}

/** What 0.1.0 left says not by which guards it was watched. */
const notRecorded = (verdict: Verdict['verdict']): RecomputedPart => ({
  part: 'canary',
  verdict,
  from: 'nothing: canary/rules.json is not there',
  differences: [{ what: 'rules', recorded: null, recomputed: 'expected canary/rules.json' }],
  asRecorded: [],
});

/** Every look in its order; a guard once failed stays so. */
function guardsAgain({ looks, rules }: { looks: readonly JudgedLook[]; rules: CanaryRules }): RecomputedPart {
  const judge = guardJudge({ plan: rules, looks: [] });
  const differences: Difference[] = [];
  let verdicts: Verdict[] = [];
  for (const { look, guards } of looks) {
    const again = judge.judge(look);
    judge.take(look);
    verdicts = again.verdicts;
    for (const recorded of guards) {
      const found = again.marks.find(({ event }) => event === recorded.event);
      for (const field of ['verdict', 'eValue', 'threshold'] as const)
        if (!Object.is(recorded[field], found?.[field]))
          differences.push({
            what: `${recorded.event} at ${look.at}: ${field}`,
            recorded: recorded[field],
            recomputed: found?.[field] ?? null,
          });
    }
  }
  return {
    part: 'guards',
    verdict: worstVerdict(verdicts),
    from: `${looks.length} looks`,
    differences,
    asRecorded: [],
  };
}

/** Gates that were recorded and are made again, and the names of those that can't be. */
function heldAgainst({ recorded, again }: { recorded: readonly Verdict[]; again: readonly Verdict[] }) {
  const made = new Set(again.map(({ gate }) => gate));
  return {
    differences: differencesOf({ recorded: recorded.filter(({ gate }) => made.has(gate)), recomputed: again }),
    asRecorded: recorded.map(({ gate }) => gate).filter((gate) => !made.has(gate)),
    verdict: worstVerdict(recorded.map((one) => again.find(({ gate }) => gate === one.gate) ?? one)),
  };
}

function stepAgain({
  step,
  looks,
  rules,
}: {
  step: StepEvidence;
  looks: readonly JudgedLook[];
  rules: CanaryRules | null;
}): RecomputedPart {
  const { revision, look, keys, alone = false, windows, verdicts: recorded } = step;
  const before = looks.slice(0, step.looks ?? 0).map((one) => one.look);
  const minimum = recorded.find(({ gate }) => gate === 'minimum keys');
  const limit = rules?.errorLimit ?? recorded.find(({ gate }) => gate === 'error limit')?.limit ?? null;
  const again = [
    ...(minimum && keys !== null ? [minimumKeysVerdict({ keys, minimumKeys: minimum.limit ?? 0, revision })] : []),
    ...(alone || rules === null || step.looks === undefined
      ? []
      : [judgeSampleRatio({ look }), ...stepGuards({ plan: rules, looks: before, look })]),
    ...(windows && limit !== null ? [breakerVerdict({ windows, limit, alone })] : []),
  ];
  const { differences, asRecorded, verdict } = heldAgainst({ recorded, again });
  if (verdict !== step.verdict) differences.push({ what: 'verdict', recorded: step.verdict, recomputed: verdict });
  const from = `${before.length + 1} looks`;
  return { part: `${keys === null ? 'bake' : 'step'} at revision ${revision}`, verdict, from, differences, asRecorded };
}

/** The trip's own look is the last one stored, at its moment: counts that had not changed were not stored again. */
function tripAgain({
  trip: { at, verdicts: recorded, windows },
  looks,
  rules,
}: {
  trip: Trip;
  looks: readonly JudgedLook[];
  rules: CanaryRules;
}): RecomputedPart {
  const last = looks.at(-1)?.look;
  const isStored = last?.at === at;
  const before = looks.slice(0, isStored ? -1 : looks.length).map((one) => one.look);
  const watched = recorded.some(({ gate }) => gate.startsWith('guard '));
  const again = [
    ...(watched && last ? guardJudge({ plan: rules, looks: before }).judge({ ...last, at }).verdicts : []),
    ...(windows ? [breakerVerdict({ windows, limit: rules.errorLimit })] : []),
  ];
  const { differences, asRecorded, verdict } = heldAgainst({ recorded, again });
  if (verdict !== 'fail') differences.push({ what: 'verdict', recorded: 'fail', recomputed: verdict });
  return { part: 'rollback by a guard', verdict, from: `${looks.length} looks`, differences, asRecorded };
}
