import { expect } from 'chai';
import fc from 'fast-check';
import { batchLimits, planBatches } from '../../src/batches.js';
import { MlflowArgumentError } from '../../src/errors.js';

const plan = (data: Parameters<typeof planBatches>[0]['data']) => planBatches({ data, now: 7 });
const record = (count: number, value = 'v') =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]));

describe('planBatches', () => {
  it('keeps every entry once, in order, within every limit', () => {
    const sizes = fc.record({ metrics: fc.nat(3500), params: fc.nat(350), tags: fc.nat(350) });
    fc.assert(
      fc.property(sizes, (size) => {
        const metrics = Array.from({ length: size.metrics }, (_, step) => ({ key: 'm', value: step, step }));
        const batches = plan({ metrics, params: record(size.params), tags: record(size.tags) });
        expect(batches.flatMap((batch) => batch.metrics.map(({ step }) => step))).to.deep.equal(
          metrics.map(({ step }) => step),
        );
        expect(batches.flatMap((batch) => batch.params.map(({ key }) => key))).to.deep.equal(
          Object.keys(record(size.params)),
        );
        expect(batches.flatMap((batch) => batch.tags.map(({ key }) => key))).to.deep.equal(
          Object.keys(record(size.tags)),
        );
        for (const batch of batches) {
          expect(batch.metrics.length).to.be.at.most(1000);
          expect(batch.params.length).to.be.at.most(100);
          expect(batch.tags.length).to.be.at.most(100);
          expect(batch.metrics.length + batch.params.length + batch.tags.length).to.be.within(1, 1000);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('needs no call for nothing, and the fewest for much', () => {
    expect(plan({})).to.deep.equal([]);
    const metrics = Array.from({ length: 1000 }, (_, step) => ({ key: 'm', value: 1, step }));
    expect(plan({ metrics })).to.have.length(1);
    expect(
      plan({ metrics, params: record(100), tags: record(100) }).map((batch) => batch.metrics.length),
    ).to.deep.equal([800, 200]);
  });

  it('keeps a batch of long values under the limit of a call', () => {
    const batches = plan({ params: record(100, 'x'.repeat(6000)), tags: record(100, 'y'.repeat(8000)) });
    expect(batches.length).to.be.greaterThan(1);
    for (const batch of batches) expect(JSON.stringify(batch).length).to.be.below(batchLimits.characters + 100);
  });

  it('writes numbers JSON lacks as words, missing timestamps as now, and params as text', () => {
    const [batch] = plan({
      metrics: [NaN, Infinity, -Infinity, 0.5].map((value) => ({ key: 'm', value })),
      params: { a: 1, b: true },
    });
    expect(batch?.metrics.map(({ value }) => value)).to.deep.equal(['NaN', 'Infinity', '-Infinity', 0.5]);
    expect(batch?.metrics.map(({ timestamp }) => timestamp)).to.deep.equal([7, 7, 7, 7]);
    expect(batch?.params).to.deep.equal([
      { key: 'a', value: '1' },
      { key: 'b', value: 'true' },
    ]);
  });

  it('refuses what MLflow would cut off or refuse, quoting both numbers', () => {
    expect(() => plan({ params: { long: 'x'.repeat(6001) } })).to.throw(
      MlflowArgumentError,
      '"long" has 6001 characters > 6000',
    );
    expect(() => plan({ tags: { long: 'x'.repeat(8001) } })).to.throw(MlflowArgumentError, '8001 characters > 8000');
    expect(() => plan({ metrics: [{ key: 'k'.repeat(251), value: 1 }] })).to.throw(
      MlflowArgumentError,
      '251 characters > 250',
    );
    expect(() => plan({ tags: { '': 'x' } })).to.throw(MlflowArgumentError, 'empty key');
    expect(() => plan({ metrics: [{ key: 'm', value: 1, step: 0.5 }] })).to.throw(MlflowArgumentError, 'step 0.5');
  });

  it('counts characters as MLflow does, not UTF-16 units', () => {
    expect(plan({ params: { emoji: '😀'.repeat(6000) } })).to.have.length(1);
  });
});
