import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { TrainingRequest } from '../../src/activities/ports.js';
import { DirectoryStore } from '../../src/adapters/directory-store/directory-store.js';
import { JobFolder } from '../../src/adapters/local-trainer/job-folder.js';
import { LocalTrainer, type LocalTrainerSettings } from '../../src/adapters/local-trainer/local-trainer.js';
import { identifyProcess } from '../../src/adapters/local-trainer/process-identity.js';
import { stopAll } from '../../src/adapters/local-trainer/stop-job.js';
import { trainingEnvironment } from '../../src/config/training-environment.js';
import { expectPortError } from './support/expect-port-error.js';
import { modelPython } from './support/model-tools.js';
import { awaitStatus } from './trainer-contract.js';

const ways = ['complete', 'hang', 'stubborn', 'orderly', 'parent', 'fail', 'silent', 'die', 'corrupt'] as const;
type Way = (typeof ways)[number];

/** Every way in which a process can end, with a script in the place of the training. */
describe('LocalTrainer', () => {
  let root: string;
  let home: string;
  let python: string;
  let settings: Omit<LocalTrainerSettings, 'store'>;
  let request: (way: Way) => TrainingRequest;
  const workers: ChildProcess[] = [];
  const store = (): DirectoryStore => new DirectoryStore({ root: join(root, 'store') });
  const open = (changes: Partial<LocalTrainerSettings> = {}): LocalTrainer =>
    new LocalTrainer({ ...settings, store: store(), ...changes });
  const job = (way: Way): JobFolder => new JobFolder({ home, jobName: `train-${way}` });
  const until = (way: Way, state: string) =>
    awaitStatus({
      trainer: open(),
      jobName: `train-${way}`,
      wanted: (status) => status.state === state,
      withinMilliseconds: 10_000,
    });
  const pids = async (way: Way): Promise<number[]> =>
    (await readFile(join(job(way).output, 'runs'), 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number);
  const begun = (way: Way) =>
    awaitStatus({
      trainer: open(),
      jobName: `train-${way}`,
      wanted: ({ step }) => step === 2,
      withinMilliseconds: 10_000,
    });

  before(async () => {
    python = await modelPython();
  });
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'understudy-trainer-'));
    home = join(root, 'home');
    const baseModels = Object.fromEntries(ways.map((way) => [way, join(root, 'bases', way)]));
    for (const path of Object.values(baseModels)) await mkdir(path, { recursive: true });
    const script = fileURLToPath(new URL('support/stub-train.py', import.meta.url));
    const environment = trainingEnvironment();
    settings = { home, python, script, baseModels, trackingUri: null, threads: 1, environment, graceMilliseconds: 300 };
    const trainFile = await store().put({ key: 'datasets/train.jsonl', body: Buffer.from('{}\n') });
    request = (way) => ({
      jobName: `train-${way}`,
      base: { id: way, revision: null },
      trainFile,
      validationFile: trainFile,
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
      resources: { instances: ['ml.g5.2xlarge'], spot: false, budgetUsd: 1, deadlineSeconds: 3600 },
      trackingRunId: 'run',
    });
  });
  afterEach(async () => {
    for (const worker of workers.splice(0)) worker.kill('SIGKILL');
    await stopAll({ home, graceMilliseconds: 0 });
    await rm(root, { recursive: true, force: true });
  });

  /** Worker processes that start one job once they are told to. */
  async function startWorkers({ way, count }: { way: Way; count: number }) {
    const file = join(root, 'worker.json');
    await writeFile(file, JSON.stringify({ storeRoot: join(root, 'store'), settings, request: request(way) }));
    const script = fileURLToPath(new URL('support/trainer-worker.ts', import.meta.url));
    const started = Array.from({ length: count }, () => {
      const worker = spawn(process.execPath, ['--import=tsx', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
      workers.push(worker);
      const lines = createInterface({ input: worker.stdout })[Symbol.asyncIterator]();
      return { worker, next: async () => String((await lines.next()).value) };
    });
    for (const { next } of started) expect(await next()).to.equal('ready');
    return started;
  }

  it('has one process when 4 workers start the same job at once', async () => {
    const started = await startWorkers({ way: 'hang', count: 4 });
    for (const { worker } of started) worker.stdin.write('go\n');
    for (const { next } of started) expect(await next()).to.equal('started');
    await begun('hang');
    expect(await pids('hang')).to.have.length(1);
    expect((await job('hang').newest())!.number).to.equal(1);
  });

  it('keeps the process when its worker is killed, and finds it again', async () => {
    const [first] = await startWorkers({ way: 'hang', count: 1 });
    first!.worker.stdin.write('go\n');
    await first!.next();
    await begun('hang');
    const ended = once(first!.worker, 'exit');
    first!.worker.kill('SIGKILL');
    await ended;
    await open().start(request('hang'));
    expect((await open().status({ jobName: 'train-hang' })).state).to.equal('running');
    expect(await pids('hang')).to.have.length(1);
  });

  it('never has two processes when workers are killed at any moment of the start', async () => {
    for (let delay = 0; delay <= 40; delay += 8) {
      const [first] = await startWorkers({ way: 'hang', count: 1 });
      first!.worker.stdin.write('go\n');
      const ended = once(first!.worker, 'exit');
      setTimeout(() => first!.worker.kill('SIGKILL'), delay);
      await ended;
      await open().start(request('hang'));
      const alive = async () =>
        (await Promise.all((await pids('hang')).map((pid) => identifyProcess({ pid })))).filter(Boolean);
      for (let look = 0; look < 100 && (await alive()).length === 0; look += 1) await pause(20);
      expect(await alive(), `killed after ${delay} ms`).to.have.length(1);
      await open().stop({ jobName: 'train-hang' });
    }
  }).timeout(60_000);

  it('resumes a killed process in the same folder', async () => {
    await open().start(request('hang'));
    await begun('hang');
    const [pid] = await pids('hang');
    process.kill(pid!, 'SIGKILL');
    const status = await until('hang', 'stopped');
    expect(status.failure).to.include('vanished (1 of 5 times');
    await open().start(request('hang'));
    await until('hang', 'running');
    expect((await job('hang').newest())!.number).to.equal(2);
  });

  it('gives up on a job that vanished 5 times', async () => {
    for (let time = 1; time <= 4; time += 1) {
      await open().start(request('die'));
      await until('die', 'stopped');
    }
    await open().start(request('die'));
    expect((await until('die', 'failed')).failure).to.include('5 of 5 times');
    await open().start(request('die'));
    expect(await pids('die')).to.have.length(5);
  });

  it('fails with the exit code and the last lines, and leaves a failed job alone', async () => {
    await open().start(request('fail'));
    const { failure, step, loss } = await until('fail', 'failed');
    expect(failure).to.include('exit code 1').and.to.include('line 99').and.to.include('ValueError: no loss');
    expect(failure).not.to.include('line 70');
    expect({ step, loss }).to.deep.equal({ step: 2, loss: 1.25 });
    await open().start(request('fail'));
    expect(await pids('fail')).to.have.length(1);
  });

  it('fails when the process ends without a result', async () => {
    await open().start(request('silent'));
    expect((await until('silent', 'failed')).failure).to.include('exit code 0');
  });

  for (const way of ['hang', 'stubborn', 'orderly', 'parent'] as const)
    it(`stops the ${way} process and all that it started`, async () => {
      await open().start(request(way));
      await begun(way);
      await open().stop({ jobName: `train-${way}` });
      expect((await open().status({ jobName: `train-${way}` })).state).to.equal('stopped');
      const child = await readFile(join(job(way).output, 'child'), 'utf8').catch(() => null);
      for (const pid of [...(await pids(way)), ...(child ? [Number(child)] : [])])
        expect(await identifyProcess({ pid })).to.equal(null);
    });

  it('takes a process that a signal from outside ended in order for stopped', async () => {
    await open().start(request('orderly'));
    await begun('orderly');
    process.kill((await pids('orderly'))[0]!, 'SIGTERM');
    await until('orderly', 'stopped');
    await open().start(request('orderly'));
    await until('orderly', 'running');
  });

  it('never signals a process that was given the number of an old one', async () => {
    await open().start(request('die'));
    await until('die', 'stopped');
    const bystander = spawn('sleep', ['60'], { detached: true });
    try {
      const attempt = join(job('die').path, 'attempts', '1.process');
      await writeFile(attempt, JSON.stringify({ pid: bystander.pid, began: 'another boot:1' }));
      await open().stop({ jobName: 'train-die' });
      expect(await identifyProcess({ pid: bystander.pid! })).not.to.equal(null);
      expect((await open().status({ jobName: 'train-die' })).state).to.equal('stopped');
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  it('stops every job of a home', async () => {
    for (const way of ['hang', 'stubborn', 'complete'] as const) await open().start(request(way));
    await Promise.all([begun('hang'), begun('stubborn'), until('complete', 'completed')]);
    const { stopped } = await stopAll({ home, graceMilliseconds: 100 });
    expect(stopped.sort()).to.deep.equal(['train-hang', 'train-stubborn']);
    expect(await stopAll({ home })).to.deep.equal({ stopped: [] });
    expect(await stopAll({ home: join(root, 'nowhere') })).to.deep.equal({ stopped: [] });
  });

  it('refuses an output that is not what its result says', async () => {
    const collect = (way: Way) => open().collect({ jobName: `train-${way}`, keyPrefix: 'releases/m-r1/adapter' });
    await open().start(request('corrupt'));
    await until('corrupt', 'completed');
    await expectPortError(collect('corrupt'), 'DigestMismatch', 'adapter_config.json', '0'.repeat(64));
    await open().start(request('complete'));
    await until('complete', 'completed');
    await appendFile(join(job('complete').output, 'adapter', 'adapter_model.safetensors'), 'x');
    await expectPortError(collect('complete'), 'DigestMismatch', 'adapter_model.safetensors');
    expect(await readdir(join(root, 'store', 'releases')).catch(() => [])).to.deep.equal([]);
  });

  it('refuses data that is not what the request says, before it starts anything', async () => {
    const { trainFile } = request('complete');
    await store().put({ key: 'datasets/train.jsonl', body: Buffer.from('{"other": 1}\n') });
    await expectPortError(open().start(request('complete')), 'DigestMismatch', trainFile.uri, trainFile.sha256);
    expect(await job('complete').newest()).to.equal(null);
  });

  it('names what is missing of the set-up', async () => {
    const missing = join(root, 'missing');
    for (const changes of [{ python: missing }, { script: missing }, { baseModels: { complete: missing } }])
      await expectPortError(open(changes).start(request('complete')), 'InvalidInput', missing, 'set-up');
  });

  for (const jobName of ['', '../out', '/etc', 'a/b', '.hidden'])
    it(`refuses the job name ${JSON.stringify(jobName)}`, async () => {
      await expectPortError(open().start({ ...request('complete'), jobName }), 'InvalidInput', JSON.stringify(jobName));
    });
});
