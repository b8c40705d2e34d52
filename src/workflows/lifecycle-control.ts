import { ApplicationFailure, getExternalWorkflowHandle, log, patched, setHandler } from '@temporalio/workflow';
import {
  applySpecSchema,
  drillSchema,
  lifecycleMessages,
  mostReason,
  pauseSchema,
  removeSchema,
  resumeSchema,
  rollbackSchema,
  type ApplySpec,
} from '../contracts/lifecycle.js';
import { cutText } from '../domain/cut-text.js';
import { workflowIds } from '../contracts/names.js';
import type { Paused } from '../domain/release/lifecycle-state.js';
import { releaseMessages } from '../contracts/release.js';
import { activitiesFor } from './activity-options.js';
import { answeredBefore, occasion, once, rememberAnswer } from './answered-before.js';
import type { Lifecycle } from './lifecycle-context.js';
import { rehearseRollback } from './lifecycle-drill.js';
import { validate } from './lifecycle-messages.js';
import { keepPause } from './lifecycle-pause.js';
import { rollBack, type StateHolder } from './lifecycle-rollback.js';
import { nowIso } from './progress.js';
import { rootMessage } from './root-message.js';

/** Takes what people do with a model besides asking for releases. */
export function receiveControl(lifecycle: Lifecycle): void {
  const { model, serialised } = lifecycle;
  const holder: StateHolder = {
    get current() {
      return lifecycle.state;
    },
    set current(next) {
      lifecycle.state = next;
    },
  };

  /** What came while the model was unloaded would load it again, and the lifecycle that knows of it would be gone. */
  const unlessRetired = (): void => {
    if (!lifecycle.isRetired || !patched('retired-serves-nothing')) return;
    const { by, reason } = lifecycle.state.removal!;
    throw ApplicationFailure.nonRetryable(`${model} was removed by ${by} (${reason}) and serves nothing`, 'NotNow');
  };

  /** In force at once; what else people ask for does not wait until it is kept. */
  const setPause = ({ by, paused: pausedAt }: { by: string; paused: (at: string) => Paused | null }) =>
    serialised(async () => {
      if (answeredBefore(lifecycle)) return null;
      unlessRetired();
      const at = nowIso();
      const paused = pausedAt(at);
      lifecycle.state = { ...lifecycle.state, paused };
      return { model, paused, by, at };
    });
  const setAndKeep = async (asked: Parameters<typeof setPause>[0]): Promise<void> => {
    const set = await setPause(asked);
    if (set === null) return;
    await keepPause(set);
    rememberAnswer({ lifecycle, answer: null });
  };

  const applySpec = async (message: ApplySpec) => {
    const { removal } = lifecycle.state;
    if (removal)
      throw ApplicationFailure.nonRetryable(
        `${model} is being removed by ${removal.by} (${removal.reason}); apply the spec again once it is gone`,
        'NotNow',
      );
    const { settings, digest } = await activitiesFor({
      profile: 'briefCall',
      queue: 'orchestration',
      summary: 'read the applied spec',
    })
      .readSpecification({ specification: message.ref, by: message.by, step: occasion() })
      .catch((error: unknown) => {
        const { champion, releaseCount } = lifecycle.state;
        // Lifecycles of 0.1.0 went on with the spec that they were started with, although it was refused.
        if (!lifecycle.isApplied && champion === null && releaseCount === 0 && patched('refused-specs-begin-nothing'))
          lifecycle.isRefused = true;
        throw error;
      });
    lifecycle.isApplied = true;
    lifecycle.state = { ...lifecycle.state, specification: message.ref, ...settings };
    const effective = lifecycle.state.running ? ('after the running release' as const) : ('now' as const);
    return { digest, effective };
  };

  setHandler(
    lifecycleMessages.pause,
    async (message) => {
      const { by, reason } = pauseSchema.parse(message);
      await setAndKeep({ by, paused: (at) => ({ by, reason, at }) });
    },
    { validator: validate(pauseSchema) },
  );
  setHandler(
    lifecycleMessages.resume,
    async (message) => {
      const { by } = resumeSchema.parse(message);
      await setAndKeep({ by, paused: () => null });
    },
    { validator: validate(resumeSchema) },
  );
  setHandler(
    lifecycleMessages.applySpec,
    (message) => serialised(() => once({ lifecycle, work: () => applySpec(applySpecSchema.parse(message)) })),
    { validator: validate(applySpecSchema) },
  );
  setHandler(
    lifecycleMessages.remove,
    (message) =>
      serialised(async () => {
        const { by, reason, endRelease } = removeSchema.parse(message);
        const { running, removal } = lifecycle.state;
        lifecycle.state = {
          ...lifecycle.state,
          queue: [],
          removal: removal ?? { by, reason, at: nowIso(), left: null },
        };
        lifecycle.isRemovalDue = true;
        if (running && endRelease)
          await getExternalWorkflowHandle(workflowIds.release(running.releaseId))
            .signal(releaseMessages.cancelSignal, {
              by,
              // A signal with a longer one is dropped, and the release would go on.
              reason: cutText({ text: `${model} is removed: ${reason}`, bytes: mostReason }),
            })
            .catch((error: unknown) => log.info('no release to end', { error: rootMessage(error) }));
        return { waitsFor: running?.releaseId ?? null, left: removal?.left?.problem ?? null };
      }),
    { validator: validate(removeSchema) },
  );
  setHandler(lifecycleMessages.renew, () => {
    // Lifecycles of 0.1.0 had no such signal, and went on in their history when it came.
    if (patched('histories-are-renewed')) lifecycle.isRenewalDue = true;
  });
  setHandler(
    lifecycleMessages.rollback,
    (message) =>
      serialised(() => {
        unlessRetired();
        const work = () => rollBack({ model, message: rollbackSchema.parse(message), state: holder });
        return once({ lifecycle, work });
      }),
    { validator: validate(rollbackSchema) },
  );
  setHandler(
    lifecycleMessages.drill,
    (message) =>
      serialised(() => {
        unlessRetired();
        return rehearseRollback({ model, message: drillSchema.parse(message), state: holder });
      }),
    { validator: validate(drillSchema) },
  );
}
