import { z } from 'zod';
import { pageToken } from './common.js';

const tags = z.record(z.string(), z.string()).default({});

export const traceInfo = z
  .object({
    trace_id: z.string(),
    trace_location: z.object({ mlflow_experiment: z.object({ experiment_id: z.string() }).optional() }).optional(),
    request_time: z.string().optional(),
    execution_duration: z.string().optional(),
    state: z.string().default('STATE_UNSPECIFIED'),
    request_preview: z.string().optional(),
    response_preview: z.string().optional(),
    trace_metadata: tags,
    tags,
  })
  .transform((raw) => ({
    traceId: raw.trace_id,
    experimentId: raw.trace_location?.mlflow_experiment?.experiment_id,
    /** Milliseconds since 1970. */
    startedAt: raw.request_time === undefined ? undefined : Date.parse(raw.request_time),
    durationMs: raw.execution_duration === undefined ? undefined : readSeconds(raw.execution_duration),
    /** `OK`, `ERROR`, `IN_PROGRESS` or `STATE_UNSPECIFIED`. */
    state: raw.state,
    requestPreview: raw.request_preview,
    responsePreview: raw.response_preview,
    metadata: raw.trace_metadata,
    tags: raw.tags,
  }));
export type TraceInfo = z.output<typeof traceInfo>;

/** A protobuf duration, such as `1.250s`, in milliseconds. */
function readSeconds(duration: string): number {
  return Number((Number.parseFloat(duration) * 1000).toFixed(6));
}

export type AttributeValue =
  string | number | boolean | null | readonly AttributeValue[] | { readonly [key: string]: AttributeValue };

interface WireValue {
  string_value?: string | undefined;
  int_value?: number | string | undefined;
  double_value?: number | string | undefined;
  bool_value?: boolean | undefined;
  array_value?: { values?: WireValue[] | undefined } | undefined;
  kvlist_value?: { values?: { key: string; value?: WireValue | undefined }[] | undefined } | undefined;
}

const number = z.union([z.number(), z.string()]);
const wireValue: z.ZodType<WireValue> = z.lazy(() =>
  z.object({
    string_value: z.string().optional(),
    int_value: number.optional(),
    double_value: number.optional(),
    bool_value: z.boolean().optional(),
    array_value: z.object({ values: z.array(wireValue).optional() }).optional(),
    kvlist_value: z
      .object({ values: z.array(z.object({ key: z.string(), value: wireValue.optional() })).optional() })
      .optional(),
  }),
);

function readValue(value: WireValue | undefined): AttributeValue {
  if (value === undefined) return null;
  if (value.string_value !== undefined) return value.string_value;
  if (value.bool_value !== undefined) return value.bool_value;
  if (value.int_value !== undefined) return Number(value.int_value);
  if (value.double_value !== undefined) return Number(value.double_value);
  if (value.array_value !== undefined) return (value.array_value.values ?? []).map(readValue);
  if (value.kvlist_value !== undefined) {
    return Object.fromEntries((value.kvlist_value.values ?? []).map((entry) => [entry.key, readValue(entry.value)]));
  }
  return null;
}

const attributes = z
  .array(z.object({ key: z.string(), value: wireValue.optional() }))
  .default([])
  .transform((list): Record<string, AttributeValue> =>
    Object.fromEntries(list.map(({ key, value }) => [key, readValue(value)])),
  );

const hex = z.string().transform((base64) => Buffer.from(base64, 'base64').toString('hex'));
const nanoseconds = z.union([z.number(), z.string()]).transform((value) => Number(value) / 1e6);

const span = z
  .object({
    span_id: hex,
    parent_span_id: hex.optional(),
    name: z.string().default(''),
    start_time_unix_nano: nanoseconds,
    end_time_unix_nano: nanoseconds.optional(),
    attributes,
    events: z
      .array(z.object({ name: z.string().default(''), time_unix_nano: nanoseconds.optional(), attributes }))
      .default([]),
    status: z.object({ code: z.string().default('STATUS_CODE_UNSET'), message: z.string().default('') }).optional(),
  })
  .transform((raw) => ({
    spanId: raw.span_id,
    parentSpanId: raw.parent_span_id === '' ? undefined : raw.parent_span_id,
    name: raw.name,
    /** Milliseconds since 1970, with fractions. */
    startedAt: raw.start_time_unix_nano,
    /** Milliseconds since 1970, with fractions. */
    endedAt: raw.end_time_unix_nano,
    attributes: raw.attributes,
    events: raw.events.map((event) => ({ name: event.name, at: event.time_unix_nano, attributes: event.attributes })),
    status: (raw.status?.code ?? 'STATUS_CODE_UNSET').replace('STATUS_CODE_', '').toLowerCase(),
    statusMessage: raw.status?.message ?? '',
  }));
export type Span = z.output<typeof span>;

export const traceAnswer = z.object({ trace: z.object({ trace_info: traceInfo, spans: z.array(span).default([]) }) });
export const tracePage = z.object({ traces: z.array(traceInfo).default([]), next_page_token: pageToken });
export const deletedTraces = z.object({ traces_deleted: z.number().default(0) });
