import { MlflowArgumentError } from './errors.js';

/** MLflow's limits of one `runs/log-batch` call. */
export const batchLimits = { metrics: 1000, params: 100, tags: 100, entries: 1000, characters: 900_000 } as const;

/** MLflow's limits of one entry, in characters. It would cut longer values off without a word. */
export const entryLimits = { key: 250, paramValue: 6000, tagValue: 8000 } as const;

export interface MetricPoint {
  key: string;
  /** Any number; MLflow keeps NaN, and infinities as the largest finite number. */
  value: number;
  /** Milliseconds since 1970; give it where the call may be repeated, so that no point is stored twice. */
  timestamp?: number | undefined;
  step?: number | undefined;
}

export type ParamValue = string | number | boolean;

export interface LogBatchData {
  metrics?: readonly MetricPoint[] | undefined;
  params?: Readonly<Record<string, ParamValue>> | undefined;
  tags?: Readonly<Record<string, string>> | undefined;
}

interface WireMetric {
  key: string;
  value: number | 'NaN' | 'Infinity' | '-Infinity';
  timestamp: number;
  step: number;
}
interface WirePair {
  key: string;
  value: string;
}
export interface WireBatch {
  metrics: WireMetric[];
  params: WirePair[];
  tags: WirePair[];
}

function checkLength(input: { what: string; text: string; limit: number }): void {
  const length = input.text.length > input.limit ? [...input.text].length : input.text.length;
  if (length <= input.limit) return;
  throw new MlflowArgumentError(
    `${input.what} has ${length} characters > ${input.limit}, MLflow's limit: shorten it, or store it as an artifact.`,
  );
}

function checkKey(key: string, kind: string): void {
  if (key === '')
    throw new MlflowArgumentError(`A ${kind} has an empty key; expected 1 to ${entryLimits.key} characters.`);
  checkLength({ what: `The ${kind} key "${key.slice(0, 40)}…"`, text: key, limit: entryLimits.key });
}

function toWireMetric(point: MetricPoint, now: number): WireMetric {
  checkKey(point.key, 'metric');
  const { key, value, timestamp = now, step = 0 } = point;
  if (!Number.isSafeInteger(timestamp) || !Number.isSafeInteger(step)) {
    throw new MlflowArgumentError(
      `The metric "${key}" has timestamp ${timestamp} and step ${step}; expected whole numbers.`,
    );
  }
  return {
    key,
    value: Number.isFinite(value) ? value : (String(value) as 'NaN' | 'Infinity' | '-Infinity'),
    timestamp,
    step,
  };
}

function toWirePairs(input: {
  entries: Readonly<Record<string, ParamValue>> | undefined;
  kind: string;
  limit: number;
}): WirePair[] {
  return Object.entries(input.entries ?? {}).map(([key, raw]) => {
    checkKey(key, input.kind);
    const value = String(raw);
    checkLength({ what: `The ${input.kind} "${key}"`, text: value, limit: input.limit });
    return { key, value };
  });
}

/**
 * Splits what is to be logged into as few calls as MLflow's limits allow. Params and tags come first, so that a
 * conflicting param is refused before metrics are stored. `now` (milliseconds) stands in for missing timestamps.
 * @throws MlflowArgumentError for a key or value that MLflow would refuse or cut off
 */
export function planBatches(input: { data: LogBatchData; now: number }): WireBatch[] {
  const { data, now } = input;
  const waiting: WireBatch = {
    metrics: (data.metrics ?? []).map((point) => toWireMetric(point, now)),
    params: toWirePairs({ entries: data.params, kind: 'param', limit: entryLimits.paramValue }),
    tags: toWirePairs({ entries: data.tags, kind: 'tag', limit: entryLimits.tagValue }),
  };
  const batches: WireBatch[] = [];
  const next = { metrics: 0, params: 0, tags: 0 };
  const left = () =>
    waiting.params.length - next.params + waiting.tags.length - next.tags + waiting.metrics.length - next.metrics;
  while (left() > 0) {
    const batch: WireBatch = { metrics: [], params: [], tags: [] };
    let entries = 0;
    let characters = 0;
    for (const kind of ['params', 'tags', 'metrics'] as const) {
      for (let taken = 0; taken < batchLimits[kind] && entries < batchLimits.entries; taken += 1) {
        const entry = waiting[kind][next[kind]];
        if (entry === undefined) break;
        const size = JSON.stringify(entry).length + 1;
        if (characters + size > batchLimits.characters) break;
        (batch[kind] as (WireMetric | WirePair)[]).push(entry);
        characters += size;
        entries += 1;
        next[kind] += 1;
      }
    }
    batches.push(batch);
  }
  return batches;
}
