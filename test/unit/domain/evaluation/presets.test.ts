import { expect } from 'chai';
import { gatesOf, presets } from '../../../../src/domain/evaluation/presets.js';
import { scorers } from '../../../../src/domain/evaluation/scorers.js';

describe('presets', () => {
  it('gate on the bound that makes passing harder', () => {
    for (const { gates } of Object.values(presets))
      for (const gate of gates) expect(gate.on).to.equal(gate.min === undefined ? 'upperBound' : 'lowerBound');
  });

  it('without a judge gate only on what can be scored without one, and say what is left out', () => {
    const { gates, notMeasured } = presets['support-deterministic'];
    for (const gate of gates) expect(scorers).to.have.property(gate.metric);
    expect(notMeasured).to.include.members(['faithfulness', 'toxicity', 'hallucination']);
  });

  it('give way, by metric, to the gates of the spec', () => {
    const gates = gatesOf({
      preset: 'support-deterministic',
      gates: [
        { metric: 'tokenF1', min: 0.4, on: 'point' },
        { metric: 'rougeL', min: 0.3 },
      ],
    });
    expect(gates).to.deep.equal([
      { metric: 'quasiExactMatch', min: 0.5, on: 'lowerBound' },
      { metric: 'tokenF1', min: 0.4, on: 'point' },
      { metric: 'rougeL', min: 0.3 },
    ]);
  });
});
