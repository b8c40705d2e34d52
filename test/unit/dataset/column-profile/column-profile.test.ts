import { expect } from 'chai';
import fc from 'fast-check';
import { createProfile, datasetProfileSchema } from '../../../../src/domain/dataset/column-profile/column-profile.js';
import { compareProfiles } from '../../../../src/domain/dataset/column-profile/compare-profiles.js';
import { createDistinctCount } from '../../../../src/domain/dataset/column-profile/distinct-count.js';
import { createValueHistogram } from '../../../../src/domain/dataset/column-profile/value-histogram.js';
import type { Scalar } from '../../../../src/domain/dataset/data-row.js';
import { seededRandom } from '../../../../src/domain/statistics/random.js';

function profileOf(rows: Record<string, Scalar>[], columns = Object.keys(rows[0] ?? {}), unshown: string[] = []) {
  const builder = createProfile({ columns, unshown });
  for (const values of rows) builder.see({ values });
  return builder.finish();
}

describe('column profile', () => {
  it('counts values, empty ones, numbers and lengths, and survives JSON', () => {
    const rows = Array.from({ length: 100 }, (_, index) => ({
      id: `T-${index}`,
      rating: 1 + (index % 5),
      category: index % 10 === 0 ? null : index % 2 === 0 ? 'billing' : 'delivery',
      text: 'word '.repeat(20 + index),
    }));
    const profile = profileOf(rows);
    expect(datasetProfileSchema.parse(JSON.parse(JSON.stringify(profile)))).to.deep.equal(profile);
    const [id, rating, category, text] = profile.columns;
    expect(profile.rows).to.equal(100);
    expect(id).to.include({ distinct: 100, nulls: 0, values: null, smallest: null, largest: null });
    expect(category).to.include({ smallest: 'billing', largest: 'delivery' });
    expect(rating!.numbers).to.include({ min: 1, max: 5, mean: 3, count: 100 });
    expect(rating!.numbers!.quantiles).to.deep.equal({ p05: 1, p25: 2, p50: 3, p75: 4, p95: 5 });
    expect(category!.nulls).to.equal(10);
    expect(category!.values).to.deep.equal([
      { value: 'delivery', rows: 50 },
      { value: 'billing', rows: 40 },
    ]);
    expect(text).to.include({ values: null, smallest: null, largest: null, numbers: null });
    expect(text!.lengths).to.include({ min: 100, max: 595 });
  });

  it('keeps the first and the last time', () => {
    const day = (index: number): string => `2026-03-${10 + index}T00:00:00.000Z`;
    const [at] = profileOf(Array.from({ length: 9 }, (_, index) => ({ at: day(index) }))).columns;
    expect(at).to.include({ values: null, smallest: day(0), largest: day(8) });
  });

  it('keeps no value of a column that names everyone apart', () => {
    const written = JSON.stringify(
      profileOf(Array.from({ length: 40 }, (_, index) => ({ customer: `Customer ${index}` }))),
    );
    expect(written).not.to.contain('Customer ');
  });

  it('keeps no value of a column that may not be shown, however often it repeats', () => {
    const rows = Array.from({ length: 40 }, (_, index) => ({
      customer: `Customer ${index % 3}`,
      number: 4711 + (index % 2),
    }));
    const profile = profileOf(rows, ['customer', 'number'], ['customer', 'number']);
    expect(JSON.stringify(profile)).not.to.match(/Customer |471/);
    expect(profile.columns.map(({ distinct }) => distinct)).to.deep.equal([3, 2]);
  });

  it('gives quantiles within 1.6 % of the exact ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const histogram = createValueHistogram();
          for (const value of values) histogram.see(value);
          const { quantiles, count } = histogram.finish()!;
          const sorted = [...values].sort((one, other) => one - other);
          for (const [name, share] of [
            ['p05', 0.05],
            ['p50', 0.5],
            ['p95', 0.95],
          ] as const) {
            const exact = sorted[Math.floor(share * (count - 1))]!;
            expect(Math.abs(quantiles[name] - exact)).to.be.at.most(Math.abs(exact) / 64 + 1e-300);
          }
        },
      ),
    );
  });

  it('estimates how many values differ to a few percent', () => {
    for (const different of [10, 3_000, 200_000]) {
      const distinct = createDistinctCount();
      for (let index = 0; index < different * 2; index += 1) distinct.see(`value ${index % different}`);
      expect(distinct.estimate()).to.be.within(different * 0.95, different * 1.05);
    }
  });
});

const compare = (profiles: Omit<Parameters<typeof compareProfiles>[0], 'ignored'>) =>
  compareProfiles({ ...profiles, ignored: [] });

describe('comparing profiles', () => {
  const random = seededRandom(4);
  const sample = ({ rows, ratings, length }: { rows: number; ratings: number[]; length: number }) =>
    Array.from({ length: rows }, () => ({
      rating: ratings[random.index(ratings.length)]!,
      text: 'x'.repeat(70 + random.index(length)),
    }));

  it('finds no shift between two samples of one source', () => {
    const settings = { rows: 2_000, ratings: [1, 2, 3, 4, 5], length: 300 };
    const drift = compare({ previous: profileOf(sample(settings)), current: profileOf(sample(settings)) });
    expect(drift.columns.map(({ shift }) => shift)).to.deep.equal(['none', 'none']);
  });

  it('finds what shifted, how far, and by what it was compared', () => {
    const previous = profileOf(sample({ rows: 2_000, ratings: [1, 2, 3, 4, 5], length: 300 }));
    const current = profileOf(sample({ rows: 3_000, ratings: [4, 5, 5, 5, 5], length: 300 }));
    const [first, second] = compare({ previous, current }).columns;
    expect(first).to.include({ column: 'rating', of: 'values', shift: 'large' });
    expect(first!.chiSquare!.pValue).to.be.below(1e-6);
    expect(second).to.include({ column: 'text', of: 'lengths', shift: 'none' });
  });

  it('does not take the noise of a few rows for a shift', () => {
    const rows = (ratings: number[]) => profileOf(ratings.map((rating) => ({ rating })));
    const drift = compare({ previous: rows([1, 1, 2, 2, 3, 3]), current: rows([1, 1, 1, 2, 2, 2]) });
    expect(drift.columns[0]!.stabilityIndex).to.be.above(0.25);
    expect(drift.columns[0]!.shift).to.equal('none');
  });

  it('counts empty values as a value, and names columns that came and went', () => {
    const full = Array.from({ length: 400 }, () => ({ category: 'a', old: 1 }));
    const half = full.map((_, index) => ({ category: index % 2 === 0 ? 'a' : null, fresh: 1 }));
    const drift = compare({ previous: profileOf(full), current: profileOf(half) });
    expect(drift.columns[0]).to.include({ column: 'category', shift: 'large' });
    expect(drift.columns[0]!.nulls).to.deep.equal({ previous: 0, current: 0.5 });
    expect(drift.added).to.deep.equal(['fresh']);
    expect(drift.removed).to.deep.equal(['old']);
  });

  it('leaves out ignored columns and those that are empty in both', () => {
    const rows = (from: number) =>
      profileOf(Array.from({ length: 50 }, (_, n) => ({ id: from + n, empty: null, a: 'x' })));
    const drift = compareProfiles({ previous: rows(0), current: rows(1000), ignored: ['id'] });
    expect(drift.columns.map(({ column }) => column)).to.deep.equal(['a']);
  });
});
