import { expect } from 'chai';
import type { GoldenCase } from '../../../../src/domain/dataset/golden.js';
import { flagsOf } from '../../../../src/domain/evaluation/judge-answers.js';

const cases: GoldenCase[] = Array.from({ length: 40 }, (_, i) => ({
  ...{ id: `${i}`, input: `Where is parcel ${i}?`, reference: `Parcel ${i} is on its way.`, cluster: `${i}`, tags: {} },
}));
const answers = (text: (i: number) => string | null) =>
  cases.map(({ id }, i) => ({ id, answer: text(i), reason: null }));
const champion = answers((i) => `Parcel number ${i} has left depot ${i * 3} and arrives tomorrow.`);

describe('flagsOf', () => {
  it('raises nothing where little changed', () => {
    const challenger = champion.map((one, i) => (i === 0 ? { ...one, answer: 'We are closed on Sundays.' } : one));
    const flags = flagsOf({ cases, challenger, champion });
    expect(flags.map((one) => [one.flag, one.raised])).to.deep.equal([
      ['behaviourChange', false],
      ['diversityLoss', false],
    ]);
    expect(flags[0]!.cases).to.deep.equal(['0']);
  });

  it('asks for a person where answers changed, are missing, or are all the same', () => {
    const same = flagsOf({ cases, challenger: answers(() => 'Please contact our support.'), champion });
    expect(same.map((one) => one.raised)).to.deep.equal([true, true]);
    const missing = flagsOf({ cases, challenger: champion, champion: champion.slice(3) });
    expect(missing[0]).to.deep.include({ raised: true, value: 3 / 40 });
  });

  it('has nothing to say before the first champion', () => {
    expect(flagsOf({ cases, challenger: champion, champion: null })).to.deep.equal([]);
  });
});
