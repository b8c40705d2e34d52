import type { Prompt } from '../domain/release/prompt.js';
import type { Target } from '../domain/rollout/traffic-plan.js';
import type { Assignment } from './assignment.js';
import type { Cancellation } from './cancellation.js';
import type { GatewayMetrics } from './gateway-metrics.js';
import { unavailable } from './http-error.js';
import type { TelemetryRecorder } from './telemetry-recorder.js';
import { elapsed, type ReleaseRequest, type UpstreamCall } from './upstream.js';
import { UpstreamError } from './upstream-error.js';

/** What to ask a release by its prompt; where facts are retrieved for it, that takes a moment. */
export type RequestFor = (prompt: Prompt, target: Target) => ReleaseRequest | Promise<ReleaseRequest>;

/** What came of a request: who answered with what, and how the first attempt went. */
export interface Outcome<Result> {
  result: Result;
  servedBy: Target;
  /** Set when the champion had to step in. */
  firstFailure: UpstreamError | null;
  /** How long the first attempt took. */
  milliseconds: number;
}

export interface AnswererOptions {
  recorder: TelemetryRecorder;
  metrics: GatewayMetrics;
  upstreamTimeoutMilliseconds: number;
  requestTimeoutMilliseconds: number;
}

/** Asks the assigned release, lets the champion step in, and counts the first attempt. */
export class Answerer {
  constructor(private readonly options: AnswererOptions) {}

  /**
   * Runs `ask` for the assigned release and, when that fails and there is time, for the champion. The failure counts
   * against the challenger all the same. What the endpoint refuses as the caller's fault counts against nobody, unless
   * the champion takes the same request. A success is left to the caller to count: a stream may still break.
   * @throws UpstreamError of the last attempt.
   */
  async answer<Result>(input: {
    id: string;
    assignment: Assignment;
    requestFor: RequestFor;
    cancellation: Cancellation;
    ask: (call: UpstreamCall) => Promise<Result>;
  }): Promise<Outcome<Result>> {
    const { id, assignment, requestFor, cancellation, ask } = input;
    const { upstreamTimeoutMilliseconds, requestTimeoutMilliseconds } = this.options;
    const started = elapsed();
    const { target, prompt, rescue } = assignment;
    try {
      const call = {
        target,
        timeoutMilliseconds: upstreamTimeoutMilliseconds,
        cancellation,
        ...(await requestFor(prompt, target)),
      };
      const result = await ask(call);
      return { result, servedBy: target, firstFailure: null, milliseconds: elapsed() - started };
    } catch (error) {
      const milliseconds = elapsed() - started;
      const failure = asFailure(error);
      const left = requestTimeoutMilliseconds - milliseconds;
      const refused = failure.callerStatus !== null;
      if (!refused) this.count({ id, assignment, milliseconds, failure, aborted: cancellation.cancelled });
      if (rescue === null || cancellation.cancelled || left < 1) throw failure;
      const call = {
        target: rescue.target,
        timeoutMilliseconds: Math.min(upstreamTimeoutMilliseconds, left),
        cancellation,
        ...(await requestFor(rescue.prompt, rescue.target)),
      };
      const result = await ask(call);
      if (refused) this.count({ id, assignment, milliseconds, failure });
      this.options.metrics.rescued(assignment);
      return { result, servedBy: rescue.target, firstFailure: failure, milliseconds };
    }
  }

  /**
   * Counts a first attempt. One that the caller gave up on counts with the time it had: it may be slow, not an error.
   */
  count(input: {
    /** Of the answer, for whoever looks at a figure and wants an example. */
    id: string;
    assignment: Assignment;
    milliseconds: number;
    failure: UpstreamError | null;
    aborted?: boolean;
    blocked?: boolean;
    /** Answered without the facts that it should have rested on. */
    degraded?: boolean;
    /** Until a stream's first words; null where it had none, or was none. */
    firstTokenMilliseconds?: number | null;
  }): void {
    const {
      id,
      assignment,
      milliseconds,
      failure,
      aborted = false,
      blocked = false,
      degraded = false,
      firstTokenMilliseconds = null,
    } = input;
    const events: string[] = [];
    if (failure !== null && !aborted) events.push('error');
    if (milliseconds > assignment.slowMilliseconds) events.push('slow');
    if (blocked) events.push('blocked');
    if (degraded) events.push('degraded');
    const { slowStartMilliseconds } = assignment;
    if (slowStartMilliseconds !== null && (firstTokenMilliseconds ?? 0) > slowStartMilliseconds)
      events.push('slowStart');
    this.options.metrics.attempt({ id, assignment, milliseconds, events });
    if (assignment.counted) this.options.recorder.attempt({ milliseconds, events, ...assignment });
  }
}

const asFailure = (error: unknown): UpstreamError =>
  error instanceof UpstreamError ? error : new UpstreamError('connection', String(error), null, { cause: error });

/** Lets so many requests in at a time and turns the others away early, before they cost anything. */
export class Admission {
  private open = 0;

  constructor(
    private readonly most: number,
    private readonly onChange: (open: number) => void,
  ) {}

  /** Throws a 503 when too many are in already. */
  requirePlace(): void {
    if (this.open >= this.most)
      throw unavailable(`${this.open} requests are being answered, the limit is ${this.most}; try again`);
  }

  /** Does the work with a place taken until all of it is done. Throws a 503 when too many are in already. */
  async within<Result>(work: () => Promise<Result>): Promise<Result> {
    this.requirePlace();
    this.change(1);
    try {
      return await work();
    } finally {
      this.change(-1);
    }
  }

  private change(by: number): void {
    this.open += by;
    this.onChange(this.open);
  }
}
