import type { Flag } from '../release/review-flags.js';
import type { Verdict, VerdictKind } from '../release/verdict.js';
import type { GateInterval } from './gate-intervals.js';
import type { ReportEvaluation } from './report-input.js';
import { harmedSlices } from './report-model.js';
import type { Tone } from './verdict-sentence.js';

/** What a judge cost and how it did, for people. */
export interface JudgingSummary {
  judge: string;
  cases: number;
  calls: number;
  cached: number;
  spentUsd: number;
  capUsd: number;
  unmeasured: number;
  /** Judgements that the strong judge made, by reason. */
  strong: Record<string, number>;
  /** How far the first judge lay off the strong one on audited cases, by metric. */
  audit: Record<string, { cases: number; meanDifference: number | null; meanDistance: number | null }>;
}

/** Everything an evaluation's pages are made from. */
export interface EvaluationInput {
  /** A release, or an evaluation outside one. */
  id: string;
  model: string;
  candidate: string;
  /** Null where nothing was compared. */
  against: string | null;
  golden: { name: string; version: string; sha256: string };
  verdict: VerdictKind;
  verdicts: readonly Verdict[];
  intervals: ReadonlyMap<string, GateInterval>;
  flags: readonly Flag[];
  /** Metrics that the preset promises and this evaluation left out. */
  leftOut: readonly { metric: string; reason: string }[];
  judged: readonly { metric: string; standing: string; reason: string }[];
  judging: JudgingSummary | null;
  /** Null where the comparison was refused before it began. */
  report: ReportEvaluation | null;
  attempt: number | null;
  seed: number | null;
  evidenceDigest: string | null;
}

export interface EvaluatedGate extends Verdict {
  /** Null where only a bound is known, or nothing. */
  interval: GateInterval | null;
  tone: Tone;
}

export interface EvaluationView extends Omit<EvaluationInput, 'verdicts' | 'intervals'> {
  word: string;
  tone: Tone;
  /** One sentence: what was decided and why. */
  sentence: string;
  /** What decided comes first. */
  gates: EvaluatedGate[];
  passed: number;
  cases: number;
  /** Plain sentences on what nobody should read out of it. */
  limits: string[];
  /** What a person should look at: raised flags and harmed slices. */
  toLookAt: string[];
}

/** As people read it: the share of cases without a score is a gate by the name of a verdict. */
export const gateName = ({ gate }: Pick<Verdict, 'gate'>): string =>
  gate === 'unmeasured' ? 'share unmeasured' : gate;

const words: Record<VerdictKind, { word: string; tone: Tone }> = {
  pass: { word: 'Pass', tone: 'good' },
  fail: { word: 'Fail', tone: 'bad' },
  inconclusive: { word: 'Inconclusive', tone: 'warning' },
  unmeasured: { word: 'Unmeasured', tone: 'neutral' },
};
const worstFirst: readonly VerdictKind[] = ['fail', 'unmeasured', 'inconclusive', 'pass'];

/** An evaluation as its pages show it; nothing in it is markup. */
export function evaluationView({ verdicts, intervals, ...input }: EvaluationInput): EvaluationView {
  const gates = verdicts
    .filter((one) => one.informs !== true)
    .map((one) => ({ ...one, interval: intervals.get(one.gate) ?? null, tone: words[one.verdict].tone }))
    .sort((one, other) => worstFirst.indexOf(one.verdict) - worstFirst.indexOf(other.verdict));
  const passed = gates.filter((one) => one.verdict === 'pass').length;
  const cases = gates.reduce((most, { n }) => Math.max(most, n), 0);
  return {
    ...input,
    ...words[input.verdict],
    sentence: sentenceOf({ input, gates, passed }),
    gates,
    passed,
    cases,
    limits: limitsOf(input),
    toLookAt: [
      ...input.flags.flatMap(({ raised, reason }) => (raised ? [reason] : [])),
      ...harmedSlices(input.report?.slices ?? []),
    ],
  };
}

function sentenceOf({
  input: { candidate, against },
  gates,
  passed,
}: {
  input: Pick<EvaluationInput, 'candidate' | 'against'>;
  gates: readonly Verdict[];
  passed: number;
}): string {
  const who = against === null ? candidate : `${candidate} against ${against}`;
  const open = worstFirst.flatMap((kind) => {
    const named = gates.filter((one) => kind !== 'pass' && one.verdict === kind).map((one) => gateName(one));
    return named.length === 0 ? [] : [`; ${kind}: ${named.join(', ')}`];
  });
  return `${who}: ${passed} of ${gates.length} gates pass${open.join('')}.`;
}

function limitsOf({
  against,
  report,
  leftOut,
  judged,
}: Pick<EvaluationInput, 'against' | 'report' | 'leftOut' | 'judged'>): string[] {
  const said: string[] = [];
  if (report === null) said.push('The comparison was refused before it began: nothing was asked of the candidate.');
  if (against !== null && report !== null && report.slices.length === 0)
    said.push(
      'No slice was compared, so harm to a small group may be hidden: each tag has one value, or under 10 cases a value.',
    );
  if (against === null) said.push('Nothing was compared: only absolute limits and the baseline were held against it.');
  const reasons = [...new Set(leftOut.map((one) => one.reason))];
  for (const reason of reasons) {
    const metrics = leftOut.flatMap((one) => (one.reason === reason ? [one.metric] : []));
    said.push(`Not measured: ${metrics.join(', ')} (${reason}).`);
  }
  const judgedAs = (standing: string): string =>
    judged.flatMap((one) => (one.standing === standing ? [one.metric] : [])).join(', ');
  const [allowed, informs] = [judgedAs('allowed'), judgedAs('informs')];
  if (allowed !== '')
    said.push(`The judge decides on ${allowed} because the spec allows it, not because people's labels bore it out.`);
  if (informs !== '') said.push(`The judge only informs on ${informs}: people's labels have not borne it out.`);
  return said;
}
