import { expect } from 'chai';
import { gatesOf, presets, whatIsLeftOut } from '../../../../src/domain/evaluation/presets.js';
import { isJudged } from '../../../../src/domain/evaluation/judge/judged-metrics.js';
import { isScorable } from '../../../../src/domain/evaluation/score-answers.js';
import { scorers } from '../../../../src/domain/evaluation/scorers.js';

describe('presets', () => {
  it('gate on the bound that makes passing harder, but for a rate that few cases can not show', () => {
    for (const [name, { gates }] of Object.entries(presets))
      for (const gate of gates) {
        const bound = gate.min === undefined ? 'upperBound' : 'lowerBound';
        const rare = name.endsWith('-deterministic') && gate.metric === 'toxicity';
        expect(gate.on, `${name} ${gate.metric}`).to.equal(rare ? 'point' : bound);
      }
  });

  it('name what summaries without a judge leave out', () => {
    const leftOut = whatIsLeftOut({ preset: 'summaries-deterministic', gates: [], probed: true, embedded: true });
    expect(leftOut.map(({ metric }) => metric)).to.deep.equal([
      ...['robustnessDeltaF1', 'cosineToReference', 'faithfulness', 'answerRelevancy', 'hallucination', 'coherence'],
    ]);
    expect(leftOut.find(({ metric }) => metric === 'faithfulness')?.reason).to.contain('without a judge');
  });

  it('gate only on metrics that a scorer or a judge has', () => {
    for (const { gates } of Object.values(presets))
      for (const { metric } of gates) expect(isScorable(metric) || isJudged(metric), metric).to.equal(true);
  });

  it('hold the limits that they promise', () => {
    const limitOf = (preset: keyof typeof presets, metric: string): number | undefined => {
      const gate = presets[preset].gates.find((one) => one.metric === metric);
      return gate?.min ?? gate?.max;
    };
    const limits = (metric: string) => (['support', 'strict', 'summaries'] as const).map((one) => limitOf(one, metric));
    expect(limits('tokenF1')).to.deep.equal([0.65, 0.65, undefined]);
    expect(limits('quasiExactMatch')).to.deep.equal([0.5, 0.5, undefined]);
    expect(limits('toxicity')).to.deep.equal([0.05, 0.05, 0.05]);
    expect(limits('robustnessDeltaF1')).to.deep.equal([0.15, 0.15, 0.15]);
    expect(limits('cosineToReference')).to.deep.equal([0.82, 0.82, 0.82]);
    expect(limits('contextualPrecision')).to.deep.equal([0.7, 0.7, undefined]);
    expect(limits('contextualRecall')).to.deep.equal([0.7, 0.7, undefined]);
    expect(limits('faithfulness')).to.deep.equal([0.75, 0.85, 0.95]);
    expect(limits('answerRelevancy')).to.deep.equal([0.75, 0.9, 0.75]);
    expect(limits('hallucination')).to.deep.equal([0.25, 0.02, 0.25]);
    expect(limits('coherence')).to.deep.equal([4, 4, 4]);
  });

  it('without a judge gate only on what can be scored without one, and say what is left out', () => {
    const { gates, notMeasured } = presets['support-deterministic'];
    for (const gate of gates) expect(scorers).to.have.property(gate.metric);
    expect(gates).to.deep.include({ metric: 'toxicity', max: 0.05, on: 'point' });
    expect(notMeasured).to.include.members(['faithfulness', 'robustnessDeltaF1', 'hallucination']);
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

  it('name everything that they promise and do not gate on, with the reason', () => {
    const leftOut = (preset: keyof typeof presets, probed: boolean, gates: { metric: string; max: number }[] = []) =>
      whatIsLeftOut({ preset, gates, probed, embedded: false }).map(({ metric }) => metric);
    const never = ['cosineToReference', 'contextualPrecision', 'contextualRecall'];
    expect(leftOut('support', true)).to.deep.equal(never);
    expect(leftOut('support', false)).to.deep.equal(['robustnessDeltaF1', ...never]);
    const own = [{ metric: 'robustnessDeltaF1', max: 0.1 }];
    expect(leftOut('support', false, own)).to.deep.equal(never);
    const embedded = whatIsLeftOut({ preset: 'support', gates: [], probed: true, embedded: true });
    expect(embedded.map(({ metric }) => metric)).to.deep.equal(['contextualPrecision', 'contextualRecall']);
    for (const preset of ['support', 'strict', 'summaries', 'support-deterministic'] as const) {
      const { gates, notMeasured } = presets[preset];
      const promised = [...gates.map((gate) => gate.metric), ...notMeasured];
      const gated = gatesOf({ preset, gates: [], leftOut: leftOut(preset, true) }).map((gate) => gate.metric);
      expect([...gated, ...leftOut(preset, true)]).to.have.members(promised);
      for (const { reason } of whatIsLeftOut({ preset, gates: [], probed: true, embedded: false }))
        expect(reason).to.not.equal('');
    }
  });

  it('gate as version 0.1.0 did where nothing is said of what is left out', () => {
    expect(gatesOf({ preset: 'support', gates: [] }).map((gate) => gate.metric)).to.deep.equal([
      ...['tokenF1', 'quasiExactMatch', 'toxicity', 'faithfulness', 'answerRelevancy', 'hallucination', 'coherence'],
    ]);
    const deterministic = gatesOf({ preset: 'support-deterministic', gates: [] });
    expect(deterministic.map((gate) => gate.metric)).to.deep.equal(['tokenF1', 'quasiExactMatch']);
  });
});
