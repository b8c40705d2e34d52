import { port } from './fields.js';
import { readEnvironment, type Environment, type SettingDefinition } from './read-environment.js';

const definitions = {
  WORKER_HEALTH_PORT: {
    schema: port.optional(),
    mend: 'Name the port on which a worker says that it polls, or unset it: then it says nothing.',
  },
} satisfies Record<string, SettingDefinition<unknown>>;

/**
 * The port on which a worker answers `/healthz`; null where it does not.
 * @throws SettingsError
 */
export const readWorkerHealthPort = ({ environment }: { environment: Environment }): number | null =>
  readEnvironment({ environment, definitions }).WORKER_HEALTH_PORT ?? null;

/** @throws SettingsError */
export const loadWorkerHealthPort = (): number | null => readWorkerHealthPort({ environment: process.env });
