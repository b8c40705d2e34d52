import { createHash } from 'node:crypto';
import type { SpanInput } from 'mlflow-ts-client';
import type { TraceRecord } from '../../activities/trace-record.js';

/** The one span of a trace; its ids follow from the key, so that MLflow knows it again. */
export function spanOf({
  key,
  name,
  startedAt,
  endedAt,
  inputs,
  outputs,
  attributes,
  failure,
}: TraceRecord): SpanInput {
  const digest = createHash('sha256').update(key).digest('hex');
  return {
    traceId: digest.slice(0, 32),
    spanId: digest.slice(32, 48),
    name,
    kind: 'client',
    spanType: 'LLM',
    startedAt,
    endedAt,
    inputs,
    outputs,
    attributes,
    ...(failure === null ? { status: 'ok' as const } : { status: 'error' as const, statusMessage: failure }),
  };
}
