import type { z } from 'zod';
import type { Prompt } from '../domain/release/prompt.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import type { GatewayContext } from './context.js';
import type { GatewayGround } from './grounding.js';
import type { ModelState } from './plan-reader.js';
import type { factsSchema } from './schemas.js';
import type { Completion } from './completion.js';
import type { UpstreamCall } from './upstream.js';

/** What an answer rests on, in the words of the contract. */
export type Facts = z.infer<typeof factsSchema>;

/** One request on its way: which facts each release that may answer it was asked with. */
export class GroundedRequest {
  private readonly grounds = new Map<string, GatewayGround>();
  private readonly state: ModelState | null;

  constructor(
    private readonly input: {
      context: Pick<GatewayContext, 'plans' | 'grounding' | 'upstream' | 'clock'>;
      model: string;
      question: string;
      filters: Readonly<Record<string, unknown>> | undefined;
    },
  ) {
    this.state = input.context.plans.state(input.model);
  }

  /**
   * Looks at the request's filters alone. What does not fit is the caller's to mend: nothing is counted against a release.
   * @throws HttpError 400 naming every filter that does not fit
   */
  check(target: Target): void {
    const { context, filters } = this.input;
    context.grounding.filterOf({ state: this.state, target, filters });
  }

  /** The facts of the question for one release, in its prompt. */
  async groundFor({ prompt, target }: { prompt: Prompt; target: Target }): Promise<GatewayGround> {
    const { context, question, filters } = this.input;
    const filter = context.grounding.filterOf({ state: this.state, target, filters });
    const ground = await context.grounding.ground({ state: this.state, target, prompt, question, filter });
    this.grounds.set(target.releaseId, ground);
    return ground;
  }

  /** The answer that stands in for the model's, for a release that was grounded; null: ask the model. */
  otherwiseOf({ releaseId }: Target): string | null {
    return this.grounds.get(releaseId)?.otherwise ?? null;
  }

  isDegraded({ releaseId }: Target): boolean {
    return this.grounds.get(releaseId)?.degraded ?? false;
  }

  /** Whether a release looks for facts at all. */
  retrieves({ releaseId, indexVersion }: Target): boolean {
    return indexVersion !== null && (this.state?.retrievals.has(releaseId) ?? false);
  }

  /** How many snippets were found for a release. */
  sourcesOf({ releaseId }: Target): number {
    return this.grounds.get(releaseId)?.found.length ?? 0;
  }

  /** Asks the release, or answers in its place where it found nothing and its spec says what to say then. */
  async complete(call: UpstreamCall): Promise<Completion> {
    const otherwise = this.otherwiseOf(call.target);
    if (otherwise === null) return await this.input.context.upstream.complete(call);
    const message = { role: 'assistant', content: otherwise };
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    const choices = [{ index: 0, message, finish_reason: 'stop' }];
    const body = { object: 'chat.completion', created: Math.floor(this.input.context.clock() / 1000), choices, usage };
    return { text: otherwise, promptTokens: 0, completionTokens: 0, body };
  }

  /** The same as a stream. */
  async stream(call: UpstreamCall): Promise<AsyncGenerator<Buffer>> {
    const otherwise = this.otherwiseOf(call.target);
    return otherwise === null ? await this.input.context.upstream.stream(call) : this.streamed(otherwise);
  }

  private async *streamed(content: string): AsyncGenerator<Buffer> {
    const created = Math.floor(this.input.context.clock() / 1000);
    const choices = [{ index: 0, delta: { role: 'assistant', content }, finish_reason: 'stop' }];
    const chunk = { object: 'chat.completion.chunk', created, model: this.input.model, choices };
    yield Buffer.from(`data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
  }

  /** What the answer of a release rests on. */
  async factsOf({ target, answer }: { target: Target; answer: string }): Promise<Facts> {
    const ground = this.grounds.get(target.releaseId);
    if (!ground?.settings) return { sources: 0, citations: [] };
    const degraded = ground.degraded ? { degraded: true } : {};
    const sources = ground.found.length;
    if (sources === 0 && ground.degraded) return { sources, citations: [], ...degraded };
    return { sources, ...(await this.input.context.grounding.cite({ answer, ground })), ...degraded };
  }
}
