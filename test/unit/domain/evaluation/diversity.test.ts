import { expect } from 'chai';
import { diversityOf } from '../../../../src/domain/evaluation/diversity.js';

describe('diversityOf', () => {
  it('counts distinct words and pairs over all answers', () => {
    const found = diversityOf({ answers: ['the cat sat', 'The cat ran!', null] });
    expect(found).to.deep.include({ answers: 2, distinct1: 4 / 6, distinct2: 3 / 4, uniqueAnswers: 1 });
  });

  it('tells a model that says the same to everybody', () => {
    const varied = diversityOf({ answers: ['Refunds take five days.', 'Parcels leave at noon.', 'Call us any time.'] });
    const same = diversityOf({ answers: ['Please do contact us.', 'Please do contact us.', 'Please do contact us.'] });
    expect(same).to.deep.include({ distinct1: 4 / 12, uniqueAnswers: 0, selfBleu: 1 });
    expect(varied.uniqueAnswers).to.equal(1);
    expect(varied.selfBleu).to.be.lessThan(0.2);
  });

  it('says nothing of nothing', () =>
    expect(diversityOf({ answers: [null] })).to.deep.equal({
      answers: 0,
      distinct1: null,
      distinct2: null,
      uniqueAnswers: null,
      selfBleu: null,
      distinctWithin: null,
    }));
});
