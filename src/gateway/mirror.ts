import type { ShadowAnswer, ShadowFailure, ShadowPair } from '../contracts/shadow-pair.js';
import { storeKeys } from '../contracts/store-keys.js';
import { createRedactor } from '../domain/dataset/redaction/redactor.js';
import type { Prompt } from '../domain/release/prompt.js';
import { isMirrored } from '../domain/rollout/mirror-sample.js';
import { effectivePlan, type Target } from '../domain/rollout/traffic-plan.js';
import type { RequestFor } from './answerer.js';
import type { Assignment } from './assignment.js';
import { Cancellation } from './cancellation.js';
import type { Clock } from './clock.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import type { ModelState } from './plan-reader.js';
import type { SegmentWriter } from './segment-writer.js';
import { asUpstreamError, elapsed, type ReleaseUpstream } from './upstream.js';

/** What of a request can be asked a second time, or why it can't. */
export type Repeatable =
  | {
      requestFor: RequestFor;
      /** What is answered in the place of a release that found nothing; null: ask it. */
      otherwiseOf?: (target: Target) => string | null;
      messages: ShadowPair['request']['messages'];
    }
  | { not: 'tools' | 'notText' };

/** A request that the champion has answered, as the mirror is offered it once the answer has gone out. */
export interface Answered {
  id: string;
  at: string;
  assignment: Assignment;
  query: string;
  repeatable: Repeatable;
  champion: ShadowAnswer;
}

export const mirrorOutcomes = ['answered', 'failed', 'dropped', 'ended', 'tools', 'notText'] as const;
/** What became of a request that was sampled: `dropped` with the queue full or by a fault of ours, `ended` with the share or its lease gone. */
export type MirrorOutcome = (typeof mirrorOutcomes)[number];

export interface MirrorOptions {
  /** Connections of its own, so that no user waits for one. */
  upstream: ReleaseUpstream;
  pairs: SegmentWriter;
  metrics: GatewayMetrics;
  stateOf: (model: string) => ModelState | null;
  clock: Clock;
  concurrency: number;
  queueLength: number;
  timeoutMilliseconds: number;
  onFailure: (error: unknown) => void;
}

interface Job extends Answered {
  repeatable: Exclude<Repeatable, { not: string }>;
  challenger: Target;
  prompt: Prompt;
}

/**
 * Asks the challenger what users asked the champion, and writes both answers down. It never touches the request: it
 * begins when the answer has gone out, works on its own connections, and what does not fit its queue is dropped and
 * counted.
 */
export class Mirror {
  private readonly queue: Job[] = [];
  private readonly redactor = createRedactor({ patterns: [] });
  private readonly ending = new Cancellation();
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly options: MirrorOptions) {}

  offer(answered: Answered): void {
    const { assignment, repeatable, id } = answered;
    if (assignment.mirror === null || !isMirrored({ id, share: assignment.mirror.share })) return;
    const { target: challenger, prompt } = assignment.mirror;
    const count = (outcome: MirrorOutcome) => this.count({ answered, challenger, outcome });
    if ('not' in repeatable) return count(repeatable.not);
    if (this.ending.cancelled || this.queue.length >= this.options.queueLength) return count('dropped');
    this.queue.push({ challenger, prompt, ...answered, repeatable });
    this.next();
  }

  /** Waits for what is under way and what waits, and writes the pairs. Never rejects. */
  async finish(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
    await this.options.pairs.flush();
  }

  /** Gives up what waits and what is under way; the pairs that are whole are written. */
  async stop(): Promise<void> {
    this.ending.cancel();
    for (const job of this.queue.splice(0))
      this.count({ answered: job, challenger: job.challenger, outcome: 'dropped' });
    await Promise.all(this.running);
    await this.options.pairs.stop();
    await this.options.upstream.close();
  }

  private next(): void {
    while (this.running.size < this.options.concurrency) {
      const job = this.queue.shift();
      if (!job) return;
      const run = this.run(job)
        .catch((error: unknown) => {
          this.options.onFailure(error);
          this.count({ answered: job, challenger: job.challenger, outcome: 'dropped' });
        })
        .finally(() => {
          this.running.delete(run);
          this.next();
        });
      this.running.add(run);
    }
  }

  private async run(job: Job): Promise<void> {
    const { challenger } = job;
    if (!this.isWanted(job)) return this.count({ answered: job, challenger, outcome: 'ended' });
    const answer = await this.ask(job);
    if (this.ending.cancelled) return this.count({ answered: job, challenger, outcome: 'dropped' });
    const pair = this.pairOf({ job, challenger: answer });
    this.options.pairs.append({ prefix: storeKeys.shadowPairs(challenger), row: pair });
    this.count({ answered: job, challenger, outcome: 'error' in answer ? 'failed' : 'answered' });
  }

  /** Whether the plan in force still mirrors to this challenger; one that waited may have outlived its lease. */
  private isWanted({ assignment, challenger }: Job): boolean {
    const state = this.options.stateOf(assignment.model);
    if (!state) return false;
    const plan = effectivePlan({ plan: state.plan, now: new Date(this.options.clock()).toISOString() });
    return plan.mirrorShare > 0 && plan.challenger?.releaseId === challenger.releaseId;
  }

  private async ask({ challenger, prompt, repeatable }: Job): Promise<ShadowAnswer | ShadowFailure> {
    const { upstream, timeoutMilliseconds } = this.options;
    const call = {
      target: challenger,
      timeoutMilliseconds,
      cancellation: this.ending,
      ...(await repeatable.requestFor(prompt, challenger)),
    };
    const release = challenger.releaseId;
    const started = elapsed();
    const otherwise = repeatable.otherwiseOf?.(challenger) ?? null;
    if (otherwise !== null) return { release, answer: otherwise, latencyMs: 0, promptTokens: 0, completionTokens: 0 };
    try {
      const { text, promptTokens, completionTokens } = await upstream.complete(call);
      return { release, answer: text, latencyMs: rounded(elapsed() - started), promptTokens, completionTokens };
    } catch (error) {
      const { kind, message, callerStatus } = asUpstreamError({ error, call, timedOut: false });
      const latencyMs = rounded(elapsed() - started);
      return { release, error: { kind: callerStatus === null ? kind : 'refused', message }, latencyMs };
    }
  }

  /** One document for the redactor, so that the same value has the same placeholder in every text. */
  private pairOf({ job, challenger }: { job: Job; challenger: ShadowAnswer | ShadowFailure }): ShadowPair {
    const { id, at, assignment, query, repeatable, champion } = job;
    const { messages } = repeatable;
    const said = 'error' in challenger ? challenger.error.message : challenger.answer;
    const { texts } = this.redactor.redact({
      texts: [query, champion.answer, said, ...messages.map(({ content }) => content)],
    });
    const [plainQuery, championAnswer, challengerText, ...contents] = texts as [string, string, string, ...string[]];
    return {
      at,
      id,
      model: assignment.model,
      revision: assignment.revision,
      bucket: assignment.bucket,
      request: {
        query: plainQuery,
        messages: messages.map(({ role }, index) => ({ role, content: contents[index]! })),
      },
      champion: { ...champion, answer: championAnswer },
      challenger:
        'error' in challenger
          ? { ...challenger, error: { ...challenger.error, message: challengerText } }
          : { ...challenger, answer: challengerText },
    };
  }

  private count(input: { answered: Answered; challenger: Target; outcome: MirrorOutcome }): void {
    const { answered, challenger, outcome } = input;
    this.options.metrics.mirrored({ model: answered.assignment.model, release: challenger.releaseId, outcome });
  }
}

const rounded = (milliseconds: number): number => Math.round(milliseconds * 10) / 10;
