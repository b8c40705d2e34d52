import type { Client } from '@temporalio/client';
import type { ArtifactStore } from '../activities/ports.js';
import type { IngestInput, IngestProgress } from '../contracts/ingest.js';
import { fairnessOf, queueName, searchAttributes, workflowIds } from '../contracts/names.js';
import { storeKeys } from '../contracts/store-keys.js';
import { shownSummary } from '../contracts/shown-text.js';
import { canonicalJson, sha256Hex } from '../domain/release/evidence.js';
import type { Specification } from '../domain/spec/specification.js';

/**
 * Starts the ingest of a model's new data, or a backfill of past dates; one that runs already is not started again.
 * @returns the workflow's id and what waits for its end
 */
export async function startIngest({
  temporal,
  store,
  queuePrefix,
  specification,
  from,
  to,
}: {
  temporal: Client;
  store: Pick<ArtifactStore, 'putIfAbsent'>;
  queuePrefix: string;
  specification: Specification;
  /** First and last logical date; null is yesterday. */
  from: string | null;
  to: string | null;
}): Promise<{ workflowId: string; result: () => Promise<IngestProgress> }> {
  const { model } = specification.spec;
  const body = Buffer.from(canonicalJson(specification));
  const { ref } = await store.putIfAbsent({ key: storeKeys.specification({ model, digest: sha256Hex(body) }), body });
  const input: IngestInput = { model, specification: ref, from, to };
  const handle = await temporal.workflow.start('ingest', {
    workflowId: workflowIds.ingest(model),
    taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
    workflowIdConflictPolicy: 'FAIL',
    staticSummary: shownSummary(`new data of ${model}${from === null ? '' : `, ${from} to ${to ?? from}`}`),
    priority: fairnessOf(model),
    typedSearchAttributes: [{ key: searchAttributes.model, value: model }],
    args: [input],
  });
  return { workflowId: handle.workflowId, result: async () => (await handle.result()) as IngestProgress };
}
