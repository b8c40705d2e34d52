import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import type { ArtifactStore, Trainer, TrainingRequest, TrainingStatus } from '../../src/activities/ports.js';
import { refKey } from '../../src/domain/artifact-ref.js';
import { expectPortError } from './support/expect-port-error.js';

/** Asks until the job is as wanted; rejects when it can't come any more or takes too long. */
export async function awaitStatus({
  trainer,
  jobName,
  wanted,
  withinMilliseconds,
}: {
  trainer: Trainer;
  jobName: string;
  wanted: (status: TrainingStatus) => boolean;
  withinMilliseconds: number;
}): Promise<TrainingStatus> {
  const deadline = Date.now() + withinMilliseconds;
  for (;;) {
    const status = await trainer.status({ jobName });
    if (wanted(status)) return status;
    if (status.state !== 'running' || Date.now() > deadline)
      throw new Error(`${jobName} is not as wanted: ${JSON.stringify(status)}`);
    await pause(50);
  }
}

/**
 * What every trainer must do. `request` is a job that trains for some seconds at least; `open` returns the same
 * trainer again, as another worker would see it. Each test goes on where the one before ended.
 */
export function describeTrainer({
  name,
  open,
  request,
  store,
  withinMilliseconds,
}: {
  name: string;
  open: () => Trainer;
  request: () => TrainingRequest;
  store: () => ArtifactStore;
  withinMilliseconds: number;
}): void {
  describe(`${name} keeps the contract of Trainer`, function () {
    this.timeout(4 * withinMilliseconds);
    const jobName = (): string => request().jobName;
    const until = (wanted: (status: TrainingStatus) => boolean) =>
      awaitStatus({ trainer: open(), jobName: jobName(), wanted, withinMilliseconds });

    it('knows nothing of a job that was never started, and stops it without an error', async () => {
      await expectPortError(open().status({ jobName: jobName() }), 'NotFound', jobName());
      await open().stop({ jobName: jobName() });
    });

    it('refuses a base that is not there, naming those that are', async () => {
      const unknown = { ...request(), base: { id: 'nobody/nothing', revision: null } };
      await expectPortError(open().start(unknown), 'InvalidInput', 'nobody/nothing', request().base.id);
    });

    it('starts a job once, whoever asks, and shows how far it is', async () => {
      await Promise.all([open().start(request()), open().start(request())]);
      const status = await until(({ step }) => step > 0);
      expect(status.totalSteps).to.be.above(status.step - 1);
      expect(status.failure).to.equal(null);
      await expectPortError(
        open().collect({ jobName: jobName(), keyPrefix: 'releases/x/adapter' }),
        'NotFound',
        'has not completed',
      );
    });

    it('refuses another request under the same name', async () => {
      const other = { ...request(), settings: { ...request().settings, rank: request().settings.rank * 2 } };
      await expectPortError(open().start(other), 'InvalidInput', 'another request');
    });

    it('stops, and stops again', async () => {
      await open().stop({ jobName: jobName() });
      expect((await open().status({ jobName: jobName() })).state).to.equal('stopped');
      await open().stop({ jobName: jobName() });
    });

    it('resumes a stopped job and completes it', async () => {
      await open().start(request());
      const status = await until(({ state }) => state === 'completed');
      expect(status.step).to.equal(status.totalSteps);
      expect(status.seconds).to.be.above(0);
    });

    it('leaves a completed job alone', async () => {
      await open().start(request());
      expect((await open().status({ jobName: jobName() })).state).to.equal('completed');
      await open().stop({ jobName: jobName() });
      expect((await open().status({ jobName: jobName() })).state).to.equal('completed');
    });

    it('collects the adapter into the store, the same each time', async () => {
      const collect = () => open().collect({ jobName: jobName(), keyPrefix: 'releases/m-r1/adapter' });
      const result = await collect();
      expect(await collect()).to.deep.equal(result);
      expect(result.files).to.include('releases/m-r1/adapter/adapter_model.safetensors');
      expect(result.rows).to.be.above(0);
      expect(result.metrics.trainingSteps).to.be.above(0);
      for (const key of [refKey(result.adapter), ...result.files])
        expect(await store().get({ key })).not.to.equal(null);
      expect((await store().get({ key: refKey(result.adapter) }))!.ref).to.deep.equal(result.adapter);
    });
  });
}
