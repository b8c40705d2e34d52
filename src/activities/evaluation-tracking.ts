import type { GoldenCase } from '../domain/dataset/golden.js';
import type { Answer } from '../domain/evaluation/answer.js';
import type { ArmScores } from '../domain/evaluation/judge-answers.js';
import { judgeNameOf } from '../domain/evaluation/judge/judge-plan.js';
import type { VerdictKind } from '../domain/release/verdict.js';
import type { Specification } from '../domain/spec/specification.js';
import type { ModelRegistry } from './ports.js';
import type { TraceRecord } from './trace-record.js';

/** Each a page to look at in the tracking server; the store has all of them. */
const mostTracedCases = 1000;

/**
 * Puts an evaluation where people compare runs: by what it was decided, the mean of every metric and arm, the verdict, what
 * was decided on, and the answers of both arms with their scores, one trace each. A repeated call stores nothing twice.
 */
export async function trackEvaluation({
  registry,
  model,
  releaseId,
  verdict,
  specification,
  index,
  cases,
  answers,
  scores,
  artifacts,
  now,
}: {
  registry: ModelRegistry;
  model: string;
  releaseId: string;
  verdict: VerdictKind;
  specification: Specification;
  /** The version of the index that the answers were found in; null without retrieval. */
  index: string | null;
  cases: readonly GoldenCase[];
  answers: { challenger: readonly Answer[]; champion: readonly Answer[] | null };
  scores: ArmScores;
  /** By path in the run. */
  artifacts: Readonly<Record<string, Uint8Array>>;
  /** ISO 8601. */
  now: string;
}): Promise<void> {
  const { runId } = await registry.ensureRun({ model, releaseId, tags: {} });
  const traced = new Map(cases.slice(0, mostTracedCases).map((one) => [one.id, one]));
  const tags = {
    'understudy.evaluation': verdict,
    'understudy.evaluation.traced': `${traced.size} of ${cases.length} cases`,
  };
  await registry.setTags({ runId, tags });
  await registry.logParameters({ runId, parameters: parametersOf({ specification, index }) });
  await registry.logMetrics({ runId, metrics: meansOf(scores) });
  for (const [path, body] of Object.entries(artifacts)) await registry.putArtifact({ runId, path, body });
  const traces = (['challenger', 'champion'] as const).flatMap((arm) => {
    const scored = scoresById(scores[arm] ?? []);
    return (answers[arm] ?? []).flatMap((answer) => {
      const asked = traced.get(answer.id);
      return asked ? [traceOf({ releaseId, arm, asked, answer, scores: scored.get(answer.id) ?? {}, now })] : [];
    });
  });
  await registry.logTraces({ model, runId, traces });
}

/** Only what one release never changes: a tracking server refuses another value of a parameter. */
const parametersOf = ({
  specification: { spec, golden, promptDigest },
  index,
}: {
  specification: Specification;
  index: string | null;
}): Record<string, string> => {
  const { preset, decision, alpha, judge } = spec.evaluation;
  return {
    'evaluation.golden': `${golden.name}/${golden.version}`,
    'evaluation.preset': preset,
    'evaluation.decision': decision,
    'evaluation.alpha': String(alpha),
    'evaluation.judge': judge === null ? 'none' : judgeNameOf(judge),
    prompt: promptDigest,
    ...(index !== null && { index }),
  };
};

/** The challenger's means are the run's own, `evaluation/tokenF1`; the others stand under their arm. */
function meansOf(scores: ArmScores): Record<string, number> {
  const sums = new Map<string, { sum: number; n: number }>();
  for (const arm of ['challenger', 'champion', 'baseline'] as const)
    for (const { metric, score } of scores[arm] ?? []) {
      if (score === null) continue;
      const name = arm === 'challenger' ? `evaluation/${metric}` : `evaluation/${arm}/${metric}`;
      const { sum, n } = sums.get(name) ?? { sum: 0, n: 0 };
      sums.set(name, { sum: sum + score, n: n + 1 });
    }
  return Object.fromEntries([...sums].map(([name, { sum, n }]) => [name, sum / n]));
}

function scoresById(rows: NonNullable<ArmScores['challenger']>): Map<string, Record<string, number>> {
  const found = new Map<string, Record<string, number>>();
  for (const { id, metric, score } of rows) {
    if (score === null) continue;
    const known = found.get(id);
    if (known) known[`score.${metric}`] = score;
    else found.set(id, { [`score.${metric}`]: score });
  }
  return found;
}

function traceOf({
  releaseId,
  arm,
  asked,
  answer,
  scores,
  now,
}: {
  releaseId: string;
  arm: 'challenger' | 'champion';
  asked: GoldenCase;
  answer: Answer;
  scores: Record<string, number>;
  now: string;
}): TraceRecord {
  const endedAt = Date.parse(now);
  return {
    key: `evaluation/${releaseId}/${arm}/${asked.id}`,
    name: `${arm}: ${asked.id}`,
    startedAt: endedAt - (answer.milliseconds ?? 0),
    endedAt,
    inputs: { question: asked.input, reference: asked.reference },
    outputs: { answer: answer.answer ?? '' },
    attributes: { arm, case: asked.id, ...scores },
    failure: answer.answer === null ? (answer.reason ?? 'no answer') : null,
  };
}
