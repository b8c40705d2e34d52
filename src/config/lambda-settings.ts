import { join } from 'node:path';
import { z } from 'zod';
import { readGatewaySettings, type GatewaySettings } from './gateway-settings.js';
import { readEnvironment, SettingsError, type Environment, type SettingDefinition } from './read-environment.js';

/** API Gateway gives up on a function after 30 s; an answer that comes later is paid for and read by nobody. */
const requestMilliseconds = 27_000;
const attemptMilliseconds = 13_000;

const definitions = {
  AWS_LAMBDA_LOG_STREAM_NAME: {
    schema: z.string('expected the log stream of this process, which Lambda sets').min(1),
    mend: 'Run this as a function of Lambda.',
  },
  LAMBDA_TASK_ROOT: { schema: z.string().default('/var/task'), mend: 'Lambda sets it.' },
  UNDERSTUDY_STORE: {
    schema: z.string('expected s3://bucket/prefix').regex(/^s3:\/\//, 'expected s3://bucket/prefix'),
    mend: 'Name the bucket of the artifact store: what a function writes to its own disk is lost.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

/**
 * The gateway's settings in a function of Lambda: what its place and API Gateway decide is set, all else as in
 * `readGatewaySettings`. Every process of the function counts under a name of its own, made from its log stream.
 * @throws SettingsError listing every setting that is wrong, with what was expected and how to mend it.
 */
export function readLambdaSettings({ environment }: { environment: Environment }): GatewaySettings {
  const read = readEnvironment({ environment, definitions });
  const settings = readGatewaySettings({
    environment: {
      UNDERSTUDY_HOME: '/tmp/understudy',
      GATEWAY_ID: `lambda-${read.AWS_LAMBDA_LOG_STREAM_NAME.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(-60)}`,
      GATEWAY_KEYS_FILE: join(read.LAMBDA_TASK_ROOT, 'keys.json'),
      GATEWAY_UPSTREAM_TIMEOUT: String(attemptMilliseconds),
      GATEWAY_REQUEST_TIMEOUT: String(requestMilliseconds),
      ...environment,
    },
  });
  if (settings.requestTimeoutMilliseconds <= requestMilliseconds) return settings;
  throw new SettingsError([
    {
      name: 'GATEWAY_REQUEST_TIMEOUT',
      value: String(settings.requestTimeoutMilliseconds),
      expected: `at most ${requestMilliseconds}, as API Gateway gives up after 30 s`,
      mend: 'Name less, or unset it.',
    },
  ]);
}

/**
 * The settings of this function of Lambda.
 * @throws SettingsError as `readLambdaSettings`.
 */
export const loadLambdaSettings = (): GatewaySettings => readLambdaSettings({ environment: process.env });
