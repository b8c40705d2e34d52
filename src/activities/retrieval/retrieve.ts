import type { ChunkFilter, ScoredChunk } from '../../domain/retrieval/chunk.js';
import { bestAtTheEnds, contextText, withinBudget } from '../../domain/retrieval/context.js';
import { diversify, withoutNearDuplicates } from '../../domain/retrieval/diversity.js';
import { expansionPrompt, readRewrites } from '../../domain/retrieval/expansion.js';
import { fuseByRank } from '../../domain/retrieval/fusion.js';
import { filtersFromQuestion, shownFilter } from '../../domain/retrieval/self-query.js';
import type { RetrievalSpec } from '../../domain/spec/retrieval-spec.js';
import type { Embedder } from '../embedder-port.js';
import type { ChunkReader } from '../vector-store-port.js';
import { candidatesOf, questionVectors, requireIndex, type Candidates } from './candidates.js';
import { knownValues } from './known-values.js';
import { optionalSteps, type OptionalSteps } from './optional-step.js';
import { rankAgain } from './rank-again.js';
import type { RetrievalHelpers } from './retrieval-helpers.js';

/** One step and what it left, for whoever wants to know why a chunk was found. */
export interface RetrievalStep {
  step: string;
  chunks: { id: string; document: string; score: number }[];
}

export interface Retrieved {
  /** What the answer may rest on, best first. */
  found: ScoredChunk[];
  /** The numbered snippets as they stand in the prompt. */
  context: string;
  steps: RetrievalStep[];
  /** Steps of the settings that were done without, each with the reason. */
  leftOut: string[];
}

export interface RetrievalRequest {
  question: string;
  /** A version of the index, or its name for the version in use. */
  collection: string;
  settings: RetrievalSpec;
  filter?: ChunkFilter;
  embedder: Embedder;
  chunks: ChunkReader;
  /** Without them rewrites and reranking are left out. */
  helpers?: RetrievalHelpers;
  /** What all of it may take: rewrites and reranking are left out once their part of it is over. Absent: no limit. */
  budgetMilliseconds?: number;
  signal?: AbortSignal;
}

/** Parts of the budget after which retrieval goes on without. The rest is for the search and the way back. */
const shares = { rewrites: 0.5, rerank: 0.85 };

/**
 * Finds what a question can be answered from: neighbours and words of the question and its rewrites, fused, reranked,
 * without near-duplicates, spread, and cut to what the prompt has room for. The same for evaluation, gateway and command.
 * @throws PortError of the store or embedder, and `InvalidInput` where the index was made by another embedder
 */
export async function retrieve(request: RetrievalRequest): Promise<Retrieved> {
  const { question, settings, helpers = {}, signal, budgetMilliseconds } = request;
  const optional = optionalSteps({ budgetMilliseconds, signal });
  const steps: RetrievalStep[] = [];
  const note = (step: string, ranked: ScoredChunk[]): ScoredChunk[] => {
    steps.push({
      step,
      chunks: ranked.map(({ chunk: { id, document }, score }) => ({ id, document, score })),
    });
    return ranked;
  };
  // Rewrites are waited for while the question itself is looked for.
  const [own, more] = await Promise.all([lookFor({ request, note }), rewritten({ request, optional })]);
  for (const { step, ranked } of more.lists) note(step, ranked);
  const lists = [...own.lists, ...more.lists].map(({ ranked }) => ranked);
  const closest = Math.max(own.closest ?? -1, more.closest ?? -1);
  const { leftOut } = optional;
  const compared = own.closest !== null || more.closest !== null;
  if (settings.minimumScore !== null && compared && closest < settings.minimumScore)
    return { found: [], context: '', steps: [...steps, { step: 'minimum score', chunks: [] }], leftOut };
  let ranked = lists.length === 1 ? lists[0]! : note('fused by rank', fuseByRank(lists));
  if (settings.rerank !== null) {
    const before = ranked;
    const work = (until: AbortSignal) => rankAgain({ question, ranked: before, settings, helpers, signal: until });
    const again = await optional.run({ name: 'reranking', share: shares.rerank, work });
    if (again) ranked = note('reranked', again);
  }
  const { nearDuplicates, diversity, topK } = settings;
  if (nearDuplicates !== null)
    ranked = note('without near-duplicates', withoutNearDuplicates({ ranked, above: nearDuplicates }));
  if (diversity !== null) ranked = note('spread', diversify({ ranked, lambda: diversity, limit: topK }));
  const found = note('kept', withinBudget({ ranked: ranked.slice(0, topK), tokens: settings.contextTokens }));
  const shown = settings.order === 'best at the ends' ? bestAtTheEnds(found) : found;
  return { found, context: contextText(shown), steps, leftOut };
}

type Note = (step: string, ranked: ScoredChunk[]) => ScoredChunk[];

/** What the question itself finds, by the filters it was given and those it holds. */
async function lookFor({ request, note }: { request: RetrievalRequest; note: Note }): Promise<Candidates> {
  const { question, filter = [], collection, chunks, embedder, settings } = request;
  // Side by side: neither needs the other, and a store may be far away.
  const [version, vectors] = await Promise.all([
    requireIndex({ collection, chunks, embedder }),
    questionVectors({ ...request, questions: [question] }),
  ]);
  const asked = { ...request, collection: version, questions: [question], vectors };
  const noted = async (wanted: ChunkFilter): Promise<Candidates> => {
    const found = await candidatesOf({ ...asked, filter: wanted });
    for (const { step, ranked } of found.lists) note(step, ranked);
    return found;
  };
  if (!settings.selfQuery) return await noted(filter);
  const values = await knownValues({ chunks, collection: version, fields: settings.fields });
  const held = filtersFromQuestion({ question, fields: settings.fields, values }).filter(
    ({ field }) => !filter.some((one) => one.field === field),
  );
  if (held.length === 0) return await noted(filter);
  note(`filters of the question: ${shownFilter(held)}`, []);
  const narrowed = await noted([...filter, ...held]);
  if (narrowed.lists.some(({ ranked }) => ranked.length > 0)) return narrowed;
  note('those filters leave nothing: asked without them', []);
  return await noted(filter);
}

/** What rewrites of the question find; nothing where none are asked for, or none came in time. */
async function rewritten(input: { request: RetrievalRequest; optional: OptionalSteps }): Promise<Candidates> {
  const { request, optional } = input;
  const { question, settings, helpers: { ask } = {}, filter = [] } = request;
  const nothing: Candidates = { lists: [], closest: null };
  const count = settings.rewrites;
  if (count === 0) return nothing;
  if (!ask) {
    optional.leftOut.push('rewrites: there is no model to ask');
    return nothing;
  }
  const found = await optional.run({
    name: 'rewrites',
    share: shares.rewrites,
    work: async (signal) => {
      const reply = await ask(expansionPrompt({ question, count }), signal);
      const questions = readRewrites({ reply, question, count });
      if (questions.length === 0) return nothing;
      const vectors = await questionVectors({ ...request, questions, signal });
      return await candidatesOf({ ...request, filter, questions, vectors, signal });
    },
  });
  return found ?? nothing;
}
