import { expect } from 'chai';
import { createContaminationIndex } from '../../../src/domain/dataset/contamination-index.js';
import { checkPreferences } from '../../../src/domain/dataset/preferences.js';

const golden = createContaminationIndex({
  golden: [{ id: 'g1', input: 'Where is my parcel, it should have come on Monday?', reference: 'In Leeds.' }],
});
const check = (rows: readonly object[]) =>
  checkPreferences({ text: rows.map((row) => JSON.stringify(row)).join('\n'), golden, removeAt: 0.85 });
const message = (role: string, content: string) => [{ role, content }];
const pair = {
  prompt: message('user', 'Can I change the address?'),
  chosen: message('assistant', 'Yes, until noon.'),
  rejected: message('assistant', 'No.'),
};

describe('a file of preferences', () => {
  it('is accepted with systems, earlier turns and fields of its own', () => {
    const longer = [
      ...message('system', 'Be brief.'),
      ...message('user', 'Hi'),
      ...message('assistant', 'Hello'),
      ...pair.prompt,
    ];
    expect(check([pair, { ...pair, id: 'p2', prompt: longer }])).to.deep.equal({ pairs: 2, problems: [] });
  });

  it('is refused with every problem of every line', () => {
    const { pairs, problems } = check([
      { ...pair, prompt: message('assistant', 'Yes.') },
      { ...pair, chosen: [], rejected: message('user', 'No.') },
      { ...pair, rejected: pair.chosen },
      { ...pair, prompt: [...pair.prompt, ...message('system', 'Be brief.'), ...pair.prompt] },
    ]);
    expect(pairs).to.equal(0);
    expect(problems).to.deep.equal([
      { line: 1, field: 'prompt', expected: 'expected a user message at the end' },
      { line: 2, field: 'chosen', expected: 'expected one message of the assistant' },
      { line: 2, field: 'rejected.0.role', expected: 'Invalid input: expected "assistant"' },
      { line: 3, field: 'rejected', expected: 'expected another text than chosen; drop the row' },
      { line: 4, field: 'prompt', expected: 'expected system only in front' },
    ]);
    const broken = checkPreferences({ text: '{"prompt"', golden, removeAt: 0.85 });
    expect(broken.problems[0]!.expected).to.match(/^one JSON object a line/);
    expect(checkPreferences({ text: '\n', golden, removeAt: 0.85 }).problems[0]!.field).to.equal('(file)');
  });

  it('is refused where a prompt is a golden case in other punctuation', () => {
    const copied = { ...pair, prompt: message('user', 'where is my parcel - it should have come on monday') };
    const { problems } = check([pair, copied]);
    expect(problems).to.have.length(1);
    expect(problems[0]!).to.include({ line: 2, field: 'prompt' });
    expect(problems[0]!.expected).to.match(/^no golden case: overlap 1\.00 >= 0\.85 with case g1/);
  });
});
