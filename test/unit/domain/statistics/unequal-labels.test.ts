import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { z } from 'zod';
import { compareRectified, type JudgedPair } from '../../../../src/domain/statistics/compare-rectified.js';
import { planPower } from '../../../../src/domain/statistics/power-plan.js';
import type { RectifiedCluster } from '../../../../src/domain/statistics/rectified-bootstrap.js';
import { unequalLabels } from '../../../../src/domain/statistics/unequal-labels.js';
import { draws } from '../../../support/simulation/comparison-scenarios.js';

const { rectified } = z
  .object({
    rectified: z.array(
      z.object({
        label: z.array(z.number().nullable()),
        judge: z.array(z.number()),
        clusters: z.array(z.number()),
        weight: z.number(),
        standardError: z.number(),
        degrees: z.number(),
      }),
    ),
  })
  .parse(
    JSON.parse(readFileSync(new URL('../../../fixtures/statistics/clusters.json', import.meta.url), 'utf8')) as unknown,
  );

type Row = { cluster: number; judge: number; label: number | null };
function summed(rows: readonly Row[]) {
  const squares = { label: 0, cross: 0, judgeLabelled: 0, judgeUnlabelled: 0 };
  const clusters = new Map<number, RectifiedCluster>();
  for (const { cluster, judge, label } of rows) {
    const empty = { label: 0, judgeLabelled: 0, labelled: 0, judgeUnlabelled: 0, unlabelled: 0 };
    const sums = clusters.get(cluster) ?? empty;
    clusters.set(cluster, sums);
    if (label === null) {
      sums.judgeUnlabelled += judge;
      sums.unlabelled += 1;
      squares.judgeUnlabelled += judge ** 2;
      continue;
    }
    sums.label += label;
    sums.judgeLabelled += judge;
    sums.labelled += 1;
    squares.label += label ** 2;
    squares.cross += label * judge;
    squares.judgeLabelled += judge ** 2;
  }
  return { clusters: [...clusters.values()], squares };
}

const claim = { decision: 'superior', kind: 'absolute', size: 0, better: 'higher' } as const;

describe('unequalLabels', () => {
  it('agrees with a regression by matrices over single cases', () => {
    for (const { label, judge, clusters, weight, standardError, degrees } of rectified) {
      const rows = judge.map((one, i) => ({ judge: one, label: label[i]!, cluster: clusters[i]! }));
      const found = unequalLabels({ ...summed(rows), weight });
      expect(found.standardError).to.be.closeTo(standardError, 1e-12);
      expect(found.degrees).to.be.closeTo(degrees, 1e-9);
    }
  });

  it('leaves nearly one degree less than the labels where every case is a cluster of its own', () => {
    const draw = draws(2);
    const rows = Array.from({ length: 200 }, (_, cluster) => {
      const label = draw.normal();
      return { cluster, judge: label + draw.normal(), label: cluster < 40 ? label : null };
    });
    const alone = unequalLabels({ ...summed(rows), weight: 0 });
    expect(alone.degrees).to.be.closeTo(39, 1e-9);
    expect(unequalLabels({ ...summed(rows), weight: 0.5 }).degrees).to.be.within(39, 198);
  });

  it('stands where everything is labelled, and where one cluster holds all that is not', () => {
    const rows = Array.from({ length: 60 }, (_, i) => ({ cluster: i % 20, judge: Math.sin(i), label: Math.cos(i) }));
    expect(unequalLabels({ ...summed(rows), weight: 0 }).degrees).to.be.closeTo(19, 1e-9);
    const one = rows.map((row) => (row.cluster === 0 ? { ...row, label: null } : row));
    const found = unequalLabels({ ...summed(one), weight: 0.5 });
    expect(found.standardError).to.be.greaterThan(0);
    expect(found.degrees).to.be.within(1, 20);
  });
});

describe('labels in clusters of unequal size', () => {
  const sizes = [200, ...Array<number>(100).fill(2)];
  const simulated = (draw: ReturnType<typeof draws>): JudgedPair[] =>
    sizes.flatMap((size, g) => {
      const shift = 0.1 * draw.normal();
      const styled = draw.chance(0.5) ? 0.3 : 0.05;
      return Array.from({ length: size }, (_, i) => {
        const people = { champion: 0.6, challenger: 0.6 + shift + 0.1 * draw.normal() };
        const judge = { champion: 0.6, challenger: people.challenger + styled + 0.08 * draw.normal() };
        return { id: `${g}-${i}`, cluster: `${g}`, ...judge, label: draw.chance(0.5) ? people : null };
      });
    });

  it('keeps its coverage where one cluster holds half of the cases; rules before 4 do not', () => {
    const draw = draws(7);
    const covered = { before: 0, after: 0 };
    const trials = 250;
    for (let trial = 0; trial < trials; trial += 1) {
      const settings = { pairs: simulated(draw), claim, alpha: 0.05, seed: trial, resamples: 199 };
      const holds = (rules: 3 | 4): number => {
        const { low, high } = compareRectified({ ...settings, rules }).contrast;
        return Number(low <= 0 && high >= 0);
      };
      covered.before += holds(3);
      covered.after += holds(4);
    }
    expect(covered.before / trials).to.be.lessThan(0.92);
    expect(covered.after / trials).to.be.greaterThan(0.95);
  }).timeout(60_000);

  it('asks for more labels, and plans for a larger effect', () => {
    const pairs = simulated(draws(9));
    const shown = (rules: 3 | 4) =>
      compareRectified({ pairs, claim, alpha: 0.05, seed: 1, resamples: 199, rules }).power.smallestEffect;
    expect(shown(4)).to.be.greaterThan(2 * shown(3));
    const champion = pairs.map(({ id, cluster, challenger }) => ({ id, cluster, score: challenger }));
    const planned = (rules: 3 | 4) => planPower({ champion, claim, alpha: 0.05, rules }).smallestEffect!;
    expect(planned(4)).to.be.greaterThan(2 * planned(3));
    const equal = champion.map((row, i) => ({ ...row, cluster: `${Math.floor(i / 10)}` }));
    const [before, after] = ([3, 4] as const).map((rules) => planPower({ champion: equal, claim, alpha: 0.05, rules }));
    expect(after).to.deep.equal(before);
  });
});
