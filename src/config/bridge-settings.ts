import { z } from 'zod';
import { port, secret } from './fields.js';
import { readEnvironment, type SettingDefinition } from './read-environment.js';
import type { Secret } from './secret.js';

const definitions = {
  SAGEMAKER_BRIDGE_HOST: { schema: z.string().min(1).default('127.0.0.1'), mend: 'Name the address to listen on.' },
  SAGEMAKER_BRIDGE_PORT: { schema: port.default(8088), mend: 'Name the port to listen on.' },
  OPENAI_API_KEY: {
    schema: secret,
    secret: true,
    mend: 'Set what the bridge asks of its callers, the same as gateways and workers have.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

export interface BridgeSettings {
  host: string;
  port: number;
  apiKey: Secret;
}

/**
 * Reads the settings of the bridge to SageMaker's endpoints.
 * @throws SettingsError listing every setting that is wrong, with what was expected and how to mend it.
 */
export function loadBridgeSettings(): BridgeSettings {
  const values = readEnvironment({ definitions, environment: process.env });
  return {
    host: values.SAGEMAKER_BRIDGE_HOST,
    port: values.SAGEMAKER_BRIDGE_PORT,
    apiKey: values.OPENAI_API_KEY,
  };
}
