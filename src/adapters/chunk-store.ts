import { join } from 'node:path';
import type { VectorStore } from '../activities/vector-store-port.js';
import type { Settings } from '../config/settings.js';
import { EmbeddedChunks } from './embedded-chunks/embedded-chunks.js';

/** Where indexes are kept: the Qdrant that is named, else files under the home. */
export async function chunkStore({ home, qdrant }: Pick<Settings, 'home' | 'qdrant'>): Promise<VectorStore> {
  if (!qdrant) return new EmbeddedChunks({ root: join(home, 'indexes') });
  // Loaded here alone: its client takes longer to load than the rest of a gateway.
  const { Qdrant } = await import('./qdrant/qdrant.js');
  return new Qdrant({ url: qdrant.url, apiKey: qdrant.apiKey?.reveal() ?? null });
}
