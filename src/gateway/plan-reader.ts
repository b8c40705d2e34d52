import { z } from 'zod';
import type { ArtifactStore } from '../activities/ports.js';
import { servingDocumentSchema, type ServingDocument } from '../contracts/serving-document.js';
import { storeKeys } from '../contracts/store-keys.js';
import {
  createGuardrails,
  loadGuardrails,
  type Guardrails,
  type LanguageDetection,
} from '../domain/guardrails/guardrails.js';
import { defaultPrompt, promptSchema, type Prompt } from '../domain/release/prompt.js';
import { trafficPlanSchema, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import { gatewaySpecSchema, type RequestLogSpec } from '../domain/spec/gateway-spec.js';
import { retrievalSpecSchema, type RetrievalSpec } from '../domain/spec/retrieval-spec.js';
import type { Clock } from './clock.js';
import { parseJson } from '../domain/parse-json.js';

export const refusals = [
  'unreachable',
  'missing',
  'corrupt',
  'otherModel',
  'olderRevision',
  'prompt',
  'retrieval',
] as const;
/** Why a poll changed nothing although it should have found a plan. */
export type Refusal = (typeof refusals)[number];

/** What the request path needs to know of one model; replaced as a whole, never changed. */
export interface ModelState {
  plan: TrafficPlan;
  /** By release id; holds every release the plan may send a request to. */
  prompts: ReadonlyMap<string, Prompt>;
  /** How releases with an index version find facts, by release id. */
  retrievals: ReadonlyMap<string, RetrievalSpec>;
  slowMilliseconds: number;
  /** Null where no stream is held against its first words. */
  slowStartMilliseconds: number | null;
  guardrails: Guardrails;
  requestLog: RequestLogSpec;
  /** Null where the model is one by itself. */
  family: string | null;
  domain: string | null;
  /** When the store last confirmed this plan, milliseconds since 1970. */
  confirmedAt: number;
}

interface Known {
  version: string | null;
  servingVersion: string | null;
  state: ModelState | null;
  policy: Policy;
}

/** What a model's spec says of its requests. */
type Policy = Pick<
  ModelState,
  'slowMilliseconds' | 'slowStartMilliseconds' | 'guardrails' | 'requestLog' | 'family' | 'domain'
>;

export interface PlanReaderOptions {
  store: ArtifactStore;
  models: string[] | null;
  clock: Clock;
  /** For guardrails that look at languages. */
  languages: LanguageDetection;
  pollMilliseconds: number;
  slowMilliseconds: number;
  onAdopt: (input: { model: string; revision: number }) => void;
  onRefuse: (input: { model: string; refusal: Refusal; reason: string }) => void;
}

/**
 * Reads the traffic plans again and again, and keeps the last good one of each model when the store is away, or what
 * stands there is corrupt, older or another model's. A plan is adopted together with the prompts of its releases, so
 * that a request never waits for the store; until they can be read the plan before stays in force.
 */
export class PlanReader {
  private readonly known = new Map<string, Known>();
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;

  constructor(private readonly options: PlanReaderOptions) {}

  state(model: string): ModelState | null {
    return this.known.get(model)?.state ?? null;
  }

  /** Models with a plan, in the order of their names. */
  states(): ModelState[] {
    const states = [...this.known.values()].flatMap(({ state }) => (state ? [state] : []));
    return states.sort((a, b) => (a.plan.model < b.plan.model ? -1 : 1));
  }

  /** Whether this gateway serves the model, with or without a plan. */
  serves(model: string): boolean {
    return this.options.models?.includes(model) ?? this.state(model) !== null;
  }

  start(): void {
    const again = () => {
      this.timer = setTimeout(() => void this.refresh().then(again), this.options.pollMilliseconds);
      this.timer.unref();
    };
    again();
  }

  stop(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }

  /** Reads every plan once. Never rejects: what went wrong is reported through `onRefuse`. */
  refresh(): Promise<void> {
    return (this.running ??= this.readAll().finally(() => (this.running = null)));
  }

  private async readAll(): Promise<void> {
    const models = this.options.models ?? (await this.listModels());
    await Promise.all(models.map((model) => this.read(model)));
  }

  private async listModels(): Promise<string[]> {
    const models = new Set(this.known.keys());
    try {
      for await (const { key } of this.options.store.list({ prefix: 'traffic/' })) {
        const model = /^traffic\/([^/]+)\.json$/.exec(key)?.[1];
        if (model !== undefined) models.add(model);
      }
    } catch (error) {
      this.refuse('*', 'unreachable', describe(error));
    }
    return [...models];
  }

  private async read(model: string): Promise<void> {
    const known = this.knownOf(model);
    const isPolicyKnown = await this.readServing(model, known);
    // A first plan waits for the guardrails and the rules of the log. Later ones, which may be rollbacks, never do.
    if (!isPolicyKnown && known.state === null) return;
    try {
      const found = await this.options.store.getIfChanged({ key: `traffic/${model}.json`, known: known.version });
      if (found === 'unchanged') this.replace(known, {});
      else if (found !== null) await this.adopt({ model, known, body: found.body, version: found.version });
      else if (known.state !== null) this.refuse(model, 'missing', `traffic/${model}.json is no longer in the store`);
    } catch (error) {
      this.refuse(model, 'unreachable', describe(error));
    }
  }

  private async adopt(input: { model: string; known: Known; body: Uint8Array; version: string }): Promise<void> {
    const { model, known, body, version } = input;
    const parsed = trafficPlanSchema.safeParse(parseJson(Buffer.from(body).toString('utf8')));
    if (!parsed.success) return this.refuse(model, 'corrupt', z.prettifyError(parsed.error));
    const plan = parsed.data;
    if (plan.model !== model)
      return this.refuse(model, 'otherModel', `the plan is of ${plan.model}, expected ${model}`);
    const current = known.state?.plan.revision ?? 0;
    if (plan.revision < current)
      return this.refuse(model, 'olderRevision', `revision ${plan.revision} < ${current}, which is in force`);
    const prompts = await this.readPrompts(plan, known.state?.prompts ?? new Map<string, Prompt>());
    if (typeof prompts === 'string') return this.refuse(model, 'prompt', prompts);
    const retrievals = await this.readRetrievals(plan, known.state?.retrievals ?? new Map<string, RetrievalSpec>());
    if (typeof retrievals === 'string') return this.refuse(model, 'retrieval', retrievals);
    known.version = version;
    this.replace(known, { plan, prompts, retrievals });
    if (plan.revision !== current) this.options.onAdopt({ model, revision: plan.revision });
  }

  private replace(known: Known, change: Pick<ModelState, 'plan' | 'prompts' | 'retrievals'> | object): void {
    const before = known.state;
    const next = { ...before, ...change };
    if (!('plan' in next) || !('prompts' in next) || !('retrievals' in next)) return;
    known.state = {
      plan: next.plan,
      prompts: next.prompts,
      retrievals: next.retrievals,
      ...known.policy,
      confirmedAt: this.options.clock(),
    };
  }

  /** The prompts of all the plan's releases, or why one can't be used. A release's prompt never changes. */
  private async readPrompts(plan: TrafficPlan, before: ReadonlyMap<string, Prompt>) {
    const prompts = new Map<string, Prompt>();
    for (const target of [plan.champion, plan.challenger, plan.lease?.fallback]) {
      if (!target || prompts.has(target.releaseId)) continue;
      const kept = before.get(target.releaseId);
      if (kept) {
        prompts.set(target.releaseId, kept);
        continue;
      }
      const key = storeKeys.prompt({ releaseId: target.releaseId });
      const found = await this.options.store.get({ key });
      const parsed = found === null ? { success: true as const, data: defaultPrompt } : parsePrompt(found.body);
      if (!parsed.success) return `${key}: ${z.prettifyError(parsed.error)}`;
      prompts.set(target.releaseId, parsed.data);
    }
    return prompts;
  }

  /** How all the plan's releases with an index find facts, or why one can't be used; as settled as their prompts. */
  private async readRetrievals(plan: TrafficPlan, before: ReadonlyMap<string, RetrievalSpec>) {
    const retrievals = new Map<string, RetrievalSpec>();
    for (const target of [plan.champion, plan.challenger, plan.lease?.fallback]) {
      if (!target || target.indexVersion === null || retrievals.has(target.releaseId)) continue;
      const kept = before.get(target.releaseId);
      const key = storeKeys.retrieval({ releaseId: target.releaseId });
      const found = kept ? null : await this.options.store.get({ key });
      if (kept) retrievals.set(target.releaseId, kept);
      // An index without settings is somebody else's to ask, such as the endpoint's own.
      if (!found) continue;
      const parsed = retrievalSpecSchema.safeParse(parseJson(Buffer.from(found.body).toString('utf8')));
      if (!parsed.success) return `${key}: ${z.prettifyError(parsed.error)}`;
      retrievals.set(target.releaseId, parsed.data);
    }
    return retrievals;
  }

  /** Whether what the spec says of requests could be read; a model without such a document goes by the defaults. */
  private async readServing(model: string, known: Known): Promise<boolean> {
    const key = storeKeys.serving({ model });
    const refuse = (refusal: Refusal, reason: string): false => {
      this.refuse(model, refusal, `${key}: ${reason}`);
      return false;
    };
    try {
      const found = await this.options.store.getIfChanged({ key, known: known.servingVersion });
      if (found === 'unchanged' || found === null) return true;
      const parsed = servingDocumentSchema.safeParse(parseJson(Buffer.from(found.body).toString('utf8')));
      if (!parsed.success) return refuse('corrupt', z.prettifyError(parsed.error));
      const { languages } = this.options;
      const guardrails = await loadGuardrails({ spec: parsed.data.guardrails, languages });
      known.servingVersion = found.version;
      known.policy = policyOf({ document: parsed.data, guardrails });
      return true;
    } catch (error) {
      return refuse('unreachable', describe(error));
    }
  }

  private knownOf(model: string): Known {
    let known = this.known.get(model);
    if (!known) {
      const { slowMilliseconds, languages } = this.options;
      const spec = gatewaySpecSchema.parse({});
      const policy = policyOf({
        document: { ...spec, slowMilliseconds, slowStartMilliseconds: null, family: null, domain: null },
        guardrails: createGuardrails({ spec: spec.guardrails, languages }),
      });
      known = { version: null, servingVersion: null, state: null, policy };
      this.known.set(model, known);
    }
    return known;
  }

  private refuse(model: string, refusal: Refusal, reason: string): void {
    this.options.onRefuse({ model, refusal, reason });
  }
}

const policyOf = ({ document, guardrails }: { document: ServingDocument; guardrails: Guardrails }): Policy => ({
  slowMilliseconds: document.slowMilliseconds,
  slowStartMilliseconds: document.slowStartMilliseconds,
  guardrails,
  requestLog: document.requestLog,
  family: document.family,
  domain: document.domain,
});

const parsePrompt = (body: Uint8Array) => promptSchema.safeParse(parseJson(Buffer.from(body).toString('utf8')));

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
