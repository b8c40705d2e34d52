import { createHash } from 'node:crypto';
import { defaultPrompt, type Prompt } from '../domain/release/prompt.js';
import { bucketCount, bucketOf } from '../domain/rollout/buckets.js';
import { armOf, effectivePlan, type Arm, type Target, type TrafficPlan } from '../domain/rollout/traffic-plan.js';
import type { Attribution } from './answer-id.js';
import { HttpError } from './http-error.js';
import type { ModelState } from './plan-reader.js';

/** Who answers one request, decided from the plan alone. */
export interface Assignment {
  model: string;
  revision: number;
  salt: string;
  arm: Arm;
  bucket: number;
  target: Target;
  prompt: Prompt;
  /** Who answers when the target does not; null where nobody may. */
  rescue: { target: Target; prompt: Prompt } | null;
  /** Whom the plan lets answer a copy, and of which share of the requests; null where nobody. */
  mirror: { target: Target; prompt: Prompt; share: number } | null;
  /** False for testers, and while the lease has lapsed: then no share is under test. */
  counted: boolean;
  slowMilliseconds: number;
  slowStartMilliseconds: number | null;
}

export interface Asker {
  keyId: string;
  user?: string | undefined;
  session?: string | undefined;
  /** What tells one request of the key from another; asked for only where nothing else does. */
  content: () => string;
}

/** The text whose hash keeps a person on one arm: the user, else the session, else the key with the request's hash. */
export function stickyKeyOf({ plan, asker }: { plan: Pick<TrafficPlan, 'stickyKey'>; asker: Asker }): string {
  if (plan.stickyKey === 'user' && asker.user !== undefined) return asker.user;
  if (plan.stickyKey !== 'request' && asker.session !== undefined) return asker.session;
  return `${asker.keyId}\0${createHash('sha256').update(asker.content()).digest('hex')}`;
}

/**
 * Assigns a request at `now` (milliseconds since 1970). A gateway whose counters nobody hears (`mute`) serves as if the
 * lease had lapsed. `forced` is a tester's choice of arm: never counted, never
 * rescued, so that a tester sees what the arm really says. Throws a 400 when a forced challenger does not exist.
 */
export function assign({
  state,
  asker,
  forced,
  now,
  mute = false,
}: {
  state: ModelState;
  asker: Asker;
  forced: Arm | null;
  now: number;
  mute?: boolean;
}): Assignment {
  const { lease } = state.plan;
  const plan = effectivePlan({
    plan: state.plan,
    now: mute && lease !== null ? lease.until : new Date(now).toISOString(),
  });
  const bucket = bucketOf({ salt: plan.salt, key: stickyKeyOf({ plan, asker }) });
  const arm = forced ?? armOf({ plan, bucket, bucketCount });
  if (arm === 'challenger' && plan.challenger === null)
    throw new HttpError(400, `x-understudy-arm: ${plan.model} has no challenger; ask for champion or leave it out`);
  const target = arm === 'challenger' ? plan.challenger! : plan.champion;
  const promptOf = ({ releaseId }: Target): Prompt => state.prompts.get(releaseId) ?? defaultPrompt;
  const rescued = arm === 'challenger' && forced === null;
  const mirrors = arm === 'champion' && forced === null && plan.mirrorShare > 0 && plan.challenger !== null;
  return {
    model: plan.model,
    revision: plan.revision,
    salt: plan.salt,
    arm,
    bucket,
    target,
    prompt: promptOf(target),
    rescue: rescued ? { target: plan.champion, prompt: promptOf(plan.champion) } : null,
    mirror: mirrors ? { target: plan.challenger!, prompt: promptOf(plan.challenger!), share: plan.mirrorShare } : null,
    counted: forced === null && !plan.lapsed,
    slowMilliseconds: state.slowMilliseconds,
    slowStartMilliseconds: state.slowStartMilliseconds,
  };
}

/** Where feedback on the answer counts: at the arm of the key, also when the champion had to step in for it. */
export const attributionOf = ({ model, revision, arm, bucket, counted }: Assignment): Attribution => ({
  model,
  revision,
  arm: counted ? arm : null,
  bucket,
});
