import {
  ApplicationFailure,
  CancellationScope,
  ParentClosePolicy,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  log,
  setCurrentDetails,
  setHandler,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import {
  alertSchema,
  applySpecSchema,
  drillSchema,
  lifecycleMessages,
  pauseSchema,
  requestReleaseSchema,
  resumeSchema,
  rollbackSchema,
  type LifecycleInput,
} from '../contracts/lifecycle.js';
import { searchAttributes, workflowIds } from '../contracts/names.js';
import type { ReleaseResult } from '../contracts/release.js';
import { admitRequest, afterRelease, startNext, type ReleaseRequest } from '../domain/release/admission.js';
import type { LifecycleState, UnfinishedReturn } from '../domain/release/lifecycle-state.js';
import { nextEpoch } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import { finishReturn, pauseBefore, unfinishedAfter } from './finish-return.js';
import { rehearseRollback } from './lifecycle-drill.js';
import { lifecycleMarkdown, validate } from './lifecycle-messages.js';
import { nowIso } from './progress.js';
import { release } from './release.js';
import { rootMessage } from './root-message.js';
import { openLifecycle } from './lifecycle-opening.js';
import { rollBack, type StateHolder } from './lifecycle-rollback.js';
import { takeBack } from './take-back.js';

/** Well under the server's own suggestion, so that a history stays short enough to read. */
const continueAfterEvents = 1000;

/**
 * One model for ever: takes requests, runs one release at a time, keeps the champion. Everything that touches the
 * model's traffic goes through here.
 */
export async function modelLifecycle(input: LifecycleInput): Promise<void> {
  let state = input.state;
  let turn: Promise<unknown> = condition(() => state !== null);
  /** Handlers that change the state one after the other, however their activities interleave. */
  const serialised = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => undefined);
    return mine;
  };
  const known = (): LifecycleState => {
    if (!state)
      throw ApplicationFailure.nonRetryable(`${input.model} is still reading its spec; ask again`, 'NotReady');
    return state;
  };
  const show = (): void => setCurrentDetails(lifecycleMarkdown(known()));
  const holder: StateHolder = {
    get current() {
      return known();
    },
    set current(next) {
      state = next;
      show();
    },
  };
  const admit = (request: ReleaseRequest) => {
    const { state: next, ...answer } = admitRequest({ state: known(), request, now: nowIso() });
    state = next;
    show();
    return answer;
  };

  setHandler(lifecycleMessages.describe, () => known());
  setHandler(
    lifecycleMessages.requestRelease,
    (message) => serialised(async () => admit({ ...requestReleaseSchema.parse(message), trigger: 'person' })),
    { validator: validate(requestReleaseSchema) },
  );
  setHandler(lifecycleMessages.alert, (message) =>
    serialised(async () => {
      const parsed = alertSchema.safeParse(message);
      if (!parsed.success)
        return log.warn('alert refused', { problems: parsed.error.issues.map((one) => one.message) });
      const { kind, severity, category, evidence } = parsed.data;
      const scheduled = kind === 'schedule';
      if (!scheduled && severity !== 'critical') return log.info('alert noted', { kind, severity });
      const answer = admit({
        kind: 'training',
        trigger: scheduled ? 'schedule' : 'alert',
        priority: scheduled ? 'normal' : 'high',
        requestedBy: scheduled ? 'schedule' : `alert:${kind}`,
        reason: [kind, category, evidence].filter(Boolean).join(': '),
      });
      log.info('alert answered', { kind, ...answer });
    }),
  );
  setHandler(
    lifecycleMessages.pause,
    (message) =>
      serialised(async () => {
        state = { ...known(), paused: { ...message, at: nowIso() } };
        show();
      }),
    { validator: validate(pauseSchema) },
  );
  setHandler(
    lifecycleMessages.resume,
    () =>
      serialised(async () => {
        state = { ...known(), paused: null };
        show();
      }),
    { validator: validate(resumeSchema) },
  );
  setHandler(
    lifecycleMessages.applySpec,
    (message) =>
      serialised(async () => {
        const { settings, digest } = await activitiesFor({
          profile: 'briefCall',
          queue: 'orchestration',
          summary: 'read the applied spec',
        }).readSpecification({ specification: message.ref });
        state = { ...known(), specification: message.ref, ...settings };
        show();
        return { digest, effective: known().running ? ('after the running release' as const) : ('now' as const) };
      }),
    { validator: validate(applySpecSchema) },
  );
  setHandler(
    lifecycleMessages.rollback,
    (message) =>
      serialised(() => rollBack({ model: input.model, message: rollbackSchema.parse(message), state: holder })),
    { validator: validate(rollbackSchema) },
  );
  setHandler(
    lifecycleMessages.drill,
    (message) =>
      serialised(() => rehearseRollback({ model: input.model, message: drillSchema.parse(message), state: holder })),
    { validator: validate(drillSchema) },
  );

  if (!state) {
    state = await openLifecycle({ model: input.model, specification: input.specification! });
  }
  show();

  const full = (): boolean =>
    workflowInfo().historyLength > continueAfterEvents || workflowInfo().continueAsNewSuggested;
  for (;;) {
    if (!known().running) {
      await untilWanted();
      // A rollback under way decides first which champion the next release is compared with.
      if (!full())
        await serialised(() => Promise.resolve((holder.current = startNext({ state: known(), now: nowIso() }))));
      if (known().running) await runToEnd('start');
    } else {
      await runToEnd('attach');
    }
    if (full()) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof modelLifecycle>({ model: input.model, specification: null, state: known() });
    }
  }

  /** Waits for a release to start, or until the history is full; meanwhile finishes what a champion's return left. */
  async function untilWanted(): Promise<void> {
    const wanted = (): boolean => full() || (known().queue.length > 0 && !known().paused);
    while (!wanted()) {
      const left = known().unfinishedReturn;
      const changed = (): boolean => wanted() || known().unfinishedReturn !== left;
      if (!left) await condition(changed);
      else if (!(await condition(changed, pauseBefore(left)))) await serialised(() => finish(left));
    }
  }

  async function finish(left: UnfinishedReturn): Promise<void> {
    const { champion, unfinishedReturn } = known();
    // A rollback that came first has settled it anew.
    if (!champion || unfinishedReturn !== left) return;
    const remaining = await finishReturn({ model: input.model, champion, left });
    state = { ...known(), unfinishedReturn: remaining };
    show();
  }

  /** Runs the running release to its end, or returns earlier when this run's history is full. */
  async function runToEnd(how: 'start' | 'attach'): Promise<void> {
    const scope = new CancellationScope();
    let ended = false;
    const outcome = scope
      .run(() => (how === 'start' ? startAndAwait() : attach()))
      .then(
        (result) => ({ result, failure: null }),
        (error: unknown) => ({ result: null, failure: error }),
      )
      .finally(() => {
        ended = true;
      });
    await condition(() => ended || full());
    if (!ended) return;
    const { result, failure } = await outcome;
    if (failure !== null && isCancellation(failure) && full()) return;
    await serialised(() => settle(result, failure));
  }

  async function startAndAwait(): Promise<ReleaseResult> {
    const { champion, running, specification } = known();
    const { releaseId, kind, trigger, requestedBy, reasons, epoch } = running!;
    const child = await startChild(release, {
      workflowId: workflowIds.release(releaseId),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${kind} release of ${input.model}`,
      staticDetails: reasons.join('\n'),
      typedSearchAttributes: [
        { key: searchAttributes.model, value: input.model },
        { key: searchAttributes.release, value: releaseId },
        { key: searchAttributes.trigger, value: trigger },
      ],
      args: [{ releaseId, model: input.model, kind, trigger, requestedBy, reasons, specification, champion, epoch }],
    });
    return await child.result();
  }

  async function attach(): Promise<ReleaseResult> {
    const workflowId = workflowIds.release(known().running!.releaseId);
    const orchestration = activitiesFor({
      profile: 'longPoll',
      queue: 'orchestration',
      summary: 'wait for the release that an earlier run started',
    });
    return await orchestration.awaitRelease({ workflowId });
  }

  async function settle(result: ReleaseResult | null, failure: unknown): Promise<void> {
    const { running, champion, epoch } = known();
    const { releaseId, startedAt } = running!;
    const reason = result ? null : rootMessage(failure);
    // A rollback while the release ran has decided already, also over a promotion that was being recorded.
    const overtaken = epoch !== running!.epoch;
    const withdrawn = overtaken && result?.kept != null;
    let notUndone: string[] = [];
    if ((!result || overtaken) && champion) {
      state = { ...known(), epoch: nextEpoch(known().epoch) };
      const step = `${releaseId}/lost`;
      const why = overtaken
        ? `${releaseId} was rolled back while it ended`
        : `${releaseId} ended without a result: ${reason}`;
      notUndone = await takeBack({
        model: input.model,
        owner: { workflowId: workflowInfo().workflowId, epoch: state.epoch },
        champion,
        releaseId,
        step,
        reason: why,
      });
      const before = known().unfinishedReturn;
      const left = unfinishedAfter({ step, reason: why, withdrawn: before?.withdrawn ?? null, notUndone });
      state = { ...known(), unfinishedReturn: left ?? before };
    }
    const endedAt = nowIso();
    const kept = overtaken ? null : (result?.kept ?? null);
    state = afterRelease({
      state: known(),
      kept,
      ended: {
        releaseId,
        outcome: result?.outcome ?? 'failed',
        stage: result?.stage ?? 'ended',
        reasons: [...(result?.reasons ?? [reason!]), ...notUndone],
        champion: kept?.releaseId ?? champion?.releaseId ?? null,
        costUsd: result?.costUsd ?? 0,
        seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
        endedAt,
        withdrawnAt: withdrawn ? endedAt : (result?.withdrawnAt ?? null),
      },
    });
    show();
  }
}
