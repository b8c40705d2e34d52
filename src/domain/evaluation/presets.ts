import type { EvaluationSpec, GateSpec } from '../spec/evaluation-spec.js';

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
const summaries = [...behaviour, ...judged({ faithfulness: 0.95, relevancy: 0.75, hallucination: 0.25 })];

const unmeasuredIn = (gates: readonly GateSpec[], kept: readonly GateSpec[]): string[] =>
  gates.map((gate) => gate.metric).filter((metric) => !kept.some((gate) => gate.metric === metric));

/** Gates by preset. A bound of the interval decides, on the side that makes passing harder. */
export const presets: Readonly<Record<EvaluationSpec['preset'], Preset>> = {
  support: { gates: support, notMeasured: [] },
  'support-deterministic': { gates: words, notMeasured: unmeasuredIn(support, words) },
  summaries: { gates: summaries, notMeasured: [] },
  strict: { gates: strict, notMeasured: [] },
};

/**
 * What this version does not observe: it has no embedder, asks no probes and retrieves nothing. A preset's gate on it could
 * never pass, so it is left out and named; a gate of the spec's own stays, and is unmeasured.
 */
const unobserved: readonly string[] = [
  'robustnessDeltaF1',
  'cosineToReference',
  'contextualPrecision',
  'contextualRecall',
];

/** The metrics that a preset promises and this version leaves out. */
export const leftOutOf = (preset: EvaluationSpec['preset']): string[] => [
  ...presets[preset].notMeasured,
  ...presets[preset].gates.map((gate) => gate.metric).filter((metric) => unobserved.includes(metric)),
];

/** The preset's gates with the spec's own: one of the same metric takes the preset's place, others are added. */
export function gatesOf({ preset, gates }: Pick<EvaluationSpec, 'preset' | 'gates'>): GateSpec[] {
  const own = new Set(gates.map((gate) => gate.metric));
  const kept = presets[preset].gates.filter(({ metric }) => !own.has(metric) && !unobserved.includes(metric));
  return [...kept, ...gates];
}
