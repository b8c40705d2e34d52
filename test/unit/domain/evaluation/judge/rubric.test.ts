import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { judgedMetrics, type RubricMetric } from '../../../../../src/domain/evaluation/judge/judged-metrics.js';
import { parseRubric } from '../../../../../src/domain/evaluation/judge/rubric.js';
import { scorers } from '../../../../../src/domain/evaluation/scorers.js';
import { rubricOf, rubricsFolder } from './judging.js';

describe('rubrics', () => {
  const metrics = Object.keys(judgedMetrics) as RubricMetric[];

  it('stand one a metric, and no metric has two ways of being measured', () => {
    expect(readdirSync(rubricsFolder).sort()).to.deep.equal(metrics.map((metric) => `${metric}.yaml`).sort());
    for (const metric of metrics) {
      expect(rubricOf(metric).metric).to.equal(metric);
      expect(scorers).not.to.have.property(metric);
    }
  });

  it('have a digest that changes with any word', () => {
    const text = 'version: 1\nmetric: coherence\nsource: s\nkind: rating\nsystem: a\nrate: "{answer}"\n';
    const digest = (yaml: string) => parseRubric({ name: 'coherence.yaml', text: yaml }).digest;
    expect(digest(text)).to.match(/^[0-9a-f]{64}$/);
    expect(digest(text)).to.equal(digest(`# a comment\n${text}`));
    expect(digest(text)).not.to.equal(digest(text.replace('system: a', 'system: b')));
  });

  it('are refused with every field that misfits', () => {
    expect(() => parseRubric({ name: 'x.yaml', text: 'version: 1\nkind: rating\nmetric: none\nrat: 1\n' })).to.throw(
      /rubric x\.yaml: metric: .*source: .*system: .*rate: /,
    );
  });
});
