import type { Ports } from '../activities/ports.js';
import { cite } from '../activities/retrieval/cite.js';
import { ground, type Grounded } from '../activities/retrieval/ground.js';
import type { ChunkFilter } from '../domain/retrieval/chunk.js';
import type { CitedAnswer } from '../domain/retrieval/citations.js';
import { parseFilters } from '../domain/retrieval/filters.js';
import { renderPrompt, type Prompt } from '../domain/release/prompt.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import type { RetrievalSpec } from '../domain/spec/retrieval-spec.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { HttpError } from './http-error.js';
import type { ModelState } from './plan-reader.js';

/** What one release was asked with; `degraded` where its sources could not be asked in time. */
export interface GatewayGround extends Grounded {
  retrieves: boolean;
  degraded: boolean;
}

export interface GroundingOptions extends Pick<Ports, 'chunks' | 'openEmbedder'> {
  onRetrieved: (input: { model: string; release: string; outcome: 'found' | 'nothing' | 'degraded' }) => void;
  onFailure: (input: { release: string; error: unknown }) => void;
}

/**
 * Finds the facts of a question for the release that answers it, within the time that its spec allows. Whatever goes
 * wrong there, the question is answered: without facts, and saying so.
 */
export class Grounding {
  constructor(private readonly options: GroundingOptions) {}

  /**
   * The filters of a request, typed by the fields of the release's index; none where it retrieves nothing.
   * @throws HttpError 400 naming every filter that does not fit
   */
  filterOf({
    state,
    target,
    filters,
  }: {
    state: ModelState | null;
    target: Target;
    filters: Readonly<Record<string, unknown>> | undefined;
  }): ChunkFilter {
    const settings = state?.retrievals.get(target.releaseId);
    if (!settings || filters === undefined) return [];
    const { filter, problems } = parseFilters({ filters, fields: settings.fields });
    if (filter === null) throw new HttpError(400, problems.join('; '));
    return filter;
  }

  async ground(input: {
    state: ModelState | null;
    target: Target;
    prompt: Prompt;
    question: string;
    filter: ChunkFilter;
  }): Promise<GatewayGround> {
    const { state, target, prompt, question, filter } = input;
    const settings = state?.retrievals.get(target.releaseId);
    const plain = { messages: renderPrompt({ prompt, query: question }), found: [], otherwise: null };
    if (!settings || target.indexVersion === null) return { ...plain, retrieves: false, degraded: false };
    const told = { model: state!.plan.model, release: target.releaseId };
    try {
      const retrieval = { settings, indexVersion: target.indexVersion };
      const grounded = await withinBudget({
        settings,
        work: (signal) => ground({ question, prompt, retrieval, filter, signal, ...this.options }),
      });
      this.options.onRetrieved({ ...told, outcome: grounded.found.length > 0 ? 'found' : 'nothing' });
      return { ...grounded, retrieves: true, degraded: false };
    } catch (error) {
      this.options.onRetrieved({ ...told, outcome: 'degraded' });
      this.options.onFailure({ release: target.releaseId, error });
      return { ...plain, retrieves: true, degraded: true };
    }
  }

  /** What an answer stands on; nothing where that can't be said in time. */
  async cite({ settings, answer, ground: { found } }: { settings: RetrievalSpec; answer: string; ground: Grounded }) {
    const nothing: CitedAnswer = { citations: [], unsupported: [] };
    const { openEmbedder } = this.options;
    if (found.length === 0 || !openEmbedder) return nothing;
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
