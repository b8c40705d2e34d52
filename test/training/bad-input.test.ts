import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { findTools, prepareTraining, removeTrainings, startTraining, type Tools } from './support.js';

describe('a training with wrong input', function () {
  this.timeout(120_000);
  let tools: Tools;
  before(async () => {
    tools = await findTools();
  });
  after(removeTrainings);

  it('lists every problem of its rows with row, field and mend, and exits with 2', async () => {
    const { config, folder } = await prepareTraining(tools);
    const rows = [
      '{"messages":[{"role":"user","content":"Where?"},{"role":"assistant","content":"There."}]}',
      '{"messages":[{"role":"user"',
      '{"question":"Where?"}',
      '{"messages":[{"role":"bot","content":"Where?"},{"role":"assistant","content":" "}]}',
      '{"messages":[{"role":"user","content":"Where?"}]}',
    ];
    await writeFile(join(folder, 'train.jsonl'), rows.join('\n'));
    const { exitCode, stderr } = await startTraining(tools, config);
    expect(exitCode).to.equal(2);
    const lines = stderr.split('\n').filter((line) => line.startsWith('trainFile'));
    expect(lines).to.have.length(5);
    expect(lines[0]).to.match(/^trainFile row 2: is not JSON/);
    expect(lines[1]).to.match(/^trainFile row 3, messages: is missing/);
    expect(lines[2]).to.equal(
      'trainFile row 4, messages[0].role: found "bot", expected one of system, user, assistant; rename it',
    );
    expect(lines[3]).to.match(/^trainFile row 4, messages\[1\]\.content: found " ", expected text/);
    expect(lines[4]).to.match(/^trainFile row 5, messages: ends without an assistant message/);
  });

  it('lists every problem of its configuration at once', async () => {
    const { config } = await prepareTraining(tools, { rank: 0, epochs: 'three', dropuot: 0.1, method: 'dora' });
    const { exitCode, stderr } = await startTraining(tools, config);
    expect(exitCode).to.equal(2);
    expect(stderr.trim().split('\n')).to.deep.equal([
      'config.dropuot: is not a known field; remove it or mend its name',
      'config.method: found "dora", expected lora or qlora; change it',
      'config.rank: found 0, expected a whole number from 1 to 512; change it',
      'config.epochs: found "three", expected a number from 0.01 to 1000; change it',
    ]);
  });

  it('says what QLoRA lacks on a machine without a GPU', async function () {
    const { config } = await prepareTraining(tools, { method: 'qlora' });
    const { exitCode, stderr } = await startTraining(tools, config);
    if (exitCode === 0) {
      process.stderr.write('skipped: this machine has a GPU and bitsandbytes\n');
      this.skip();
    }
    expect(exitCode).to.equal(2);
    expect(stderr).to.match(/config\.method: qlora needs a GPU and bitsandbytes, but .*; use "lora"/);
  });

  it('refuses an empty file and one whose answers do not fit', async () => {
    const empty = await prepareTraining(tools);
    await writeFile(join(empty.folder, 'train.jsonl'), '\n');
    const nothing = await startTraining(tools, empty.config);
    expect(nothing.exitCode).to.equal(2);
    expect(nothing.stderr).to.contain('trainFile: train.jsonl holds no rows, expected at least one chat');
    const short = await prepareTraining(tools, { maxLength: 8 });
    const cut = await startTraining(tools, short.config);
    expect(cut.exitCode).to.equal(2);
    expect(cut.stderr).to.contain('trainFile: no answer fits into maxLength 8 tokens; raise config.maxLength');
  });
});
