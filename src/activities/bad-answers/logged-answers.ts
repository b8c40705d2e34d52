import { z } from 'zod';
import type { ArtifactStore } from '../ports.js';
import { decodeSegment, segmentExtension } from '../segment-file.js';

/** What the sample needs of a line of the request log; lines of older gateways have no bucket and are left. */
const loggedAnswerSchema = z.object({
  kind: z.literal('answer'),
  id: z.string(),
  at: z.iso.datetime(),
  release: z.string(),
  revision: z.number().int().min(1),
  arm: z.enum(['champion', 'challenger']),
  bucket: z.number().int().min(0),
  counted: z.boolean(),
  query: z.string().nullable(),
  answer: z.string().nullable(),
  guardrail: z.string().nullable(),
  status: z.number(),
});
export type LoggedAnswer = z.infer<typeof loggedAnswerSchema>;

const hourMilliseconds = 3_600_000;
/** A segment of an hour may come so much later: the store was away from a gateway. */
const lateHours = 1;

/** The answers that gateways have written into the request log since the last time; each segment once. */
export function answerReader({
  store,
  model,
  from,
}: {
  store: Pick<ArtifactStore, 'list' | 'get'>;
  model: string;
  /** ISO 8601. */
  from: string;
}) {
  const segments = new Set<string>();
  let hour = hourOf(Date.parse(from));
  return {
    next: async ({ now }: { now: string }) => {
      const found: { answers: LoggedAnswer[]; unread: { key: string; reason: string }[] } = { answers: [], unread: [] };
      const last = hourOf(Date.parse(now));
      for (let at = hour; at <= last; at += 1)
        for await (const { key } of store.list({ prefix: `requests/${model}/${folderOf(at)}/` })) {
          if (segments.has(key) || !key.endsWith(segmentExtension)) continue;
          segments.add(key);
          try {
            const stored = await store.get({ key });
            if (stored) found.answers.push(...answersOf(decodeSegment({ body: stored.body })));
          } catch (error) {
            found.unread.push({ key, reason: (error as Error).message.slice(0, 500) });
          }
        }
      hour = Math.max(hour, last - lateHours);
      return found;
    },
  };
}

const hourOf = (milliseconds: number): number => Math.floor(milliseconds / hourMilliseconds);

const folderOf = (hour: number): string => {
  const text = new Date(hour * hourMilliseconds).toISOString();
  return `${text.slice(0, 10)}/${text.slice(11, 13)}`;
};

const answersOf = (lines: readonly string[]): LoggedAnswer[] =>
  lines.flatMap((line) => {
    const parsed = loggedAnswerSchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  });
