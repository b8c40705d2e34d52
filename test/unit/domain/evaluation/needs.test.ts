import { expect } from 'chai';
import { needsOf } from '../../../../src/domain/evaluation/needs.js';

describe('needsOf', () => {
  it('joins what the metrics need, and names the probes to ask', () =>
    expect(
      needsOf({ metrics: ['robustnessDeltaF1', 'invarianceTypos', 'directionality', 'mrr', 'faithfulness'] }),
    ).to.deep.equal({
      needs: ['documents', 'reference', 'relevantDocuments', 'variants.negativeFact', 'variants.typos'],
      probeKinds: ['negativeFact', 'typos'],
    }));

  it('is nothing for metrics of the text alone', () =>
    expect(needsOf({ metrics: ['answerLength', 'selfBleu'] })).to.deep.equal({ needs: [], probeKinds: [] }));
});
