import { newestRules, type Rules } from '../release/rules.js';
import type { EvaluationSpec, GateSpec } from '../spec/evaluation-spec.js';
import type { ModelSpec } from '../spec/model-spec.js';
import { isJudged } from './judge/judged-metrics.js';
import { needsOf } from './needs.js';

export interface Preset {
  gates: readonly GateSpec[];
  /** What the preset would gate on if it could be measured without a judge; the report says so. */
  notMeasured: readonly string[];
}

const atLeast = (metric: string, min: number): GateSpec => ({ metric, min, on: 'lowerBound' });
const atMost = (metric: string, max: number): GateSpec => ({ metric, max, on: 'upperBound' });

const words = [atLeast('tokenF1', 0.65), atLeast('quasiExactMatch', 0.5)];
const behaviour = [atMost('toxicity', 0.05), atMost('robustnessDeltaF1', 0.15), atLeast('cosineToReference', 0.82)];
const context = [atLeast('contextualPrecision', 0.7), atLeast('contextualRecall', 0.7)];
const judged = ({
  faithfulness,
  relevancy,
  hallucination,
}: Record<'faithfulness' | 'relevancy' | 'hallucination', number>) => [
  atLeast('faithfulness', faithfulness),
  atLeast('answerRelevancy', relevancy),
  atMost('hallucination', hallucination),
  atLeast('coherence', 4),
];

const support = [
  ...words,
  ...behaviour,
  ...context,
  ...judged({ faithfulness: 0.75, relevancy: 0.75, hallucination: 0.25 }),
];
const strict = [
  ...words,
  ...behaviour,
  ...context,
  ...judged({ faithfulness: 0.85, relevancy: 0.9, hallucination: 0.02 }),
];
/** What needs neither a judge nor more questions; on the point, since few cases can't show a rate to be under 5 %. */
const deterministic = [...words, { metric: 'toxicity', max: 0.05, on: 'point' } as const];
const summaries = [...behaviour, ...context, ...judged({ faithfulness: 0.95, relevancy: 0.75, hallucination: 0.25 })];

/** Form and coverage, which can be told from the reply alone. */
const summariesDeterministic = [
  atLeast('formatAdherence', 0.95),
  atLeast('expectedTopics', 0.6),
  { metric: 'toxicity', max: 0.05, on: 'point' } as const,
];

const unmeasuredIn = (gates: readonly GateSpec[], kept: readonly GateSpec[]): string[] =>
  gates.map((gate) => gate.metric).filter((metric) => !kept.some((gate) => gate.metric === metric));

/** Gates by preset. A bound of the interval decides, on the side that makes passing harder. */
export const presets: Readonly<Record<EvaluationSpec['preset'], Preset>> = {
  support: { gates: support, notMeasured: [] },
  'support-deterministic': { gates: deterministic, notMeasured: unmeasuredIn(support, deterministic) },
  summaries: { gates: summaries, notMeasured: [] },
  'summaries-deterministic': {
    gates: summariesDeterministic,
    notMeasured: unmeasuredIn(summaries, summariesDeterministic),
  },
  strict: { gates: strict, notMeasured: [] },
};

/** Whether a metric is of the documents that retrieval found. */
const needsDocuments = (metric: string): boolean => context.some((gate) => gate.metric === metric);

const withoutRetrieval =
  'it needs retrieved documents, and the spec has no retrieval; name it in evaluation.gates where the endpoint retrieves';

/** A metric that a preset promises and an evaluation does not gate on, and why. */
export interface LeftOut {
  metric: string;
  reason: string;
}

/** Whether a metric can be measured only where texts are embedded. */
export const needsEmbedder = (metric: string): boolean =>
  needsOf({ metrics: [metric] }).needs.includes('cosineToReference');
const needsProbes = (metric: string): boolean => needsOf({ metrics: [metric] }).probeKinds.length > 0;

/**
 * What a preset promises and is not gated on. A gate of the spec's own is never left out: where it can't be measured, it
 * is unmeasured.
 * @param probed whether the challenger was asked probes; only answers from elsewhere are not.
 * @param embedded whether there is an embedder to tell meaning by.
 * @param retrieves whether the spec has `retrieval`.
 * @param retrieved whether the challenger's answers name the documents that were found for them.
 */
export function whatIsLeftOut({
  preset,
  gates,
  probed,
  embedded,
  retrieves,
  retrieved,
}: Pick<EvaluationSpec, 'preset' | 'gates'> &
  Record<'probed' | 'embedded' | 'retrieves' | 'retrieved', boolean>): LeftOut[] {
  const own = new Set(gates.map((gate) => gate.metric));
  const { notMeasured, gates: promised } = presets[preset];
  const whyNot = (metric: string): string | undefined => {
    if (needsProbes(metric) && !probed) return 'no probe was asked of this candidate';
    if (needsEmbedder(metric) && !embedded) return 'no embedder is configured';
    if (!needsDocuments(metric)) return undefined;
    if (!retrieves) return withoutRetrieval;
    return retrieved ? undefined : 'no answer of this candidate names the documents that were retrieved for it';
  };
  const instead = (metric: string): string =>
    isJudged(metric)
      ? `preset ${preset} does without a judge`
      : needsEmbedder(metric)
        ? `preset ${preset} embeds nothing; name it in evaluation.gates, where workers have an embedder, to gate on it`
        : `preset ${preset} asks nothing beside the golden questions; name it in evaluation.gates to gate on it`;
  return [
    ...notMeasured.map((metric) => ({
      metric,
      reason: !retrieves && needsDocuments(metric) ? withoutRetrieval : instead(metric),
    })),
    ...promised.flatMap(({ metric }) => {
      const reason = whyNot(metric);
      return reason === undefined ? [] : [{ metric, reason }];
    }),
  ].filter(({ metric }) => !own.has(metric));
}

const nothingObserved = { probed: false, embedded: false, retrieves: false, retrieved: false } as const;

/** The metrics that a preset promises and that version 0.1.0, which asked no probes, left out. */
export const leftOutOf = (preset: EvaluationSpec['preset']): string[] => [
  ...whatIsLeftOut({ preset, gates: [], ...nothingObserved }).map(({ metric }) => metric),
  ...(preset === 'support-deterministic' ? ['toxicity'] : []),
];

/**
 * The preset's gates with the spec's own: one of the same metric takes the preset's place, others are added.
 * @param leftOut metrics of the preset that are not gated on; without it those of version 0.1.0.
 * @param rules by those before 5 the preset `summaries` promised nothing of retrieval.
 */
export function gatesOf({
  preset,
  gates,
  leftOut = leftOutOf(preset),
  rules = newestRules,
}: Pick<EvaluationSpec, 'preset' | 'gates'> & { leftOut?: readonly string[]; rules?: Rules }): GateSpec[] {
  const own = new Set(gates.map((gate) => gate.metric));
  const promised = presets[preset].gates.filter(
    ({ metric }) => rules >= 5 || preset !== 'summaries' || !needsDocuments(metric),
  );
  const kept = promised.filter(({ metric }) => !own.has(metric) && !leftOut.includes(metric));
  return [...kept, ...gates];
}

/** Every metric that an evaluation may gate on: all that can be observed, probes and all. */
export const observableGatesOf = ({
  evaluation: { preset, gates },
  retrieval,
}: Pick<ModelSpec, 'evaluation' | 'retrieval'>): GateSpec[] =>
  gatesOf({ preset, gates, leftOut: retrieval === null ? context.map(({ metric }) => metric) : [] });
