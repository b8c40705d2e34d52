/**
 * What each process may do on AWS, as data: the stacks make roles of it, and a test holds it against the calls that the
 * code of each process can make (test/infra/permissions.test.ts).
 */
export interface Permission {
  /** Letters and digits: the statement's id in the policy. */
  id: string;
  actions: readonly string[];
  resources: readonly string[];
  conditions?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
  /** Why the resources end in an asterisk, or why an action is there that no call of the SDK names. */
  because?: string;
}

/** What permissions are about; ARNs without an asterisk. */
export interface Arns {
  store: string;
  models: string;
  key: string;
  summaries: string;
  trainingRole: string;
  importRole: string;
  trainingImage: string;
  topic: string;
  /** `arn:<partition>:sagemaker:<region>:<account>` and so on: the beginning of what has names made at run time. */
  sageMaker: string;
  logs: string;
  ec2: string;
  bedrock: string;
  /** Titan, which embeds text. */
  embeddingModel: string;
  clusterName: string;
  dataBuckets: readonly string[];
}

export const below = ({ bucket, prefixes }: { bucket: string; prefixes: readonly string[] }): string[] =>
  prefixes.map((prefix) => `${bucket}/${prefix}/*`);

/** Without it S3 answers 403 for an object that is not there; a condition on the prefix would bring the 403 back. */
export const tellsMissing = (id: string, buckets: readonly string[]): Permission => ({
  id,
  actions: ['s3:ListBucket'],
  resources: buckets,
});

/** Why a permission on objects of a bucket ends in an asterisk. */
export const keys = 'keys have names made at run time';

export const encryption = (key: string): Permission => ({
  id: 'Encryption',
  actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
  resources: [key],
  because: 'S3, DynamoDB and SNS ask for the key in the name of the caller',
});
