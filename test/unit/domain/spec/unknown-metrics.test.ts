import { expect } from 'chai';
import { evaluationSpecSchema } from '../../../../src/domain/spec/evaluation-spec.js';
import { unknownMetrics } from '../../../../src/domain/spec/unknown-metrics.js';

describe('unknownMetrics', () => {
  const problems = (given: object) =>
    unknownMetrics(evaluationSpecSchema.parse({ preset: 'support-deterministic', ...given }));

  it('names every metric that nobody measures, where it stands, and what is like it', () => {
    const found = problems({
      gates: [
        { metric: 'tokenF1', min: 0.5 },
        { metric: 'tokenf1', min: 0.5 },
      ],
      primary: [{ metric: 'fatihfulness' }],
      guardrails: [{ metric: 'f1' }],
    });
    expect(found.map(({ path, value }) => [path, value])).to.deep.equal([
      ['evaluation.gates.1.metric', 'tokenf1'],
      ['evaluation.primary.0.metric', 'fatihfulness'],
      ['evaluation.guardrails.0.metric', 'f1'],
    ]);
    expect(found[0]!.expected).to.match(/^a metric, such as tokenF1,/);
    expect(found[1]!.expected).to.match(/^a metric, such as faithfulness,/);
    expect(found[2]!.expected).to.contain('tokenF1');
  });

  it('knows measured, judged and set metrics', () => {
    const gates = ['ndcgAt5', 'selfBleu', 'pairwisePreference'].map((metric) => ({ metric, min: 0 }));
    expect(problems({ gates })).to.deep.equal([]);
  });
});

describe('evaluation.alpha', () => {
  it('is an error rate, neither none nor certain', () => {
    for (const alpha of [0, 1, '0%', '100%'])
      expect(evaluationSpecSchema.safeParse({ preset: 'support', alpha }).error?.issues[0]?.message).to.equal(
        'expected over 0% and under 100%',
      );
    expect(evaluationSpecSchema.parse({ preset: 'support', alpha: '1%' }).alpha).to.equal(0.01);
  });
});
