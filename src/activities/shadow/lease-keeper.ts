import { effectivePlan } from '../../domain/rollout/traffic-plan.js';
import type { Clock } from '../clock.js';
import { heartbeat } from '../heartbeat.js';
import { movedReason, renewLease, type Watched } from '../lease.js';
import type { TrafficRouter } from '../ports.js';

const everyMilliseconds = 1000;

/** Why there is nothing to watch any more. */
export type LeaseEnd = { kind: 'moved'; reason: string } | { kind: 'lapsed' };

export interface LeaseKeeper {
  /** Null while the plan stands and its lease is renewed. */
  readonly ended: LeaseEnd | null;
  /** Looks at once, and renews where it is time. */
  look(): Promise<void>;
  stop(): void;
}

/**
 * Renews the lease of a mirroring plan and says that the activity lives, also while a judge is slow. What it can't read
 * now it tries again; should that last, the lease lapses, and with it the mirror.
 */
export function keepLease({
  router,
  clock,
  watched,
  revision,
  details,
}: {
  router: TrafficRouter;
  clock: Clock;
  watched: Watched;
  revision: number;
  /** What the heartbeat tells. */
  details: () => unknown;
}): LeaseKeeper {
  let ended: LeaseEnd | null = null;
  async function look(): Promise<void> {
    const now = clock.now();
    const plan = await router.read({ model: watched.model });
    const moved = movedReason({ plan, watched });
    if (moved) ended = { kind: 'moved', reason: moved };
    else if (plan!.revision !== revision)
      ended = { kind: 'moved', reason: `plan revision ${plan!.revision} has taken the place of ${revision}` };
    else if (effectivePlan({ plan: plan!, now }).lapsed) ended = { kind: 'lapsed' };
    else await renewLease({ router, plan: plan!, watched, now });
  }
  let looking = false;
  const timer = setInterval(() => {
    heartbeat(details());
    if (looking || ended !== null) return;
    looking = true;
    void look()
      .catch(() => undefined)
      .finally(() => {
        looking = false;
      });
  }, everyMilliseconds);
  return {
    get ended() {
      return ended;
    },
    look,
    stop: () => clearInterval(timer),
  };
}
