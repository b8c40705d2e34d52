import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { indexDocuments } from '../../activities/retrieval/index-documents.js';
import { retrieve } from '../../activities/retrieval/retrieve.js';
import { Documents } from '../../adapters/document-loaders/documents.js';
import { EmbeddedChunks } from '../../adapters/embedded-chunks/embedded-chunks.js';
import type { GoldenCase } from '../../domain/dataset/golden.js';
import { mrr } from '../../domain/evaluation/retrieval/mrr.js';
import { ndcgAt } from '../../domain/evaluation/retrieval/ndcg-at.js';
import { recallAt } from '../../domain/evaluation/retrieval/recall-at.js';
import type { ChunkPlan } from '../../domain/retrieval/chunkers/chunk-document.js';
import { chooseWay, type WayDifference } from '../../domain/retrieval/tuning.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { RetrievalPlace } from './retrieval-place.js';

/** One way to retrieve, and how well it did on the labelled questions. */
export interface TunedWay {
  chunk: ChunkPlan;
  mode: RetrievalSpec['mode'];
  topK: number;
  ndcg: number;
  mrr: number;
  recall: number;
  /** From what the spec says now, in nDCG; null for that itself. */
  difference: WayDifference | null;
}

export interface Tuning {
  questions: number;
  ways: TunedWay[];
  /** The place of the winner among `ways`. */
  winner: number;
}

const plans: readonly ChunkPlan[] = [
  { kind: 'recursive', size: 512, overlap: 64, unit: 'characters' },
  { kind: 'recursive', size: 256, overlap: 32, unit: 'characters' },
  { kind: 'sections', size: 512, overlap: 0, unit: 'characters' },
  { kind: 'sentences', size: 256, overlap: 64, unit: 'characters' },
  { kind: 'semantic', size: 512, overlap: 0, unit: 'characters' },
];
const modes = ['hybrid', 'dense', 'keyword'] as const;
const depths = [3, 5];
const depth = 5;

type Scored = {
  way: Omit<TunedWay, 'difference' | 'ndcg' | 'mrr' | 'recall'>;
  scores: { ndcg: number[]; mrr: number[]; recall: number[] };
};

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const samePlan = (one: ChunkPlan, other: ChunkPlan): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Tries chunkers, fusion and depth on the questions whose documents are known, paired question by question with what
 * the spec says now. The winner is the best by nDCG at 5 of those that are better than what stands in the spec, however
 * many were tried; else that stays.
 */
export async function tune({
  place: { settings, embedder },
  questions,
  say,
}: {
  place: Pick<RetrievalPlace, 'settings' | 'embedder'>;
  questions: readonly GoldenCase[];
  say: (line: string) => void;
}): Promise<Tuning> {
  const root = await mkdtemp(join(tmpdir(), 'understudy-tune-'));
  const chunks = new EmbeddedChunks({ root });
  const documents = new Documents();
  const listed = await documents.list({ source: settings.source! });
  const scored: Scored[] = [];
  try {
    const tried = [settings.chunk, ...plans.filter((plan) => !samePlan(plan, settings.chunk))];
    for (const [index, chunk] of tried.entries()) {
      const version = `tune-${index}`;
      const { id, dimension } = embedder;
      const { fields } = settings;
      const plan = { version, shape: { embedder: id, dimension, chunk, fields } };
      await chunks.createCollection({ collection: version, embedder: id, dimension, fields });
      const signal = new AbortController().signal;
      await indexDocuments({ plan, changed: listed, settings, documents, embedder, chunks, signal });
      await chunks.optimise({ collection: version });
      say(
        `${chunk.kind} ${chunk.size}/${chunk.overlap} ${chunk.unit}: ${await chunks.count({ collection: version })} chunks`,
      );
      for (const mode of new Set([settings.mode, ...modes]))
        for (const topK of new Set([settings.topK, ...depths])) {
          const asked = { ...settings, mode, topK };
          const scores = await scoresOf({ collection: version, settings: asked, questions, embedder, chunks });
          scored.push({ way: { chunk, mode, topK }, scores });
        }
    }
  } finally {
    chunks.close();
    await rm(root, { recursive: true, force: true });
  }
  const ndcg = scored.map(({ scores }) => scores.ndcg);
  const { winner, differences } = chooseWay({ metric: 'ndcgAt5', questions, scores: ndcg });
  const ways = scored.map(({ way, scores }, index) => ({
    ...way,
    ...{ ndcg: mean(scores.ndcg), mrr: mean(scores.mrr), recall: mean(scores.recall) },
    difference: differences[index]!,
  }));
  return { questions: questions.length, ways, winner };
}

async function scoresOf(input: {
  collection: string;
  settings: RetrievalSpec;
  questions: readonly GoldenCase[];
  embedder: RetrievalPlace['embedder'];
  chunks: EmbeddedChunks;
}): Promise<Scored['scores']> {
  const { questions, ...place } = input;
  const scorers = { ndcg: ndcgAt(depth), mrr, recall: recallAt(input.settings.topK) };
  const scores: Scored['scores'] = { ndcg: [], mrr: [], recall: [] };
  for (const one of questions) {
    const { found } = await retrieve({ question: one.input, ...place });
    const ranked = found.map(({ chunk }) => ({ id: chunk.document }));
    for (const name of ['ndcg', 'mrr', 'recall'] as const) {
      const { score } = scorers[name].score({ case: one, answer: '', documents: ranked });
      scores[name].push(score ?? 0);
    }
  }
  return scores;
}
