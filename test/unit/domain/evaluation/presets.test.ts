import { expect } from 'chai';
import type { GateSpec } from '../../../../src/domain/spec/evaluation-spec.js';
import { gatesOf, presets, whatIsLeftOut } from '../../../../src/domain/evaluation/presets.js';
import { isJudged } from '../../../../src/domain/evaluation/judge/judged-metrics.js';
import { isScorable } from '../../../../src/domain/evaluation/score-answers.js';
import { scorers } from '../../../../src/domain/evaluation/scorers.js';

type Known = Record<'probed' | 'embedded' | 'retrieves' | 'retrieved', boolean>;
const plain: Known = { probed: true, embedded: true, retrieves: false, retrieved: false };
const leftOutBy = (preset: keyof typeof presets, known: Partial<Known> = {}, gates: GateSpec[] = []) =>
  whatIsLeftOut({ preset, gates, ...plain, ...known });
const names = (leftOut: { metric: string }[]): string[] => leftOut.map(({ metric }) => metric);
const ofDocuments = ['contextualPrecision', 'contextualRecall'];

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
    const leftOut = leftOutBy('summaries-deterministic');
    expect(names(leftOut)).to.deep.equal([
      ...['robustnessDeltaF1', 'cosineToReference', ...ofDocuments],
      ...['faithfulness', 'answerRelevancy', 'hallucination', 'coherence'],
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
    expect(limits('contextualPrecision')).to.deep.equal([0.7, 0.7, 0.7]);
    expect(limits('contextualRecall')).to.deep.equal([0.7, 0.7, 0.7]);
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
    const leftOut = (preset: keyof typeof presets, probed: boolean, gates: GateSpec[] = []) =>
      names(leftOutBy(preset, { probed, embedded: false }, gates));
    const never = ['cosineToReference', ...ofDocuments];
    expect(leftOut('support', true)).to.deep.equal(never);
    expect(leftOut('support', false)).to.deep.equal(['robustnessDeltaF1', ...never]);
    const own = [{ metric: 'robustnessDeltaF1', max: 0.1 }];
    expect(leftOut('support', false, own)).to.deep.equal(never);
    expect(names(leftOutBy('support'))).to.deep.equal(ofDocuments);
    for (const preset of ['support', 'strict', 'summaries', 'support-deterministic'] as const) {
      const { gates, notMeasured } = presets[preset];
      const promised = [...gates.map((gate) => gate.metric), ...notMeasured];
      const gated = gatesOf({ preset, gates: [], leftOut: leftOut(preset, true) }).map((gate) => gate.metric);
      expect([...gated, ...leftOut(preset, true)]).to.have.members(promised);
      for (const { reason } of leftOutBy(preset, { embedded: false })) expect(reason).to.not.equal('');
    }
  });

  it('gate on what retrieval finds where the spec retrieves and the answers name it', () => {
    for (const preset of ['support', 'strict', 'summaries'] as const) {
      expect(leftOutBy(preset, { retrieves: true, retrieved: true })).to.deep.equal([]);
      const unnamed = leftOutBy(preset, { retrieves: true });
      expect(names(unnamed)).to.deep.equal(ofDocuments);
      expect(unnamed[0]!.reason).to.contain('no answer of this candidate names the documents');
      const [elsewhere] = leftOutBy(preset, { retrieved: true });
      expect(elsewhere!.reason).to.contain('the spec has no retrieval');
    }
    const [, , , , precision] = leftOutBy('support-deterministic', { retrieves: true, retrieved: true });
    expect(precision!.reason).to.contain('without a judge');
  });

  it('held summaries to no retrieval before rules 5', () => {
    const gated = (rules: 4 | 5) => gatesOf({ preset: 'summaries', gates: [], leftOut: [], rules });
    expect(names(gated(4))).to.not.include.members(ofDocuments);
    expect(names(gated(5))).to.include.members(ofDocuments);
    expect(names(gatesOf({ preset: 'support', gates: [], leftOut: [], rules: 4 }))).to.include.members(ofDocuments);
  });

  it('gate as version 0.1.0 did where nothing is said of what is left out', () => {
    expect(gatesOf({ preset: 'support', gates: [] }).map((gate) => gate.metric)).to.deep.equal([
      ...['tokenF1', 'quasiExactMatch', 'toxicity', 'faithfulness', 'answerRelevancy', 'hallucination', 'coherence'],
    ]);
    const deterministic = gatesOf({ preset: 'support-deterministic', gates: [] });
    expect(deterministic.map((gate) => gate.metric)).to.deep.equal(['tokenF1', 'quasiExactMatch']);
  });
});
