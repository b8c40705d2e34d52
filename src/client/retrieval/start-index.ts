import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { ArtifactStore } from '../../activities/ports.js';
import { loadSpecification } from '../../activities/specifications.js';
import type { IndexInput, IndexResult } from '../../contracts/indexing.js';
import { fairnessOf, queueName, searchAttributes, workflowIds } from '../../contracts/names.js';
import { shownSummary } from '../../contracts/shown-text.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';

/**
 * Brings the index of a spec up to date by a worker, now, or joins the run that is under way; null for a spec that
 * indexes nothing by itself.
 */
export async function startIndex({
  temporal: { workflow },
  store,
  queuePrefix,
  specification,
}: {
  temporal: Client;
  store: Pick<ArtifactStore, 'get'>;
  queuePrefix: string;
  specification: ArtifactRef;
}): Promise<{ workflowId: string; result: () => Promise<IndexResult> } | null> {
  const { spec } = await loadSpecification({ store, ref: specification });
  const { model, retrieval } = spec;
  if (!retrieval?.source) return null;
  const workflowId = workflowIds.index(model);
  const input: IndexInput = { model, specification };
  const handle = await workflow
    .start('index', {
      workflowId,
      taskQueue: queueName({ prefix: queuePrefix, queue: 'orchestration' }),
      staticSummary: shownSummary(`documents of ${model} into its index`),
      priority: fairnessOf(model),
      typedSearchAttributes: [{ key: searchAttributes.model, value: model }],
      args: [input],
    })
    .catch((error: unknown) => {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return workflow.getHandle(workflowId);
      throw error;
    });
  return { workflowId, result: async () => (await handle.result()) as IndexResult };
}
