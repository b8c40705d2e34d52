import type { Settings } from './settings.js';

/** What names are made from. */
export type Place = Pick<Settings, 'name' | 'account' | 'region'>;

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
export const bucketNames = ({ name, account, region }: Place) => ({
  store: `${name}-store-${account}-${region}`,
  models: `${name}-models-${account}-${region}`,
  accessLog: `${name}-access-log-${account}-${region}`,
});

export const summariesTable = ({ name }: Pick<Place, 'name'>): string => `${name}-summaries`;
