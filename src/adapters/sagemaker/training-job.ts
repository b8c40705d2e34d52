import { createHash } from 'node:crypto';
import type { CreateTrainingJobRequest, TrainingInstanceType } from '@aws-sdk/client-sagemaker';
import type { TrainingRequest } from '../../activities/ports.js';
import { refKey } from '../../domain/artifact-ref.js';
import type { SageMakerTrainerSettings } from './settings.js';
import { volumeKey } from './volume-key.js';

/** Tags that say whose a job is: a job of another program, or of another request, has others. */
export const tagKeys = { job: 'understudy:job', request: 'understudy:request' } as const;

/** What the training image prints for each step; SageMaker reads its values with these expressions. */
export const metricNames = { step: 'step', totalSteps: 'totalSteps', loss: 'loss', validationLoss: 'validationLoss' };

const diskGiB = 100;

/** A digest of everything about a request that changes what is trained. */
export const requestDigest = ({ base, trainFile, validationFile, settings, preferences }: TrainingRequest): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        ...[base, trainFile.sha256, validationFile.sha256, Object.entries(settings).sort()],
        ...(preferences ? [{ ...preferences, file: preferences.file.sha256 }] : []),
      ]),
    )
    .digest('hex');

/** Where in the store a job keeps its checkpoints and what it has made; all attempts of a job share them. */
export const jobPrefix = ({ jobName }: { jobName: string }): string => `training/${jobName}`;

/**
 * What SageMaker is asked to run: the training image with its channels, and checkpoints that outlive an attempt.
 * `maxSeconds` of running is what the budget and the deadline leave, `waitSeconds` what the deadline leaves.
 */
export function describeAttempt({
  request,
  name,
  instanceType,
  maxSeconds,
  waitSeconds,
  settings,
}: {
  request: TrainingRequest;
  name: string;
  instanceType: string;
  maxSeconds: number;
  waitSeconds: number;
  settings: SageMakerTrainerSettings;
}): CreateTrainingJobRequest {
  const { image, roleArn, baseModels, uriOf, kmsKey, subnets, securityGroups, keepWarmSeconds, tags } = settings;
  const { spot } = request.resources;
  const prefix = jobPrefix(request);
  const diskKey = volumeKey({ kmsKey, instanceType });
  const encryption = kmsKey === null ? {} : { KmsKeyId: kmsKey };
  return {
    TrainingJobName: name,
    RoleArn: roleArn,
    AlgorithmSpecification: {
      TrainingImage: image,
      TrainingInputMode: 'File',
      MetricDefinitions: Object.values(metricNames).map((metric) => ({
        Name: metric,
        Regex: `understudy .*\\b${metric}=([0-9.e+-]+)`,
      })),
    },
    HyperParameters: hyperParameters(request),
    InputDataConfig: [
      channel({ name: 'train', uri: uriOf(refKey(request.trainFile)) }),
      channel({ name: 'validation', uri: uriOf(refKey(request.validationFile)) }),
      ...(request.preferences ? [channel({ name: 'preferences', uri: uriOf(refKey(request.preferences.file)) })] : []),
      channel({ name: 'base', uri: baseModels[request.base.id]! }),
    ],
    OutputDataConfig: { S3OutputPath: uriOf(`${prefix}/output`), ...encryption },
    CheckpointConfig: { S3Uri: uriOf(`${prefix}/checkpoints`) },
    ResourceConfig: {
      InstanceCount: 1,
      InstanceType: instanceType as TrainingInstanceType,
      VolumeSizeInGB: diskGiB,
      ...(diskKey === null ? {} : { VolumeKmsKeyId: diskKey }),
      // SageMaker keeps no spot instance warm.
      ...(keepWarmSeconds > 0 && !spot ? { KeepAlivePeriodInSeconds: keepWarmSeconds } : {}),
    },
    StoppingCondition: {
      MaxRuntimeInSeconds: maxSeconds,
      ...(spot ? { MaxWaitTimeInSeconds: Math.max(maxSeconds, waitSeconds) } : {}),
    },
    EnableManagedSpotTraining: spot,
    EnableInterContainerTrafficEncryption: false,
    EnableNetworkIsolation: true,
    ...(subnets.length > 0 ? { VpcConfig: { Subnets: [...subnets], SecurityGroupIds: [...securityGroups] } } : {}),
    Tags: [
      ...Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
      { Key: tagKeys.job, Value: request.jobName },
      { Key: tagKeys.request, Value: requestDigest(request) },
    ],
  };
}

/** Every value as JSON, so that numbers, texts and null come out as they went in. */
function hyperParameters({
  settings,
  trainFile,
  validationFile,
  preferences,
}: TrainingRequest): Record<string, string> {
  const digests = { trainSha256: trainFile.sha256, validationSha256: validationFile.sha256 };
  return Object.fromEntries(
    Object.entries({ ...settings, ...digests, ...(preferences && pairsOf(preferences)) }).map(([name, value]) => [
      name,
      JSON.stringify(value),
    ]),
  );
}

/** How to train by the pairs, which lie in a channel of their own. */
function pairsOf({ file, ...settings }: NonNullable<TrainingRequest['preferences']>) {
  return { preferences: settings, preferencesSha256: file.sha256 };
}

const channel = ({ name, uri }: { name: string; uri: string }) => ({
  ChannelName: name,
  DataSource: {
    S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri: uri, S3DataDistributionType: 'FullyReplicated' as const },
  },
});
