import {
  CancellationScope,
  ParentClosePolicy,
  condition,
  isCancellation,
  log,
  patched,
  sleep,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import { fairnessOf, searchAttributes, workflowIds } from '../contracts/names.js';
import type { LostRelease } from '../contracts/lost-release.js';
import type { ReleaseInput, ReleaseResult } from '../contracts/release.js';
import { shownDetails, shownSummary } from '../contracts/shown-text.js';
import { afterRelease } from '../domain/release/admission.js';
import { budgetLeft } from '../domain/release/monthly-budget.js';
import type { KeptRelease, UnfinishedReturn } from '../domain/release/lifecycle-state.js';
import { nextEpoch } from '../domain/rollout/traffic-plan.js';
import { activitiesFor } from './activity-options.js';
import { createCompensations, undoAll } from './compensation.js';
import { allWithdrawals, allWithdrawn, confirmedLater, retiredLater, unfinishedAfter } from './finish-return.js';
import type { Lifecycle } from './lifecycle-context.js';
import { endLostFirst, endLostRelease, isLost } from './lost-release.js';
import { nowIso } from './progress.js';
import { release } from './release.js';
import { rootMessage } from './root-message.js';
import { serveAgain, takeBack } from './take-back.js';
import { tellOfWithdrawal, withdrawalsOf } from './withdrawal.js';

const longestPauseMilliseconds = 5 * 60_000;

/** Runs the running release to its end, or returns earlier once `full`; `attach` where an earlier run has started it. */
export async function runToEnd({
  lifecycle,
  how,
  full,
}: {
  lifecycle: Lifecycle;
  how: 'start' | 'attach';
  full: () => boolean;
}): Promise<void> {
  const scope = new CancellationScope();
  let ended = false;
  const outcome = scope
    .run(() => (how === 'start' ? startAndAwait(lifecycle) : attach(lifecycle)))
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
  const ending = { lifecycle, result, failure };
  // Lifecycles of 0.1.0 let everybody wait for hours until it was known, and then took it for nothing.
  const isFirstLost =
    isLostRollout(result) && !lifecycle.state.champion && patched('lost-first-releases-are-asked-about');
  if (!isFirstLost) return await lifecycle.serialised(() => settle({ ...ending, found: null }));
  const isRemoved = (): boolean => Boolean(lifecycle.state.removal);
  const found = await endLostFirst({ lost: forgottenOf(ending), full, isRemoved });
  if (found) await lifecycle.serialised(() => settle({ ...ending, found }));
}

/** Whether nobody knows what a release has done to the traffic, and what of it may land yet. */
const isLostRollout = (result: ReleaseResult | null): boolean => !result || result.rolloutLost === true;

/** What the running release was started with. */
function inputOf({ model, state }: Lifecycle): ReleaseInput {
  const { champion, running } = state;
  const budgetLeftUsd = budgetLeft({ state, now: running!.startedAt });
  const { releaseId, kind, trigger, requestedBy, reasons, epoch, indexVersion, candidate } = running!;
  const specification = candidate?.specification ?? state.specification;
  return {
    ...{ releaseId, model, kind, trigger, requestedBy, reasons, specification, champion, epoch },
    ...(indexVersion && { indexVersion }),
    ...(candidate && { candidate }),
    ...(budgetLeftUsd !== null && { budgetLeftUsd }),
  };
}

async function startAndAwait(lifecycle: Lifecycle): Promise<ReleaseResult> {
  const { model } = lifecycle;
  const input = inputOf(lifecycle);
  const { releaseId, kind, trigger, reasons } = input;
  const child = await startChild(release, {
    workflowId: workflowIds.release(releaseId),
    parentClosePolicy: ParentClosePolicy.ABANDON,
    // Its activities and children have the same, so that no model waits behind another's backlog.
    priority: fairnessOf(model),
    staticSummary: shownSummary(`${kind} release of ${model}`),
    staticDetails: shownDetails(reasons.join('\n')),
    typedSearchAttributes: [
      { key: searchAttributes.model, value: model },
      { key: searchAttributes.release, value: releaseId },
      { key: searchAttributes.trigger, value: trigger },
    ],
    args: [input],
  });
  return await child.result();
}

async function attach({ state }: Lifecycle): Promise<ReleaseResult> {
  const workflowId = workflowIds.release(state.running!.releaseId);
  // Where waiting takes no slot that a release needs to end: there may be more lifecycles than slots.
  const waiting = activitiesFor({
    profile: 'longPoll',
    queue: 'watch',
    summary: 'wait for the release that an earlier run started',
  });
  for (let tries = 0; ; tries += 1) {
    try {
      return await waiting.awaitRelease({ workflowId });
    } catch (error) {
      // Lifecycles of 0.1.0 gave a release up that they could not ask about, while it ran on.
      if (isCancellation(error) || isLost(error) || !patched('attach-again')) throw error;
      log.error('nobody can say how a release goes', { release: workflowId, error: rootMessage(error) });
      await sleep(Math.min(1000 * 2 ** tries, longestPauseMilliseconds));
    }
  }
}

/** What is known of a release that ended without saying how it serves. */
function forgottenOf({ lifecycle, failure, result }: Omit<Ending, 'found'>): Parameters<typeof endLostRelease>[0] {
  const { releaseId, startedAt } = lifecycle.state.running!;
  const reason = whyLost({ releaseId, reason: result ? null : rootMessage(failure) });
  return { input: inputOf(lifecycle), startedAt, endedAt: nowIso(), reason };
}

const whyLost = ({ releaseId, reason }: { releaseId: string; reason: string | null }): string =>
  reason === null ? `the rollout of ${releaseId} was lost` : `${releaseId} ended without a result: ${reason}`;

const whyOvertaken = ({ releaseId, overtakenBy }: NonNullable<Lifecycle['state']['running']>): string => {
  const who = overtakenBy ? `: rollback by ${overtakenBy.by}: ${overtakenBy.reason}` : '';
  return `${releaseId} was rolled back while it ended${who}`;
};

/**
 * Serves a first champion whose release was lost right when it was promoted, and may have unloaded it. Returns what is to
 * be gone through again; null in lifecycles of 0.1.0.
 */
async function keepServing({
  lifecycle: { model },
  kept,
  reason,
}: {
  lifecycle: Lifecycle;
  kept: KeptRelease;
  reason: string;
}): Promise<UnfinishedReturn | null> {
  if (!patched('first-champion-is-kept')) return null;
  const { releaseId } = kept;
  const compensations = createCompensations();
  compensations.add({ name: 'serving', undo: () => serveAgain({ model, kept }) });
  const notUndone = await undoAll({ compensations, model, releaseId, where: 'lifecycle' });
  const rest = { step: `${releaseId}/lost`, reason, withdrawn: [], notUndone };
  return unfinishedAfter(rest) ?? confirmedLater(rest);
}

interface Ending {
  lifecycle: Lifecycle;
  result: ReleaseResult | null;
  failure: unknown;
  /** What was found of a first release that was lost. */
  found: LostRelease | null;
}

async function settle({ lifecycle, result, failure, found }: Ending): Promise<void> {
  const { running, champion, epoch } = lifecycle.state;
  const { releaseId, startedAt } = running!;
  const reason = result ? null : rootMessage(failure);
  // A rollback while the release ran has decided already, also over a promotion that was being recorded.
  const overtaken = epoch !== running!.epoch;
  const withdrawn = overtaken && result?.kept != null;
  // A release that ended as promoted leaves itself served; lifecycles of 0.1.0 left that to the orphan sweep.
  const stillServed = withdrawn && patched('retire-overtaken') ? releaseId : null;
  let notUndone: string[] = [];
  // Then nobody knows what is still under way, and may land after it is undone.
  const lost = isLostRollout(result);
  if ((lost || overtaken) && champion) {
    lifecycle.state = { ...lifecycle.state, epoch: nextEpoch(lifecycle.state.epoch) };
    const step = `${releaseId}/lost`;
    const why = overtaken ? whyOvertaken(running!) : whyLost({ releaseId, reason });
    const by = workflowInfo().workflowId;
    const own = withdrawalsOf({
      ...{ step, by, reason: why, ...running!.overtakenBy },
      ...{ releaseId: withdrawn ? releaseId : null, to: champion.releaseId, at: nowIso() },
    });
    const before = lifecycle.state.unfinishedReturn;
    const withdrawals = allWithdrawals(before, own);
    notUndone = await takeBack({
      model: lifecycle.model,
      owner: { workflowId: workflowInfo().workflowId, epoch: lifecycle.state.epoch },
      champion,
      releaseId,
      withdrawn: stillServed === null ? [] : [stillServed],
      withdrawals,
      step,
      reason: why,
      by: running!.overtakenBy?.by,
    });
    for (const withdrawal of own) await tellOfWithdrawal({ model: lifecycle.model, withdrawal });
    const unretired = allWithdrawn([...(before?.withdrawn ?? []), stillServed]);
    const rest = { step, reason: why, withdrawn: unretired, withdrawals, notUndone };
    const left = unfinishedAfter(rest) ?? (lost ? confirmedLater(rest) : null);
    lifecycle.state = { ...lifecycle.state, unfinishedReturn: left ?? before };
  }
  const forgotten = forgottenOf({ lifecycle, result, failure });
  const { endedAt } = forgotten;
  // A first champion whose rollout was lost may serve everyone; lifecycles of 0.1.0 forgot it.
  const mayServe = result?.rolloutLost === true && !champion && patched('first-champion-is-kept');
  const known = result && !mayServe ? result : (found ?? (await endLostRelease(forgotten, result ?? undefined)));
  const kept = overtaken ? null : known.kept;
  const { outcome, stage, reasons, costUsd, withdrawnAt } = known;
  // A promotion moves the aliases itself; of what was left before it only the retiring stands.
  const unretired = [...(lifecycle.state.unfinishedReturn?.withdrawn ?? []), ...(result?.unretired ?? [])];
  const again = kept && known !== result ? await keepServing({ lifecycle, kept, reason: forgotten.reason }) : null;
  notUndone.push(...(again?.notUndone ?? []));
  const withdrawals = allWithdrawals(lifecycle.state.unfinishedReturn);
  const left = kept ? (again ?? retiredLater({ promoted: releaseId, unretired, withdrawals })) : null;
  lifecycle.state = afterRelease({
    state: lifecycle.state,
    kept,
    left,
    ended: {
      ...{ releaseId, outcome, stage, costUsd, endedAt },
      reasons: [...reasons, ...notUndone],
      champion: kept?.releaseId ?? champion?.releaseId ?? null,
      seconds: (Date.parse(endedAt) - Date.parse(startedAt)) / 1000,
      withdrawnAt: withdrawn ? endedAt : withdrawnAt,
    },
  });
  // See docs/decisions/2026-11-22-news-leave-a-command.md.
  if (patched('last-release-in-memo')) upsertMemo({ lastRelease: { releaseId, outcome, endedAt } });
}
