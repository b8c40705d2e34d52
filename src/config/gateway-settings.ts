import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { httpAddress, movedEndpoints, path, secret } from './fields.js';
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

/** A whole number between two bounds, from its text. */
const whole = (least: number, most: number, expected = `expected a whole number from ${least} to ${most}`) =>
  z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected);

const day = 86_400_000;
const milliseconds = (least: number, most: number) =>
  whole(least, most, `expected milliseconds, a whole number from ${least} to ${most}`);

const definitions = {
  ...placeDefinitions,
  UNDERSTUDY_MOVED_ENDPOINTS: { schema: movedEndpoints.optional(), mend: 'npm start sets it by itself.' },
  QDRANT_URL: { schema: httpAddress.optional(), mend: 'Name the address of Qdrant, or unset it.' },
  QDRANT_API_KEY: { schema: secret.optional(), secret: true, mend: 'Set the key of QDRANT_URL.' },
  UNDERSTUDY_SUPERVISED: { schema: z.enum(['0', '1'], 'expected 0 or 1').default('0'), mend: 'Unset it.' },
  GATEWAY_HOST: { schema: z.string().default('127.0.0.1'), mend: 'Name the address to listen on.' },
  GATEWAY_PORT: { schema: whole(0, 65_535).default(0), mend: 'Name a port, or unset it for a free one.' },
  GATEWAY_ID: {
    schema: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'expected letters, digits, ".", "_" or "-", at most 128')
      .optional(),
    mend: 'Name this replica; the same name after a restart keeps its counters.',
  },
  GATEWAY_MODELS: {
    schema: z
      .string()
      .transform((list) => list.split(',').map((name) => name.trim()))
      .refine((names) => !names.includes(''), 'expected model names with single commas between them')
      .optional(),
    mend: 'Name the models, or unset it to serve every model that has a traffic plan.',
  },
  GATEWAY_KEYS_FILE: { schema: path.optional(), mend: 'Name the JSON file with the hashed API keys.' },
  OPENAI_API_KEY: { schema: secret.optional(), secret: true, mend: 'Set the key of the inference endpoints.' },
  GATEWAY_UPSTREAM_TIMEOUT: { schema: milliseconds(1, day).default(30_000), mend: 'Name the limit of one attempt.' },
  GATEWAY_REQUEST_TIMEOUT: {
    schema: milliseconds(1, day).optional(),
    mend: 'Name a limit of at least one attempt, or unset it for two attempts.',
  },
  GATEWAY_MAX_CONCURRENCY: { schema: whole(1, 100_000).default(256), mend: 'Name the most requests at a time.' },
  GATEWAY_BODY_LIMIT: { schema: whole(64, 100_000_000).default(65_536), mend: 'Name the most bytes of a request.' },
  GATEWAY_RECEIVE_TIMEOUT: {
    schema: milliseconds(100, day).default(30_000),
    mend: 'Name how long a caller may take to send a request.',
  },
  GATEWAY_PLAN_POLL: { schema: milliseconds(10, 1000).default(500), mend: 'A plan must hold within a second.' },
  GATEWAY_TELEMETRY_FLUSH: { schema: milliseconds(10, 1000).default(500), mend: 'A crash may lose one second.' },
  GATEWAY_TELEMETRY_HEARTBEAT: { schema: milliseconds(100, day).default(5000), mend: 'Name a pause.' },
  GATEWAY_SLOW: { schema: milliseconds(1, day).default(450), mend: 'Name the SLO of an answer.' },
  GATEWAY_REQUEST_LOG_FLUSH: { schema: milliseconds(10, day).default(3000), mend: 'Name a pause.' },
  GATEWAY_LIMIT_SHARING: { schema: milliseconds(10, 60_000).default(500), mend: 'Name a pause.' },
  GATEWAY_MAX_TOKENS: { schema: whole(1, 1_000_000).default(4096), mend: 'Name the most tokens of an answer.' },
  GATEWAY_MIRROR_CONCURRENCY: { schema: whole(1, 1000).default(8), mend: 'Name the most copies asked at a time.' },
  GATEWAY_MIRROR_QUEUE: { schema: whole(1, 100_000).default(256), mend: 'Name the most copies that may wait.' },
  GATEWAY_DRAIN: { schema: milliseconds(0, day).default(30_000), mend: 'Name how long open requests may take to end.' },
  GATEWAY_LOG_LEVEL: {
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    mend: 'Unset it.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

/** Everything the gateway can be told; times in milliseconds, sizes in bytes. */
export interface GatewaySettings extends RetrievalSettings {
  /** Where indexes lie that no Qdrant keeps. */
  home: string;
  qdrant: { url: string; apiKey: Secret | null } | null;
  /** Folder of the artifact store, or s3://bucket/prefix. */
  store: string;
  /** DynamoDB table of summaries; null: they stand in the store. */
  summariesTable: string | null;
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Names this gateway's counters in the store; the same after a restart, different for every replica. */
  gatewayId: string;
  /** Null: every model that has a plan in the store. */
  models: string[] | null;
  keysFile: string;
  upstreamApiKey: Secret | null;
  /** Addresses that plans name, and where the same endpoint is now. */
  movedEndpoints: Readonly<Record<string, string>>;
  /** How long one attempt at a release may take; the same on both arms, or the guards would compare unlike things. */
  upstreamTimeoutMilliseconds: number;
  /** How long a request may take with all its attempts. */
  requestTimeoutMilliseconds: number;
  maxConcurrency: number;
  bodyLimitBytes: number;
  /** How long a caller may take to send its request; then it is answered 408 and cut off. */
  receiveTimeoutMilliseconds: number;
  planPollMilliseconds: number;
  telemetryFlushMilliseconds: number;
  /** How often an idle gateway says that it still counts. */
  telemetryHeartbeatMilliseconds: number;
  /** An answer that took longer counts as slow; a model's own `serving.json` comes first. */
  slowMilliseconds: number;
  requestLogFlushMilliseconds: number;
  /** How often the gateways tell each other what they let in of each API key. */
  limitSharingMilliseconds: number;
  /** The most tokens that a request may ask an answer to have. */
  mostTokens: number;
  /** Copies for the challenger that are asked at a time, and that may wait; more are dropped. */
  mirrorConcurrency: number;
  mirrorQueue: number;
  drainMilliseconds: number;
  /** End when the process that started this one is gone. */
  supervised: boolean;
  logLevel: string;
}

/**
 * Reads the gateway's settings.
 * @throws SettingsError listing every setting that is wrong, with what was expected and how to mend it.
 */
export function readGatewaySettings({ environment }: { environment: Environment }): GatewaySettings {
  const problems: SettingProblem[] = [];
  const read = collecting(problems, () => readEnvironment({ environment, definitions }));
  const retrieval = collecting(problems, () => readRetrievalSettings({ environment }));
  if (read === null || retrieval === null) throw new SettingsError(problems);
  const attempt = read.GATEWAY_UPSTREAM_TIMEOUT;
  const request = read.GATEWAY_REQUEST_TIMEOUT ?? 2 * attempt;
  if (request < attempt)
    throw new SettingsError([
      {
        name: 'GATEWAY_REQUEST_TIMEOUT',
        value: String(request),
        expected: `at least GATEWAY_UPSTREAM_TIMEOUT, ${attempt}`,
        mend: definitions.GATEWAY_REQUEST_TIMEOUT.mend,
      },
    ]);
  return {
    home: read.UNDERSTUDY_HOME,
    ...retrieval,
    qdrant: read.QDRANT_URL === undefined ? null : { url: read.QDRANT_URL, apiKey: read.QDRANT_API_KEY ?? null },
    store: read.UNDERSTUDY_STORE ?? join(read.UNDERSTUDY_HOME, 'store'),
    summariesTable: read.UNDERSTUDY_SUMMARIES_TABLE ?? null,
    host: read.GATEWAY_HOST,
    port: read.GATEWAY_PORT,
    gatewayId: read.GATEWAY_ID ?? `${hostname().replaceAll(/[^A-Za-z0-9._-]/g, '-')}-${read.GATEWAY_PORT}`,
    models: read.GATEWAY_MODELS ?? null,
    keysFile: read.GATEWAY_KEYS_FILE ?? join(read.UNDERSTUDY_HOME, 'keys.json'),
    movedEndpoints: read.UNDERSTUDY_MOVED_ENDPOINTS ?? {},
    upstreamApiKey: read.OPENAI_API_KEY ?? null,
    upstreamTimeoutMilliseconds: attempt,
    requestTimeoutMilliseconds: request,
    maxConcurrency: read.GATEWAY_MAX_CONCURRENCY,
    bodyLimitBytes: read.GATEWAY_BODY_LIMIT,
    receiveTimeoutMilliseconds: read.GATEWAY_RECEIVE_TIMEOUT,
    planPollMilliseconds: read.GATEWAY_PLAN_POLL,
    telemetryFlushMilliseconds: read.GATEWAY_TELEMETRY_FLUSH,
    telemetryHeartbeatMilliseconds: read.GATEWAY_TELEMETRY_HEARTBEAT,
    slowMilliseconds: read.GATEWAY_SLOW,
    requestLogFlushMilliseconds: read.GATEWAY_REQUEST_LOG_FLUSH,
    limitSharingMilliseconds: read.GATEWAY_LIMIT_SHARING,
    mostTokens: read.GATEWAY_MAX_TOKENS,
    mirrorConcurrency: read.GATEWAY_MIRROR_CONCURRENCY,
    mirrorQueue: read.GATEWAY_MIRROR_QUEUE,
    drainMilliseconds: read.GATEWAY_DRAIN,
    supervised: read.UNDERSTUDY_SUPERVISED === '1',
    logLevel: read.GATEWAY_LOG_LEVEL,
  };
}

/**
 * The gateway's settings from this process's environment.
 * @throws SettingsError as `readGatewaySettings`.
 */
export const loadGatewaySettings = (): GatewaySettings => readGatewaySettings({ environment: process.env });
