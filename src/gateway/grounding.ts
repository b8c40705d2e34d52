import type { Ports } from '../activities/ports.js';
import { cite } from '../activities/retrieval/cite.js';
import { ground, type Grounded } from '../activities/retrieval/ground.js';
import type { RetrievalHelpers } from '../activities/retrieval/retrieval-helpers.js';
import type { ChunkFilter } from '../domain/retrieval/chunk.js';
import type { CitedAnswer } from '../domain/retrieval/citations.js';
import { parseFilters } from '../domain/retrieval/filters.js';
import { renderPrompt, type Prompt } from '../domain/release/prompt.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import type { RetrievalSpec } from '../domain/spec/retrieval-spec.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { HttpError } from './http-error.js';
import type { ModelState } from './plan-reader.js';

/** What one release was asked with; `degraded` where its sources could not be asked in time, or not as it wants them. */
export interface GatewayGround extends Grounded {
  /** How the release retrieves; null where it retrieves nothing. */
  settings: RetrievalSpec | null;
  degraded: boolean;
}

export interface GroundingOptions extends Pick<Ports, 'chunks' | 'openEmbedder' | 'reranker'> {
  /** Asks a model at the endpoint of a release. */
  askAt: (input: { target: Target; model: string }) => RetrievalHelpers['ask'];
  onRetrieved: (input: { model: string; release: string; outcome: 'found' | 'nothing' | 'degraded' }) => void;
  onFailure: (input: { release: string; error: unknown }) => void;
}

interface Asked {
  state: ModelState | null;
  target: Target;
}

/**
 * Finds the facts of a question for the release that answers it, within the time that its spec allows. Whatever goes
 * wrong there, the question is answered: without facts, and saying so.
 */
export class Grounding {
  constructor(private readonly options: GroundingOptions) {}

  /** Loads what the releases of a plan retrieve with, so that no first question waits for it. */
  async warm({ state }: { state: ModelState }): Promise<void> {
    const { champion, challenger } = state.plan;
    const { chunks, openEmbedder } = this.options;
    for (const target of [champion, challenger]) {
      if (!target || target.indexVersion === null || !state.retrievals.has(target.releaseId)) continue;
      try {
        await (await openEmbedder?.())?.embed({ texts: ['warm'] });
        await chunks?.describe({ collection: target.indexVersion });
      } catch (error) {
        this.options.onFailure({ release: target.releaseId, error });
      }
    }
  }

  /**
   * The filters of a request, typed by the fields of the release's index; none where it retrieves nothing.
   * @throws HttpError 400 naming every filter that does not fit
   */
  filterOf({
    state,
    target,
    filters,
  }: Asked & { filters: Readonly<Record<string, unknown>> | undefined }): ChunkFilter {
    const settings = state?.retrievals.get(target.releaseId);
    if (!settings || filters === undefined) return [];
    const { filter, problems } = parseFilters({ filters, fields: settings.fields });
    if (filter === null) throw new HttpError(400, problems.join('; '));
    return filter;
  }

  async ground(
    input: Asked & {
      prompt: Prompt;
      question: string;
      filter: ChunkFilter;
    },
  ): Promise<GatewayGround> {
    const { state, target, prompt, question, filter } = input;
    const settings = state?.retrievals.get(target.releaseId) ?? null;
    const plain = { messages: renderPrompt({ prompt, query: question }), found: [], otherwise: null, leftOut: [] };
    if (!settings || target.indexVersion === null) return { ...plain, settings: null, degraded: false };
    const told = { model: state!.plan.model, release: target.releaseId };
    const { chunks = null, openEmbedder = null, reranker, askAt, onRetrieved, onFailure } = this.options;
    try {
      const grounded = await withinBudget({
        settings,
        work: (signal) =>
          ground({
            ...{ question, prompt, filter, signal, chunks, openEmbedder },
            retrieval: { settings, indexVersion: target.indexVersion! },
            helpers: { ask: askAt({ target, model: settings.helper ?? target.adapter }), reranker },
            budgetMilliseconds: milliseconds(settings.latencyBudget),
          }),
      });
      const { found, leftOut } = grounded;
      const degraded = leftOut.length > 0;
      if (degraded) onFailure({ release: target.releaseId, error: new Error(leftOut.join('; ')) });
      onRetrieved({ ...told, outcome: degraded ? 'degraded' : found.length > 0 ? 'found' : 'nothing' });
      return { ...grounded, settings, degraded };
    } catch (error) {
      onRetrieved({ ...told, outcome: 'degraded' });
      onFailure({ release: target.releaseId, error });
      return { ...plain, settings, degraded: true };
    }
  }

  /** What an answer stands on; nothing where that can't be said in time. */
  async cite({
    answer,
    ground: { found, settings },
  }: {
    answer: string;
    ground: Pick<GatewayGround, 'found' | 'settings'>;
  }): Promise<CitedAnswer> {
    const nothing: CitedAnswer = { citations: [], unsupported: [] };
    const { openEmbedder } = this.options;
    if (found.length === 0 || !openEmbedder || !settings) return nothing;
    return await withinBudget({
      settings,
      work: async (signal) => cite({ answer, found, embedder: await openEmbedder(), signal }),
    }).catch(() => nothing);
  }
}

async function withinBudget<Value>({
  settings,
  work,
}: {
  settings: RetrievalSpec;
  work: (signal: AbortSignal) => Promise<Value>;
}): Promise<Value> {
  const limit = milliseconds(settings.latencyBudget);
  const ending = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => {
      ending.abort();
      reject(new Error(`not found within ${limit} ms (retrieval.latencyBudget)`));
    }, limit);
    ending.signal.addEventListener('abort', () => clearTimeout(timer));
  });
  try {
    return await Promise.race([work(ending.signal), late]);
  } finally {
    ending.abort();
  }
}
