import { z } from 'zod';
import { countFrom, httpAddress, path, secret } from './fields.js';
import {
  collecting,
  readEnvironment,
  SettingsError,
  type Environment,
  type SettingDefinition,
  type SettingProblem,
} from './read-environment.js';
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
    }
  /** Amazon Titan Text Embeddings V2; a null dimension: its longest vectors. */
  | { kind: 'titan'; region: string; dimension: TitanDimension | null };

/** Lengths that Titan's vectors can have. */
export const titanDimensions = [1024, 512, 256] as const;
export type TitanDimension = (typeof titanDimensions)[number];

/** How facts are found, as far as a spec does not say it. */
export interface RetrievalSettings {
  embedder: EmbedderSettings;
  /** Where Bedrock is asked; null where nobody asks it. */
  bedrockRegion: string | null;
  /** A knowledge base of Bedrock that facts are found in; null: where indexes are kept otherwise. */
  knowledgeBase: { id: string; region: string } | null;
  /** Of the cross-encoders that specs name; null where they ask for none. */
  rerankApiKey: Secret | null;
}

const definitions = {
  UNDERSTUDY_EMBEDDER: {
    schema: z
      .string()
      .regex(
        /^(?:minilm|titan-v2|openai:\S+)$/,
        'expected minilm, titan-v2, or openai:<model> such as openai:text-embedding-3-small',
      )
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
  UNDERSTUDY_VECTORS: {
    schema: z
      .string()
      .regex(/^bedrock:[0-9A-Za-z]{1,10}$/, 'expected bedrock:<id of a knowledge base>')
      .transform((text) => text.slice('bedrock:'.length))
      .optional(),
    mend: 'Name the knowledge base that facts are found in, or unset it.',
  },
  BEDROCK_REGION: {
    schema: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z0-9]+)+-\d$/, 'expected a region such as eu-central-1')
      .optional(),
    mend: 'Name the region that Bedrock is asked in.',
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
  const problems: SettingProblem[] = [];
  const embedder = collecting(problems, () => embedderOf(read));
  const { UNDERSTUDY_VECTORS: id, BEDROCK_REGION: region = null } = read;
  if (id !== undefined && region === null) problems.push(missingRegion(`the region of UNDERSTUDY_VECTORS, ${id}`));
  if (embedder === null || problems.length > 0) throw new SettingsError(problems);
  return {
    embedder,
    bedrockRegion: region,
    knowledgeBase: id === undefined || region === null ? null : { id, region },
    rerankApiKey: read.UNDERSTUDY_RERANK_API_KEY ?? null,
  };
}

type Read = ReturnType<typeof readEnvironment<typeof definitions>>;

function embedderOf(read: Read): EmbedderSettings {
  const { UNDERSTUDY_EMBEDDER: name, UNDERSTUDY_EMBEDDING_DIMENSION: dimension = null } = read;
  if (name === 'minilm') return { kind: 'minilm', folder: read.UNDERSTUDY_EMBEDDING_MODEL ?? null };
  if (name === 'titan-v2') return titanOf({ region: read.BEDROCK_REGION, dimension });
  if (read.UNDERSTUDY_EMBEDDING_URL === undefined)
    throw new SettingsError([
      {
        name: 'UNDERSTUDY_EMBEDDING_URL',
        value: null,
        expected: `the endpoint of ${name} (UNDERSTUDY_EMBEDDER)`,
        mend: definitions.UNDERSTUDY_EMBEDDING_URL.mend,
      },
    ]);
  return {
    kind: 'openai',
    model: name.slice('openai:'.length),
    baseUrl: read.UNDERSTUDY_EMBEDDING_URL,
    apiKey: read.UNDERSTUDY_EMBEDDING_API_KEY ?? null,
    dimension,
    requestsPerMinute: read.UNDERSTUDY_EMBEDDING_REQUESTS_PER_MINUTE ?? null,
  };
}

function titanOf({ region, dimension }: { region: string | undefined; dimension: number | null }): EmbedderSettings {
  const known = titanDimensions.find((one) => one === dimension) ?? null;
  const problems: SettingProblem[] = [];
  if (region === undefined) problems.push(missingRegion('the region of titan-v2 (UNDERSTUDY_EMBEDDER)'));
  if (dimension !== null && known === null)
    problems.push({
      name: 'UNDERSTUDY_EMBEDDING_DIMENSION',
      value: String(dimension),
      expected: `${titanDimensions.join(', ')} with titan-v2`,
      mend: definitions.UNDERSTUDY_EMBEDDING_DIMENSION.mend,
    });
  if (region === undefined || problems.length > 0) throw new SettingsError(problems);
  return { kind: 'titan', region, dimension: known };
}

const missingRegion = (expected: string): SettingProblem => ({
  name: 'BEDROCK_REGION',
  value: null,
  expected,
  mend: definitions.BEDROCK_REGION.mend,
});
