import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { openStore } from '../adapters/open-store.js';
import { clientOptions, connectionOptions } from '../adapters/temporal/temporal-place.js';
import type { ArtifactStore } from '../activities/ports.js';
import { readRecord } from '../activities/read-record.js';
import {
  lifecycleMessages,
  type Drill,
  type Pause,
  type Remove,
  type RequestRollout,
  type RequestReleaseResult,
  type Resume,
  type Rollback,
} from '../contracts/lifecycle.js';
import { workflowIds } from '../contracts/names.js';
import { releaseMessages, rolloutMessages, type Abort } from '../contracts/release.js';
import { bindToken } from '../domain/release/approver-token.js';
import type { LifecycleState } from '../domain/release/lifecycle-state.js';
import type { RollbackTime } from '../domain/release/rollback-time.js';
import type { ReleaseRecord } from '../domain/release/release-record.js';
import type { Specification } from '../domain/spec/specification.js';
import { sendAlert, type SentAlert } from './alert.js';
import { applySpecification, planApply, type AppliedSpecification, type ApplyPlan } from './apply.js';
import { startIngest } from './ingest.js';
import { startLoadTest, type LoadRequest } from './load.js';
import { shownDigest } from './nothing-to-decide.js';
import type { Answer, ConnectOptions, ReleaseAsked, ReleaseStatus } from './client-types.js';
import { patientQueries } from './patient-queries.js';
import { patientUpdates } from './patient-updates.js';
import { releaseProgress } from './release-progress.js';
import { removeModel, type RemovedModel } from './remove.js';
import { startIndex } from './retrieval/start-index.js';
import { readSpecificationFile } from './specification-file.js';

export type { ConnectOptions, ReleaseStatus } from './client-types.js';

/** A spec file, with files or documents laid over it in their order. */
interface SpecificationFiles {
  path: string;
  overlays?: (string | { name: string; document: unknown })[];
}

/** What other services use to ask for releases, to follow and to decide them. Every call is safe to repeat. */
export class UnderstudyClient {
  private constructor(
    readonly temporal: Client,
    readonly store: ArtifactStore,
    private readonly queuePrefix: string,
    private readonly connection: Connection | null,
    private readonly approverToken: string | null,
  ) {}

  static async connect(options: ConnectOptions): Promise<UnderstudyClient> {
    const place = { ...options, namespace: options.namespace ?? 'default', apiKey: options.apiKey ?? null };
    const connection = await Connection.connect(connectionOptions(place));
    const interceptors = { workflow: [patientUpdates, patientQueries] };
    const temporal = new Client({ connection, ...clientOptions(place), interceptors });
    const store = openStore({ location: options.storeDirectory });
    const { queuePrefix = '', approverToken = null } = options;
    return new UnderstudyClient(temporal, store, queuePrefix, connection, approverToken);
  }

  /** A client over connections that the caller owns and closes. */
  static over({
    temporal,
    store,
    queuePrefix = '',
    approverToken = null,
  }: {
    temporal: Client;
    store: ArtifactStore;
    queuePrefix?: string;
    approverToken?: string | null;
  }): UnderstudyClient {
    return new UnderstudyClient(temporal, store, queuePrefix, null, approverToken);
  }

  /** Where everything that is started begins. */
  private get place() {
    return { temporal: this.temporal, store: this.store, queuePrefix: this.queuePrefix };
  }

  async close(): Promise<void> {
    await this.connection?.close();
  }

  /** Applies a spec file with its overlays; throws `SpecificationRefused` with every problem. */
  async apply({ path, overlays = [], by }: SpecificationFiles & { by: string }): Promise<AppliedSpecification> {
    const read = await readSpecificationFile({ path, overlays });
    return await applySpecification({ ...this.place, read, by });
  }

  /** What `apply` would change. */
  async planApply({ path, overlays = [] }: SpecificationFiles): Promise<ApplyPlan> {
    const read = await readSpecificationFile({ path, overlays });
    return await planApply({ ...this.place, read });
  }

  /** Ends a model; see `removeModel`. */
  async remove({ model, ...message }: { model: string } & Remove): Promise<RemovedModel> {
    return await removeModel({ temporal: this.temporal, model, message });
  }

  /** Asks for the rollout of a model version that a release registered; for `requestId` see `requestRelease`. */
  async requestRollout({
    model,
    requestId,
    ...message
  }: { model: string; requestId?: string } & RequestRollout): Promise<RequestReleaseResult> {
    return await this.lifecycle(model).executeUpdate(lifecycleMessages.requestRollout, {
      args: [message],
      ...(requestId ? { updateId: requestId } : {}),
    });
  }

  /** Takes in new data, or past dates again; see `startIngest`. */
  ingest(input: { specification: Specification; from: string | null; to: string | null }) {
    return startIngest({ ...this.place, ...input });
  }

  /** Brings a model's index up to date by a worker, for whoever hears that documents changed; see `startIndex`. */
  async renewIndex(model: string) {
    return await startIndex({ ...this.place, specification: (await this.describe(model)).specification });
  }

  /** Tests how much a release that is served can take; see `startLoadTest`. */
  loadTest(request: LoadRequest) {
    return startLoadTest({ ...this.place, request });
  }

  /**
   * Asks for a release. With the same `requestId` the first answer comes again and nothing new starts, as long as the
   * lifecycle remembers it: docs/lifecycle.md says how long.
   */
  async requestRelease({
    model,
    kind = 'training',
    reason,
    requestedBy,
    priority = 'normal',
    trigger,
    indexVersion,
    requestId,
  }: ReleaseAsked): Promise<RequestReleaseResult> {
    return await this.lifecycle(model).executeUpdate(lifecycleMessages.requestRelease, {
      args: [
        { kind, reason, requestedBy, priority, ...(trigger && { trigger }), ...(indexVersion && { indexVersion }) },
      ],
      ...(requestId ? { updateId: requestId } : {}),
    });
  }

  /** Tells a model of what a monitor has seen; see `sendAlert`. */
  alert({ model, ...alert }: { model: string } & SentAlert) {
    return sendAlert({ temporal: this.temporal, model, alert });
  }

  async describe(model: string): Promise<LifecycleState> {
    return await this.lifecycle(model).query(lifecycleMessages.describe);
  }

  /** Names of the models whose lifecycle runs. */
  async models(): Promise<string[]> {
    const names: string[] = [];
    for await (const one of this.temporal.workflow.list({
      query: "WorkflowType = 'modelLifecycle' AND ExecutionStatus = 'Running'",
    }))
      names.push(one.workflowId.slice('model:'.length));
    return names.sort();
  }

  /** Where a release stands now. */
  async status({ model, releaseId }: { model: string; releaseId: string }): Promise<ReleaseStatus> {
    const state = await this.describe(model);
    const ended = state.ended.find((one) => one.releaseId === releaseId) ?? null;
    const progress =
      !ended && state.running?.releaseId === releaseId
        ? await releaseProgress({ temporal: this.temporal, releaseId })
        : null;
    return { releaseId, progress, ended };
  }

  /** Follows a release: yields whenever what it shows has changed, last of all its end. */
  async *watch({
    model,
    releaseId,
    everyMilliseconds = 500,
    signal,
  }: {
    model: string;
    releaseId: string;
    everyMilliseconds?: number;
    signal?: AbortSignal;
  }): AsyncGenerator<ReleaseStatus> {
    let shown = '';
    while (!signal?.aborted) {
      const status = await this.status({ model, releaseId });
      const text = JSON.stringify(status);
      if (text !== shown) yield status;
      shown = text;
      if (status.ended) return;
      await wait(everyMilliseconds, undefined, signal ? { signal } : {}).catch(() => undefined);
    }
  }

  async approve({
    releaseId,
    by,
    evidenceDigest,
    reason = '',
  }: Answer): Promise<{ approvals: number; required: number }> {
    return await this.decide({ releaseId, by, decision: 'approve', evidenceDigest, reason });
  }

  async reject({
    releaseId,
    by,
    evidenceDigest,
    reason,
  }: Answer & { reason: string }): Promise<{ approvals: number; required: number }> {
    return await this.decide({ releaseId, by, decision: 'reject', evidenceDigest, reason });
  }

  /** Takes traffic back: to the champion while a release runs, else to `to` or the champion before. */
  async rollback({
    model,
    to = null,
    reason,
    by,
  }: {
    model: string;
    reason: string;
    by: string;
    to?: string | null;
  }): Promise<{ champion: string; reason: string; time?: RollbackTime | null }> {
    const message: Rollback = { to, reason, by };
    return await this.lifecycle(model).executeUpdate(lifecycleMessages.rollback, { args: [message] });
  }

  /** Rehearses a rollback while no release runs, with the champion in both places; how long the gateways took. */
  async drill({
    model,
    share = 0.05,
    ...message
  }: { model: string; share?: number } & Omit<Drill, 'share'>): Promise<RollbackTime> {
    return await this.lifecycle(model).executeUpdate(lifecycleMessages.drill, { args: [{ share, ...message }] });
  }

  async pause({ model, ...message }: { model: string } & Pause): Promise<void> {
    await this.lifecycle(model).executeUpdate(lifecycleMessages.pause, { args: [message] });
  }

  async resume({ model, ...message }: { model: string } & Resume): Promise<void> {
    await this.lifecycle(model).executeUpdate(lifecycleMessages.resume, { args: [message] });
  }

  /** Ends a running release; one in its rollout gives the traffic back first. */
  async cancel({ releaseId, ...message }: { releaseId: string } & Abort): Promise<void> {
    await this.temporal.workflow
      .getHandle(workflowIds.release(releaseId))
      .executeUpdate(releaseMessages.cancel, { args: [message] });
  }

  /** The record of an ended release; null before it is written. */
  async record(releaseId: string): Promise<ReleaseRecord | null> {
    return await readRecord({ store: this.store, releaseId });
  }

  private lifecycle(model: string): WorkflowHandle {
    return this.temporal.workflow.getHandle(workflowIds.lifecycle(model));
  }

  private async decide({
    releaseId,
    by,
    decision,
    evidenceDigest,
    reason,
  }: {
    releaseId: string;
    by: string;
    decision: 'approve' | 'reject';
    evidenceDigest: string | undefined;
    reason: string;
  }): Promise<{ approvals: number; required: number }> {
    const digest =
      evidenceDigest ??
      shownDigest({ releaseId, progress: await releaseProgress({ temporal: this.temporal, releaseId }) });
    const token =
      this.approverToken &&
      bindToken({ token: this.approverToken, answer: { releaseId, decision, evidenceDigest: digest } });
    return await this.temporal.workflow
      .getHandle(workflowIds.rollout(releaseId))
      .executeUpdate(rolloutMessages.decide, {
        args: [{ decision, by, evidenceDigest: digest, reason, ...(token && { token }) }],
      });
  }
}
