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
const describeRequest = (one: TrainingRequest) =>
  describeAttempt({ request: one, name: 'job-1', instanceType: 'ml.g5.2xlarge', maxSeconds: 600, settings });

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
