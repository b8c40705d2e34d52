import { createHash } from 'node:crypto';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { execa } from 'execa';
import {
  findTools,
  prepareTraining,
  readMetrics,
  readResult,
  removeTrainings,
  startTraining,
  upTo,
  waitForStep,
  writePairs,
  type Result,
  type Tools,
} from '../training/support.js';

const sha256Of = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

describe('a training in several processes', function () {
  this.timeout(600_000);
  let tools: Tools;
  before(async () => {
    tools = await findTools();
  });
  after(removeTrainings);

  const prepare = async (change: Record<string, unknown> = {}, preferences: Record<string, unknown> = {}) => {
    const training = await prepareTraining(tools, { dropout: 0, gradientAccumulation: 2, maxSteps: 4, ...change });
    const file = await writePairs({ folder: training.folder, count: 16 });
    const config = JSON.parse(await readFile(training.config, 'utf8')) as Record<string, unknown>;
    const named = { preferences: { file, learningRate: 1e-3, maxSteps: 3, ...preferences } };
    await writeFile(training.config, JSON.stringify({ ...config, ...named }));
    return training;
  };

  it('learns what one process learns from the same rows a step', async () => {
    const [one, two] = [await prepare(), await prepare()];
    expect((await startTraining(tools, one.config)).exitCode).to.equal(0);
    const { exitCode, stderr } = await startTraining(tools, two.config, ['--processes', '2']);
    expect(exitCode, stderr).to.equal(0);
    const [alone, together] = [await readMetrics(one.output), await readMetrics(two.output)];
    expect(together.map(({ step }) => step)).to.deep.equal(upTo(7));
    for (const [index, row] of together.entries()) {
      const other = alone[index]!;
      // The optimiser divides by the gradients' size, so that a loss alone would not show gradients of a wrong size.
      const within = index < 2 ? 1e-3 : 0.05;
      for (const name of ['loss', 'gradientNorm', 'validationLoss', 'preferenceLoss'] as const)
        if (other[name] === undefined) expect(row[name], name).to.equal(undefined);
        else if (name !== 'preferenceLoss' || index < 6)
          expect(row[name], `${name} of step ${index + 1}`).to.be.closeTo(other[name], within * other[name]);
    }
    expect(await readResult(two.output)).to.include({ status: 'completed', steps: 7, processes: 2 });
  });

  it('stops together on SIGTERM, goes on in one process, and prefers on from where it was', async () => {
    const { config, output, folder } = await prepare({ saveSteps: 1000 }, { maxSteps: 400 });
    const running = startTraining(tools, config, ['--processes', '2']);
    await waitForStep(output, 7);
    running.kill('SIGTERM');
    const { exitCode, stderr } = await running;
    expect(exitCode, stderr).to.equal(0);
    const stopped = await readResult(output);
    expect(stopped).to.include({ status: 'stopped', adapter: null });
    const margin = (await readMetrics(output)).at(-1)!.preferenceMargin!;
    expect(margin).to.be.above(1);
    await access(join(folder, 'checkpoints', 'preferences', `checkpoint-${stopped.steps - 4}`));

    const again = startTraining(tools, config);
    await waitForStep(output, stopped.steps + 1);
    again.kill('SIGTERM');
    await again;
    const next = (await readMetrics(output)).find(({ step }) => step === stopped.steps + 1)!;
    expect(next.preferenceMargin).to.be.above(0.8 * margin);
    expect((await readResult(output)).resumedFrom).to.equal(stopped.steps);
  });

  it('ends with the adapter of an undisturbed training when it is killed while it prefers', async () => {
    const [whole, broken] = [await prepare({}, { maxSteps: 12 }), await prepare({}, { maxSteps: 12 })];
    expect((await startTraining(tools, whole.config)).exitCode).to.equal(0);
    const first = startTraining(tools, broken.config);
    await waitForStep(broken.output, 4 + 5);
    first.kill('SIGKILL');
    await first;
    expect((await startTraining(tools, broken.config)).exitCode).to.equal(0);
    const [expected, found] = [await readResult(whole.output), await readResult(broken.output)];
    expect(found.resumedFrom).to.be.oneOf([8, 12]);
    expect(found.adapter!.sha256).to.equal(expected.adapter!.sha256);
    expect(found.preferences).to.deep.equal(expected.preferences);
  });

  it('ends all processes when one fails, and says why', async () => {
    const { config, folder } = await prepare();
    await writeFile(join(folder, 'checkpoints'), 'a file where a folder is to be');
    const { exitCode, stderr } = await startTraining(tools, config, ['--processes', '2']);
    expect(exitCode).to.equal(1);
    expect(stderr).to.contain('FileExistsError');
  });

  it("refuses rows that the processes can't share", async () => {
    const { config } = await prepare({ batchSize: 2, gradientAccumulation: 3 });
    const { exitCode, stderr } = await startTraining(tools, config, ['--processes', '4']);
    expect(exitCode).to.equal(2);
    expect(stderr).to.contain('config.batchSize: 2 x gradientAccumulation 3 are 6 rows a step, which 4 processes');
  });
});

describe("the training image's entry point under SageMaker's folders", function () {
  this.timeout(600_000);
  const entry = fileURLToPath(new URL('../../training/sagemaker.py', import.meta.url));
  let tools: Tools;
  before(async () => {
    tools = await findTools();
  });
  after(removeTrainings);

  /** Folders as SageMaker lays them out, with the channel of the base elsewhere, as SM_CHANNEL_BASE says. */
  async function layOut(change: Record<string, unknown> = {}) {
    const { folder: root } = await prepareTraining(tools);
    const channels = { train: 'train.jsonl', validation: 'validation.jsonl', preferences: 'preferences.jsonl' };
    await writePairs({ folder: root, count: 16 });
    const digests: Record<string, string> = {};
    for (const [channel, name] of Object.entries(channels)) {
      await mkdir(join(root, 'input', 'data', channel), { recursive: true });
      await writeFile(join(root, 'input', 'data', channel, name), await readFile(join(root, name)));
      digests[`${channel}Sha256`] = await sha256Of(join(root, name));
    }
    await mkdir(join(root, 'input', 'config'), { recursive: true });
    const given = {
      ...{ batchSize: 2, maxLength: 128, learningRate: 1e-3, maxSteps: 4, dropout: 0, saveSteps: 1000 },
      preferences: { learningRate: 1e-3, maxSteps: 30 },
      ...digests,
      ...change,
    };
    const texts = Object.entries(given).map(([name, value]) => [name, JSON.stringify(value)]);
    const file = join(root, 'input', 'config', 'hyperparameters.json');
    await writeFile(file, JSON.stringify(Object.fromEntries(texts)));
    return root;
  }
  const run = (root: string, environment: Record<string, string> = {}) =>
    execa(tools.python, [entry, 'train'], {
      reject: false,
      forceKillAfterDelay: false,
      env: { SAGEMAKER_BASE_DIR: root, SM_CHANNEL_BASE: tools.tiny, OMP_NUM_THREADS: '1', ...environment },
    });
  const stepsOf = (stdout: string): number[] =>
    [...stdout.matchAll(/^understudy step=(\d+) totalSteps=\d+ (?:loss|preferenceLoss)=[\d.e-]+/gm)].map(([, step]) =>
      Number(step),
    );

  it('goes on after a spot interruption and leaves what the adapter of SageMaker checks', async () => {
    const root = await layOut();
    const model = join(root, 'elsewhere');
    const several = { SM_NUM_GPUS: '2', SM_MODEL_DIR: model };
    const interrupted = run(root, several);
    await waitForStep(join(root, 'checkpoints', 'output'), 7);
    interrupted.kill('SIGTERM');
    const first = await interrupted;
    expect(first.exitCode, first.stderr).to.equal(0);
    expect(await access(join(model, 'result.json')).catch(() => 'nothing')).to.equal('nothing');

    const second = await run(root, several);
    expect(second.exitCode, second.stderr).to.equal(0);
    expect([...stepsOf(first.stdout), ...stepsOf(second.stdout)]).to.deep.equal(upTo(34));
    const result = JSON.parse(await readFile(join(model, 'result.json'), 'utf8')) as Result;
    expect(result).to.include({ status: 'completed', steps: 34, processes: 2 });
    for (const { path, sha256 } of result.files) expect(await sha256Of(join(model, path)), path).to.equal(sha256);
    expect(result.files.map(({ path }) => path)).to.include('adapter/adapter_model.safetensors');
    await access(join(model, 'metrics.jsonl'));
  });

  it('writes into output/failure what it cannot train on', async () => {
    const root = await layOut({ preferencesSha256: '0'.repeat(64), method: 'qlora' });
    const { exitCode, stderr } = await run(root);
    expect(exitCode, stderr).to.equal(2);
    const failure = await readFile(join(root, 'output', 'failure'), 'utf8');
    expect(failure).to.match(/^channel preferences: sha256 [0-9a-f]{64}, expected 0{64}; the object was changed/);
  });
});
