import { z } from 'zod';
import { batchInputOf } from '../contracts/batch.js';
import { summariesCategory, type FeedbackReading, type FeedbackWatchInput } from '../contracts/feedback.js';
import { categoryByKeywords, learnKeywordBaseline } from '../domain/evaluation/keyword-baseline.js';
import { badCategories, feedbackSentence, type Rating } from '../domain/release/category-feedback.js';
import { milliseconds } from '../domain/spec/quantities.js';
import type { Clock } from './clock.js';
import { loadGolden } from './golden.js';
import { heartbeat } from './heartbeat.js';
import type { Ports } from './ports.js';
import { decodeSegment, segmentExtension } from './segment-file.js';
import { loadSpecification } from './specifications.js';

const answerSchema = z.object({
  kind: z.literal('answer'),
  id: z.string(),
  release: z.string(),
  user: z.string().nullable(),
  session: z.string().nullable(),
  query: z.string().nullable(),
});
const ratingSchema = z.object({
  kind: z.literal('feedback'),
  id: z.string(),
  at: z.string(),
  event: z.enum(['thumbsDown', 'thumbsUp']),
});
const summaryRatingSchema = z.object({
  kind: z.literal('summaryFeedback'),
  at: z.string(),
  event: z.enum(['thumbsDown', 'thumbsUp']),
  release: z.string(),
  user: z.string().nullable(),
  id: z.string(),
});
const lineSchema = z.discriminatedUnion('kind', [answerSchema, ratingSchema, summaryRatingSchema]);

const hourMilliseconds = 3_600_000;

/** The category of a question that is like none of the golden ones. */
const otherCategory = 'other';

/** What users say of the answers and summaries of the champion. */
export function createFeedbackActivities({ store, router, clock }: Pick<Ports, 'store' | 'router'> & { clock: Clock }) {
  /** The lines of the request log from a time on, segment by segment. */
  async function* linesSince({ model, from }: { model: string; from: string }) {
    for await (const { key } of store.list({ prefix: `requests/${model}/` })) {
      const [, , date = '', hour = ''] = key.split('/');
      const ends = Date.parse(`${date}T${hour}:00:00.000Z`) + hourMilliseconds;
      if (!key.endsWith(segmentExtension) || !(ends > Date.parse(from))) continue;
      const stored = await store.get({ key });
      heartbeat({ key });
      for (const line of stored ? decodeSegment({ body: stored.body }) : []) {
        const parsed = lineSchema.safeParse(JSON.parse(line));
        if (parsed.success) yield parsed.data;
      }
    }
  }

  return {
    /**
     * Categories of questions whose answers users rate badly, over the window that the spec says. Only answers of the
     * release that serves now count, so that a promotion begins anew. A question belongs to the golden cases' category
     * that its words speak for; texts that the request log leaves out belong to none. What is said of summaries is a
     * category of its own.
     */
    async readFeedback({ model, specification: ref }: FeedbackWatchInput): Promise<FeedbackReading> {
      const specification = await loadSpecification({ store, ref });
      const wanted = specification.spec.triggers.feedback;
      const plan = await router.read({ model });
      const batch = batchInputOf({ spec: specification.spec, specification: ref });
      if (wanted === null || plan === null) return { bad: [], sentences: [], batch };
      const from = new Date(Date.parse(clock.now()) - milliseconds(wanted.window)).toISOString();
      const golden = await loadGolden({ store, golden: specification.golden });
      const categories = learnKeywordBaseline({
        rows: golden.map(({ input, reference, tags }) => ({
          ...{ query: input, answer: reference, category: tags['category'] ?? otherCategory },
        })),
      });
      const answers = new Map<string, { person: string; category: string }>();
      const rated: { id: string; at: string; down: boolean }[] = [];
      const ofSummaries: Rating[] = [];
      for await (const line of linesSince({ model, from })) {
        if (line.kind === 'feedback') {
          if (line.at >= from) rated.push({ id: line.id, at: line.at, down: line.event === 'thumbsDown' });
          continue;
        }
        if (line.release !== plan.champion.releaseId) continue;
        if (line.kind === 'summaryFeedback') {
          const { at, event, user, id } = line;
          const person = user ?? id;
          if (at >= from) ofSummaries.push({ person, category: summariesCategory, at, down: event === 'thumbsDown' });
        } else {
          const category = line.query === null ? null : categoryByKeywords({ baseline: categories, query: line.query });
          answers.set(line.id, { person: line.user ?? line.session ?? line.id, category: category ?? otherCategory });
        }
      }
      const ofAnswers = rated.flatMap(({ id, at, down }) => {
        const answer = answers.get(id);
        return answer ? [{ ...answer, at, down }] : [];
      });
      const ratings = [...ofAnswers, ...ofSummaries];
      const over = wanted.thumbsDownOver;
      const bad = badCategories({ ratings, over, minimumRatings: wanted.minimumRatings });
      return { bad, batch, sentences: bad.map((feedback) => feedbackSentence({ feedback, over })) };
    },
  };
}
