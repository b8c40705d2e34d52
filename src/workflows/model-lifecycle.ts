import {
  ApplicationFailure,
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  log,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { lifecycleMessages, type LifecycleInput } from '../contracts/lifecycle.js';
import { startNext } from '../domain/release/admission.js';
import { budgetEnd } from '../domain/release/monthly-budget.js';
import { coolsDown, holdEnd, nextInQueue } from '../domain/release/queue-holds.js';
import { lifecycleStateSchema, type LifecycleState, type UnfinishedReturn } from '../domain/release/lifecycle-state.js';
import { finishReturn, pauseBefore } from './finish-return.js';
import type { Lifecycle } from './lifecycle-context.js';
import { receiveControl } from './lifecycle-control.js';
import { lifecycleMarkdown } from './lifecycle-messages.js';
import { openLifecycle } from './lifecycle-opening.js';
import { retireModel } from './lifecycle-removal.js';
import { receiveRequests } from './lifecycle-requests.js';
import { runToEnd } from './lifecycle-run.js';
import { nowIso } from './progress.js';
import { rootMessage } from './root-message.js';
import { showDetails } from './shown-text.js';

/** Well under the server's own suggestion, so that a history stays short enough to read. */
const continueAfterEvents = 1000;

/**
 * One model for ever: takes requests, runs one release at a time, keeps the champion. Everything that touches the
 * model's traffic goes through here. It ends when the model is removed. Where workers have versions it follows the
 * newest, which then start later releases on their own. To be cancelled does nothing to it: its release would go on with
 * nobody to take the champion's side.
 */
export async function modelLifecycle(input: LifecycleInput): Promise<void> {
  void CancellationScope.current().cancelRequested.catch(() =>
    log.warn(`cancelling does not end a model; understudy remove ${input.model} does`),
  );
  await CancellationScope.nonCancellable(() => live(input));
}

async function live(input: LifecycleInput): Promise<void> {
  // What an older version has carried over lacks what came later.
  let state = input.state && lifecycleStateSchema.parse(input.state);
  let turn: Promise<unknown> = condition(() => state !== null);
  /** Why it ended before it had a state. */
  let problem: string | null = null;
  const lifecycle: Lifecycle = {
    model: input.model,
    isApplied: input.state !== null,
    isRefused: false,
    isRetired: (state?.removal?.left ?? null) !== null,
    isRemovalDue: false,
    isRenewalDue: false,
    answered: input.answered ?? [],
    get state(): LifecycleState {
      if (state) return state;
      if (problem !== null)
        throw ApplicationFailure.nonRetryable(`${input.model} could not begin: ${problem}`, 'NotReady');
      throw ApplicationFailure.nonRetryable(`${input.model} is still reading its spec; ask again`, 'NotReady');
    },
    set state(next: LifecycleState) {
      state = next;
      showDetails(lifecycleMarkdown({ state: next, now: nowIso() }));
    },
    serialised: (work) => {
      const mine = turn.then(() => CancellationScope.nonCancellable(work));
      turn = mine.catch(() => undefined);
      return mine;
    },
  };

  setHandler(lifecycleMessages.describe, () => lifecycle.state);
  receiveRequests(lifecycle);
  receiveControl(lifecycle);

  lifecycle.state = state ?? (await open());

  // Lifecycles of 0.1.0 looked at the cooldown when they were asked, and never again.
  const cooldownHolds = (): boolean =>
    coolsDown({ state: lifecycle.state, now: nowIso() }) && patched('cooldown-holds-the-queue');
  const full = (): boolean =>
    lifecycle.isRenewalDue ||
    workflowInfo().historyLength > continueAfterEvents ||
    workflowInfo().continueAsNewSuggested;
  for (;;) {
    if (!lifecycle.state.running) {
      await untilWanted();
      if (lifecycle.isRefused) return await condition(allHandlersFinished);
      // A rollback under way decides first which champion the next release is compared with.
      if (!full())
        await lifecycle.serialised(() =>
          Promise.resolve(
            (lifecycle.state = startNext({ state: lifecycle.state, now: nowIso(), cooldown: cooldownHolds() })),
          ),
        );
      if (lifecycle.state.running) await runToEnd({ lifecycle, how: 'start', full });
    } else {
      await runToEnd({ lifecycle, how: 'attach', full });
    }
    if (lifecycle.state.removal && !lifecycle.state.running && (await retireModel({ lifecycle, full }))) {
      await condition(allHandlersFinished);
      return;
    }
    if (full()) {
      await condition(allHandlersFinished);
      const { state, answered } = lifecycle;
      await continueAsNew<typeof modelLifecycle>({ model: input.model, specification: null, state, answered });
    }
  }

  async function open(): Promise<LifecycleState> {
    try {
      return await openLifecycle({ model: input.model, specification: input.specification! });
    } catch (error) {
      problem = rootMessage(error);
      throw error;
    }
  }

  /**
   * Waits for a release to start, for the model's removal, or until the history is full; meanwhile finishes what a
   * champion's return left.
   */
  async function untilWanted(): Promise<void> {
    for (;;) {
      // Lifecycles of 0.1.0 looked at the budget when they were asked, and never again.
      const isSpent =
        budgetEnd({ state: lifecycle.state, now: nowIso() }) !== null && patched('budget-holds-the-queue');
      const cooldown = cooldownHolds();
      const wanted = (): boolean =>
        full() ||
        lifecycle.isRefused ||
        Boolean(lifecycle.state.removal) ||
        (!isSpent &&
          !lifecycle.state.paused &&
          nextInQueue({ state: lifecycle.state, now: nowIso(), cooldown }) !== null);
      if (wanted()) return;
      const heldUntil = (): string | null =>
        (isSpent ? budgetEnd : holdEnd)({ state: lifecycle.state, now: nowIso(), cooldown });
      const left = lifecycle.state.unfinishedReturn;
      const until = heldUntil();
      const changed = (): boolean => wanted() || lifecycle.state.unfinishedReturn !== left || heldUntil() !== until;
      const retryIn = left ? pauseBefore(left) : Infinity;
      const heldFor = until === null ? Infinity : Date.parse(until) - Date.parse(nowIso());
      const pause = Math.min(retryIn, heldFor);
      if (pause === Infinity) await condition(changed);
      else if (!(await condition(changed, pause)) && left && retryIn <= heldFor)
        await lifecycle.serialised(() => finish(left));
    }
  }

  async function finish(left: UnfinishedReturn): Promise<void> {
    const { champion, unfinishedReturn } = lifecycle.state;
    // A rollback that came first has settled it anew.
    if (!champion || unfinishedReturn !== left) return;
    const remaining = await finishReturn({ model: input.model, champion, left });
    lifecycle.state = { ...lifecycle.state, unfinishedReturn: remaining };
  }
}
