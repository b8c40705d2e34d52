import { expect } from 'chai';
import fc from 'fast-check';
import { createReplaySampler, planReplay } from '../../../src/domain/dataset/replay-mix.js';

const total = (quotas: readonly { rows: number }[]): number => quotas.reduce((sum, { rows }) => sum + rows, 0);

describe('replay plan', () => {
  it('makes older rows the wanted share of the mix, by weight and then by stratum', () => {
    const quotas = planReplay({
      rows: 900,
      share: 0.1,
      sources: [
        { dataset: 'may', weight: 3, strata: new Map(Object.entries({ billing: 600, delivery: 200 })) },
        { dataset: 'april', weight: 1, strata: new Map(Object.entries({ billing: 500 })) },
      ],
    });
    expect(quotas).to.deep.equal([
      { dataset: 'may', stratum: 'billing', rows: 56 },
      { dataset: 'may', stratum: 'delivery', rows: 19 },
      { dataset: 'april', stratum: 'billing', rows: 25 },
    ]);
  });

  it('lets others fill up where rows are missing', () => {
    const quotas = planReplay({
      rows: 100,
      share: 0.5,
      sources: [
        { dataset: 'may', weight: 1, strata: new Map(Object.entries({ billing: 10 })) },
        { dataset: 'april', weight: 1, strata: new Map(Object.entries({ billing: 500 })) },
      ],
    });
    expect(quotas.map(({ rows }) => rows)).to.deep.equal([10, 90]);
  });

  it('never asks for more than there is, and for all that is wanted where there is enough', () => {
    const source = fc.record({
      dataset: fc.uuid(),
      weight: fc.double({ min: 0.01, max: 10, noNaN: true }),
      strata: fc
        .dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.integer({ min: 0, max: 50 }))
        .map((counts) => new Map(Object.entries(counts))),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 500 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.array(source, { maxLength: 4 }),
        (rows, share, sources) => {
          const quotas = planReplay({ rows, share, sources });
          const available = sources.reduce(
            (sum, { strata }) => sum + total([...strata.values()].map((r) => ({ rows: r }))),
            0,
          );
          expect(total(quotas)).to.equal(Math.min(available, Math.round((rows * share) / (1 - share))));
          for (const { dataset, stratum, rows: asked } of quotas)
            expect(asked).to.be.at.most(sources.find((one) => one.dataset === dataset)!.strata.get(stratum)!);
        },
      ),
    );
  });
});

describe('replay sampler', () => {
  const ids = Array.from({ length: 5_000 }, (_, index) => `T-${index}`);
  const choose = ({
    order,
    rows,
    seed = 1,
  }: {
    order: readonly string[];
    rows: number;
    seed?: number;
  }): Set<number> => {
    const sampler = createReplaySampler({ quotas: [{ stratum: 'billing', rows }], seed });
    for (const id of order) sampler.see({ index: ids.indexOf(id), id, stratum: 'billing' });
    sampler.see({ index: ids.length, id: 'other', stratum: 'delivery' });
    return sampler.chosen();
  };

  it('takes what the plan asks for, the same in any order', () => {
    const chosen = choose({ order: ids, rows: 300 });
    expect(chosen.size).to.equal(300);
    expect([...choose({ order: ids.toReversed(), rows: 300 })].sort()).to.deep.equal([...chosen].sort());
    expect(chosen.has(ids.length)).to.equal(false);
  });

  it('takes no more rows than it should where several have one id', () => {
    const sampler = createReplaySampler({ quotas: [{ stratum: 'billing', rows: 10 }], seed: 1 });
    for (let index = 0; index < 100; index += 1) sampler.see({ index, id: `T-${index % 3}`, stratum: 'billing' });
    expect(sampler.chosen().size).to.equal(10);
  });

  it('only adds rows when the quota grows, and draws others with another seed', () => {
    const few = choose({ order: ids, rows: 100 });
    const many = choose({ order: ids, rows: 200 });
    expect([...few].every((id) => many.has(id))).to.equal(true);
    expect([...choose({ order: ids, rows: 100, seed: 2 })]).not.to.have.members([...few]);
  });
});
