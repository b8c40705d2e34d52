import { readFileSync } from 'node:fs';
import { z } from 'zod';

const numbers = z.array(z.array(z.number()));

/** What scipy and statsmodels say, made by test/fixtures/statistics/make_fixtures.py. */
export const fixtures = z
  .object({
    distributions: z.record(z.string(), numbers),
    intervals: z.object({ wilson: numbers }),
    tests: z.object({
      mcNemar: numbers,
      holm: z.object({ p: z.array(z.number()), adjusted: z.array(z.number()) }),
      pairedCases: numbers,
    }),
    clustered: z.object({
      rows: z.array(z.tuple([z.number(), z.number()])),
      mean: z.number(),
      standardError: z.number(),
      interval: z.tuple([z.number(), z.number()]),
      pValueAtZero: z.number(),
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../fixtures/statistics/statistics.json', import.meta.url), 'utf8')));
