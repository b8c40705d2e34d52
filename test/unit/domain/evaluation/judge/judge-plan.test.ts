import { expect } from 'chai';
import { judgedMetricsOf, judgeNameOf } from '../../../../../src/domain/evaluation/judge/judge-plan.js';
import { gatesOf, leftOutOf } from '../../../../../src/domain/evaluation/presets.js';
import { evaluationSpecSchema, judgeSpecSchema } from '../../../../../src/domain/spec/evaluation-spec.js';
import { retrievalSpecSchema } from '../../../../../src/domain/spec/retrieval-spec.js';

const spec = (changes: Record<string, unknown>) => evaluationSpecSchema.parse({ preset: 'support', ...changes });
const retrieval = retrievalSpecSchema.parse({ index: 'policies' });

describe('judge plan', () => {
  it('names every metric that a judge has to score, once', () => {
    expect(judgedMetricsOf({ evaluation: spec({ preset: 'support-deterministic' }), retrieval })).to.deep.equal([]);
    const asked = spec({ primary: [{ metric: 'correctness' }], guardrails: [{ metric: 'faithfulness' }] });
    const others = ['faithfulness', 'answerRelevancy', 'hallucination', 'coherence'];
    expect(judgedMetricsOf({ evaluation: asked, retrieval: null })).to.deep.equal(['correctness', ...others]);
    const ofDocuments = ['contextualPrecision', 'contextualRecall'];
    for (const preset of ['support', 'strict', 'summaries'])
      expect(judgedMetricsOf({ evaluation: spec({ preset }), retrieval })).to.deep.equal([...ofDocuments, ...others]);
  });

  it('leaves out and names what this version does not observe, unless the spec asks for it', () => {
    for (const preset of ['support', 'strict', 'summaries'] as const) {
      const gated = gatesOf(spec({ preset })).map((gate) => gate.metric);
      for (const metric of leftOutOf(preset)) expect(gated).not.to.include(metric);
      expect(gated).to.include.members(['faithfulness', 'toxicity', 'coherence']);
    }
    expect(leftOutOf('support')).to.have.members([
      'robustnessDeltaF1',
      'cosineToReference',
      'contextualPrecision',
      'contextualRecall',
    ]);
    const own = gatesOf(spec({ gates: [{ metric: 'cosineToReference', min: 0.5 }] }));
    expect(own.filter((gate) => gate.metric === 'cosineToReference')).to.have.length(1);
  });

  it('gives another name to another judge', () => {
    const name = (changes: Record<string, unknown>) => judgeNameOf(judgeSpecSchema.parse({ model: 'a', ...changes }));
    expect(name({})).to.equal('a');
    expect(name({ strong: 'b' })).to.equal('a, b where unsure');
    expect(name({ strong: 'b', strongFor: 'everyCase' })).to.equal('b');
    expect(name({ jury: ['b', 'c'] })).to.equal('jury of a, b, c');
  });
});
