import type { OpenEmbedder } from '../activities/embedder-port.js';
import type { EmbedderSettings } from '../config/retrieval-settings.js';
import { cachedEmbedder } from './cached-embedder.js';
import { openMiniLm } from './minilm/open-minilm.js';

/** What embeds by the settings, opened by its first use, with what it embedded last kept; null where nothing does. */
export const openEmbedder = (settings: EmbedderSettings): OpenEmbedder | null => cachedEmbedder(openerOf(settings));

function openerOf(settings: EmbedderSettings): OpenEmbedder | null {
  switch (settings.kind) {
    case 'minilm':
      return openMiniLm({ folder: settings.folder });
    case 'openai':
      return async () => {
        // Loaded by its first use: few processes embed.
        const { OpenAiEmbedder } = await import('./openai-embedder/openai-embedder.js');
        const { kind: _kind, apiKey, ...rest } = settings;
        return await OpenAiEmbedder.open({ ...rest, apiKey: apiKey?.reveal() ?? null });
      };
    case 'titan':
      return async () => {
        const { TitanEmbedder } = await import('./bedrock/titan-embedder.js');
        const { region, dimension } = settings;
        return new TitanEmbedder({ region, ...(dimension !== null && { dimension }) });
      };
  }
}
