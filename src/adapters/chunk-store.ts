import { join } from 'node:path';
import type { VectorStore } from '../activities/vector-store-port.js';
import type { Settings } from '../config/settings.js';
import { EmbeddedChunks } from './embedded-chunks/embedded-chunks.js';
import { Qdrant } from './qdrant/qdrant.js';

/** Where indexes are kept: the Qdrant that is named, else files under the home. */
export const chunkStore = ({ home, qdrant }: Pick<Settings, 'home' | 'qdrant'>): VectorStore =>
  qdrant
    ? new Qdrant({ url: qdrant.url, apiKey: qdrant.apiKey?.reveal() ?? null })
    : new EmbeddedChunks({ root: join(home, 'indexes') });
