import type { Verdict } from '../domain/release/verdict.js';
import type { JudgedLook, Look } from '../domain/rollout/looks.js';
import {
  advanceGuards,
  judgeGuards,
  missingNonInferiority,
  startGuards,
  type GuardsPlan,
  type GuardsResult,
  type GuardsState,
} from '../domain/rollout/guards.js';
import { sampleRatio } from '../domain/rollout/sample-ratio.js';

/** 1 / alpha without the dust of its logarithm, for readers; guards decide on the logarithm itself. */
const shownThreshold = (threshold: number): number => Number(threshold.toPrecision(12));

/** A guard's word as a gate's verdict. */
function guardVerdicts({ guards }: GuardsResult): Verdict[] {
  return guards.map((guard) => ({
    gate: `guard ${guard.event}`,
    verdict: guard.verdict,
    reason: guard.reason,
    value: guard.eValue,
    bound: guard.ratioInterval.high,
    limit: shownThreshold(guard.threshold),
    n: guard.challenger.keys + guard.champion.keys,
    evidence: null,
  }));
}

const marksOf = ({ guards }: GuardsResult): JudgedLook['guards'] =>
  guards.map(({ event, verdict, eValue, threshold }) => ({ event, verdict, eValue, threshold }));

export interface Judgement {
  verdicts: Verdict[];
  /** By guard, what it still has to show before a step may pass; null where that is nothing. */
  missing: (string | null)[];
  marks: JudgedLook['guards'];
}

export interface GuardJudge {
  /** What the guards would say with `look` after the looks taken so far; takes nothing. */
  judge(look: Look): Judgement;
  /** Takes `look` for good. */
  take(look: Look): void;
}

/** The guards after the looks that are stored, ready for the next; each look costs the same however many came before. */
export function guardJudge({ plan, looks }: { plan: GuardsPlan; looks: readonly Look[] }): GuardJudge {
  const after = (state: GuardsState | null, look: Look): GuardsState =>
    advanceGuards({ plan, state: state ?? startGuards({ plan, startedAt: look.at }), look });
  let state = looks.reduce<GuardsState | null>(after, null);
  return {
    judge: (look) => {
      const result = judgeGuards({ plan, state: after(state, look) });
      const missing = result.guards.map((verdict, index) =>
        missingNonInferiority({ spec: plan.guards[index]!, verdict }),
      );
      return { verdicts: guardVerdicts(result), missing, marks: marksOf(result) };
    },
    take: (look) => {
      state = after(state, look);
    },
  };
}

/** Whether keys are split as planned; a break is `unmeasured`. */
export function judgeSampleRatio({ look }: { look: Look }): Verdict {
  const revisions = look.revisions.map(({ revision, share, arms }) => ({
    revision,
    share,
    challenger: arms.challenger.keys,
    champion: arms.champion.keys,
  }));
  const { verdict, pValue, reason } = sampleRatio({ revisions });
  const n = revisions.reduce((sum, one) => sum + one.challenger + one.champion, 0);
  return { gate: 'sample ratio', verdict, reason, value: pValue, bound: null, limit: null, n, evidence: null };
}
