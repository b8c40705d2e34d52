import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import type { SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { ArtifactStore } from '../../activities/ports.js';

export interface SageMakerTrainerSettings {
  /** Clients that try nothing again by themselves (`maxAttempts: 1`): Temporal does. */
  client: SageMakerClient;
  logs: CloudWatchLogsClient;
  store: ArtifactStore;
  /** The s3:// address of a key of the store, which the job's role may read and, below `training/`, write. */
  uriOf: (key: string) => string;
  /** The key behind such an address; null for an address elsewhere. */
  keyOf: (uri: string) => string | null;
  /** The training image, by digest. */
  image: string;
  /** The role that jobs run under. */
  roleArn: string;
  /** The s3:// address of each base model's folder, by its id. */
  baseModels: Readonly<Record<string, string>>;
  /** US dollars an hour of each instance type; a type without a price is refused, as no budget could be kept. */
  hourlyPrices: Readonly<Record<string, number>>;
  kmsKey: string | null;
  subnets: readonly string[];
  securityGroups: readonly string[];
  /** How long an instance is kept for the next job; 0 for not at all, and not with spot. */
  keepWarmSeconds: number;
  tags: Readonly<Record<string, string>>;
  /** How old an answer of SageMaker may be before it is asked again, so that many watchers aren't throttled. */
  freshMilliseconds: number;
  now: () => Date;
}
