import { expect } from 'chai';
import { combineJury, juryAgreements } from '../../../../../src/domain/evaluation/judge/jury.js';
import { scored, unmeasured } from '../../../../../src/domain/evaluation/scorer.js';

const jury = (scores: (number | null)[], range = { low: 1, high: 5 }) =>
  combineJury({
    range,
    scores: scores.map((score, index) => ({
      model: `j${index}`,
      score: score === null ? unmeasured('hung up') : scored(score),
    })),
  });

describe('combineJury', () => {
  it('takes the median and says how far the judges agree', () => {
    expect(jury([4, 4, 4])).to.deep.include({ score: 4 });
    expect(jury([4, 4, 4]).details).to.include({ agreement: 1, judges: 3 });
    expect(jury([1, 4, 5]).score).to.equal(4);
    expect(jury([1, 4, 5]).details['agreement']).to.be.closeTo(1 - 8 / 3 / 4, 1e-12);
    expect(jury([0, 1], { low: 0, high: 1 })).to.deep.include({ score: 0.5 });
  });

  it('sums its agreement up by metric, over answers that several judges scored', () => {
    const row = (metric: string, score: ReturnType<typeof scored>) => ({ metric, ...score });
    const rows = [
      row('coherence', jury([4, 4, 4])),
      row('coherence', jury([1, 5, 5])),
      row('coherence', jury([4, null])),
      row('fluency', scored(3)),
    ];
    const [coherence, ...others] = juryAgreements({ rows });
    expect(others).to.deep.equal([]);
    expect(coherence).to.include({ metric: 'coherence', answers: 2 });
    expect(coherence!.agreement).to.be.closeTo((1 + (1 - 8 / 3 / 4)) / 2, 1e-12);
  });

  it('says of pairs what most say either way round, and which place they favour', () => {
    const pairs = (...said: [number, number][]) =>
      combineJury({
        range: { low: 0, high: 1 },
        scores: said.map(([shownFirst, shownSecond], index) => ({
          model: `j${index}`,
          score: scored((shownFirst + shownSecond) / 2, { shownFirst, shownSecond }),
        })),
      });
    expect(pairs([1, 0], [1, 0], [1, 1]).details).to.include({ shownFirst: 1, shownSecond: 0, positionBias: 'first' });
    expect(pairs([1, 0], [0.5, 0.5], [1, 1]).details).to.include({ positionBias: 'none' });
    expect(jury([4, 4, 4]).details).not.to.have.property('positionBias');
  });

  it('needs more than half of the judges', () => {
    expect(jury([4, null, 2])).to.deep.include({ score: 3 });
    expect(jury([4, null])).to.include({ score: null, reason: '1 of 2 judges gave a score; j1: hung up' });
    expect(jury([null, null, 5]).score).to.equal(null);
  });
});
