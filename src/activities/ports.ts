import type { ArtifactRef } from '../domain/artifact-ref.js';
import type { RetrievedDocument } from '../domain/evaluation/answer.js';
import type { ReportInput } from '../domain/report/report-input.js';
import type { BucketSet } from '../domain/rollout/bucket-set.js';
import type { PlanChange, PlanOwner, TrafficPlan } from '../domain/rollout/traffic-plan.js';
import type { Telemetry } from '../domain/rollout/telemetry.js';
import type { DataSources } from './data-sources-port.js';
import type { DocumentSource } from './document-source-port.js';
import type { OpenEmbedder } from './embedder-port.js';
import type { Judge } from './judging/judge-port.js';
import type { MetricsSource } from './metrics-source-port.js';
import type { NotificationChannels } from './notification-channels-port.js';
import type { AnswerStream } from './load/answer-stream-port.js';
import type { Reranker } from './reranker-port.js';
import type { ResultCache } from './result-cache-port.js';
import type { Lifecycles } from './orphans/lifecycles-port.js';
import type { ServingPlatform } from './serving-port.js';
import type { ReplyFormat } from '../domain/summaries/reply-format.js';
import type { TraceRecord } from './trace-record.js';
import type { Trainer } from './training-port.js';
import type { VectorStore } from './vector-store-port.js';

export type { OfflineUse, ServedRelease, ServingPlatform } from './serving-port.js';
export type { Trainer, TrainingRequest, TrainingResult, TrainingStatus } from './training-port.js';

/** What the application needs from outside. Every method rejects with a `PortError` when the outside says no. */

export interface StoredObject {
  body: Uint8Array;
  ref: ArtifactRef;
  /** Opaque; changes with every write of the key. */
  version: string;
}

export interface ArtifactStore {
  /** Writes whatever stood there before. */
  put(input: { key: string; body: Uint8Array }): Promise<ArtifactRef>;
  /** Writes only where nothing stands; `created` false leaves what is there. */
  putIfAbsent(input: { key: string; body: Uint8Array }): Promise<{ created: boolean; ref: ArtifactRef }>;
  /** Writes only over `expected` (null: over nothing). Null when somebody else was first. */
  compareAndSet(input: { key: string; body: Uint8Array; expected: string | null }): Promise<{ version: string } | null>;
  /** Null when nothing stands there. */
  get(input: { key: string }): Promise<StoredObject | null>;
  /** Like `get`, but 'unchanged' where the version is still the known one. */
  getIfChanged(input: { key: string; known: string | null }): Promise<StoredObject | 'unchanged' | null>;
  /** Keys under a prefix, in order. */
  list(input: { prefix: string }): AsyncIterable<{ key: string; bytes: number; modifiedAt: string }>;
  /** Removing what is not there is no error. */
  remove(input: { key: string }): Promise<void>;
  /** Copies a local file in, streaming; the digest is made on the way. */
  putFile(input: { key: string; path: string }): Promise<ArtifactRef>;
  /** A local path with the object's bytes: the file itself in a directory store, a verified copy otherwise. */
  localPath(input: { key: string }): Promise<string>;
}

export interface DescribedVersion {
  /** Null where no release registered it. */
  releaseId: string | null;
  aliases: readonly string[];
  tags: Readonly<Record<string, string>>;
  /** Who made it, where the registry knows. */
  user: string | null;
}

export interface ModelRegistry {
  /** Get or create, by the release's tag. */
  ensureRun(input: { model: string; releaseId: string; tags: Record<string, string> }): Promise<{ runId: string }>;
  logParameters(input: { runId: string; parameters: Record<string, string> }): Promise<void>;
  logMetrics(input: { runId: string; metrics: Record<string, number> }): Promise<void>;
  setTags(input: { runId: string; tags: Record<string, string> }): Promise<void>;
  logDataset(input: { runId: string; name: string; digest: string; source: string; rows: number }): Promise<void>;
  putArtifact(input: { runId: string; path: string; body: Uint8Array }): Promise<void>;
  metricHistory(input: { runId: string; metric: string }): Promise<{ step: number; value: number }[]>;
  /** A trace is known by its key: a repeated call stores none twice. */
  logTraces(input: { model: string; runId: string; traces: readonly TraceRecord[] }): Promise<void>;
  endRun(input: { runId: string; succeeded: boolean }): Promise<void>;
  /** Get or create the version that carries the release id as a tag. */
  ensureVersion(input: {
    model: string;
    releaseId: string;
    runId: string;
    tags: Record<string, string>;
  }): Promise<{ version: string }>;
  /** The version that a release has registered; null where it has none. */
  versionOf(input: { model: string; releaseId: string }): Promise<{ version: string } | null>;
  setVersionTags(input: { model: string; version: string; tags: Record<string, string> }): Promise<void>;
  setAlias(input: { model: string; alias: string; version: string }): Promise<void>;
  removeAlias(input: { model: string; alias: string }): Promise<void>;
  /** What is known of a version; null where there is none. */
  describeVersion(input: { model: string; version: string }): Promise<DescribedVersion | null>;
  /** The versions of all models that carry the alias. */
  aliased(input: { alias: string }): Promise<{ model: string; version: string }[]>;
  /** The release id behind an alias; null where the alias is not set. */
  aliasTarget(input: { model: string; alias: string }): Promise<{ version: string; releaseId: string } | null>;
}

export interface TrafficRouter {
  /** Null before the first promotion. */
  read(input: { model: string }): Promise<TrafficPlan | null>;
  /**
   * Writes the next revision by compare-and-set, fenced by owner; a revision is never given twice, whatever was removed.
   * The same change by the same owner on top of itself
   * is not written twice. Rejects with type `PlanFenced` when a newer owner holds the plan.
   */
  write(input: {
    model: string;
    owner: PlanOwner;
    change: PlanChange;
    expectedRevision: number | null;
  }): Promise<TrafficPlan>;
  /** Moves `lease.until` forward without a new revision; null when the plan is no longer the one named. */
  renewLease(input: { model: string; revision: number; owner: PlanOwner; until: string }): Promise<TrafficPlan | null>;
  /** Makes what splits traffic by weights show the plan that stands; absent where gateways read the plan by themselves. */
  follow?(input: { model: string }): Promise<void>;
}

export interface TelemetryReading {
  snapshots: Telemetry[];
  corrupt: { key: string; reason: string }[];
}

export interface TelemetrySource {
  /** Every gateway's latest counters of the revisions from `fromRevision` on, and those that can't be read. */
  read(input: { model: string; fromRevision: number }): Promise<TelemetryReading>;
}

/** Reads the bitmaps of the telemetry; the decisions see sets of buckets, never the encoding. */
export interface BucketSets {
  empty(): BucketSet;
  of(buckets: Iterable<number>): BucketSet;
  fromBase64(text: string): BucketSet;
}

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface ChatReply {
  text: string;
  /** What the endpoint says has answered; absent where it does not say. */
  model?: string;
  promptTokens: number;
  completionTokens: number;
  milliseconds: number;
  /** It waited in a queue, so that `milliseconds` says nothing of the model. */
  queued?: true;
  /** The endpoint was asked for `replyFormat`; absent where it takes none, so that the text may be of any shape. */
  inFormat?: true;
  /** What the endpoint says that it retrieved for the answer, in its order; absent where it says nothing. */
  documents?: RetrievedDocument[];
  /** The likeliest first tokens, where they were asked for. */
  firstTokens?: { token: string; logProbability: number }[];
}

export interface ChatModel {
  /** How many questions an endpoint is best asked at once; null, or absent, where it has no wish. */
  atOnce?(input: { endpoint: string }): number | null;
  complete(input: {
    endpoint: string;
    model: string;
    messages: ChatMessage[];
    maxTokens: number;
    temperature: number;
    signal: AbortSignal;
    /** So many of the likeliest first tokens are wanted, with their log-probabilities; `InvalidInput` where there are none. */
    firstTokens?: number;
    /** The shape to hold the answer to, where the endpoint can. */
    replyFormat?: ReplyFormat;
  }): Promise<ChatReply>;
}

export type Severity = 'info' | 'warning' | 'critical';

export interface Notification {
  /** Same cause, same key: sent once. */
  key: string;
  severity: Severity;
  title: string;
  body: string;
  model: string;
  releaseId: string | null;
}

export interface Notifier {
  notify(input: Notification): Promise<void>;
}

export interface AuditEntry {
  /** Idempotency key: the same key is never appended twice. */
  key: string;
  kind: 'decision' | 'approval' | 'plan' | 'promotion' | 'rollback' | 'deletion' | 'specification' | 'pause';
  actor: string;
  releaseId: string | null;
  reason: string;
  evidenceDigest: string | null;
  details: Record<string, unknown>;
}

export interface AuditLog {
  /** Answers with the entry that stands under the key: this one, or what was appended earlier. */
  append(input: { model: string; entry: AuditEntry }): Promise<{ sequence: number; entry: AuditEntry }>;
}

/** What an audit log has of a model. */
export interface AuditKeys {
  /** The keys of all entries, in their order. */
  keys(input: { model: string }): Promise<string[]>;
}

/** Lets the lifecycle learn how a release ended that it started before continue-as-new. */
export interface WorkflowOutcomes {
  /** Waits for the end; the result, or why there is none. */
  awaitOutcome(input: {
    workflowId: string;
    signal: AbortSignal;
  }): Promise<
    | { kind: 'completed'; result: unknown }
    | { kind: 'terminated' | 'failed' | 'cancelled' | 'notFound'; reason: string }
  >;
  /** What the latest run was started with, and when (ISO 8601); null where nobody knows it any more. */
  startOf(input: { workflowId: string }): Promise<{ arguments: unknown[]; at: string } | null>;
}

/** Makes the pages people look at; the input types are the domain's. */
export interface ReportRenderer {
  release(input: ReportInput): Promise<string>;
}

export interface Ports {
  store: ArtifactStore;
  sources: DataSources;
  registry: ModelRegistry;
  trainer: Trainer;
  serving: ServingPlatform;
  router: TrafficRouter;
  telemetry: TelemetrySource;
  /** Absent where no monitoring system is configured. */
  metrics?: MetricsSource;
  buckets: BucketSets;
  chat: ChatModel;
  stream: AnswerStream;
  /** Null where no judge is configured. */
  judge: Judge | null;
  /** Null or absent where no text is embedded. */
  openEmbedder?: OpenEmbedder | null;
  /** Null or absent where nothing is retrieved. */
  chunks?: VectorStore | null;
  /** Absent where no cross-encoder is asked. */
  reranker?: Reranker;
  documents?: DocumentSource;
  notifier: Notifier;
  /** Absent where messages end where they are sent, as in tests. */
  channels?: NotificationChannels;
  audit: AuditLog;
  outcomes: WorkflowOutcomes;
  /** Absent where nobody looks for orphans. */
  lifecycles?: Lifecycles;
  /** Of `audit`; absent as `lifecycles`. */
  auditKeys?: AuditKeys;
  reports: ReportRenderer;
  /** Summaries of items that gateways serve. */
  results: ResultCache;
}

/** The closed list of failure types; the first four are worth a retry. */
export const failureTypes = [
  'Unavailable',
  'RateLimited',
  'Timeout',
  'Conflict',
  'InvalidInput',
  'Unauthorised',
  'NotFound',
  'PlanFenced',
  'TrainingFailed',
  'NotReady',
  'DataRefused',
  'DigestMismatch',
] as const;
export type FailureType = (typeof failureTypes)[number];

const retryable: ReadonlySet<FailureType> = new Set<FailureType>(['Unavailable', 'RateLimited', 'Timeout', 'Conflict']);

/** How a port says no. `retryAfterMilliseconds` passes on what the outside asked for. */
export class PortError extends Error {
  override readonly name = 'PortError';
  readonly retryable: boolean;
  constructor(
    readonly type: FailureType,
    message: string,
    readonly retryAfterMilliseconds: number | null = null,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.retryable = retryable.has(type);
  }
}
