import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  findTools,
  prepareTraining,
  readMetrics,
  readResult,
  removeTrainings,
  startTraining,
  upTo,
  waitForStep,
  type Tools,
} from './support.js';

describe('a training that is interrupted', function () {
  this.timeout(400_000);
  let tools: Tools;
  before(async () => {
    tools = await findTools();
  });
  after(removeTrainings);

  it('goes on after SIGKILL and ends with the adapter of an undisturbed one', async () => {
    const whole = await prepareTraining(tools);
    const { exitCode, stderr } = await startTraining(tools, whole.config);
    expect(exitCode, stderr).to.equal(0);

    const broken = await prepareTraining(tools);
    const first = startTraining(tools, broken.config);
    await waitForStep(broken.output, 10);
    first.kill('SIGKILL');
    expect((await first).signal).to.equal('SIGKILL');
    const early = await access(join(broken.output, 'result.json')).catch((error: unknown) => error);
    expect(early, 'no result before the end').to.be.instanceOf(Error);
    await mkdir(join(broken.folder, 'checkpoints', 'checkpoint-23'), { recursive: true });
    expect((await startTraining(tools, broken.config)).exitCode).to.equal(0);

    const [expected, found] = [await readResult(whole.output), await readResult(broken.output)];
    expect(found).to.include({ status: 'completed', steps: 24, rows: 48, truncated: 0 });
    expect(found.resumedFrom).to.be.oneOf([8, 12, 16, 20]);
    expect(found.adapter?.sha256, 'the same weights').to.equal(expected.adapter?.sha256);
    expect(found.trainLoss).to.equal(expected.trainLoss);
    expect(found.validationLoss).to.equal(expected.validationLoss);
    const rows = await readMetrics(broken.output);
    expect(rows.map((row) => row.step)).to.deep.equal(upTo(24));
    expect(rows.map((row) => row.loss)).to.deep.equal((await readMetrics(whole.output)).map((row) => row.loss));
    expect(rows.filter((row) => row.validationLoss !== undefined).map((row) => row.step)).to.deep.equal([
      4, 8, 12, 16, 20, 24,
    ]);
    for (const file of found.files) {
      const bytes = await readFile(join(broken.output, file.path));
      expect(createHash('sha256').update(bytes).digest('hex'), file.path).to.equal(file.sha256);
      expect(bytes.length).to.equal(file.bytes);
    }
  });

  it('saves and stops cleanly on SIGTERM, and refuses to go on with other settings', async () => {
    const { config, output, folder } = await prepareTraining(tools, { saveSteps: 1000, maxSteps: 400 });
    const running = startTraining(tools, config);
    await waitForStep(output, 3);
    running.kill('SIGTERM');
    const { exitCode, stderr } = await running;
    expect(exitCode, stderr).to.equal(0);
    const result = await readResult(output);
    expect(result).to.include({ status: 'stopped', adapter: null });
    expect(result.steps).to.be.within(3, 399);
    await access(join(folder, 'checkpoints', `checkpoint-${result.steps}`, 'understudy-checkpoint.json'));
    expect((await readMetrics(output)).map((row) => row.step)).to.deep.equal(upTo(result.steps));

    const other = await prepareTraining(tools, { checkpointDir: join(folder, 'checkpoints'), rank: 8 });
    const refused = await startTraining(tools, other.config);
    expect(refused.exitCode).to.equal(2);
    expect(refused.stderr).to.contain('belongs to a training with other data, base or settings');
  });
});
