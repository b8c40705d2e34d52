import { fileURLToPath } from 'node:url';
import { CreateTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { expect } from 'chai';
import type { TrainingRequest } from '../../src/activities/ports.js';
import { attemptName } from '../../src/adapters/sagemaker/job-name.js';
import type { SageMakerTrainer } from '../../src/adapters/sagemaker/sagemaker-trainer.js';
import type { SageMakerTrainerSettings } from '../../src/adapters/sagemaker/settings.js';
import { describeAttempt } from '../../src/adapters/sagemaker/training-job.js';
import type { SageMakerStub } from '../support/sagemaker-stub/server.js';
import { expectPortError } from './support/expect-port-error.js';
import { modelTools } from './support/model-tools.js';
import { SageMakerWorld } from './support/sagemaker-world.js';
import { awaitStatus, describeTrainer } from './trainer-contract.js';

describe('SageMakerTrainer with the real training', function () {
  this.timeout(600_000);
  const world = new SageMakerWorld();

  before(async () => {
    const { python, tiny } = await modelTools();
    const entry = fileURLToPath(new URL('../../training/sagemaker.py', import.meta.url));
    await world.open({ command: [python, entry], base: tiny });
  });
  after(() => world.close());

  describeTrainer({
    name: 'SageMakerTrainer',
    open: () => world.trainer(),
    store: () => world.store(),
    request: () => world.request,
    withinMilliseconds: 240_000,
  });
});

describe('SageMakerTrainer on the stub', function () {
  this.timeout(60_000);
  const withinMilliseconds = 30_000;
  const world = new SageMakerWorld();
  let stub: SageMakerStub;
  let settings: SageMakerTrainerSettings;
  const open = (changes: Partial<SageMakerTrainerSettings> = {}): SageMakerTrainer => world.trainer(changes);
  const named = (jobName: string, changes: Partial<TrainingRequest['resources']> = {}): TrainingRequest => ({
    ...world.request,
    jobName,
    resources: { ...world.request.resources, ...changes },
  });
  const until = (jobName: string, state: string) =>
    awaitStatus({ trainer: open(), jobName, wanted: (status) => status.state === state, withinMilliseconds });
  const typesAsked = (jobName: string): string[] =>
    stub.jobs.created
      .filter((name) => name.startsWith(attemptName({ jobName, number: 1 }).slice(0, -2)))
      .map((TrainingJobName) => stub.jobs.describe({ TrainingJobName }).ResourceConfig!.InstanceType!);

  before(async () => {
    const script = fileURLToPath(new URL('support/scripted-container.mjs', import.meta.url));
    await world.open({ command: [process.execPath, script], base: null });
    stub = world.stub;
    settings = world.settings;
  });
  after(() => world.close());

  it('goes on from its checkpoint when the spot instance is taken away, in the same job', async () => {
    stub.jobs.faults.interruptAfterLines = [14];
    const request = named('train-spot');
    await open().start(request);
    const status = await until(request.jobName, 'completed');
    expect(status.step).to.equal(30);
    const job = stub.jobs.describe({ TrainingJobName: attemptName({ jobName: request.jobName, number: 1 }) });
    expect(job.SecondaryStatusTransitions.map(({ Status }) => Status)).to.deep.equal(
      ['Starting', 'Downloading', 'Training', 'Interrupted', 'Starting', 'Downloading', 'Training', 'Uploading'].concat(
        'Completed',
      ),
    );
    const lines = stub.jobs.logs.get(job.TrainingJobName!)!.filter((line) => line.startsWith('understudy step='));
    expect(lines).to.have.length.below(31);
    const result = await open().collect({ jobName: request.jobName, keyPrefix: 'releases/spot/adapter' });
    expect(result.metrics.trainingSteps).to.equal(30);
  });

  it('begins the next attempt where no spot instance ever came back, and counts what all have cost', async () => {
    Object.assign(stub.jobs.faults, { interruptAfterLines: [14], neverAgain: true, billedSeconds: 900 });
    const request = named('train-lost-spot');
    await open().start(request);
    const stopped = await until(request.jobName, 'stopped');
    expect(stopped.failure).to.contain('MaxWaitTimeExceeded').and.to.contain('900');
    stub.jobs.faults.neverAgain = false;
    await open().start(request);
    await until(request.jobName, 'completed');
    const result = await open().collect({ jobName: request.jobName, keyPrefix: 'releases/lost/adapter' });
    expect(result.costUsd).to.be.closeTo(1, 1e-9);
    stub.jobs.faults.billedSeconds = null;
  });

  it('asks for the next instance type where capacity is missing', async () => {
    stub.jobs.faults.withoutCapacity = { 'ml.g5.2xlarge': 1 };
    const request = named('train-capacity');
    await open().start(request);
    const stopped = await until(request.jobName, 'stopped');
    expect(stopped.failure).to.contain('CapacityError');
    await open().start(request);
    await until(request.jobName, 'completed');
    expect(typesAsked(request.jobName)).to.deep.equal(['ml.g5.2xlarge', 'ml.g5.4xlarge']);
  });

  it('waits between rounds without capacity, and gives up at the deadline with what it has tried', async () => {
    stub.jobs.faults.withoutCapacity = { 'ml.g5.2xlarge': 2, 'ml.g5.4xlarge': 1 };
    const request = named('train-nowhere', { deadlineSeconds: 1800 });
    for (let round = 0; round < 2; round += 1) {
      await open().start(request);
      await until(request.jobName, 'stopped');
    }
    await expectPortError(open().start(request), 'Unavailable', 'no capacity', 'asked 1 times each');
    const later = (seconds: number) => ({ now: () => new Date(Date.now() + seconds * 1000) });
    await open(later(400)).start(request);
    await until(request.jobName, 'stopped');
    await expectPortError(
      open(later(1790)).start(request),
      'TrainingFailed',
      '1800 s',
      '3 attempts, 0.00 USD so far',
      'CapacityError',
    );
    expect(stub.jobs.faults.withoutCapacity).to.deep.equal({ 'ml.g5.2xlarge': 0, 'ml.g5.4xlarge': 0 });
  });

  it('goes to the next type where the quota is used up, and says so where it is for all', async () => {
    stub.jobs.faults.quotaZero = ['ml.g5.2xlarge'];
    await open().start(named('train-quota'));
    expect(typesAsked('train-quota')).to.deep.equal(['ml.g5.4xlarge']);
    await open().stop({ jobName: 'train-quota' });
    stub.jobs.faults.quotaZero = ['ml.g5.2xlarge', 'ml.g5.4xlarge'];
    const all = expectPortError(open().start(named('train-no-quota')), 'TrainingFailed', 'quota', '0.00 USD');
    await all;
    expect(typesAsked('train-no-quota')).to.deep.equal([]);
    stub.jobs.faults.quotaZero = [];
  });

  it('waits while other jobs use up the quota, and gives up at the deadline with what it was told', async () => {
    stub.jobs.faults.quotaUsedUp = ['ml.g5.2xlarge', 'ml.g5.4xlarge'];
    const request = named('train-busy-quota', { deadlineSeconds: 3600 });
    await expectPortError(open().start(request), 'Unavailable', "other jobs use up the account's quota", 'utilization');
    const later = (seconds: number) => ({ now: () => new Date(Date.now() + seconds * 1000) });
    await expectPortError(open(later(3000)).start(request), 'Unavailable', 'ml.g5.4xlarge');
    await expectPortError(
      open(later(3595)).start(request),
      'TrainingFailed',
      'deadline 3600 s',
      '0 attempts, 0.00 USD so far',
      'is 1 Instances',
    );
    stub.jobs.faults.quotaUsedUp = [];
    await open().start(request);
    await until(request.jobName, 'completed');
  });

  it('starts no attempt that the budget does not pay', async () => {
    Object.assign(stub.jobs.faults, { interruptAfterLines: [14], neverAgain: true, billedSeconds: 1800 });
    const request = named('train-budget', { budgetUsd: 1.01 });
    await open().start(request);
    await until(request.jobName, 'stopped');
    await expectPortError(open().start(request), 'TrainingFailed', '1.00 of 1.01 USD');
    Object.assign(stub.jobs.faults, { neverAgain: false, billedSeconds: null });
  });

  it('refuses instance types without a price before anything is started', async () => {
    const request = named('train-unpriced', { instances: ['ml.p5.48xlarge'] });
    await expectPortError(open().start(request), 'InvalidInput', 'ml.p5.48xlarge', 'no price');
  });

  it('fails with the reason and the end of the log', async () => {
    const request = { ...named('train-bad'), settings: { ...world.request.settings, method: 'qlora' as const } };
    await open().start(request);
    const status = await awaitStatus({
      trainer: open(),
      jobName: request.jobName,
      wanted: ({ state }) => state === 'failed',
      withinMilliseconds,
    });
    expect(status.failure).to.contain('AlgorithmError').and.to.contain('bitsandbytes');
    await open().start(request);
    expect(typesAsked(request.jobName)).to.have.length(1);
  });

  it('goes on from its checkpoint where SageMaker failed by itself, as in an upload', async () => {
    stub.jobs.faults.failsUploading = true;
    const request = named('train-upload');
    await open().start(request);
    const status = await until(request.jobName, 'stopped');
    expect(status.failure).to.contain('InternalServerError');
    stub.jobs.faults.failsUploading = false;
    await open().start(request);
    await until(request.jobName, 'completed');
    const [, second] = stub.jobs.created.filter((name) => name.startsWith('train-upload'));
    expect(stub.jobs.logs.get(second!)!.filter((line) => line.startsWith('understudy step='))).to.deep.equal([]);
  });

  it('calls a job failed where SageMaker fails by itself again and again', async () => {
    stub.jobs.faults.failsUploading = true;
    const request = named('train-never-uploaded');
    for (const state of ['stopped', 'stopped', 'failed']) {
      await open().start(request);
      const { failure } = await until(request.jobName, state);
      expect(failure).to.contain('InternalServerError');
    }
    await open().start(request);
    expect(typesAsked(request.jobName)).to.have.length(3);
    stub.jobs.faults.failsUploading = false;
  });

  it('counts no completed job that has left nothing', async () => {
    stub.jobs.faults.leavesNothing = true;
    const request = named('train-nothing');
    await open().start(request);
    await until(request.jobName, 'completed');
    const collecting = open().collect({ jobName: request.jobName, keyPrefix: 'releases/nothing/adapter' });
    await expectPortError(collecting, 'TrainingFailed', 'without a model');
    stub.jobs.faults.leavesNothing = false;
  });

  it('starts one job though the first looks do not find it', async () => {
    stub.jobs.faults.unknownLooks = 3;
    const request = named('train-eventual');
    await Promise.all([open().start(request), open().start(request)]);
    await until(request.jobName, 'completed');
    stub.jobs.faults.unknownLooks = 0;
    expect(typesAsked(request.jobName)).to.have.length(1);
  });

  it('refuses a name that somebody else has taken', async () => {
    const request = named('train-foreign');
    const name = attemptName({ jobName: request.jobName, number: 1 });
    const foreign = describeAttempt({
      request,
      name,
      instanceType: 'ml.g5.2xlarge',
      maxSeconds: 600,
      waitSeconds: 600,
      settings,
    });
    await settings.client.send(new CreateTrainingJobCommand({ ...foreign, Tags: [{ Key: 'team', Value: 'other' }] }));
    await expectPortError(open().start(request), 'InvalidInput', name, 'belongs to somebody else');
  });

  for (const [what, name, message, mend] of [
    ['an expired token', 'ExpiredTokenException', 'The security token included in the request is expired', 'a role'],
    ['an unknown key', 'UnrecognizedClientException', 'The security token is invalid.', 'give the process a role'],
    [
      'a role that may not',
      'AccessDeniedException',
      'not authorized: kms:CreateGrant',
      'allow this action to the role',
    ],
  ] as const)
    it(`starts nothing with ${what}, and tells what to do`, async () => {
      stub.refusal = { name, message };
      const request = named('train-refused');
      await expectPortError(open().start(request), 'Unauthorised', message, mend);
      stub.refusal = null;
      expect(typesAsked(request.jobName)).to.deep.equal([]);
    });

  it('starts nothing without credentials', async () => {
    const missing = Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError',
    });
    const client = new SageMakerClient({ region: 'us-east-1', credentials: () => Promise.reject(missing) });
    await expectPortError(open({ client }).start(named('train-nobody')), 'Unauthorised', 'give the process a role');
  });

  it('passes throttling on, for Temporal to try again', async () => {
    stub.throttled = 1;
    await expectPortError(open().start(named('train-throttled')), 'RateLimited', 'Rate exceeded');
  });
});
