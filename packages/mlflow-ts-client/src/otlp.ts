import { randomBytes } from 'node:crypto';
import { MlflowArgumentError } from './errors.js';
import type { AttributeValue } from './schemas/traces.js';

export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';
export type Attributes = Readonly<Record<string, AttributeValue | undefined>>;

export interface SpanInput {
  /** 32 hexadecimal digits; `newTraceId()` makes one. */
  traceId: string;
  /** 16 hexadecimal digits; `newSpanId()` makes one. */
  spanId: string;
  /** Absent for the first span of a trace. */
  parentSpanId?: string | undefined;
  name: string;
  kind?: SpanKind | undefined;
  /** Milliseconds since 1970; fractions are kept to the microsecond. */
  startedAt: number;
  /** Milliseconds since 1970. */
  endedAt: number;
  /** What went in; MLflow's page shows it as the span's inputs. */
  inputs?: AttributeValue | undefined;
  /** What came out; MLflow's page shows it as the span's outputs. */
  outputs?: AttributeValue | undefined;
  /** MLflow's word for what the span does, e.g. `CHAIN`, `LLM`, `RETRIEVER`, `TOOL`. */
  spanType?: string | undefined;
  attributes?: Attributes | undefined;
  events?: readonly { name: string; at: number; attributes?: Attributes | undefined }[] | undefined;
  status?: 'unset' | 'ok' | 'error' | undefined;
  statusMessage?: string | undefined;
}

const kinds: Readonly<Record<SpanKind, number>> = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };
const statuses = { unset: 0, ok: 1, error: 2 } as const;

/** A new trace id as OpenTelemetry writes it; MLflow calls the trace `tr-<id>`. */
export function newTraceId(): string {
  return randomBytes(16).toString('hex');
}

/** A new span id as OpenTelemetry writes it. */
export function newSpanId(): string {
  return randomBytes(8).toString('hex');
}

function checkId(input: { what: string; id: string; digits: number }): string {
  const { what, id, digits } = input;
  const usable = id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id);
  if (usable) return id;
  throw new MlflowArgumentError(`${what} is "${id}"; expected ${digits} lower-case hexadecimal digits, not all zero.`);
}

function toNanoseconds(milliseconds: number, what: string): string {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) {
    throw new MlflowArgumentError(`${what} is ${milliseconds}; expected milliseconds since 1970.`);
  }
  return (BigInt(Math.round(milliseconds * 1000)) * 1000n).toString();
}

function toValue(value: AttributeValue): unknown {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return { intValue: String(value) };
    return { doubleValue: Number.isFinite(value) ? value : String(value) };
  }
  if (Array.isArray(value)) return { arrayValue: { values: (value as readonly AttributeValue[]).map(toValue) } };
  return { kvlistValue: { values: toAttributes(value as Attributes) } };
}

function toAttributes(attributes: Attributes): { key: string; value: unknown }[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: toValue(value) }],
  );
}

function toSpan(span: SpanInput): unknown {
  const what = `The span "${span.name}"`;
  if (span.endedAt < span.startedAt) {
    throw new MlflowArgumentError(`${what} ends at ${span.endedAt}, before its start at ${span.startedAt}.`);
  }
  const own: Attributes = {
    'mlflow.spanType': span.spanType,
    'mlflow.spanInputs': span.inputs === undefined ? undefined : JSON.stringify(span.inputs),
    'mlflow.spanOutputs': span.outputs === undefined ? undefined : JSON.stringify(span.outputs),
  };
  return {
    traceId: checkId({ what: `${what}: traceId`, id: span.traceId, digits: 32 }),
    spanId: checkId({ what: `${what}: spanId`, id: span.spanId, digits: 16 }),
    ...(span.parentSpanId === undefined
      ? {}
      : { parentSpanId: checkId({ what: `${what}: parentSpanId`, id: span.parentSpanId, digits: 16 }) }),
    name: span.name,
    kind: kinds[span.kind ?? 'internal'],
    startTimeUnixNano: toNanoseconds(span.startedAt, `${what}: startedAt`),
    endTimeUnixNano: toNanoseconds(span.endedAt, `${what}: endedAt`),
    attributes: toAttributes({ ...span.attributes, ...own }),
    events: (span.events ?? []).map((event) => ({
      name: event.name,
      timeUnixNano: toNanoseconds(event.at, `${what}: event "${event.name}"`),
      attributes: toAttributes(event.attributes ?? {}),
    })),
    status: { code: statuses[span.status ?? 'unset'], message: span.statusMessage },
  };
}

/**
 * An OTLP export request in the protocol's JSON encoding (OpenTelemetry Protocol 1.x, "JSON Protobuf Encoding").
 * @throws MlflowArgumentError naming the span and the field that OTLP can't carry
 */
export function encodeExportRequest(input: {
  spans: readonly SpanInput[];
  resource?: Attributes | undefined;
}): unknown {
  const scope = { name: 'mlflow-ts-client' };
  const resource = { attributes: toAttributes(input.resource ?? {}) };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: input.spans.map(toSpan) }] }] };
}
