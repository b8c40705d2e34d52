import { expect } from 'chai';
import { differenceLine, differencesOf } from '../../../../src/domain/spec/differences.js';

describe('differences of two documents', () => {
  it('name every field that is not the same, and nothing else', () => {
    const from = { same: 1, rollout: { lease: 'PT10M', load: null }, languages: ['en'], gone: true };
    const to = { same: 1, rollout: { lease: 'PT5M', load: null }, languages: ['en', 'de'], prompt: 'a.yaml' };
    expect(differencesOf({ from, to }).map(differenceLine)).to.deep.equal([
      'gone: true -> nothing',
      'languages: ["en"] -> ["en","de"]',
      'prompt: nothing -> "a.yaml"',
      'rollout.lease: "PT10M" -> "PT5M"',
    ]);
  });

  it('are none of equal documents', () => {
    expect(differencesOf({ from: { a: [1, { b: null }] }, to: { a: [1, { b: null }] } })).to.deep.equal([]);
  });
});
