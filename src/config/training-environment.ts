import { childEnvironment } from './child-environment.js';
import { machineNames, pick, pythonNames } from './machine-environment.js';

/**
 * What a training process needs of its worker's environment: where programs and caches are, how this machine's
 * processors and network are used, and what MLflow asks for. Everything else, the worker's secrets first of all,
 * stays with the worker: training runs code and reads data of others.
 */
const names = [...machineNames, ...pythonNames, /^MLFLOW_TRACKING_/];

/** The whole environment of a training process, out of `environment`; by default this process's own. */
export const trainingEnvironment = (
  environment: Readonly<Record<string, string>> = childEnvironment({}),
): Record<string, string> => pick({ environment, names });
