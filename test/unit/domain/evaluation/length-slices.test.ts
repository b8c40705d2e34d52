import { expect } from 'chai';
import { lengthSlices } from '../../../../src/domain/evaluation/length-slices.js';

const questions = (lengths: readonly number[]) =>
  lengths.map((words, i) => ({ id: `${i}`, input: Array(words).fill('word').join(' '), tags: {} }));

describe('lengthSlices', () => {
  it('cuts questions into three parts of like number, named by the lengths they hold', () => {
    const slices = lengthSlices({ cases: questions([9, 1, 5, 2, 8, 3, 7, 4, 6]) });
    expect([...slices.values()]).to.deep.equal([
      '7 to 9 words',
      '1 to 3 words',
      '4 to 6 words',
      '1 to 3 words',
      '7 to 9 words',
      '1 to 3 words',
      '7 to 9 words',
      '4 to 6 words',
      '4 to 6 words',
    ]);
  });

  it('keeps equal lengths together, and what a case says of itself', () => {
    expect([...lengthSlices({ cases: questions([4, 4, 4, 4, 20]) }).values()]).to.deep.equal([
      ...Array<string>(4).fill('4 words'),
      '20 words',
    ]);
    const own = [...questions([3]), { id: 'own', input: 'Why?', tags: { length: 'tiny' } }];
    expect(lengthSlices({ cases: own }).get('own')).to.equal('tiny');
    expect(lengthSlices({ cases: [] }).size).to.equal(0);
  });
});
