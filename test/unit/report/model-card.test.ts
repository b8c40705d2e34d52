import { expect } from 'chai';
import { marked } from 'marked';
import { parse } from 'yaml';
import { modelCard } from '../../../src/domain/report/model-card.js';
import { parseModelSpec } from '../../../src/domain/spec/model-spec.js';
import { first, promoted, record, verdicts } from './sample-release.js';

const { spec } = parseModelSpec({
  ...{ apiVersion: 'understudy/v1', model: 'support-assistant', base: { id: 'base' } },
  data: {
    recipe: 'support-tickets',
    source: { kind: 'csv', uri: '/none.csv' },
    goldenSet: 'v2.jsonl',
    languages: ['en'],
  },
  evaluation: { preset: 'support-deterministic' },
});
const evaluation = {
  report: promoted.evaluation!,
  flags: [],
  leftOut: [{ metric: 'faithfulness', reason: 'preset support-deterministic does without a judge' }],
  judged: [{ metric: 'coherence', standing: 'allowed', reason: 'the judge was never calibrated' }],
};

const cardOf = (change: Partial<Parameters<typeof modelCard>[0]> = {}): string =>
  modelCard({ record: { ...record, verdicts }, spec: spec!, evaluation, ...change });
const frontOf = (card: string) => parse(card.split('---\n')[1]!) as Record<string, unknown>;

describe('model card', () => {
  it('has the front matter that model hubs read', () => {
    const front = frontOf(cardOf());
    expect(front).to.deep.include({
      ...{ language: ['en'], base_model: record.base.id, base_model_relation: 'adapter', library_name: 'peft' },
      ...{ tags: ['understudy', 'lora'], pipeline_tag: 'text-generation' },
    });
    const [{ results }] = front['model-index'] as [{ results: { metrics: { type: string; value: number }[] }[] }];
    const [f1] = results[0]!.metrics;
    const scores = promoted.evaluation!.metrics[0]!.challenger;
    expect(f1).to.include({ type: 'tokenF1' });
    expect(f1!.value).to.be.closeTo(scores.reduce((sum, one) => sum + one, 0) / scores.length, 1e-12);
  });

  it('says what it is for, was made from and shows, and what it does not', () => {
    const card = cardOf();
    for (const title of [
      'Intended use',
      'Training data',
      'Evaluation',
      'By slice',
      'Limits and known biases',
      'Approvals',
    ])
      expect(card).to.contain(`## ${title}`);
    expect(card).to.contain('| category=prices | tokenF1 |').and.to.contain('jonas@\u200bcourier.example');
    expect(card).to.contain('541 of 612 rows').and.to.contain(record.evidenceDigest!);
    expect(card).to.contain('faithfulness is unmeasured: no judge is configured');
    expect(card).to.contain('faithfulness was not measured').and.to.contain("coherence is a judge's score");
    expect(card).to.contain('understudy evaluate recompute --release support-assistant-r2');
    expect(card).to.equal(cardOf());
  });

  it('is there for a release that never got so far, and lets nobody write into it', () => {
    const early = { ...first.record, dataset: null, training: null, adapter: null, verdicts: [], approvals: [] };
    const card = cardOf({
      record: { ...early, reasons: ['<script>alert(1)</script>\n## Owned | x'] },
      evaluation: null,
    });
    expect(card).to.contain('ended before anything was measured').and.to.contain('Nobody was asked.');
    expect(frontOf(card)).not.to.have.property('model-index');
    const html = marked.parse(card.split('---\n').slice(2).join('---\n')) as string;
    expect(html)
      .not.to.contain('<script>')
      .and.not.to.match(/<h2>Owned/);
  });
});
