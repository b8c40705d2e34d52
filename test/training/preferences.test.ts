import { readFile, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import {
  findTools,
  prepareTraining,
  readMetrics,
  readResult,
  removeTrainings,
  runPython,
  startTraining,
  upTo,
  writePairs,
  type Tools,
} from './support.js';

describe('a training by preferences', function () {
  this.timeout(240_000);
  let tools: Tools;
  before(async () => {
    tools = await findTools();
  });
  after(removeTrainings);

  const prepare = async (preferences: Record<string, unknown>) => {
    const training = await prepareTraining(tools, { maxSteps: 4, batchSize: 4 });
    const file = await writePairs({ folder: training.folder, count: 16 });
    const config = JSON.parse(await readFile(training.config, 'utf8')) as Record<string, unknown>;
    await writeFile(training.config, JSON.stringify({ ...config, preferences: { file, ...preferences } }));
    return { ...training, file };
  };

  it('follows the chats, widens the lead of the preferred answers, and ends with an adapter that loads', async () => {
    const { config, output } = await prepare({ learningRate: 5e-4, maxSteps: 8 });
    const { exitCode, stderr } = await startTraining(tools, config);
    expect(exitCode, stderr).to.equal(0);

    const rows = await readMetrics(output);
    expect(rows.map(({ step }) => step)).to.deep.equal(upTo(12));
    const pairs = rows.slice(4);
    // The reference is what is trained: the loss of Rafailov et al. 2023 (equation 7) begins at ln 2, its margin at 0.
    expect(pairs[0]!.preferenceLoss).to.be.closeTo(Math.LN2, 1e-6);
    expect(pairs[0]!.preferenceMargin).to.equal(0);
    expect(pairs.at(-1)!.preferenceLoss).to.be.below(0.1);
    expect(pairs.at(-1)!.preferenceMargin).to.be.above(2);

    const result = await readResult(output);
    expect(result).to.include({ status: 'completed', steps: 12, trainLoss: rows[3]!.loss });
    expect(result.preferences).to.include({ pairs: 16, dropped: 0, accuracy: 1 });
    const lead = await runPython<{ supervised: number; preferences: number }>(tools, 'weigh_answers.py', [config]);
    // By the same log-probabilities, added up apart from TRL: beta 0.1 times what the lead has grown.
    const margin = 0.1 * (lead.preferences - lead.supervised);
    expect(margin).to.be.within(0.7 * result.preferences!.margin, 1.5 * result.preferences!.margin);
  });

  it('lists every problem of its pairs and settings', async () => {
    const { config } = await prepare({ beta: 0, rate: 1 });
    const settings = await startTraining(tools, config);
    expect(settings.exitCode).to.equal(2);
    expect(settings.stderr.trim().split('\n')).to.deep.equal([
      'config.preferences.rate: is not a known field; remove it or mend its name',
      'config.preferences.beta: found 0, expected a number from 0.0001 to 100; change it',
    ]);

    const pair = (prompt: string, chosen: string, rejected: string) => {
      const message = (role: string, content: string) => [{ role, content }];
      return {
        prompt: message(prompt, 'Where?'),
        chosen: message('assistant', chosen),
        rejected: message('user', rejected),
      };
    };
    const same = { ...pair('user', 'There.', ''), rejected: [{ role: 'assistant', content: 'There.' }] };
    const rows = [pair('assistant', 'There.', 'Here.'), { chosen: [] }, same];
    const other = await prepare({});
    await writeFile(other.file, rows.map((row) => JSON.stringify(row)).join('\n'));
    const { exitCode, stderr } = await startTraining(tools, other.config);
    expect(exitCode).to.equal(2);
    expect(stderr.trim().split('\n')).to.deep.equal([
      'preferences.file row 1, prompt: ends without a user message; end it with the question',
      'preferences.file row 1, rejected: found 1 messages, expected one of the assistant',
      'preferences.file row 2, prompt: is missing or no list, expected [{"role", "content"}, ...]',
      'preferences.file row 2, chosen: found 0 messages, expected one of the assistant',
      'preferences.file row 2, rejected: is missing or no list, expected [{"role", "content"}, ...]',
      'preferences.file row 3: chosen and rejected are the same; drop the row',
    ]);
  });
});
