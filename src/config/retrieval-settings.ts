import { z } from 'zod';
import { countFrom, httpAddress, path, secret } from './fields.js';
import { readEnvironment, SettingsError, type Environment, type SettingDefinition } from './read-environment.js';
import type { Secret } from './secret.js';

/** What turns texts into vectors; each kind has its adapter in `src/adapters/open-embedder.ts`. */
export type EmbedderSettings =
  /** MiniLM in this process; a null folder: no text is embedded. */
  | { kind: 'minilm'; folder: string | null }
  | {
      kind: 'openai';
      model: string;
      baseUrl: string;
      apiKey: Secret | null;
      /** Null takes the length that the model has by itself. */
      dimension: number | null;
      /** Null: as many as the endpoint takes. */
      requestsPerMinute: number | null;
    };

/** How facts are found, as far as a spec does not say it. */
export interface RetrievalSettings {
  embedder: EmbedderSettings;
  /** Of the cross-encoders that specs name; null where they ask for none. */
  rerankApiKey: Secret | null;
}

const definitions = {
  UNDERSTUDY_EMBEDDER: {
    schema: z
      .string()
      .regex(/^(?:minilm|openai:\S+)$/, 'expected minilm, or openai:<model> such as openai:text-embedding-3-small')
      .default('minilm'),
    mend: 'Name what embeds, or unset it for MiniLM in this process.',
  },
  UNDERSTUDY_EMBEDDING_MODEL: {
    schema: path.optional(),
    mend: 'Name the folder that `node scripts/setup/main.mjs --only embedding` makes.',
  },
  UNDERSTUDY_EMBEDDING_URL: {
    schema: httpAddress.optional(),
    mend: 'Name the address of an OpenAI-compatible endpoint, such as https://host/v1.',
  },
  UNDERSTUDY_EMBEDDING_API_KEY: {
    schema: secret.optional(),
    secret: true,
    mend: 'Set the key of UNDERSTUDY_EMBEDDING_URL.',
  },
  UNDERSTUDY_EMBEDDING_DIMENSION: {
    schema: countFrom(1).optional(),
    mend: 'Name the length of a vector, or unset it for the length that the model has by itself.',
  },
  UNDERSTUDY_EMBEDDING_REQUESTS_PER_MINUTE: {
    schema: countFrom(1).optional(),
    mend: 'Name the share of this process in the limit of the endpoint.',
  },
  UNDERSTUDY_RERANK_API_KEY: {
    schema: secret.optional(),
    secret: true,
    mend: 'Set the key of the endpoints in retrieval.crossEncoder.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

/**
 * Reads what embeds and what ranks again.
 * @throws SettingsError naming every setting that is wrong or missing
 */
export function readRetrievalSettings({ environment }: { environment: Environment }): RetrievalSettings {
  const read = readEnvironment({ environment, definitions });
  const rerankApiKey = read.UNDERSTUDY_RERANK_API_KEY ?? null;
  if (read.UNDERSTUDY_EMBEDDER === 'minilm')
    return { embedder: { kind: 'minilm', folder: read.UNDERSTUDY_EMBEDDING_MODEL ?? null }, rerankApiKey };
  if (read.UNDERSTUDY_EMBEDDING_URL === undefined)
    throw new SettingsError([
      {
        name: 'UNDERSTUDY_EMBEDDING_URL',
        value: null,
        expected: `the endpoint of ${read.UNDERSTUDY_EMBEDDER} (UNDERSTUDY_EMBEDDER)`,
        mend: definitions.UNDERSTUDY_EMBEDDING_URL.mend,
      },
    ]);
  const embedder = {
    kind: 'openai' as const,
    model: read.UNDERSTUDY_EMBEDDER.slice('openai:'.length),
    baseUrl: read.UNDERSTUDY_EMBEDDING_URL,
    apiKey: read.UNDERSTUDY_EMBEDDING_API_KEY ?? null,
    dimension: read.UNDERSTUDY_EMBEDDING_DIMENSION ?? null,
    requestsPerMinute: read.UNDERSTUDY_EMBEDDING_REQUESTS_PER_MINUTE ?? null,
  };
  return { embedder, rerankApiKey };
}
