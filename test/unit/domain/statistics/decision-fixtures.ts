import { readFileSync } from 'node:fs';
import { z } from 'zod';

const numbers = z.array(z.number());
const ends = z.tuple([z.number(), z.number()]);
const file = new URL('../../../fixtures/statistics/decisions.json', import.meta.url);

/** What scipy, statsmodels and ppi_py say, made by test/fixtures/statistics/make_decision_fixtures.py. */
export const decisionFixtures = z
  .object({
    sequential: z.array(z.object({ alpha: z.number(), fractions: numbers, boundaries: numbers })),
    conditionalPower: z.array(
      z.object({ z: z.number(), fraction: z.number(), drift: z.number(), boundary: z.number(), power: z.number() }),
    ),
    rectified: z.object({
      label: numbers,
      judgeLabelled: numbers,
      judgeUnlabelled: numbers,
      leastErrorWeight: z.number(),
      leastErrorMean: z.number(),
      mean: z.number(),
      interval: ends,
    }),
    kappas: z.array(
      z.object({
        table: z.array(numbers),
        weights: z.literal('quadratic').nullable(),
        kappa: z.number(),
        standardError: z.number(),
      }),
    ),
    roganGladen: z.array(
      z.object({
        positives: z.number(),
        n: z.number(),
        tp: z.number(),
        ill: z.number(),
        tn: z.number(),
        well: z.number(),
        rate: z.number(),
        interval: ends,
        youdenLow: z.number(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(file, 'utf8')));
