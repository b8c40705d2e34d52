import type { LoadSample, LoadStep } from './load-sample.js';

/** What one step showed. Latency in milliseconds from the moment a request was due. */
export interface LoadFigures extends LoadStep {
  requests: number;
  /** Share of requests with a whole answer. */
  success: number;
  latencyP50: number | null;
  latencyP95: number | null;
  latencyP99: number | null;
  firstTokenP50: number | null;
  firstTokenP95: number | null;
  /** Tokens of answers a second, while the step lasted. */
  tokensPerSecond: number;
  /** How late the requests were sent, 99th percentile: what the generator itself adds. */
  lateP99: number;
  errors: Record<string, number>;
}

/** The smallest of the values that a share of them does not exceed (nearest rank); null of none. */
export function nearestRank({ values, share }: { values: readonly number[]; share: number }): number | null {
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/**
 * Figures of one step. A failed request counts as slower than any other, or an endpoint that refuses what it can't take
 * would look fast.
 */
export function loadFigures({ step, samples }: { step: LoadStep; samples: readonly LoadSample[] }): LoadFigures {
  const good = samples.filter(({ error }) => error === null);
  const errors: Record<string, number> = {};
  for (const { error } of samples) if (error !== null) errors[error] = (errors[error] ?? 0) + 1;
  const latencies = samples.map(({ error, latency }) => (error === null ? latency : Number.POSITIVE_INFINITY));
  const firstTokens = good.flatMap(({ firstToken }) => (firstToken === null ? [] : [firstToken]));
  const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);
  const latency = (share: number): number | null => finite(nearestRank({ values: latencies, share }));
  const lasted = samples.reduce((most, { due, latency: took }) => Math.max(most, due + took), step.milliseconds);
  return {
    ...step,
    requests: samples.length,
    success: samples.length === 0 ? 0 : good.length / samples.length,
    latencyP50: latency(0.5),
    latencyP95: latency(0.95),
    latencyP99: latency(0.99),
    firstTokenP50: nearestRank({ values: firstTokens, share: 0.5 }),
    firstTokenP95: nearestRank({ values: firstTokens, share: 0.95 }),
    tokensPerSecond: good.reduce((sum, one) => sum + one.completionTokens, 0) / (lasted / 1000),
    lateP99: nearestRank({ values: samples.map(({ late }) => late), share: 0.99 }) ?? 0,
    errors,
  };
}
