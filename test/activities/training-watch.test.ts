import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { expect } from 'chai';
import type { ModelRegistry, Trainer, TrainingRequest, TrainingStatus } from '../../src/activities/ports.js';
import { createTrainingActivities } from '../../src/activities/training.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { defaultPrompt } from '../../src/domain/release/prompt.js';
import { modelSpecSchema } from '../../src/domain/spec/model-spec.js';
import { expectPortError } from '../contract/support/expect-port-error.js';

const status = (change: Partial<TrainingStatus>): TrainingStatus => ({
  ...{ state: 'running', step: 0, totalSteps: 40, loss: null, failure: null, seconds: 0, ...change },
});

describe('watchTraining', function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'understudy-watch-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Watches a job that is as `states` say, one look after the other, the last for ever. */
  async function watching(states: TrainingStatus[]) {
    const store = new DirectoryStore({ root: folder });
    const ref = await store.put({ key: 'a.jsonl', body: Buffer.from('{}') });
    const spec = modelSpecSchema.parse({
      ...{ apiVersion: 'understudy/v1', model: 'm', base: { id: 'tiny' } },
      data: { recipe: 'support-tickets', source: { kind: 'csv', uri: 'a' }, goldenSet: 'g' },
      evaluation: { preset: 'support-deterministic' },
    });
    const document = {
      ...{ version: 1, spec, golden: { name: 'm', version: 'v1', ref } },
      ...{ prompt: defaultPrompt, promptDigest: 'p', overlays: [] },
    };
    const specification = await store.put({ key: 'spec.json', body: Buffer.from(JSON.stringify(document)) });
    const started: TrainingRequest[] = [];
    const trainer = {
      status: () => Promise.resolve(states.length > 1 ? states.shift()! : states[0]!),
      start: (request: TrainingRequest) => Promise.resolve(void started.push(request)),
    } as unknown as Trainer;
    const registry = {} as unknown as ModelRegistry;
    const { watchTraining } = createTrainingActivities({ store, trainer, registry });
    const environment = new MockActivityEnvironment();
    const heartbeats: unknown[] = [];
    environment.on('heartbeat', (details: unknown) => heartbeats.push(details));
    const watched = environment.run(watchTraining, {
      ...{ specification, jobName: 'train-m-r1', trainFile: ref, validationFile: ref, trackingRunId: 'run' },
    });
    return { watched, heartbeats, started, environment };
  }

  it('shows where the job is in the platform’s own words, and begins it again where it was stopped', async () => {
    const { watched, heartbeats, started } = await watching([
      status({ detail: 'm-r1-1 on ml.g5.2xlarge: Downloading' }),
      status({ state: 'stopped', step: 20, detail: 'm-r1-1 on ml.g5.2xlarge: MaxWaitTimeExceeded' }),
      status({ state: 'completed', step: 40, loss: 0.5, seconds: 90, detail: 'm-r1-2 on ml.g5.4xlarge: Completed' }),
    ]);
    expect(await watched).to.deep.equal({ steps: 40, seconds: 90 });
    expect(heartbeats).to.deep.equal([
      { step: 0, totalSteps: 40, loss: null, detail: 'm-r1-1 on ml.g5.2xlarge: Downloading' },
      { step: 20, totalSteps: 40, loss: null, detail: 'm-r1-1 on ml.g5.2xlarge: MaxWaitTimeExceeded' },
      { step: 40, totalSteps: 40, loss: 0.5, detail: 'm-r1-2 on ml.g5.4xlarge: Completed' },
    ]);
    expect(started.map(({ jobName }) => jobName)).to.deep.equal(['train-m-r1']);
  });

  it('fails with the job’s last words and what it has cost', async () => {
    const failure = 'm-r1-1: AlgorithmError\nCUDA out of memory';
    const { watched, started } = await watching([status({ state: 'failed', step: 12, failure, costUsd: 1.234 })]);
    await expectPortError(watched, 'TrainingFailed', 'step 12 of 40, 1.23 USD so far', 'CUDA out of memory');
    expect(started).to.deep.equal([]);
  });

  it('ends when it is cancelled, so that the job can be stopped', async () => {
    const { watched, environment } = await watching([status({ step: 3 })]);
    environment.cancel();
    const error: unknown = await watched.catch((caught: unknown) => caught);
    expect(error).to.be.instanceOf(CancelledFailure);
  });
});
