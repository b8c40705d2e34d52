import { formatNumber, formatShare } from '../statistics/format.js';
import { worstVerdict, type Verdict, type VerdictKind } from '../release/verdict.js';
import type { LoadFigures } from './load-figures.js';

/** What a load test goes by, as the spec has it. */
export interface LoadLimits {
  latencyP95Milliseconds: number;
  /** Null where the spec names none. */
  firstTokenP95Milliseconds: number | null;
  minimumSuccess: number;
}

export interface LoadVerdict {
  verdict: VerdictKind;
  reason: string;
  verdicts: Verdict[];
  /** Requests a second of the last step that kept all limits; null where none did. */
  kept: number | null;
  /** The first rate that did not; null where all did. */
  knee: number | null;
}

/** A generator that sends later than this share of the limit measures itself. */
const mostLate = 0.1;

const plain = { bound: null, evidence: null } as const;
const perSecond = (rate: number): string => `${formatNumber(rate)}/s`;
const shown = (value: number | null): string => (value === null ? 'none' : `${formatNumber(Math.round(value))} ms`);

const keeps = (step: LoadFigures, { latencyP95Milliseconds, minimumSuccess, firstTokenP95Milliseconds }: LoadLimits) =>
  step.latencyP95 !== null &&
  step.latencyP95 <= latencyP95Milliseconds &&
  step.success >= minimumSuccess &&
  (firstTokenP95Milliseconds === null ||
    (step.firstTokenP95 !== null && step.firstTokenP95 <= firstTokenP95Milliseconds));

/**
 * The verdict on the last step, whose rate is the one that counts, and where the knee lies: between the last rate that
 * keeps all limits and the first that does not. Where a lower rate breaks a limit, the full one was not reached, and
 * that step is the one that is judged.
 */
export function judgeLoad({ steps, limits }: { steps: readonly LoadFigures[]; limits: LoadLimits }): LoadVerdict {
  const broken = steps.find((step) => !keeps(step, limits));
  const judged = broken ?? steps.at(-1)!;
  const kept = steps.filter((step) => keeps(step, limits)).at(-1)?.perSecond ?? null;
  const n = judged.requests;
  const at = `at ${perSecond(judged.perSecond)}`;
  const late = judged.lateP99 > limits.latencyP95Milliseconds * mostLate;
  const ownMilliseconds = late ? judged.lateP99 : 0;
  const verdicts: Verdict[] = [
    latency({
      ...{ gate: 'load: latency p95', value: judged.latencyP95, at, n, ownMilliseconds },
      limit: limits.latencyP95Milliseconds,
    }),
    {
      ...plain,
      gate: 'load: success',
      verdict: n === 0 ? 'unmeasured' : judged.success >= limits.minimumSuccess ? 'pass' : 'fail',
      reason: `${formatShare(judged.success)} of ${n} requests answered ${at}, limit ${formatShare(limits.minimumSuccess)}${errorsOf(judged)}`,
      ...{ value: judged.success, limit: limits.minimumSuccess, n },
    },
    ...(limits.firstTokenP95Milliseconds === null
      ? []
      : [
          latency({
            ...{ gate: 'load: first token p95', value: judged.firstTokenP95, at, n, ownMilliseconds },
            limit: limits.firstTokenP95Milliseconds,
          }),
        ]),
    {
      ...plain,
      gate: 'load: arrivals',
      verdict: late ? 'unmeasured' : 'pass',
      reason: `requests were sent up to ${shown(judged.lateP99)} (p99) after they were due${late ? ': the generator is too slow for this rate, run it on a machine with nothing else to do' : ''}`,
      ...{ value: judged.lateP99, limit: limits.latencyP95Milliseconds * mostLate, n },
    },
    {
      ...plain,
      gate: 'load: figures',
      verdict: 'pass',
      informs: true,
      reason: figuresOf(judged, at),
      ...{ value: judged.tokensPerSecond, limit: null, n },
    },
    {
      ...plain,
      gate: 'load: knee',
      verdict: 'pass',
      informs: true,
      reason: kneeOf({ kept, broken, last: steps.at(-1)! }),
      ...{ value: kept, limit: null, n },
    },
  ];
  const verdict = worstVerdict(verdicts);
  const reason = verdicts
    .filter((one) => one.verdict === verdict && !one.informs)
    .map((one) => `${one.gate}: ${one.reason}`)
    .join('; ');
  return { verdict, reason, verdicts, kept, knee: broken?.perSecond ?? null };
}

/**
 * Failed requests are slower than any other, so that no percentile among them is a number. What is over the limit by no
 * more than the generator itself has added says nothing of the endpoint.
 */
function latency({
  gate,
  value,
  limit,
  at,
  n,
  ownMilliseconds,
}: {
  gate: string;
  value: number | null;
  limit: number;
  at: string;
  n: number;
  /** How late a generator sends that is too slow to be believed; 0 where it is not. */
  ownMilliseconds: number;
}): Verdict {
  const own = value !== null && value > limit && value - ownMilliseconds <= limit;
  const verdict = n === 0 || own ? 'unmeasured' : value !== null && value <= limit ? 'pass' : 'fail';
  const reason =
    value === null
      ? `too few of ${n} requests were answered ${at} to have one`
      : `${shown(value)} ${value <= limit ? '<=' : '>'} ${shown(limit)} ${at}, ${n} requests`;
  return { ...plain, gate, verdict, reason, value, limit, n };
}

const errorsOf = ({ errors }: LoadFigures): string => {
  const kinds = Object.entries(errors).map(([kind, count]) => `${kind} ${count}`);
  return kinds.length === 0 ? '' : ` (${kinds.join(', ')})`;
};

const figuresOf = (step: LoadFigures, at: string): string =>
  `${at}: latency p50 ${shown(step.latencyP50)}, p95 ${shown(step.latencyP95)}, p99 ${shown(step.latencyP99)}; first token p50 ${shown(step.firstTokenP50)}, p95 ${shown(step.firstTokenP95)}; ${formatNumber(step.tokensPerSecond)} tokens/s`;

function kneeOf({
  kept,
  broken,
  last,
}: {
  kept: number | null;
  broken: LoadFigures | undefined;
  last: LoadFigures;
}): string {
  if (!broken) return `no knee up to ${perSecond(last.perSecond)}: every step kept all limits`;
  if (kept === null) return `the knee lies under ${perSecond(broken.perSecond)}, the lowest rate that was tried`;
  return `the knee lies between ${perSecond(kept)}, which kept all limits, and ${perSecond(broken.perSecond)}`;
}
