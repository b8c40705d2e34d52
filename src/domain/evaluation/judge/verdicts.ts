import { z } from 'zod';
import { ask, messagesOf, type Judging } from './judge-call.js';

const format =
  '{"verdicts": [{"item": <number>, "reason": "<a short sentence>", "verdict": "yes" or "no"}, ...]}, one for each item';

const verdictsSchema = z.object({
  verdicts: z.array(
    z.object({
      item: z.number().int(),
      reason: z.string().default(''),
      verdict: z
        .string()
        .trim()
        .toLowerCase()
        .pipe(z.enum(['yes', 'no'])),
    }),
  ),
});
export type ItemVerdict = z.infer<typeof verdictsSchema>['verdicts'][number];

const tokensOfVerdict = 60;
const spareTokens = 100;

/** Yes or no for each of `count` numbered items, in their order. A reply that leaves one out is asked for again. */
export function* checkVerdicts({
  step,
  system,
  template,
  values,
  count,
}: {
  step: string;
  system: string;
  template: string;
  values: Readonly<Record<string, string>>;
  count: number;
}): Judging<ItemVerdict[]> {
  const { verdicts } = yield* ask({
    step,
    messages: messagesOf({ system, template, values, format }),
    maxTokens: spareTokens + tokensOfVerdict * count,
    schema: verdictsSchema,
    problemOf: (reply) => problemOf({ items: reply.verdicts.map((one) => one.item), count }),
    format,
  });
  return verdicts.toSorted((left, right) => left.item - right.item);
}

function problemOf({ items, count }: { items: readonly number[]; count: number }): string | null {
  const given = new Set(items);
  const complete = given.size === count && items.length === count && items.every((item) => item >= 1 && item <= count);
  return complete
    ? null
    : `expected one verdict for each item from 1 to ${count}, found items ${items.join(', ') || 'none'}`;
}
