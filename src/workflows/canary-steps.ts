import { sleep } from '@temporalio/workflow';
import type { StepAssessment } from '../contracts/watch.js';
import type { Cause } from '../domain/audit/cause.js';
import type { Verdict } from '../domain/release/verdict.js';
import { milliseconds } from '../domain/spec/quantities.js';
import type { CanaryStep } from '../domain/spec/rollout-spec.js';
import { activitiesFor } from './activity-options.js';
import type { GuardWatch } from './guard-watch.js';
import { holdAt, type Hold, type Holding } from './held.js';
import { StageEnded } from './stage-ended.js';

interface CanaryInput extends Holding {
  note: (event: string) => void;
  verdicts: Verdict[];
  watch: GuardWatch;
  /** Of its plans. */
  cause: Cause;
}

/** Raises the challenger's share step by step. Returns when every step has passed; throws `StageEnded` otherwise. */
export async function runCanarySteps(canary: CanaryInput): Promise<void> {
  for (const [index, step] of canary.input.rollout.canary.steps.entries()) await runStep({ canary, step, index });
}

async function runStep({
  canary,
  step,
  index,
}: {
  canary: CanaryInput;
  step: CanaryStep;
  index: number;
}): Promise<void> {
  const { input, progress, note } = canary;
  const traffic = activitiesFor({
    profile: 'trafficChange',
    queue: 'traffic',
    summary: `challenger to ${step.share * 100} %`,
  });
  const quick = activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: `judge the step at ${step.share * 100} %`,
  });
  const { releaseId, model, rollout } = input;
  const percent = `${step.share * 100} %`;
  let revision = 0;
  const question = () => ({ releaseId, model, revision, fromRevision: canary.watch.fromRevision, step, rollout });
  let hold: Hold<StepAssessment> | null = null;
  for (let start = 1; ; start += 1) {
    const again = start > 1 ? `, start ${start}` : '';
    const plan = await traffic.writePlan({
      model,
      owner: input.owner,
      change: {
        challenger: input.challenger,
        challengerShare: step.share,
        holdback: 0,
        reason: `${releaseId}: canary step ${index + 1}, ${percent}${again}`,
      },
      leaseMilliseconds: milliseconds(rollout.lease),
      cause: canary.cause,
    });
    revision = plan.revision;
    canary.watch.start(revision);
    progress.update({ share: step.share });
    note(`canary ${percent} by plan revision ${revision}${again}`);
    hold ??= holdAt<StepAssessment>({
      holding: canary,
      name: `${step.share}`,
      where: `at ${percent}`,
      ...step,
      tellAtOnce: false,
      lookAgain: ({ activities, again }) => activities.assessStep({ ...question(), again }),
    });
    const duration = milliseconds(step.duration);
    if (duration > 0) await sleep(duration, { summary: `canary at ${percent}` });
    const judged = await judge(hold);
    if (judged === 'passed' || (await hold.lapsed(judged)) === 'passed') return;
    note(`the lease of revision ${revision} lapsed; the step starts again`);
    if (start === 1)
      await quick.sendNotification({
        key: `${releaseId}/lapsed-${step.share}`,
        severity: 'warning',
        title: `${releaseId} starts its step at ${percent} again`,
        body: `the lease of plan revision ${revision} lapsed: its watcher was away, or telemetry could not be read`,
        model,
        releaseId,
      });
  }

  /** Answers with what was seen where the lease has lapsed. */
  async function judge(hold: Hold<StepAssessment>): Promise<'passed' | StepAssessment> {
    let seen: StepAssessment | null = null;
    for (;;) {
      const assessed: StepAssessment = seen ?? (await quick.assessStep(question()));
      progress.update({ verdicts: assessed.verdicts });
      if (assessed.leaseLapsed) return assessed;
      if (assessed.verdict === 'fail') throw new StageEnded('rolledBack', [assessed.reason]);
      if (assessed.verdict === 'pass') {
        canary.verdicts.push(...assessed.verdicts);
        return 'passed';
      }
      const held = await hold.on(assessed);
      if (held === 'passed') return 'passed';
      seen = held;
    }
  }
}
