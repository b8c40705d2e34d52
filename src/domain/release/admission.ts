import { milliseconds } from '../spec/quantities.js';
import type { ModelSpec } from '../spec/model-spec.js';
import { isAskedByPerson, type ReleaseKind } from './kinds.js';
import { samePerson } from './person.js';
import { budgetLeft, budgetSpent, month, spentIn } from './monthly-budget.js';
import { heldUntil, holdName, isInCooldown, nextInQueue } from './queue-holds.js';
import { nextEpoch } from '../rollout/traffic-plan.js';
import {
  rememberedReleases,
  type Candidate,
  type EndedRelease,
  type KeptRelease,
  type LifecycleState,
  type QueuedRelease,
  type UnansweredPromotion,
  type UnfinishedReturn,
} from './lifecycle-state.js';

export interface ReleaseRequest {
  kind: ReleaseKind;
  trigger: QueuedRelease['trigger'];
  priority: QueuedRelease['priority'];
  requestedBy: string;
  reason: string;
  /** Of an index release: what it is to serve with. */
  indexVersion?: string | null;
  candidate?: Candidate | null;
}

export interface Admission {
  decision: 'queued' | 'coalesced' | 'refused';
  releaseId: string | null;
  reason: string;
  state: LifecycleState;
}

/** So that a lifecycle's state stays small, whoever asks how often. */
const mostAskers = 100;
/** How many releases of a model wait at most. */
export const mostWaiting = 20;

interface Asked {
  state: LifecycleState;
  request: ReleaseRequest;
  now: string;
  /** Whether a version that rolls out already is not queued once more, as lifecycles of 0.1.0 did. */
  joinsRunning?: boolean;
  /** Whether the cooldown refuses what nobody asks for, as in lifecycles of 0.1.0; else it waits for its end. */
  cooldownRefuses?: boolean;
}

function refusal({ state, request, now, cooldownRefuses }: Asked): string | null {
  if (state.removal) return `${state.model} is being removed by ${state.removal.by}: ${state.removal.reason}`;
  if (request.kind === 'index' && !request.indexVersion)
    return 'kind "index" needs indexVersion: the version of the retrieval index that is to serve';
  if (request.kind !== 'training' && state.champion === null)
    return `kind "${request.kind}" changes a champion, and ${state.model} has none yet; request a training release first`;
  if (budgetLeft({ state, now }) === 0) return budgetSpent({ state, now });
  const waiting = state.queue.find((one) => isSame(one, request));
  if (!waiting && state.queue.length >= mostWaiting) return `${state.queue.length} releases wait already`;
  if (waiting && isFull(waiting) && !isNamed(waiting, request) && isPerson(request))
    return `${waiting.releaseId} waits already, and ${waiting.requestedBy.length} have asked for it`;
  return cooldownRefuses ? cooldownRefusal({ state, request, now }) : null;
}

/** What lifecycles of 0.1.0 said in the cooldown, with both numbers. */
function cooldownRefusal({ state, request, now }: Asked): string | null {
  if (!isInCooldown({ state, now, queued: request })) return null;
  const last = state.ended.at(-1)!;
  const elapsed = Date.parse(now) - Date.parse(last.endedAt);
  return `cooldown: ${Math.floor(elapsed / 1000)} s since ${last.releaseId} < ${state.cooldownMilliseconds / 1000} s`;
}

const isSame = (waiting: QueuedRelease, request: ReleaseRequest): boolean =>
  waiting.kind === request.kind && waiting.candidate?.version === request.candidate?.version;

/** The running release, where it rolls out the very version that is asked for and was not taken back meanwhile. */
export const runsAlready = ({ state: { running, epoch }, request: { candidate } }: Pick<Asked, 'state' | 'request'>) =>
  candidate && running?.candidate?.version === candidate.version && running.epoch === epoch ? running : null;

/** How long after the last try an alias that stands still is taken for the one that was not answered. */
const unansweredMilliseconds = 3_600_000;

/** What the alias was answered already, where it stands still because the registry could not be told. */
export function answerLeft({
  state: { unansweredPromotion: left },
  version,
  now,
}: {
  state: LifecycleState;
  version: string;
  now: string;
}): UnansweredPromotion | null {
  if (left?.version !== version) return null;
  return Date.parse(now) - Date.parse(left.at) < unansweredMilliseconds ? left : null;
}

const isNamed = ({ requestedBy }: QueuedRelease, request: ReleaseRequest): boolean =>
  requestedBy.some((one) => samePerson(one, request.requestedBy));
const isFull = ({ requestedBy }: QueuedRelease): boolean => requestedBy.length >= mostAskers;

/** Somebody who could decide on a release: then the release must know that they have asked for it. */
const isPerson = ({ trigger }: ReleaseRequest): boolean => isAskedByPerson(trigger) || trigger === 'api';

/**
 * Takes a request for a release into the queue, joins it with a waiting one of the same kind, or refuses it with both
 * numbers. A version that rolls out already is not queued once more. A person is not held back by the cooldown. An alert or a high priority goes before the others.
 */
export function admitRequest({ state, request, now, joinsRunning = true, cooldownRefuses = false }: Asked): Admission {
  const running = joinsRunning && !state.removal ? runsAlready({ state, request }) : null;
  if (running && isNamed(running, request)) {
    const { releaseId, startedAt } = running;
    return { decision: 'coalesced', releaseId, reason: `${releaseId} rolls it out since ${startedAt}`, state };
  }
  const refused = running ? rollsOutAlready(running) : refusal({ state, request, now, cooldownRefuses });
  if (refused) return { decision: 'refused', releaseId: null, reason: refused, state };
  const waiting = state.queue.find((one) => isSame(one, request));
  if (waiting) {
    const joined: QueuedRelease = {
      ...waiting,
      priority: request.priority === 'high' ? 'high' : waiting.priority,
      // Nobody may be left out: whoever asked for a release must not decide on it.
      requestedBy:
        isNamed(waiting, request) || isFull(waiting)
          ? waiting.requestedBy
          : [...waiting.requestedBy, request.requestedBy],
      reasons: [...new Set([...waiting.reasons, request.reason])].slice(-10),
      // The newest index is the one to serve with.
      indexVersion: request.indexVersion ?? waiting.indexVersion,
      // What a person asks for too does not wait for quiet hours.
      trigger: isAskedByPerson(request.trigger) ? request.trigger : waiting.trigger,
    };
    const queue = byPriority(state.queue.map((one) => (one === waiting ? joined : one)));
    return {
      decision: 'coalesced',
      releaseId: waiting.releaseId,
      reason: `joined ${waiting.releaseId}, which waits since ${waiting.requestedAt}`,
      state: { ...state, queue },
    };
  }
  const releaseCount = state.releaseCount + 1;
  const releaseId = `${state.model}-r${releaseCount}`;
  const queued: QueuedRelease = {
    releaseId,
    kind: request.kind,
    trigger: request.trigger,
    priority: request.priority,
    requestedBy: [request.requestedBy],
    reasons: [request.reason],
    requestedAt: now,
    indexVersion: request.indexVersion ?? null,
    candidate: request.candidate ?? null,
  };
  return {
    decision: 'queued',
    releaseId,
    reason: whenItStarts({ state, queued, now }),
    state: { ...state, releaseCount, queue: byPriority([...state.queue, queued]) },
  };
}

/** Whoever has not asked for a release may decide on it, so that it must not take them in once it runs. */
const rollsOutAlready = ({ releaseId, candidate, requestedBy }: QueuedRelease): string =>
  `${releaseId} rolls out version ${candidate!.version} already; ${requestedBy.join(', ')} asked for it`;

function whenItStarts({ state, queued, now }: { state: LifecycleState; queued: QueuedRelease; now: string }): string {
  const { paused, running } = state;
  if (paused) return `waits until the pause of ${paused.by} ends (${paused.reason})`;
  // Its end begins another cooldown.
  if (running) return `waits for ${running.releaseId}`;
  const held = heldUntil({ state, queued, now });
  return held ? `waits for the end of the ${holdName({ state, now })} at ${held}` : 'starts now';
}

const byPriority = (queue: QueuedRelease[]): QueuedRelease[] =>
  [...queue].sort((a, b) => Number(b.priority === 'high') - Number(a.priority === 'high'));

/** Moves the next waiting release to running and raises the epoch, so that no earlier writer can touch its traffic. */
export function startNext({
  state,
  now,
  cooldown = true,
}: {
  state: LifecycleState;
  now: string;
  /** See `nextInQueue`. */
  cooldown?: boolean;
}): LifecycleState {
  const first = nextInQueue({ state, now, cooldown });
  if (!first || state.running || state.paused || state.removal) return state;
  const queue = state.queue.filter((one) => one !== first);
  const epoch = nextEpoch(state.epoch);
  return { ...state, queue, epoch, running: { ...first, startedAt: now, epoch } };
}

/** The state after a release has ended; a promotion that still stands makes it champion. */
export function afterRelease({
  state,
  ended,
  kept,
  left = null,
}: {
  state: LifecycleState;
  ended: EndedRelease;
  kept: KeptRelease | null;
  /** What it leaves to do where it takes over. */
  left?: UnfinishedReturn | null;
}): LifecycleState {
  const takesOver = ended.outcome === 'promoted' && ended.withdrawnAt === null && kept !== null;
  const spent = spentIn({ state, now: ended.endedAt });
  return {
    ...state,
    running: null,
    champion: takesOver ? kept : state.champion,
    previous:
      takesOver && state.champion ? [state.champion, ...state.previous].slice(0, state.keepReleases) : state.previous,
    ended: [...state.ended, ended].slice(-rememberedReleases),
    unfinishedReturn: takesOver ? left : state.unfinishedReturn,
    spentUsd: { month: month(ended.endedAt), usd: spent + ended.costUsd },
  };
}

/** What of a spec the lifecycle itself goes by. */
export function lifecycleSettings(
  spec: ModelSpec,
): Pick<LifecycleState, 'cooldownMilliseconds' | 'monthlyBudgetUsd' | 'keepReleases' | 'quietHours'> {
  return {
    cooldownMilliseconds: milliseconds(spec.triggers.cooldown),
    monthlyBudgetUsd: spec.triggers.monthlyBudgetUsd,
    keepReleases: spec.rollout.keepReleases,
    quietHours: spec.triggers.quietHours,
  };
}

export function initialState({
  model,
  specification,
  settings,
  now,
}: {
  model: string;
  specification: LifecycleState['specification'];
  settings: ReturnType<typeof lifecycleSettings>;
  now: string;
}): LifecycleState {
  return {
    model,
    specification,
    ...settings,
    releaseCount: 0,
    epoch: 0,
    champion: null,
    previous: [],
    queue: [],
    running: null,
    paused: null,
    ended: [],
    spentUsd: { month: month(now), usd: 0 },
    unfinishedReturn: null,
    removal: null,
    unansweredPromotion: null,
  };
}
