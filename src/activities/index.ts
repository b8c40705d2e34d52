import { createPseudonyms, type Pseudonyms } from '../domain/dataset/pseudonyms.js';
import { createAnswerActivities } from './answers.js';
import { createApprovalAuditActivities } from './approval-audit.js';
import { createApproverActivities } from './approver.js';
import { createBatchActivities } from './batch/index.js';
import type { BaseTokenizers } from './base-tokenizers-port.js';
import { systemClock, type Clock } from './clock.js';
import { createDatasetActivities } from './datasets.js';
import { createEvaluationActivities } from './evaluation.js';
import { withFailures } from './failures.js';
import { hideSecrets } from './hide-secrets.js';
import { createFeedbackActivities } from './feedback-reading.js';
import { createIngestActivities } from './ingest.js';
import { createLifecycleActivities } from './lifecycle-opening.js';
import { createJudgeActivities } from './judging/judge-answers.js';
import { createLoadActivities } from './load/run-load.js';
import { createPacer, systemTiming } from './judging/pacer.js';
import { createLostReleaseActivities } from './lost-release.js';
import { createModelRemovalActivities } from './model-removal.js';
import { createNotificationActivities } from './notifications.js';
import { createOrphanActivities } from './orphans/orphans.js';
import { createOutcomeActivities } from './outcomes.js';
import { createPauseActivities } from './pauses.js';
import type { Ports } from './ports.js';
import { createPromotionActivities } from './promotions.js';
import { createRecordingActivities } from './recording.js';
import { createRegistryActivities } from './registry.js';
import { createIndexActivities } from './retrieval/indexing.js';
import { createRollbackTimeActivities } from './rollback-time.js';
import { createServingActivities } from './serving.js';
import { createShadowActivities } from './shadow/watch-shadow.js';
import { createSmokeActivities } from './smoke.js';
import { createStepActivities } from './canary-assessment.js';
import { createTrafficActivities } from './traffic.js';
import { createTrainingActivities } from './training.js';
import { createWatchActivities } from './watch.js';
import { createWithdrawalActivities } from './withdrawals.js';

/** Every activity over `ports`. The same functions run under every profile; only the ports differ. */
export function createActivities({
  ports,
  clock = systemClock,
  codeCommit = null,
  approverKey = null,
  secrets = [],
  pseudonyms = createPseudonyms({ key: null }),
  tokenizers = { open: async () => null },
}: {
  ports: Ports;
  clock?: Clock;
  codeCommit?: string | null;
  /** What approver tokens are checked with. */
  approverKey?: string | null;
  /** What no failure may say, though a server or a program repeats it. */
  secrets?: readonly string[];
  pseudonyms?: Pseudonyms;
  tokenizers?: BaseTokenizers;
}) {
  // A judge's limits hold for all that one worker asks of it.
  const pacer = ports.judge && createPacer({ limits: ports.judge.limits, timing: systemTiming });
  const context = { ...ports, pacer, clock, codeCommit, approverKey, pseudonyms, tokenizers };
  const activities = {
    ...createAnswerActivities(context),
    ...createApprovalAuditActivities(context),
    ...createApproverActivities(context),
    ...createBatchActivities(context),
    ...createDatasetActivities(context),
    ...createEvaluationActivities(context),
    ...createFeedbackActivities(context),
    ...createIndexActivities(context),
    ...createIngestActivities(context),
    ...createJudgeActivities(context),
    ...createLifecycleActivities(context),
    ...createLoadActivities(context),
    ...createLostReleaseActivities(context),
    ...createModelRemovalActivities(context),
    ...createNotificationActivities(context),
    ...createOrphanActivities(context),
    ...createOutcomeActivities(context),
    ...createPauseActivities(context),
    ...createPromotionActivities(context),
    ...createRecordingActivities(context),
    ...createRegistryActivities(context),
    ...createRollbackTimeActivities(context),
    ...createServingActivities(context),
    ...createShadowActivities(context),
    ...createSmokeActivities(context),
    ...createStepActivities(context),
    ...createTrafficActivities(context),
    ...createTrainingActivities(context),
    ...createWatchActivities(context),
    ...createWithdrawalActivities(context),
  };
  return withFailures(activities, hideSecrets(secrets));
}

export type Activities = ReturnType<typeof createActivities>;
