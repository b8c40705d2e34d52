import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { effectivePlan } from '../domain/rollout/traffic-plan.js';
import { latencyBounds } from '../domain/rollout/telemetry.js';
import type { Assignment } from './assignment.js';
import type { Clock } from './clock.js';
import type { ModelState, Refusal } from './plan-reader.js';

/** What people and dashboards see of the gateway (Prometheus); decisions rest on the telemetry alone. */
export class GatewayMetrics {
  readonly registry = new Registry();
  private readonly events = new Counter({
    name: 'understudy_gateway_events_total',
    help: 'First attempts and what happened to them, by release and plan revision; event "request" counts all',
    labelNames: ['model', 'release', 'revision', 'arm', 'event'] as const,
    registers: [this.registry],
  });
  private readonly latency = new Histogram({
    name: 'understudy_gateway_attempt_seconds',
    help: 'How long first attempts took',
    labelNames: ['model', 'release', 'arm'] as const,
    buckets: latencyBounds.map((milliseconds) => milliseconds / 1000),
    registers: [this.registry],
  });
  private readonly rescues = new Counter({
    name: 'understudy_gateway_rescues_total',
    help: 'Requests of the challenger that the champion answered instead',
    labelNames: ['model', 'release'] as const,
    registers: [this.registry],
  });
  private readonly responses = new Counter({
    name: 'understudy_gateway_responses_total',
    help: 'Responses by route and status',
    labelNames: ['route', 'status'] as const,
    registers: [this.registry],
  });
  private readonly planRefusals = new Counter({
    name: 'understudy_gateway_plan_refusals_total',
    help: 'Readings that left the plan before in force, by reason',
    labelNames: ['model', 'reason'] as const,
    registers: [this.registry],
  });
  private readonly writeFailures = new Counter({
    name: 'understudy_gateway_store_write_failures_total',
    help: 'Writes to the store that will be tried again',
    labelNames: ['what'] as const,
    registers: [this.registry],
  });
  private readonly droppedLogLines = new Counter({
    name: 'understudy_gateway_request_log_dropped_total',
    help: 'Lines of the request log given up because the store was away for too long',
    registers: [this.registry],
  });
  readonly inFlight = new Gauge({
    name: 'understudy_gateway_requests_in_flight',
    help: 'Requests being answered',
    registers: [this.registry],
  });

  constructor({ states, clock }: { states: () => ModelState[]; clock: Clock }) {
    collectDefaultMetrics({ register: this.registry });
    this.plan('age_seconds', 'Since the store last confirmed the plan', states, (state) =>
      Math.max(0, (clock() - state.confirmedAt) / 1000),
    );
    this.plan('revision', 'Revision of the plan in force', states, ({ plan }) => plan.revision);
    this.plan('challenger_share', 'Share of the challenger as it holds now', states, ({ plan }) => {
      return effectivePlan({ plan, now: new Date(clock()).toISOString() }).challengerShare;
    });
    this.plan('lease_lapsed', '1 while the plan is served by its fallback alone', states, ({ plan }) =>
      effectivePlan({ plan, now: new Date(clock()).toISOString() }).lapsed ? 1 : 0,
    );
  }

  attempt({
    assignment,
    milliseconds,
    events,
  }: {
    assignment: Assignment;
    milliseconds: number;
    events: readonly string[];
  }): void {
    const { model, arm } = assignment;
    const release = assignment.target.releaseId;
    const labels = { model, release, revision: String(assignment.revision), arm };
    this.events.inc({ ...labels, event: 'request' });
    for (const event of events) this.events.inc({ ...labels, event });
    this.latency.observe({ model, release, arm }, milliseconds / 1000);
  }

  rescued({ model, target }: Assignment): void {
    this.rescues.inc({ model, release: target.releaseId });
  }

  response({ route, status }: { route: string; status: number }): void {
    this.responses.inc({ route, status: String(status) });
  }

  planRefused({ model, refusal }: { model: string; refusal: Refusal }): void {
    this.planRefusals.inc({ model, reason: refusal });
  }

  writeFailed(what: 'telemetry' | 'requestLog'): void {
    this.writeFailures.inc({ what });
  }

  logLinesDropped(lines: number): void {
    this.droppedLogLines.inc(lines);
  }

  private plan(name: string, help: string, states: () => ModelState[], value: (state: ModelState) => number): void {
    new Gauge({
      name: `understudy_gateway_plan_${name}`,
      help,
      labelNames: ['model'] as const,
      registers: [this.registry],
      collect() {
        this.reset();
        for (const state of states()) this.set({ model: state.plan.model }, value(state));
      },
    });
  }
}
