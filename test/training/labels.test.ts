import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { findTools, prepareTraining, removeTrainings, runPython, type Tools } from './support.js';

interface Labels {
  rows: { text: string; labelled: string }[];
  truncated: number;
  dropped: number;
}

describe('the labels that the trainer learns from', function () {
  this.timeout(240_000);
  let tools: Tools;
  before(async () => {
    tools = await findTools();
  });
  after(removeTrainings);

  const labelsOf = async (rows: object[], change: Record<string, unknown> = {}): Promise<Labels> => {
    const { folder, config } = await prepareTraining(tools, { batchSize: rows.length, ...change });
    await writeFile(join(folder, 'train.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    return runPython<Labels>(tools, 'inspect_labels.py', [config]);
  };

  it('lie on every answer and its end of turn, never on system, questions or padding', async () => {
    const system = { role: 'system', content: 'Be brief.' };
    const first = [
      { role: 'user', content: 'Where is DX482913?' },
      { role: 'assistant', content: 'In Leeds.' },
    ];
    const second = [
      { role: 'user', content: 'And when will it come to me, please?' },
      { role: 'assistant', content: 'On Friday.' },
    ];
    const { rows } = await labelsOf([{ messages: [system, ...first, ...second] }, { messages: first }]);
    const labelled = rows.map((row) => row.labelled).sort();
    expect(labelled).to.deep.equal(['In Leeds.<|im_end|>', 'In Leeds.<|im_end|>On Friday.<|im_end|>']);
    for (const { text } of rows) expect(text).to.contain('<|im_start|>user\nWhere is DX482913?<|im_end|>');
  });

  it('are counted where a chat is cut, and a chat whose answer is cut off whole is dropped', async () => {
    const chat = (words: number) => ({
      messages: [
        { role: 'user', content: 'parcel '.repeat(words).trim() },
        { role: 'assistant', content: 'It is late.' },
      ],
    });
    const found = await labelsOf([chat(2), chat(60)], { maxLength: 32 });
    expect(found).to.include({ truncated: 1, dropped: 1 });
    expect(found.rows.map((row) => row.labelled)).to.deep.equal(['It is late.<|im_end|>']);
  });
});
