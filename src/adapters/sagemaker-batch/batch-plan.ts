import { createHash } from 'node:crypto';
import type {
  CreateModelInput,
  CreateTransformJobRequest,
  Tag,
  TransformInstanceType,
} from '@aws-sdk/client-sagemaker';
import { shortName } from '../sagemaker/job-name.js';
import { volumeKey } from '../sagemaker/volume-key.js';
import { type Hosting, isolation, vllmOptions } from '../sagemaker-endpoint/endpoint-plan.js';
import type { WantedRelease } from '../sagemaker-endpoint/offline-serving.js';
import { batchKeys } from './batch-address.js';

/** How jobs answer questions that can wait: instances of the same image and role as for users, for one job each. */
export interface BatchHosting {
  /** Null: as for users. */
  instanceType: string | null;
  /** Instances of a job at most. */
  most: number;
  requestsAtOnce: number;
  /** The machine image of instances with a GPU, for its driver; null for SageMaker's own choice. */
  ami: string | null;
}

/** Says which questions a job of ours asks. */
export const questionsTag = 'understudy:questions';
/** A line that the model refuses costs the answers of its whole file, and its others are asked again alone. */
const linesOfFile = 64;
/** SageMaker's limit of what is under way at once on an instance, and its own size of one question. */
const megabytesAtOnce = 100;
const megabytesOfLine = 6;
/** One answer of the model itself. */
const answerSeconds = 300;
const answerRetries = 3;

/** What a question may have at most, so that SageMaker takes as many at once as it is told to. */
export const megabytesOf = ({ requestsAtOnce }: Pick<BatchHosting, 'requestsAtOnce'>): number =>
  Math.max(1, Math.min(megabytesOfLine, Math.floor(megabytesAtOnce / requestsAtOnce)));

/** A base with the adapter of a release, out of one archive: `ModelDataSource` can't be used with batch transform. */
export function batchModel({
  wanted: {
    releaseId,
    release: { base, adapter },
  },
  hosting,
  batch,
  digest,
  uriOf,
  tags,
}: {
  wanted: WantedRelease;
  hosting: Hosting;
  batch: string;
  /** Of what the archive holds; a model of SageMaker can't be changed. */
  digest: string;
  uriOf: (key: string) => string;
  tags: Tag[];
}): CreateModelInput & { ModelName: string } {
  return {
    ModelName: shortName({ text: batch, suffix: `-${digest.slice(0, 8)}` }),
    ExecutionRoleArn: hosting.roleArn,
    PrimaryContainer: {
      Image: hosting.image,
      ModelDataUrl: uriOf(batchKeys.archive({ batch, digest })),
      Environment: vllmOptions({
        ...{ base, path: '/opt/ml/model/base', maxLoraRank: hosting.maxLoraRank },
        adapter: adapter === null ? null : { name: releaseId, path: '/opt/ml/model/adapter' },
      }),
    },
    ...isolation(hosting),
    Tags: tags,
  };
}

/** Digests of questions by the file that asks them, a line each. */
export type QuestionFiles = Record<string, string[]>;

/**
 * Spreads questions over files: one for each instance at least, as an instance takes whole files. `alone` gives each
 * question a file of its own, as one that is refused takes the answers of its file with it.
 */
export function filesOf({
  digests,
  instances,
  alone,
}: {
  digests: readonly string[];
  instances: number;
  alone: boolean;
}): QuestionFiles {
  const sorted = digests.toSorted();
  const count = alone
    ? sorted.length
    : Math.max(Math.min(instances, sorted.length), Math.ceil(sorted.length / linesOfFile));
  return Object.fromEntries(
    Array.from({ length: count }, (_, at) => [
      `${String(at).padStart(4, '0')}.jsonl`,
      sorted.slice(Math.floor((at * sorted.length) / count), Math.floor(((at + 1) * sorted.length) / count)),
    ]),
  );
}

/** A digest of what a job asks, and of whom; `round` tells those apart that ask the same once more. */
export const questionsDigest = (asked: { model: string; files: QuestionFiles; round: number }): string =>
  createHash('sha256')
    .update(JSON.stringify([asked.model, Object.entries(asked.files), asked.round]))
    .digest('hex');

export const jobName = ({ batch, digest }: { batch: string; digest: string }): string =>
  shortName({ text: batch, suffix: `-${digest.slice(0, 12)}` });

/** What SageMaker is asked to run: every line of every file is one request to the model's `/invocations`. */
export function transformJob({
  batch,
  job,
  model,
  files,
  digest,
  hosting,
  queue,
  uriOf,
  tags,
}: {
  batch: string;
  job: string;
  /** SageMaker's name of it. */
  model: string;
  files: QuestionFiles;
  digest: string;
  hosting: Pick<Hosting, 'instanceType' | 'kmsKey'>;
  queue: BatchHosting;
  uriOf: (key: string) => string;
  tags: Tag[];
}): CreateTransformJobRequest & { TransformJobName: string } {
  const instanceType = queue.instanceType ?? hosting.instanceType;
  const diskKey = volumeKey({ kmsKey: hosting.kmsKey, instanceType });
  const hasGpu = /^ml\.[gp]\d/.test(instanceType);
  return {
    ...{ TransformJobName: job, ModelName: model },
    ...{ BatchStrategy: 'SingleRecord', MaxConcurrentTransforms: queue.requestsAtOnce },
    MaxPayloadInMB: megabytesOf(queue),
    ModelClientConfig: { InvocationsTimeoutInSeconds: answerSeconds, InvocationsMaxRetries: answerRetries },
    TransformInput: {
      DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: uriOf(batchKeys.questions({ batch, job })) } },
      // Of each request, not of the file: vLLM takes nothing else.
      ContentType: 'application/json',
      SplitType: 'Line',
    },
    TransformOutput: {
      S3OutputPath: uriOf(batchKeys.out({ batch, job })),
      Accept: 'application/json',
      AssembleWith: 'Line',
      ...(hosting.kmsKey === null ? {} : { KmsKeyId: hosting.kmsKey }),
    },
    TransformResources: {
      InstanceType: instanceType as TransformInstanceType,
      InstanceCount: Math.min(queue.most, Object.keys(files).length),
      ...(diskKey === null ? {} : { VolumeKmsKeyId: diskKey }),
      ...(hasGpu && queue.ami !== null ? { TransformAmiVersion: queue.ami } : {}),
    },
    Tags: [...tags, { Key: questionsTag, Value: digest }],
  };
}
