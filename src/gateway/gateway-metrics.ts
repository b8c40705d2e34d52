import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type OpenMetricsContentType } from 'prom-client';
import type { GuardrailName } from '../domain/guardrails/guardrails.js';
import { type Arm, effectivePlan, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import { latencyBounds } from '../domain/rollout/telemetry.js';
import type { Assignment } from './assignment.js';
import type { Clock } from './clock.js';
import type { MirrorOutcome } from './mirror.js';
import type { ModelState, Refusal } from './plan-reader.js';

const eventLabels = ['model', 'release', 'revision', 'arm', 'event'] as const;
type EventLabel = (typeof eventLabels)[number];
const latencyLabels = ['model', 'release', 'arm'] as const;
type LatencyLabel = (typeof latencyLabels)[number];

interface Guarded {
  model: string;
  stage: 'input' | 'output';
  guardrail: GuardrailName;
  action: 'refuse' | 'block' | 'redact';
}

/** What a gateway writes to the store. */
export type Written = 'telemetry' | 'requestLog' | 'mirror' | 'limits';

/** What people and dashboards see of the gateway (Prometheus); decisions rest on the telemetry alone. */
export class GatewayMetrics {
  readonly registry = openMetricsRegistry();
  private readonly events = new Counter<EventLabel | 'answer_id'>({
    name: 'understudy_gateway_events_total',
    help: 'First attempts, what happened to them and what was said of them later, by release and plan revision; event "request" counts all',
    labelNames: eventLabels,
    enableExemplars: true,
    registers: [this.registry],
  });
  private readonly latency = new Histogram<LatencyLabel | 'answer_id'>({
    name: 'understudy_gateway_attempt_seconds',
    help: 'How long first attempts took',
    labelNames: latencyLabels,
    buckets: latencyBounds.map((milliseconds) => milliseconds / 1000),
    enableExemplars: true,
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
  private readonly droppedLines = new Counter({
    name: 'understudy_gateway_lines_dropped_total',
    help: 'Lines of the request log, and pairs of the mirror, given up because the store was away for too long',
    labelNames: ['what'] as const,
    registers: [this.registry],
  });
  private readonly guardrails = new Counter({
    name: 'understudy_gateway_guardrails_total',
    help: 'Questions and answers that a guardrail refused, blocked or redacted',
    labelNames: ['model', 'stage', 'guardrail', 'action'] as const,
    registers: [this.registry],
  });
  private readonly mirrors = new Counter({
    name: 'understudy_gateway_mirrored_total',
    help: 'Sampled requests by what became of the copy for the challenger',
    labelNames: ['model', 'release', 'outcome'] as const,
    registers: [this.registry],
  });
  private readonly retrievals = new Counter({
    name: 'understudy_gateway_retrievals_total',
    help: 'Questions of releases that retrieve, by what was found; "degraded" were answered without facts',
    labelNames: ['model', 'release', 'outcome'] as const,
    registers: [this.registry],
  });
  private readonly plainAnswers = new Counter({
    name: 'understudy_gateway_unformatted_total',
    help: 'Questions asked without the response_format that the prompt wants, since the endpoint refuses it',
    labelNames: ['release'] as const,
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

  retrieved(told: { model: string; release: string; outcome: 'found' | 'nothing' | 'degraded' }): void {
    this.retrievals.inc(told);
  }

  attempt({
    id,
    assignment,
    milliseconds,
    events,
  }: {
    id: string;
    assignment: Assignment;
    milliseconds: number;
    events: readonly string[];
  }): void {
    const { model, arm } = assignment;
    const release = assignment.target.releaseId;
    const revision = String(assignment.revision);
    const labelsOf = (event: string) => ({ model, release, revision, arm, event });
    const exemplarLabels = exemplarOf(id);
    this.events.inc({ labels: labelsOf('request') });
    for (const event of events) this.events.inc({ labels: labelsOf(event), exemplarLabels });
    this.latency.observe({ labels: { model, release, arm }, value: milliseconds / 1000, exemplarLabels });
  }

  /** What became of an answer, said later. Of a plan that was replaced only the revision tells the release. */
  said({
    model,
    revision,
    arm,
    event,
    plan,
  }: {
    model: string;
    revision: number;
    arm: Arm;
    event: string;
    plan: TrafficPlan | null;
  }): void {
    const release = plan?.revision === revision ? (plan[arm]?.releaseId ?? '') : '';
    this.events.inc({ labels: { model, release, revision: String(revision), arm, event } });
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

  writeFailed(what: Written): void {
    this.writeFailures.inc({ what });
  }

  linesDropped({ what, lines }: { what: Written; lines: number }): void {
    this.droppedLines.inc({ what }, lines);
  }

  guarded({ model, stage, guardrail, action }: Guarded): void {
    this.guardrails.inc({ model, stage, guardrail, action });
  }

  mirrored({ model, release, outcome }: { model: string; release: string; outcome: MirrorOutcome }): void {
    this.mirrors.inc({ model, release, outcome });
  }

  unformatted(asked: { release: string }): void {
    this.plainAnswers.inc(asked);
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

/** OpenMetrics 1.0: names and values of an exemplar's labels have at most 128 characters together. */
const exemplarCharacters = 128;

/** The answer behind a figure, under which the request log has it; none where its id is too long for an exemplar. */
const exemplarOf = (id: string): { answer_id?: string } =>
  id.length + 'answer_id'.length <= exemplarCharacters ? { answer_id: id } : {};

/** Exemplars exist in this format alone. */
function openMetricsRegistry(): Registry<OpenMetricsContentType> {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}
