import { expect } from 'chai';
import fc from 'fast-check';
import { releaseRecordSchema } from '../../../src/domain/release/release-record.js';
import { canaryView, thinned } from '../../../src/domain/report/canary-view.js';
import { formatBytes, formatNumber, formatSeconds, formatUsd } from '../../../src/domain/report/format.js';
import { notMeasured } from '../../../src/domain/report/not-measured.js';
import { harmedSlices, reportModel, sliceView, worstCases } from '../../../src/domain/report/report-model.js';
import { histogram, metricView } from '../../../src/domain/report/score-views.js';
import { stageSpans } from '../../../src/domain/report/stage-spans.js';
import { outcomeView } from '../../../src/domain/report/verdict-sentence.js';
import { at, looks } from './sample-evidence.js';
import { failedEarly, first, promoted, record, rejected, rolledBack } from './sample-release.js';

describe('report model', () => {
  it('starts from records as the store holds them', () => {
    for (const sample of [promoted, first, rolledBack, rejected, failedEarly]) {
      expect(releaseRecordSchema.parse(JSON.parse(JSON.stringify(sample.record)))).to.deep.equal(sample.record);
    }
  });

  it('says in one sentence how a release ended and why', () => {
    expect(outcomeView(promoted.record)).to.include({ word: 'Promoted', tone: 'good' });
    expect(outcomeView(rolledBack.record).sentence).to.equal(
      'support-assistant-r3 was rolled back in the stage canary; all users are back on support-assistant-r2: ' +
        'guard error: e-value 213.4 >= 200 after 41 looks at 5 % of users.',
    );
    const withdrawn = outcomeView({ ...record, withdrawnAt: at(900), reasons: [] });
    expect(withdrawn).to.include({ word: 'Promoted, then withdrawn', tone: 'warning' });
    expect(withdrawn.sentence).to.contain('until 2026-11-21 09:15:00 UTC');
  });

  it('keeps the numbers of the gates as they are, and draws no scale where nothing was measured', () => {
    const { gates, gateCounts } = reportModel(rejected);
    expect(gates.map(({ scale: _, ...verdict }) => verdict)).to.deep.equal(rejected.record.verdicts);
    expect(gateCounts).to.deep.equal({ pass: 2, inconclusive: 1, unmeasured: 1, fail: 0 });
    expect(gates[3]?.scale).to.equal(null);
    for (const { scale, value, bound, limit } of gates.slice(0, 3)) {
      for (const number of [value!, bound!, limit!]) expect(number).to.be.within(scale!.low, scale!.high);
    }
  });

  it('draws the slices of each metric on a scale of their own, harmed ones first, then the worst', () => {
    const slice = (metric: string, name: string, difference: number, harmed = false) => ({
      ...{ slice: name, metric, n: 20, difference, low: difference - 1, high: difference + 1, pValue: 0.01, harmed },
    });
    const rows = [
      slice('tokenF1', 'a', 0.2),
      slice('tokenF1', 'b', -0.1),
      slice('latencyMs', 'a', -50),
      slice('tokenF1', 'c', -0.05, true),
      slice('latencyMs', 'b', 80),
    ];
    const drawn = sliceView(rows)!;
    const order = ['tokenF1 c', 'tokenF1 b', 'tokenF1 a', 'latencyMs b', 'latencyMs a'];
    expect(drawn.map((one) => `${one.metric} ${one.slice}`)).to.deep.equal(order);
    expect(drawn[0]!.scale.high).to.be.lessThan(2).and.to.be.lessThan(drawn[3]!.scale.high);
    expect(harmedSlices(rows)).to.deep.equal([
      'c is harmed: tokenF1 \u22120.05 (\u22121.05 to +0.95, 20 cases, p 0.01 after Holm)',
    ]);
    expect(sliceView([])).to.equal(null);
    const wide = { ...slice('tokenF1', 'd', 0), low: -90, high: 90, few: true };
    expect(sliceView([...rows, wide])![0]!.scale).to.deep.equal(drawn[0]!.scale);
    expect(sliceView([wide])![0]!.scale.high).to.be.greaterThan(90);
  });

  it('counts no flag as a gate, and tells what the preset left out among what it does not show', () => {
    const shown = { value: null, bound: null, limit: null, n: 0, evidence: null, informs: true } as const;
    const verdicts = [
      ...record.verdicts,
      { ...shown, gate: 'flag behaviourChange', verdict: 'inconclusive', reason: '40 % changed' } as const,
      { ...shown, gate: 'left out coherence', verdict: 'unmeasured', reason: 'coherence: no judge' } as const,
    ];
    const input = { ...promoted, record: { ...record, verdicts } };
    const model = reportModel(input);
    expect(model.gateCounts).to.deep.equal({ pass: 2, inconclusive: 0, unmeasured: 0, fail: 0 });
    expect(model.tiles.find(({ label }) => label === 'Gates passed')).to.include({
      ...{ value: '2 of 2', note: 'none left open' },
    });
    expect(model.gates.map(({ gate }) => gate).at(-1)).to.equal('flag behaviourChange');
    expect(notMeasured(input)[0]).to.equal('The preset promises a metric that was left out. coherence: no judge');
  });

  it('shows the means and pairs of the scores it was given', () => {
    const { metrics } = reportModel(promoted);
    const { challenger, champion } = promoted.evaluation!.metrics[0]!;
    const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
    expect(metrics[0]?.arms.map(({ arm }) => arm)).to.deep.equal(['challenger', 'champion', 'baseline']);
    expect(metrics[0]?.arms[0]?.mean).to.be.closeTo(sum(challenger) / 120, 1e-12);
    const differences = metrics[0]!.differences!;
    expect(differences.better + differences.same + differences.worse).to.equal(120);
    expect(differences.mean).to.be.closeTo((sum(challenger) - sum(champion!)) / 120, 1e-12);
    expect(reportModel(first).metrics[0]?.differences).to.equal(null);
  });

  it('loses no value in a histogram', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1 }), (values) => {
        const { shares, edges } = histogram({ values, low: -1, high: 1, bins: 21 });
        expect(shares.reduce((sum, share) => sum + share, 0)).to.be.closeTo(1, 1e-9);
        expect(edges).to.have.length(22);
      }),
    );
  });

  it('calls less of what is bad better', () => {
    const arms = { challenger: [0, 0.5, 0.2], champion: [0.5, 0, 0.2], baseline: null };
    const view = metricView({ metric: 'toxicity', ...arms });
    expect(view.direction).to.equal('lower');
    const onlyFirst = metricView({ metric: 'toxicity', challenger: [0], champion: [0.5], baseline: null });
    expect(onlyFirst.differences).to.include({ better: 1, worse: 0, mean: -0.5 });
    const cases = ['a', 'b', 'c'].map((id, index) => ({
      ...{ id, input: '?', reference: '!', challengerAnswer: 'x', championAnswer: 'y' },
      ...{ challengerScore: arms.challenger[index]!, championScore: arms.champion[index]! },
    }));
    const { cases: worst } = worstCases({ cases, metrics: [{ metric: 'toxicity', ...arms }] });
    expect(worst.map((one) => one.id)).to.deep.equal(['b']);
  });

  it('puts ties into the middle bin alone', () => {
    const view = metricView({ metric: 'm', challenger: [0.5, 0.5, 1], champion: [0.5, 0.5, 0], baseline: null });
    expect(view.differences?.histogram.shares[10]).to.be.closeTo(2 / 3, 1e-12);
    expect(view.differences?.histogram.shares[20]).to.be.closeTo(1 / 3, 1e-12);
  });

  it('lists the cases that lost most, and without a champion the lowest', () => {
    const { against, cases } = worstCases(promoted.evaluation!);
    expect(against).to.equal('champion');
    const losses = cases.map((one) => one.challengerScore - one.championScore!);
    expect(losses).to.deep.equal(losses.toSorted((one, other) => one - other));
    expect(losses.every((loss) => loss < 0)).to.equal(true);
    const alone = worstCases(first.evaluation!);
    expect(alone.against).to.equal('reference');
    const lowest = Math.min(...first.evaluation!.cases.map((one) => one.challengerScore));
    expect(alone.cases[0]?.challengerScore).to.equal(lowest);
  });

  it('says plainly what was not measured and which overlay was used', () => {
    expect(notMeasured(rejected).join('\n')).to.contain('Gate faithfulness has no data: no judge is configured');
    expect(notMeasured(promoted)).to.deep.equal([
      'The overlay understudy.embedded.yaml replaced parts of the spec; its limits are not those of production.',
    ]);
    expect(notMeasured(first).join('\n')).to.contain('There was no champion to compare with');
    expect(notMeasured(first).join('\n')).to.contain('There was no canary: the first release has no champion');
    expect(notMeasured(failedEarly).join('\n')).to.contain('Offline quality was not measured');
    expect(notMeasured({ ...failedEarly, record: { ...failedEarly.record, kind: 'prompt' } }).join('\n')).to.contain(
      'Nothing was trained: a prompt release',
    );
  });

  it('covers the whole release with stages, in order and without gaps', () => {
    const spans = stageSpans(record);
    expect(spans.map(({ stage }) => stage)).to.have.ordered.members(
      record.timeline.flatMap(({ stage }) => (stage === null || stage === 'ended' ? [] : [stage])),
    );
    expect(spans.reduce((sum, { seconds }) => sum + seconds, 0)).to.equal(812);
    expect(spans.find(({ stage }) => stage === 'canary')).to.include({ group: 'users', seconds: 269 });
  });

  it('finds when a guard failed', () => {
    const view = canaryView({ looks: looks({ fault: 1.14 }) })!;
    const [error, slow] = view.guards;
    expect(error).to.include({ event: 'error', threshold: 200, failedAt: view.end });
    expect(error!.highest).to.be.at.least(200);
    expect(slow?.failedAt).to.equal(null);
    expect(canaryView({ looks: [] })).to.equal(null);
  });

  it('never hides the highest point when there are too many to draw', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 401, maxLength: 2000 }),
        (values) => {
          const points = values.map((value, index): [number, number] => [index, value]);
          const kept = thinned(points);
          expect(kept.length).to.be.at.most(401);
          expect(Math.max(...kept.map(([, value]) => value))).to.equal(Math.max(...values));
          expect([kept[0], kept.at(-1)]).to.deep.equal([points[0], points.at(-1)]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('writes numbers so that they can be read', () => {
    expect([0.65123, 12.3456, 512.34, 7, 2e-4, 0, 1.5e7, -0.11].map(formatNumber)).to.deep.equal([
      '0.6512',
      '12.346',
      '512.3',
      '7',
      '2e-4',
      '0',
      '1.5e7',
      '-0.11',
    ]);
    expect([0.84, 59.6, 812, 90_000, 172_800].map(formatSeconds)).to.deep.equal([
      '0.8 s',
      '1 min',
      '13 min 32 s',
      '1 d 1 h',
      '2 d',
    ]);
    expect([0, 0.0041, 12.5].map(formatUsd)).to.deep.equal(['$0.00', '$0.0041', '$12.50']);
    expect([0, 1023, 9_841_152].map(formatBytes)).to.deep.equal(['0 B', '1023 B', '9.4 MiB']);
  });
});
