import { z } from 'zod';
import type { Verdict } from '../../release/verdict.js';
import { formatShare } from '../../statistics/format.js';

const count = z.number().int().min(0);
const armSchema = z.object({ answers: count, judged: count, bad: count });

/** `releases/<id>/canary/answers.json`: how far the sample of answers is looked at. */
export const answerSampleSchema = z.object({
  version: z.literal(1),
  /** When the request log was last read. */
  at: z.iso.datetime(),
  sample: z.number(),
  /** The judge that was asked; null where rules alone speak. */
  judge: z.object({ name: z.string(), decides: z.boolean(), reason: z.string(), spentUsd: z.number() }).nullable(),
  revisions: z.array(z.object({ revision: count, champion: armSchema, challenger: armSchema })),
  /** Answers of the sample whose texts the request log leaves out. */
  withoutText: count,
  /** Why the judge gave nothing, the last time it did. */
  problem: z.string().nullable(),
  unread: z.array(z.object({ key: z.string(), reason: z.string() })).describe("segments that can't be read"),
});
export type AnswerSample = z.infer<typeof answerSampleSchema>;

const oldMilliseconds = 5 * 60_000;

/**
 * Whether the sample says anything of a plan revision. Without answers of both arms, or without the judge that should
 * decide, nothing is known of bad answers: `unmeasured`, however few the guard has counted.
 * @param now ISO 8601.
 */
export function sampleVerdict({
  sample,
  revision,
  now,
}: {
  sample: AnswerSample | null;
  revision: number;
  now: string;
}): Verdict {
  const found = sample?.revisions.find((one) => one.revision === revision);
  const [champion, challenger] = [found?.champion.answers ?? 0, found?.challenger.answers ?? 0];
  const say = (verdict: Verdict['verdict'], reason: string): Verdict => ({
    gate: 'sampled answers',
    verdict,
    reason,
    value: null,
    bound: null,
    limit: null,
    evidence: null,
    n: champion + challenger,
  });
  if (sample === null) return say('unmeasured', 'no answer of the request log was looked at yet');
  const age = Date.parse(now) - Date.parse(sample.at);
  if (age > oldMilliseconds)
    return say('unmeasured', `the request log was last read ${Math.round(age / 1000)} s ago, limit 300 s`);
  if (champion === 0 || challenger === 0)
    return say(
      'unmeasured',
      `${challenger} answers of the challenger and ${champion} of the champion were sampled under revision ${revision}${whyFew(sample)}`,
    );
  const judged = (found?.champion.judged ?? 0) + (found?.challenger.judged ?? 0);
  if (sample.judge?.decides && judged === 0)
    return say(
      'unmeasured',
      `the judge gave no score under revision ${revision}: ${sample.problem ?? 'it was not asked'}`,
    );
  const by = sample.judge?.decides ? `by rules and by ${sample.judge.name} (${judged} judged)` : 'by rules alone';
  return say(
    'pass',
    `${challenger} answers of the challenger and ${champion} of the champion were looked at ${by}, a sample of ${formatShare(sample.sample)}`,
  );
}

const whyFew = ({ withoutText, unread }: AnswerSample): string => {
  if (withoutText > 0) return `; the request log leaves out the texts of ${withoutText}`;
  return unread.length > 0 ? `; ${unread.length} segments can't be read` : '';
};
