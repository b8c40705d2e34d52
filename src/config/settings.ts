import { join } from 'node:path';
import { z } from 'zod';
import {
  baseModels,
  countFrom,
  httpAddress,
  ipAddressAndPort,
  longSecret,
  movedEndpoints,
  path,
  secret,
} from './fields.js';
import { readNotifierSettings, type NotifierSettings } from './notifier-settings.js';
import { placeDefinitions } from './places.js';
import {
  collecting,
  readEnvironment,
  SettingsError,
  type Environment,
  type SettingDefinition,
  type SettingProblem,
} from './read-environment.js';
import { readRetrievalSettings, type RetrievalSettings } from './retrieval-settings.js';
import type { Secret } from './secret.js';
import { readTemporalSettings, type TemporalSettings } from './temporal-settings.js';

const definitions = {
  UNDERSTUDY_PROFILE: {
    schema: z.enum(['embedded', 'aws'], 'expected embedded or aws').default('embedded'),
    mend: 'Unset it, or name aws; servers of your own are named one by one, such as TEMPORAL_ADDRESS.',
  },
  ...placeDefinitions,
  UNDERSTUDY_PLATFORM: {
    schema: path.optional(),
    mend: 'Name the file that says where releases are trained and served (docs/aws.md).',
  },
  UNDERSTUDY_PSEUDONYM_KEY: {
    schema: longSecret.optional(),
    secret: true,
    mend: 'Set 16 random characters or more, the same on all machines, or unset it.',
  },
  UNDERSTUDY_APPROVER_KEY: {
    schema: longSecret.optional(),
    secret: true,
    mend: 'Set 16 random characters or more where tokens are made and where workers check them, or unset it.',
  },
  UNDERSTUDY_APPROVER_TOKEN: {
    schema: secret.optional(),
    secret: true,
    mend: 'Set the token that `understudy token` has made for you, or unset it.',
  },
  UNDERSTUDY_CODEC_TOKEN: {
    schema: longSecret.optional(),
    secret: true,
    mend: 'Set 16 random characters or more, which whoever may read payloads gives to the codec server.',
  },
  UNDERSTUDY_MLFLOW_WEBHOOK_SECRET: {
    schema: longSecret.optional(),
    secret: true,
    mend: "Set 16 random characters or more, which MLflow's webhook is signed with, or unset it.",
  },
  UNDERSTUDY_BASE_MODELS: { schema: baseModels.optional(), mend: 'npm start sets it by itself.' },
  UNDERSTUDY_PYTHON: { schema: path.optional(), mend: 'Name the Python of the model environment.' },
  QDRANT_URL: {
    schema: httpAddress.optional(),
    mend: 'Name the address of Qdrant, such as http://127.0.0.1:6333, or unset it: then indexes are kept on this machine.',
  },
  QDRANT_API_KEY: { schema: secret.optional(), secret: true, mend: 'Set the key of QDRANT_URL.' },
  UNDERSTUDY_TEMPORAL_BIN: { schema: path.optional(), mend: 'Name the temporal command.' },
  UNDERSTUDY_MLFLOW_BIN: { schema: path.optional(), mend: 'Name the mlflow command.' },
  UNDERSTUDY_LIVE_BASE_URL: {
    schema: httpAddress.optional(),
    mend: 'Name where the gateway asks for answers, when that differs from OPENAI_BASE_URL.',
  },
  UNDERSTUDY_MOVED_ENDPOINTS: { schema: movedEndpoints.optional(), mend: 'npm start sets it by itself.' },
  MLFLOW_TRACKING_URI: {
    schema: httpAddress.optional(),
    mend: 'Name the address of an MLflow server; files and databases need a server in front.',
  },
  MLFLOW_TRACKING_TOKEN: { schema: secret.optional(), secret: true, mend: 'Set it, or unset it.' },
  MLFLOW_TRACKING_USERNAME: { schema: z.string().optional(), mend: 'Set it together with MLFLOW_TRACKING_PASSWORD.' },
  MLFLOW_TRACKING_PASSWORD: {
    schema: secret.optional(),
    secret: true,
    mend: 'Set it together with MLFLOW_TRACKING_USERNAME.',
  },
  OPENAI_BASE_URL: { schema: httpAddress.optional(), mend: 'Name an OpenAI-compatible endpoint, ending in /v1.' },
  OPENAI_API_KEY: { schema: secret.optional(), secret: true, mend: 'Set the key of OPENAI_BASE_URL.' },
  JUDGE_BASE_URL: {
    schema: httpAddress.optional(),
    mend: 'Name the OpenAI-compatible endpoint of the judge, ending in /v1, or unset it: then nothing is judged.',
  },
  JUDGE_API_KEY: { schema: secret.optional(), secret: true, mend: 'Set the key of JUDGE_BASE_URL.' },
  JUDGE_CONCURRENCY: { schema: countFrom(1).default(16), mend: 'Name how many calls a worker may have under way.' },
  JUDGE_REQUESTS_PER_MINUTE: {
    schema: countFrom(1).optional(),
    mend: "Name one worker's share of the endpoint's limit, or unset it.",
  },
  JUDGE_TOKENS_PER_MINUTE: {
    schema: countFrom(1).optional(),
    mend: "Name one worker's share of the endpoint's limit, or unset it.",
  },
  JUDGE_TIMEOUT: {
    schema: countFrom(1).default(60_000),
    mend: 'Name the milliseconds after which a call counts as hung.',
  },
  PROMETHEUS_URL: {
    schema: httpAddress.optional(),
    mend: 'Name the address of the Prometheus that scrapes the gateways, without /api/v1, or unset it.',
  },
  UNDERSTUDY_WORKER_METRICS: {
    schema: ipAddressAndPort.optional(),
    mend: 'Name an address of this machine and a port for each worker, or unset it: then a worker listens nowhere.',
  },
  PROMETHEUS_TOKEN: { schema: secret.optional(), secret: true, mend: 'Set the bearer token of PROMETHEUS_URL.' },
  CLOUDWATCH_NAMESPACE: {
    schema: z
      .string()
      .regex(/^(?!AWS\/)[A-Za-z0-9._/#-]{1,255}$/, 'expected a namespace such as Understudy/Gateway, not of AWS')
      .optional(),
    mend: 'Name the namespace that the CloudWatch agent writes the figures of the gateways into, or unset it.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

export interface JudgeSettings {
  /** Null where all models that judge are Bedrock's. */
  baseUrl: string | null;
  /** Where models named `bedrock:<model>` are asked; null where they are not. */
  bedrockRegion: string | null;
  apiKey: Secret | null;
  concurrency: number;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  timeoutMilliseconds: number;
}

/** Everything the environment decides. Null where something is started or found by the embedded profile itself. */
export interface Settings extends RetrievalSettings {
  profile: 'embedded' | 'aws';
  /** File of the profile `aws` that says where releases are trained and served. */
  platformFile: string | null;
  /** State of the embedded profile; removing it resets everything. */
  home: string;
  /** Folder of the artifact store, or s3://bucket/prefix. */
  store: string;
  /** DynamoDB table of summaries; null: they stand in the store. */
  summariesTable: string | null;
  notifiers: NotifierSettings;
  /** What pseudonyms in data sets are made with; null where nothing secret is. */
  pseudonymKey: Secret | null;
  /** What approver tokens are made and checked with; null where nobody makes any. */
  approverKey: Secret | null;
  /** What the codec server asks for; null where none runs. */
  codecToken: Secret | null;
  /** What MLflow signs its webhook with; null where none is taken. */
  mlflowWebhookSecret: Secret | null;
  /** Proves who answers with this command. */
  approverToken: Secret | null;
  temporal: TemporalSettings;
  mlflow: { trackingUri: string | null; token: Secret | null; username: string | null; password: Secret | null };
  endpoint: {
    baseUrl: string | null;
    liveBaseUrl: string | null;
    apiKey: Secret | null;
    /** Addresses that releases began with, and where the same endpoint is now. */
    moved: Readonly<Record<string, string>>;
  };
  /** Null where nothing is judged; limits are this worker's share. */
  judge: JudgeSettings | null;
  /** A monitoring system that absolute limits are judged by too; null where none is. */
  prometheus: { address: string; token: Secret | null } | null;
  /** The same of CloudWatch: the namespace of the gateways' figures; null where none is named. */
  cloudWatchNamespace: string | null;
  /** Where a worker shows Prometheus its figures; null: nowhere. */
  metricsAddress: string | null;
  /** Folder of each base model that lies on this machine, by its id. */
  baseModels: Readonly<Record<string, string>>;
  /** Null where indexes are kept on this machine. */
  qdrant: { url: string; apiKey: Secret | null } | null;
  tools: { python: string | null; temporal: string | null; mlflow: string | null };
}

/**
 * Reads the settings.
 * @throws SettingsError listing every setting that is wrong, with what was expected and how to mend it.
 */
export function readSettings({ environment }: { environment: Environment }): Settings {
  const problems: SettingProblem[] = [];
  const read = collecting(problems, () => readEnvironment({ environment, definitions }));
  const temporal = collecting(problems, () => readTemporalSettings({ environment }));
  const notifiers = collecting(problems, () => readNotifierSettings({ environment }));
  const retrieval = collecting(problems, () => readRetrievalSettings({ environment }));
  if (read === null || temporal === null || notifiers === null || retrieval === null) throw new SettingsError(problems);
  return {
    profile: read.UNDERSTUDY_PROFILE,
    platformFile: read.UNDERSTUDY_PLATFORM ?? null,
    home: read.UNDERSTUDY_HOME,
    store: read.UNDERSTUDY_STORE ?? join(read.UNDERSTUDY_HOME, 'store'),
    summariesTable: read.UNDERSTUDY_SUMMARIES_TABLE ?? null,
    notifiers,
    pseudonymKey: read.UNDERSTUDY_PSEUDONYM_KEY ?? null,
    approverKey: read.UNDERSTUDY_APPROVER_KEY ?? null,
    codecToken: read.UNDERSTUDY_CODEC_TOKEN ?? null,
    mlflowWebhookSecret: read.UNDERSTUDY_MLFLOW_WEBHOOK_SECRET ?? null,
    approverToken: read.UNDERSTUDY_APPROVER_TOKEN ?? null,
    temporal,
    mlflow: {
      trackingUri: read.MLFLOW_TRACKING_URI ?? null,
      token: read.MLFLOW_TRACKING_TOKEN ?? null,
      username: read.MLFLOW_TRACKING_USERNAME ?? null,
      password: read.MLFLOW_TRACKING_PASSWORD ?? null,
    },
    endpoint: {
      baseUrl: read.OPENAI_BASE_URL ?? null,
      liveBaseUrl: read.UNDERSTUDY_LIVE_BASE_URL ?? null,
      apiKey: read.OPENAI_API_KEY ?? null,
      moved: read.UNDERSTUDY_MOVED_ENDPOINTS ?? {},
    },
    judge:
      read.JUDGE_BASE_URL === undefined && retrieval.bedrockRegion === null
        ? null
        : {
            baseUrl: read.JUDGE_BASE_URL ?? null,
            bedrockRegion: retrieval.bedrockRegion,
            apiKey: read.JUDGE_API_KEY ?? null,
            concurrency: read.JUDGE_CONCURRENCY,
            requestsPerMinute: read.JUDGE_REQUESTS_PER_MINUTE ?? null,
            tokensPerMinute: read.JUDGE_TOKENS_PER_MINUTE ?? null,
            timeoutMilliseconds: read.JUDGE_TIMEOUT,
          },
    prometheus:
      read.PROMETHEUS_URL === undefined ? null : { address: read.PROMETHEUS_URL, token: read.PROMETHEUS_TOKEN ?? null },
    cloudWatchNamespace: read.CLOUDWATCH_NAMESPACE ?? null,
    metricsAddress: read.UNDERSTUDY_WORKER_METRICS ?? null,
    baseModels: read.UNDERSTUDY_BASE_MODELS ?? {},
    ...retrieval,
    qdrant: read.QDRANT_URL === undefined ? null : { url: read.QDRANT_URL, apiKey: read.QDRANT_API_KEY ?? null },
    tools: {
      python: read.UNDERSTUDY_PYTHON ?? null,
      temporal: read.UNDERSTUDY_TEMPORAL_BIN ?? null,
      mlflow: read.UNDERSTUDY_MLFLOW_BIN ?? null,
    },
  };
}

/**
 * The settings of this process.
 * @throws SettingsError as `readSettings`.
 */
export const loadSettings = (): Settings => readSettings({ environment: process.env });
