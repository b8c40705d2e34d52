import { z } from 'zod';
import { seededRandom } from '../../domain/statistics/random.js';
import type { Specification } from '../../domain/spec/specification.js';
import { loadGolden } from '../golden.js';
import type { ArtifactStore } from '../ports.js';
import { decodeSegment, segmentExtension } from '../segment-file.js';
import { linesOf } from '../stored-json.js';

const lineSchema = z.object({ kind: z.literal('answer'), query: z.string().min(1) });

/** So many of the newest segments are read, and with fewer questions the golden set is asked instead. */
const newestSegments = 20;
const fewestRecorded = 50;

export interface LoadQuestions {
  from: 'request log' | 'golden set';
  questions: string[];
}

/**
 * What a load test asks: users' questions from the newest segments of the request log, whose lengths are those of real
 * traffic, or the golden set's inputs where too few are recorded. In a seeded random order.
 */
export async function loadQuestions({
  store,
  model,
  specification,
  seed,
}: {
  store: ArtifactStore;
  model: string;
  specification: Specification;
  seed: number;
}): Promise<LoadQuestions> {
  const recorded = await recordedQuestions({ store, model });
  const enough = recorded.length >= fewestRecorded;
  const golden = enough ? [] : await loadGolden({ store, golden: specification.golden });
  const random = seededRandom(seed);
  const questions = (enough ? recorded : golden.map(({ input }) => input))
    .map((question) => ({ question, at: random.integer() }))
    .sort((one, other) => one.at - other.at)
    .map(({ question }) => question);
  return { from: enough ? 'request log' : 'golden set', questions };
}

async function recordedQuestions({ store, model }: { store: ArtifactStore; model: string }): Promise<string[]> {
  let newest: string[] = [];
  for await (const { key } of store.list({ prefix: `requests/${model}/` })) {
    newest.push(key);
    if (newest.length > 2 * newestSegments) newest = newest.slice(-newestSegments);
  }
  const questions: string[] = [];
  for (const key of newest.slice(-newestSegments)) {
    const stored = await store.get({ key });
    if (!stored) continue;
    const lines = key.endsWith(segmentExtension) ? decodeSegment({ body: stored.body }) : [...linesOf(stored.body)];
    for (const line of lines) {
      const parsed = lineSchema.safeParse(JSON.parse(line));
      if (parsed.success) questions.push(parsed.data.query);
    }
  }
  return questions;
}
