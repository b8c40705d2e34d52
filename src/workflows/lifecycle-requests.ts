import { log, patched, setHandler } from '@temporalio/workflow';
import {
  alertSchema,
  lifecycleMessages,
  promotionAskedSchema,
  requestReleaseSchema,
  requestRolloutSchema,
  type Alert,
  type RequestReleaseResult,
} from '../contracts/lifecycle.js';
import { admitRequest, answerLeft, runsAlready, type ReleaseRequest } from '../domain/release/admission.js';
import { alertTrigger } from '../domain/release/alert-trigger.js';
import type { UnansweredPromotion } from '../domain/release/lifecycle-state.js';
import { isInCooldown } from '../domain/release/queue-holds.js';
import { activitiesFor } from './activity-options.js';
import { once } from './answered-before.js';
import type { Lifecycle } from './lifecycle-context.js';
import { problemsIn, validate } from './lifecycle-messages.js';
import { nowIso } from './progress.js';
import { createRefusalTeller, type AlertAnswer } from './refused-alerts.js';
import { rootMessage } from './root-message.js';

/** A release that waits remembers no more reasons. */
const reasonsKept = 10;

/** Takes everything that asks for a release: people, services, the Schedule, alerts, and the alias `promote`. */
export function receiveRequests(lifecycle: Lifecycle): void {
  const { model, serialised } = lifecycle;
  const admit = (request: ReleaseRequest): RequestReleaseResult => {
    const asked = { state: lifecycle.state, request, now: nowIso() };
    // Lifecycles of 0.1.0 queued it once more.
    const joinsRunning = runsAlready(asked) !== null && patched('versions-join-what-runs');
    const cools = isInCooldown({ ...asked, queued: request });
    // Lifecycles of 0.1.0 refused it, which nobody saw who sent no update.
    const cooldownRefuses = cools && !patched('cooldown-queues-requests');
    const { state, ...answer } = admitRequest({ ...asked, joinsRunning, cooldownRefuses });
    lifecycle.state = state;
    return answer;
  };

  /**
   * Alerts of one task. They are answered together, and said in one line for each sort: a storm that came while no
   * worker was there is one task, and a task has seconds.
   */
  let noted: Alert[] = [];
  let critical: Alert[] = [];
  const noteAlerts = async (): Promise<void> => {
    await Promise.resolve();
    for (const { kind, category, alerts } of sortsOf(noted))
      log.info('alerts noted', { kind, category, count: alerts.length });
    noted = [];
  };
  const tellRefusal = createRefusalTeller({ lifecycle });
  const answerAlerts = async (): Promise<AlertAnswer[]> => {
    const waiting = critical;
    critical = [];
    return sortsOf(waiting).map(({ kind, category, alerts }) => {
      const answers = alerts.slice(-reasonsKept).map((alert) => admit(requestOf(alert)));
      const answer = answers.at(-1)!;
      log.info('alerts answered', { kind, category, count: alerts.length, ...answer });
      return { asked: requestOf(alerts.at(-1)!).reason, answer };
    });
  };
  const answerCritical = async (): Promise<void> => {
    // Nobody who asks for something else waits until people were told.
    for (const answered of await serialised(answerAlerts)) await tellRefusal(answered);
  };

  const rollOut = async (asked: { version: string; reason: string; requestedBy: string | null }) => {
    const { version, reason } = asked;
    const answer = await readCandidate({ lifecycle, version, byAlias: asked.requestedBy === null });
    if (!answer) return null;
    const requestedBy = asked.requestedBy ?? answer.by;
    const left = answerLeft({ state: lifecycle.state, version, now: nowIso() });
    // Lifecycles of 0.1.0 took an alias that could not be taken off for another one.
    if (asked.requestedBy === null && left && patched('promotions-are-answered-again')) {
      const { decision, releaseId, reason: told } = left;
      return { requestedBy, admitted: { decision, releaseId, reason: told } };
    }
    const admitted =
      'problem' in answer
        ? { decision: 'refused' as const, releaseId: null, reason: answer.problem }
        : admit({
            ...{ kind: 'training', priority: 'normal', requestedBy, reason, candidate: answer.candidate },
            trigger: asked.requestedBy === null ? 'promotion' : 'person',
          });
    return { requestedBy, admitted };
  };

  setHandler(
    lifecycleMessages.requestRelease,
    (message) =>
      serialised(() =>
        once({
          lifecycle,
          work: async () => {
            const { trigger = 'person', indexVersion = null, ...request } = requestReleaseSchema.parse(message);
            return admit({ ...request, indexVersion, trigger });
          },
        }),
      ),
    { validator: validate(requestReleaseSchema) },
  );
  setHandler(lifecycleMessages.alert, (message) => {
    const parsed = alertSchema.safeParse(message);
    if (!parsed.success) return log.warn('alert refused', { problems: problemsIn(parsed.error) });
    const { kind, category } = parsed.data;
    if (category !== (message.category ?? null)) log.warn('the category of an alert was cut', { kind, category });
    if (alertTrigger(parsed.data) === null) return noted.push(parsed.data) === 1 ? noteAlerts() : undefined;
    return critical.push(parsed.data) === 1 ? answerCritical() : undefined;
  });
  setHandler(
    lifecycleMessages.requestRollout,
    (message) =>
      serialised(() =>
        once({ lifecycle, work: async () => (await rollOut(requestRolloutSchema.parse(message)))!.admitted }),
      ),
    { validator: validate(requestRolloutSchema) },
  );
  setHandler(lifecycleMessages.promotionAsked, (message) =>
    serialised(async () => {
      const parsed = promotionAskedSchema.safeParse(message);
      if (!parsed.success) return log.warn('promotion refused', { reason: 'expected {"version": "<number>"}' });
      const { version } = parsed.data;
      const reason = `the alias promote was moved to version ${version}`;
      const leave = (unansweredPromotion: UnansweredPromotion | null) => {
        lifecycle.state = { ...lifecycle.state, unansweredPromotion };
      };
      try {
        const asked = await rollOut({ version, reason, requestedBy: null });
        if (!asked) return leave(null);
        leave({ version, ...asked.admitted, at: nowIso() });
        await brief('take the alias promote off').answerPromotion({ model, version, ...asked.admitted });
        leave(null);
        log.info('promotion answered', { version, ...asked.admitted });
      } catch (error) {
        // The alias stands where it did, and is seen again.
        log.warn('promotion not answered', { version, error: rootMessage(error) });
      }
    }),
  );
}

const brief = (summary: string) => activitiesFor({ profile: 'briefCall', queue: 'orchestration', summary });

const readCandidate = ({
  lifecycle: { model, state },
  version,
  byAlias,
}: {
  lifecycle: Lifecycle;
  version: string;
  byAlias: boolean;
}) =>
  brief(`look at version ${version}`).readCandidate({
    ...{ model, version, byAlias },
    specification: state.specification,
    champion: state.champion?.version ?? null,
  });

/** Alerts by kind and category, in the order in which the first of each came. */
function sortsOf(alerts: readonly Alert[]): { kind: string; category: string | null; alerts: Alert[] }[] {
  const sorts = new Map<string, Alert[]>();
  for (const alert of alerts) {
    const sort = `${alert.kind}/${alert.category ?? ''}`;
    const same = sorts.get(sort);
    if (same) same.push(alert);
    else sorts.set(sort, [alert]);
  }
  return [...sorts.values()].map((same) => ({ kind: same[0]!.kind, category: same[0]!.category, alerts: same }));
}

function requestOf(alert: Alert): ReleaseRequest {
  const { kind, category, evidence } = alert;
  const scheduled = kind === 'schedule';
  return {
    kind: 'training',
    trigger: alertTrigger(alert)!,
    priority: scheduled ? 'normal' : 'high',
    requestedBy: scheduled ? 'schedule' : `alert:${kind}`,
    reason: [kind, category, evidence].filter(Boolean).join(': '),
  };
}
