import { expect } from 'chai';
import { arrivalTimes } from '../../../../src/domain/load/arrivals.js';
import { judgeLoad, type LoadLimits } from '../../../../src/domain/load/judge-load.js';
import { loadFigures, nearestRank, type LoadFigures } from '../../../../src/domain/load/load-figures.js';
import { loadSteps, type LoadSample } from '../../../../src/domain/load/load-sample.js';

const sample = (change: Partial<LoadSample> = {}): LoadSample => ({
  ...{ step: 0, due: 0, late: 0, firstToken: 50, latency: 200, completionTokens: 20, error: null },
  ...change,
});
const limits: LoadLimits = { latencyP95Milliseconds: 450, firstTokenP95Milliseconds: null, minimumSuccess: 0.99 };
const step = { perSecond: 30, milliseconds: 10_000 };
const samples = (count: number, change: (n: number) => Partial<LoadSample> = () => ({})): LoadSample[] =>
  Array.from({ length: count }, (_, n) => sample(change(n)));
const figures = (change: (n: number) => Partial<LoadSample> = () => ({}), of = step): LoadFigures =>
  loadFigures({ step: of, samples: samples(200, change) });

describe('arrivals of a load test', () => {
  it('come as often as asked, are the same for a seed, and have exponential gaps', () => {
    const times = arrivalTimes({ perSecond: 50, milliseconds: 200_000, seed: 3 });
    expect(times.length).to.be.within(9500, 10_500);
    expect(arrivalTimes({ perSecond: 50, milliseconds: 200_000, seed: 3 })).to.deep.equal(times);
    const gaps = times.slice(1).map((time, n) => time - times[n]!);
    const over = gaps.filter((gap) => gap > 20).length / gaps.length;
    expect(over).to.be.closeTo(Math.exp(-1), 0.02);
  });
});

describe('figures of a load test', () => {
  it('have percentiles by nearest rank', () => {
    const values = Array.from({ length: 100 }, (_, n) => n + 1);
    expect(nearestRank({ values, share: 0.5 })).to.equal(50);
    expect(nearestRank({ values, share: 0.95 })).to.equal(95);
    expect(nearestRank({ values: [7], share: 0.99 })).to.equal(7);
    expect(nearestRank({ values: [], share: 0.5 })).to.equal(null);
  });

  it('count a failed request as slower than any other', () => {
    const found = figures((n) => (n < 20 ? { error: 'Unavailable', latency: 1, firstToken: null } : {}));
    expect(found).to.include({ success: 0.9, latencyP50: 200, latencyP95: null });
    expect(found.errors).to.deep.equal({ Unavailable: 20 });
    expect(found.tokensPerSecond).to.equal((180 * 20) / 10);
  });
});

describe('verdict of a load test', () => {
  it('rises to the rate that counts and never over it', () => {
    expect(loadSteps(step)).to.deep.equal([
      { perSecond: 7.5, milliseconds: 2500 },
      { perSecond: 15, milliseconds: 2500 },
      { perSecond: 22.5, milliseconds: 2500 },
      step,
    ]);
  });

  it('passes where every step keeps the limits, with figures and no knee', () => {
    const judged = judgeLoad({ steps: [figures(), figures()], limits });
    expect(judged).to.include({ verdict: 'pass', kept: 30, knee: null });
    expect(judged.verdicts.at(-1)!.reason).to.equal('no knee up to 30/s: every step kept all limits');
    expect(judged.verdicts.find(({ gate }) => gate === 'load: figures')!.reason).to.match(/p99 200 ms.*400 tokens\/s$/);
  });

  it('fails on a slow 95th percentile, at the first rate that has one, and says where the knee lies', () => {
    const slow = figures((n) => (n < 20 ? { latency: 900 } : {}), { perSecond: 22.5, milliseconds: 2500 });
    const judged = judgeLoad({ steps: [figures(() => ({}), { perSecond: 15, milliseconds: 2500 }), slow], limits });
    expect(judged).to.include({ verdict: 'fail', kept: 15, knee: 22.5 });
    expect(judged.reason).to.equal('load: latency p95: 900 ms > 450 ms at 22.5/s, 200 requests');
    expect(judged.verdicts.at(-1)!.reason).to.match(/between 15\/s, which kept all limits, and 22.5\/s/);
  });

  it('fails on too few answers, and on a late first token where the spec limits it', () => {
    const failing = judgeLoad({ steps: [figures((n) => (n < 3 ? { error: 'Timeout' } : {}))], limits });
    expect(failing).to.include({ verdict: 'fail', kept: null, knee: 30 });
    expect(failing.reason).to.equal('load: success: 98.5 % of 200 requests answered at 30/s, limit 99 % (Timeout 3)');
    const first = judgeLoad({
      steps: [figures(() => ({ firstToken: 300 }))],
      limits: { ...limits, firstTokenP95Milliseconds: 250 },
    });
    expect(first.reason).to.match(/^load: first token p95: 300 ms > 250 ms/);
  });

  it('is unmeasured where nothing was sent, or the generator was too slow to be believed', () => {
    const none = judgeLoad({ steps: [loadFigures({ step, samples: [] })], limits });
    expect(none.verdict).to.equal('unmeasured');
    const late = judgeLoad({ steps: [figures(() => ({ late: 60 }))], limits });
    expect(late.verdict).to.equal('unmeasured');
    expect(late.reason).to.match(/the generator is too slow for this rate/);
  });

  it('blames no endpoint for what the generator has added, and one that is slow without it', () => {
    const both = { ...limits, firstTokenP95Milliseconds: 250 };
    const own = judgeLoad({ steps: [figures(() => ({ late: 700, firstToken: 750, latency: 900 }))], limits: both });
    expect(own.verdict).to.equal('unmeasured');
    expect(own.reason).to.match(/the generator is too slow for this rate/);
    const slow = judgeLoad({ steps: [figures(() => ({ late: 60, latency: 900 }))], limits });
    expect(slow.verdict).to.equal('fail');
  });
});
