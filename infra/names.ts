import type { Settings } from './settings.js';

/** The namespace of gateways, workers, MLflow and vLLM. */
export const workloadsNamespace = 'understudy';
/** The namespace of a Temporal of one's own. */
export const temporalNamespace = 'temporal';

/** Service accounts, by who runs under them: a role of AWS is given to each by its name. */
export const serviceAccounts = {
  gateway: 'gateway',
  worker: 'worker',
  bridge: 'bridge',
  monitoring: 'monitoring',
  temporal: 'temporal-secrets',
} as const;

/** Buckets by name; the account and the region keep them apart from everybody else's. */
export const bucketNames = ({ name, account, region }: Settings) => ({
  store: `${name}-store-${account}-${region}`,
  models: `${name}-models-${account}-${region}`,
  accessLog: `${name}-access-log-${account}-${region}`,
});

export const summariesTable = ({ name }: Settings): string => `${name}-summaries`;
