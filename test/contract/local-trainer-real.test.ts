import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TrainingRequest } from '../../src/activities/ports.js';
import { readAdapterManifest } from '../../src/adapters/adapter-manifest.js';
import { trainingEnvironment } from '../../src/config/training-environment.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { JobFolder } from '../../src/adapters/local-trainer/job-folder.js';
import { LocalTrainer } from '../../src/adapters/local-trainer/local-trainer.js';
import { stopAll } from '../../src/adapters/local-trainer/stop-job.js';
import { modelTools } from './support/model-tools.js';
import { trainingRequest } from './support/training-request.js';
import { awaitStatus, describeTrainer } from './trainer-contract.js';

describe('LocalTrainer with the real training', function () {
  this.timeout(300_000);
  const withinMilliseconds = 120_000;
  let root: string;
  let tools: Awaited<ReturnType<typeof modelTools>>;
  let request: TrainingRequest;
  const store = (): DirectoryStore => new DirectoryStore({ root: join(root, 'store') });
  const open = (): LocalTrainer =>
    new LocalTrainer({
      store: store(),
      home: join(root, 'home'),
      python: tools.python,
      script: tools.script,
      baseModels: { tiny: tools.tiny },
      trackingUri: null,
      environment: trainingEnvironment(),
    });

  before(async () => {
    tools = await modelTools();
    root = await mkdtemp(join(tmpdir(), 'understudy-training-'));
    request = await trainingRequest({ store: store(), jobName: 'train-m-r1', maxSteps: 120 });
  });
  after(async () => {
    await stopAll({ home: join(root, 'home'), graceMilliseconds: 1000 });
    await rm(root, { recursive: true, force: true });
  });

  describeTrainer({ name: 'LocalTrainer', open, store, request: () => request, withinMilliseconds });

  it('goes on from the checkpoint after SIGKILL', async () => {
    const again = { ...request, jobName: 'train-m-r2' };
    const job = new JobFolder({ home: join(root, 'home'), jobName: again.jobName });
    await open().start(again);
    await awaitStatus({ trainer: open(), jobName: again.jobName, wanted: ({ step }) => step > 40, withinMilliseconds });
    process.kill((await job.newest())!.process!.pid, 'SIGKILL');
    await awaitStatus({
      trainer: open(),
      jobName: again.jobName,
      wanted: ({ state }) => state === 'stopped',
      withinMilliseconds,
    });
    await open().start(again);
    await awaitStatus({
      trainer: open(),
      jobName: again.jobName,
      wanted: ({ state }) => state === 'completed',
      withinMilliseconds,
    });
    const result = JSON.parse(await readFile(join(job.output, 'result.json'), 'utf8')) as { resumedFrom: number };
    expect(result.resumedFrom).to.be.within(36, 119);
    const { adapter } = await open().collect({ jobName: again.jobName, keyPrefix: 'releases/m-r2/adapter' });
    const names = (await readAdapterManifest({ store: store(), adapter })).map(({ name }) => name);
    expect(names).to.include.members(['adapter_config.json', 'adapter_model.safetensors']);
  });
});
