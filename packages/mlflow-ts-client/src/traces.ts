import { MlflowArgumentError } from './errors.js';
import type { CallOptions } from './options.js';
import { encodeExportRequest } from './otlp.js';
import type { Attributes, SpanInput } from './otlp.js';
import { walkPages } from './paging.js';
import type { PageOptions } from './paging.js';
import { deletedTraces, traceAnswer, tracePage } from './schemas/traces.js';
import type { Span, TraceInfo } from './schemas/traces.js';
import type { Transport } from './transport/http.js';

const root = '/api/3.0/mlflow/traces';

type TraceCall = { traceId: string } & CallOptions;

export interface ExportSpans extends CallOptions {
  experimentId: string;
  /** Links the traces to a run. */
  runId?: string | undefined;
  spans: readonly SpanInput[];
  /** What sent the spans, e.g. `{ 'service.name': 'gateway' }`. */
  resource?: Attributes | undefined;
}

export interface SearchTraces extends CallOptions, PageOptions {
  experimentIds: readonly string[];
  /** MLflow's filter language, e.g. `attributes.status = 'ERROR'`. */
  filter?: string | undefined;
  orderBy?: readonly string[] | undefined;
}

/** Traces: what happened inside single requests, sent by OpenTelemetry's protocol and read back from MLflow. */
export class Traces {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Sends spans; all are stored or none. Returns MLflow's names of their traces. Safe to repeat: a span is known by its id.
   * @throws MlflowArgumentError, MlflowNotFoundError when the experiment does not exist
   */
  async export(input: ExportSpans): Promise<{ traceIds: string[] }> {
    if (input.spans.length === 0) return { traceIds: [] };
    const headers = {
      'content-type': 'application/json',
      'x-mlflow-experiment-id': input.experimentId,
      ...(input.runId === undefined ? {} : { 'x-mlflow-run-id': input.runId }),
    };
    const body = JSON.stringify(encodeExportRequest(input));
    await this.#transport.send({ method: 'POST', path: '/v1/traces', headers, body, idempotent: true, options: input });
    return { traceIds: [...new Set(input.spans.map(({ traceId }) => `tr-${traceId}`))] };
  }

  /** A trace with its spans. @throws MlflowNotFoundError */
  async get(input: TraceCall): Promise<{ info: TraceInfo; spans: Span[] }> {
    const call = { path: `${root}/get`, query: { trace_id: input.traceId }, schema: traceAnswer, options: input };
    const { trace } = await this.#transport.get(call);
    return { info: trace.trace_info, spans: trace.spans };
  }

  /** All traces that match, without their spans, page by page (at most 500 each). */
  search(input: SearchTraces): AsyncGenerator<TraceInfo, void, undefined> {
    const locations = input.experimentIds.map((id) => ({
      type: 'MLFLOW_EXPERIMENT',
      mlflow_experiment: { experiment_id: id },
    }));
    return walkPages(async (pageToken) => {
      const { filter, orderBy } = input;
      const body = { locations, filter, order_by: orderBy, max_results: input.pageSize ?? 100, page_token: pageToken };
      const page = await this.#transport.post({
        path: `${root}/search`,
        body,
        schema: tracePage,
        idempotent: true,
        options: input,
      });
      return { items: page.traces, nextPageToken: page.next_page_token };
    });
  }

  setTag(input: TraceCall & { key: string; value: string }): Promise<void> {
    const path = `${root}/${encodeURIComponent(input.traceId)}/tags`;
    return this.#transport.change({
      method: 'PATCH',
      path,
      body: { key: input.key, value: input.value },
      options: input,
    });
  }

  deleteTag(input: TraceCall & { key: string }): Promise<void> {
    const path = `${root}/${encodeURIComponent(input.traceId)}/tags`;
    return this.#transport.change({
      method: 'DELETE',
      path,
      body: { key: input.key },
      idempotent: false,
      options: input,
    });
  }

  /** Deletes traces for good; returns how many there were. */
  async delete(
    input: { experimentId: string; traceIds: readonly string[] } & CallOptions,
  ): Promise<{ deleted: number }> {
    if (input.traceIds.length === 0)
      throw new MlflowArgumentError('traceIds is empty; expected at least one trace to delete.');
    const body = { experiment_id: input.experimentId, request_ids: input.traceIds };
    const call = { path: `${root}/delete-traces`, body, schema: deletedTraces, idempotent: true, options: input };
    return { deleted: (await this.#transport.post(call)).traces_deleted };
  }
}
