import { createIndexActivities } from '../../activities/retrieval/indexing.js';
import { Documents } from '../../adapters/document-loaders/documents.js';
import { StoreRouter } from '../../adapters/store-router/store-router.js';
import type { IndexResult } from '../../contracts/indexing.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import type { RetrievalPlace } from './retrieval-place.js';

/** Brings an index up to date from this process, by the steps of the workflow `index`. */
export async function runIndex({
  place: { store, chunks, openEmbedder },
  specification,
  say,
}: {
  place: Pick<RetrievalPlace, 'store' | 'chunks' | 'openEmbedder'>;
  specification: ArtifactRef;
  say: (line: string) => void;
}): Promise<IndexResult> {
  const router = new StoreRouter({ store });
  const steps = createIndexActivities({ store, router, chunks, openEmbedder, documents: new Documents() });
  const { version, plan, batches, changed, removed, kept } = await steps.openIndex({ specification });
  if (plan === null) {
    const counts = { documents: kept, changed: 0, removed: 0, deadLetters: 0 };
    return { version, switched: false, ...counts, check: null };
  }
  say(`${version}: ${changed} documents changed, ${removed} removed, ${kept} kept`);
  const step = { specification, plan };
  await steps.stageIndex(step);
  for (let batch = 0; batch < batches; batch += 1) {
    await steps.indexBatch({ ...step, batch });
    say(`batch ${batch + 1} of ${batches}`);
  }
  return await steps.switchIndex({ ...step, check: await steps.checkIndex(step) });
}
