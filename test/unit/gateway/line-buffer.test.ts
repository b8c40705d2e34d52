import { expect } from 'chai';
import fc from 'fast-check';
import { LineBuffer } from '../../../src/gateway/line-buffer.js';

describe('line buffer', () => {
  it('holds lines as UTF-8, however long and in whatever script', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (lines) => {
        const buffer = new LineBuffer();
        const bytes = lines.map((line) => buffer.append(line));
        const expected = Buffer.from(lines.map((line) => `${line}\n`).join(''));
        expect(buffer.body.equals(expected)).to.equal(true);
        expect(bytes.reduce((sum, one) => sum + one, 0)).to.equal(expected.length);
        expect(buffer.lines).to.equal(lines.length);
      }),
    );
  });

  it('grows over its first size', () => {
    const buffer = new LineBuffer();
    for (let n = 0; n < 50; n += 1) buffer.append('€'.repeat(1000));
    expect(buffer.body.length).to.equal(50 * 3001);
    expect(buffer.body.toString().split('\n')[49]).to.equal('€'.repeat(1000));
  });

  it('takes the memory of another, and nothing of what stood in it', () => {
    const first = new LineBuffer();
    for (let n = 0; n < 50; n += 1) first.append('x'.repeat(1000));
    const memory = first.giveBack();
    const second = new LineBuffer(memory);
    expect(second.body.length).to.equal(0);
    second.append('short');
    expect(second.body.toString()).to.equal('short\n');
    expect(second.body.buffer).to.equal(memory.buffer);
  });
});
