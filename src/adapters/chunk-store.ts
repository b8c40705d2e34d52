import { join } from 'node:path';
import type { VectorStore } from '../activities/vector-store-port.js';
import type { Settings } from '../config/settings.js';
import { EmbeddedChunks } from './embedded-chunks/embedded-chunks.js';
import { readOnlyChunks } from './read-only-chunks.js';

/** Where facts are found: the knowledge base or the Qdrant that is named, else files under the home. */
export async function chunkStore({
  home,
  qdrant,
  knowledgeBase,
}: Pick<Settings, 'home' | 'qdrant' | 'knowledgeBase'>): Promise<VectorStore> {
  if (knowledgeBase) {
    const { KnowledgeBase, knowledgeBaseName } = await import('./bedrock/knowledge-base.js');
    return readOnlyChunks({ reader: new KnowledgeBase(knowledgeBase), name: knowledgeBaseName(knowledgeBase.id) });
  }
  if (!qdrant) return new EmbeddedChunks({ root: join(home, 'indexes') });
  // Loaded here alone: its client takes longer to load than the rest of a gateway.
  const { Qdrant } = await import('./qdrant/qdrant.js');
  return new Qdrant({ url: qdrant.url, apiKey: qdrant.apiKey?.reveal() ?? null });
}
