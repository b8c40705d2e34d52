import { expect } from 'chai';
import { marked } from 'marked';
import { evaluationView, type EvaluationInput } from '../../../src/domain/report/evaluation-view.js';
import { evaluationJunit } from '../../../src/report/evaluation-junit.js';
import { evaluationMarkdown } from '../../../src/report/evaluation-markdown.js';
import { evaluationText } from '../../../src/report/evaluation-text.js';
import { renderEvaluation } from '../../../src/report/render-evaluation.js';
import { promoted, verdicts } from './sample-release.js';

const hostile = '<script>alert(1)</script> | @everyone ![x](http://e.example/p.png) **b** \u0000\u001b[31m]]> "\'&';
const input: EvaluationInput = {
  ...{ id: 'evaluation-1', model: 'desk', candidate: hostile, against: 'desk-r1', verdict: 'unmeasured', verdicts },
  golden: { name: 'desk', version: 'v2', sha256: 'a'.repeat(64) },
  intervals: new Map([['tokenF1 lower bound', { low: 0.7512, high: 0.83, level: 0.95 }]]),
  flags: [
    { flag: 'behaviourChange', raised: true, reason: hostile, value: 0.4, limit: 0.05, n: 120, cases: ['a'] },
    { flag: 'diversityLoss', raised: false, reason: 'as varied', value: 0, limit: 0.1, n: 120, cases: [] },
  ],
  leftOut: [
    { metric: 'contextualRecall', reason: 'nothing is retrieved' },
    { metric: 'contextualPrecision', reason: 'nothing is retrieved' },
  ],
  judged: [
    { metric: 'coherence', standing: 'calibrated', reason: 'lower bound of kappa 0.6 >= 0.4' },
    { metric: 'faithfulness', standing: 'informs', reason: 'the judge was never calibrated' },
  ],
  judging: {
    ...{ judge: 'cheap', cases: 120, calls: 400, cached: 20, spentUsd: 0.5, capUsd: 5, unmeasured: 1 },
    strong: { audit: 6, unsure: 3 },
    audit: { coherence: { cases: 12, meanDifference: 0.1, meanDistance: 0.2 } },
  },
  report: {
    ...promoted.evaluation!,
    cases: promoted.evaluation!.cases.map((one) => ({ ...one, challengerAnswer: hostile, input: hostile })),
  },
  ...{ attempt: 3, seed: 1, evidenceDigest: 'b'.repeat(64) },
};
const view = evaluationView(input);

describe('formats of an evaluation', () => {
  it('put what decided first, and count flags as no gates', () => {
    expect(view.gates.map((one) => one.verdict)).to.deep.equal(['unmeasured', 'inconclusive', 'pass', 'pass']);
    const shown = { ...verdicts[0]!, gate: 'flag behaviourChange', informs: true } as const;
    expect(evaluationView({ ...input, verdicts: [...verdicts, shown] }).gates).to.have.length(4);
    expect(view.sentence).to.contain('2 of 4 gates pass; unmeasured: faithfulness; inconclusive: answerLength.');
  });

  it('say what is not shown', () => {
    expect(view.limits).to.include('Not measured: contextualRecall, contextualPrecision (nothing is retrieved).');
    expect(view.limits.join()).to.contain('only informs on faithfulness').and.not.to.contain('coherence');
    expect(view.limits.join()).to.not.contain('No slice');
    const whole = evaluationView({ ...input, report: { ...input.report!, slices: [] } });
    expect(whole.limits.join()).to.contain('No slice was compared');
    const share = { ...verdicts[0]!, gate: 'unmeasured', verdict: 'unmeasured' } as const;
    expect(evaluationView({ ...input, verdicts: [share] }).sentence).to.contain('unmeasured: share unmeasured.');
  });

  it('let no text from outside act: as a comment', () => {
    const comment = evaluationMarkdown(view);
    const html = marked.parse(comment) as string;
    expect(html).not.to.contain('<script').and.not.to.contain('<img').and.not.to.contain('<strong>b</strong>');
    expect(comment).not.to.contain('@everyone');
    expect(html.match(/<table>/g)).to.have.length(1);
  });

  it('let no text from outside act: as JUnit, whatever characters it holds', () => {
    const junit = evaluationJunit(view);
    expect(junit).not.to.contain('<script').and.not.to.contain('\u0000').and.not.to.contain('\u001b');
    expect(junit).to.contain('tests="4" failures="2"').and.to.contain('&lt;script&gt;');
  });

  it('let no text from outside act: as a page', () => {
    const page = renderEvaluation(view);
    expect(page).not.to.contain('<script').and.not.to.contain('<img');
    expect(page).to.contain('coherence').and.to.contain('6 (to check the first) and 3 (where the first was unsure)');
    expect(page).to.contain('0.7512 to 0.83').and.to.equal(renderEvaluation(view));
  });

  it('show in the terminal that a person has to look', () => {
    const text = evaluationText(view);
    expect(text).to.contain('- look at it: ').and.not.to.contain('as varied');
    expect(text).not.to.contain('\u001b');
    expect(text).to.contain('120 cases of golden set desk v2, attempt 3 on it').and.to.contain('$0.50 of $5.00');
  });

  it('name a slice that is harmed, and no other', () => {
    const [first, ...others] = promoted.evaluation!.slices;
    const slices = [{ ...first!, slice: 'language=nl', pValue: 0.0123, harmed: true }, ...others];
    const harmed = evaluationView({ ...input, report: { ...input.report!, slices } });
    for (const written of [evaluationText, evaluationMarkdown, renderEvaluation])
      expect(written(harmed)).to.match(/language=nl is harmed: tokenF1 .*p 0\.0123 after Holm/);
    expect(harmed.toLookAt.join()).not.to.contain('category=');
    expect(renderEvaluation(harmed)).to.match(/language=nl\s+<span class="badge bad">/);
    expect(renderEvaluation(view)).not.to.contain('harmed</span>');
  });

  it('show how far a jury agreed, and nothing of it where there was none', () => {
    const jury = [{ metric: 'coherence', answers: 240, agreement: 0.8125 }];
    const page = renderEvaluation(evaluationView({ ...input, report: { ...input.report!, jury } }));
    expect(page).to.contain('Agreement of the jury').and.to.contain('0.8125 on average, 240 answers');
    expect(renderEvaluation(view)).not.to.contain('Agreement of the jury');
  });

  it('show a comparison that was refused before it began', () => {
    const refused = evaluationView({ ...input, report: null, intervals: new Map(), judging: null, judged: [] });
    for (const written of [evaluationText, evaluationMarkdown, evaluationJunit, renderEvaluation])
      expect(written(refused).length).to.be.greaterThan(100);
    expect(refused.limits.join()).to.contain('refused before it began');
  });
});
