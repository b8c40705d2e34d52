import { expect } from 'chai';
import type { TrainingRequest } from '../../../../src/activities/ports.js';
import type { SageMakerTrainerSettings } from '../../../../src/adapters/sagemaker/settings.js';
import { describeAttempt, requestDigest } from '../../../../src/adapters/sagemaker/training-job.js';

const file = (name: string, digit: string) => ({ uri: `store://${name}`, sha256: digit.repeat(64), bytes: 1 });
const request: TrainingRequest = {
  jobName: 'train-m-r1',
  base: { id: 'tiny', revision: null },
  trainFile: file('train.jsonl', '1'),
  validationFile: file('validation.jsonl', '2'),
  settings: {
    method: 'lora',
    rank: 8,
    alpha: 16,
    dropout: 0,
    learningRate: 1e-3,
    epochs: 1,
    maxSteps: 4,
    batchSize: 1,
    gradientAccumulation: 1,
    maxLength: 64,
    warmupRatio: 0,
    seed: 1,
  },
  resources: { instances: ['ml.g5.2xlarge'], spot: true, budgetUsd: 1, deadlineSeconds: 3600 },
  trackingRunId: 'run',
};
const withPairs: TrainingRequest = {
  ...request,
  preferences: { file: file('pairs.jsonl', '3'), beta: 0.1, learningRate: 5e-6, epochs: 1, maxSteps: null },
};
const settings = {
  image: 'image@sha256:0',
  roleArn: 'arn:aws:iam::123456789012:role/training',
  baseModels: { tiny: 's3://bucket/bases/tiny/' },
  uriOf: (key: string) => `s3://bucket/${key}`,
  kmsKey: null,
  subnets: [],
  securityGroups: [],
  keepWarmSeconds: 0,
  tags: {},
} as unknown as SageMakerTrainerSettings;
const describeRequest = (
  one: TrainingRequest,
  changes: Partial<SageMakerTrainerSettings & { instanceType: string }> = {},
) =>
  describeAttempt({
    ...{ request: one, name: 'job-1', maxSeconds: 600, waitSeconds: 3000 },
    instanceType: changes.instanceType ?? 'ml.g5.2xlarge',
    settings: { ...settings, ...changes },
  });

describe('a SageMaker job', () => {
  const onDemand = { ...request, resources: { ...request.resources, spot: false } };

  it('waits for spot instances as long as the deadline leaves, and on demand has no such wait', () => {
    expect(describeRequest(request)).to.deep.include({
      EnableManagedSpotTraining: true,
      CheckpointConfig: { S3Uri: 's3://bucket/training/train-m-r1/checkpoints' },
      StoppingCondition: { MaxRuntimeInSeconds: 600, MaxWaitTimeInSeconds: 3000 },
    });
    expect(describeRequest(onDemand)).to.deep.include({
      EnableManagedSpotTraining: false,
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
    });
  });

  it('runs in the network of the settings, without a way out of its own', () => {
    const subnets = ['subnet-a', 'subnet-b'];
    const job = describeRequest(request, { subnets, securityGroups: ['sg-1'] });
    expect(job.VpcConfig).to.deep.equal({ Subnets: subnets, SecurityGroupIds: ['sg-1'] });
    expect(job.EnableNetworkIsolation).to.equal(true);
    expect(describeRequest(request)).not.to.have.property('VpcConfig');
  });

  it('encrypts what it writes, and disks where they take a key', () => {
    const kmsKey = 'arn:aws:kms:eu-central-1:123456789012:key/k';
    const onOwnDisks = describeRequest(request, { kmsKey });
    expect(onOwnDisks.OutputDataConfig!.KmsKeyId).to.equal(kmsKey);
    expect(onOwnDisks.ResourceConfig).not.to.have.property('VolumeKmsKeyId');
    const onVolumes = describeRequest(request, { kmsKey, instanceType: 'ml.p3.2xlarge' });
    expect(onVolumes.ResourceConfig!.VolumeKmsKeyId).to.equal(kmsKey);
    expect(describeRequest(request).OutputDataConfig).not.to.have.property('KmsKeyId');
  });

  it('keeps an instance warm for the next job, but no spot instance', () => {
    expect(describeRequest(onDemand, { keepWarmSeconds: 1800 }).ResourceConfig!.KeepAlivePeriodInSeconds).to.equal(
      1800,
    );
    for (const [one, keepWarmSeconds] of [
      [request, 1800],
      [onDemand, 0],
    ] as const)
      expect(describeRequest(one, { keepWarmSeconds }).ResourceConfig).not.to.have.property('KeepAlivePeriodInSeconds');
  });

  it('carries the tags of the settings, and whose it is', () => {
    const { Tags } = describeRequest(request, { tags: { team: 'search' } });
    expect(Object.fromEntries(Tags!.map(({ Key, Value }) => [Key, Value]))).to.deep.equal({
      team: 'search',
      'understudy:job': 'train-m-r1',
      'understudy:request': requestDigest(request),
    });
  });

  it('has SageMaker read its figures from the lines that the training prints', () => {
    const { MetricDefinitions } = describeRequest(request).AlgorithmSpecification!;
    // As training/understudy_training/lines.py writes it.
    const line = 'understudy step=3 totalSteps=12 loss=0.25 validationLoss=1e-05';
    const read = MetricDefinitions!.map(({ Name, Regex }) => [Name, new RegExp(Regex!).exec(line)?.[1]]);
    expect(Object.fromEntries(read)).to.deep.equal({
      ...{ step: '3', totalSteps: '12', loss: '0.25', validationLoss: '1e-05' },
    });
  });
});

describe('a SageMaker job of a training by preferences', () => {
  it('has the pairs as a channel and their settings as a hyperparameter', () => {
    const { InputDataConfig: channels, HyperParameters: given } = describeRequest(withPairs);
    expect(channels!.map(({ ChannelName }) => ChannelName)).to.deep.equal([
      'train',
      'validation',
      'preferences',
      'base',
    ]);
    expect(JSON.parse(given!.preferences!)).to.deep.equal({ beta: 0.1, learningRate: 5e-6, epochs: 1, maxSteps: null });
    expect(JSON.parse(given!.preferencesSha256!)).to.equal('3'.repeat(64));
  });

  it('leaves a job of chats alone as it was, so that one in flight is found again', () => {
    const { InputDataConfig: channels, HyperParameters: given } = describeRequest(request);
    expect(channels!.map(({ ChannelName }) => ChannelName)).to.deep.equal(['train', 'validation', 'base']);
    expect(given).not.to.have.any.keys('preferences', 'preferencesSha256');
    expect(requestDigest(request)).to.equal('4dcf0d78b475f185c81435af3d89e5673e7183e11ca3c75561d1fac7803ef1aa');
    expect(requestDigest(withPairs)).not.to.equal(requestDigest(request));
  });
});
