import { sleep } from '@temporalio/workflow';
import type { RolloutInput } from '../contracts/release.js';
import type { StepAssessment } from '../contracts/watch.js';
import type { Verdict } from '../domain/release/verdict.js';
import { milliseconds } from '../domain/spec/quantities.js';
import type { CanaryStep } from '../domain/spec/rollout-spec.js';
import { activitiesFor } from './activity-options.js';
import type { GuardWatch } from './guard-watch.js';
import type { ProgressKeeper } from './progress.js';
import type { RolloutMessages } from './rollout-messages.js';
import { StageEnded } from './stage-ended.js';

interface CanaryInput {
  input: RolloutInput;
  progress: ProgressKeeper;
  messages: RolloutMessages;
  note: (event: string) => void;
  verdicts: Verdict[];
  watch: GuardWatch;
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
  for (let start = 1; ; start += 1) {
    const again = start > 1 ? `, start ${start}` : '';
    const plan = await traffic.writePlan({
      model: input.model,
      owner: input.owner,
      change: {
        challenger: input.challenger,
        challengerShare: step.share,
        holdback: 0,
        reason: `${input.releaseId}: canary step ${index + 1}, ${step.share * 100} %${again}`,
      },
      leaseMilliseconds: milliseconds(input.rollout.lease),
    });
    canary.watch.start(plan.revision);
    progress.update({ share: step.share });
    note(`canary ${step.share * 100} % by plan revision ${plan.revision}${again}`);
    const assessed = await holdStep({ canary, step, revision: plan.revision, judge: quick.assessStep });
    if (assessed === 'passed') return;
    note(`the lease of revision ${plan.revision} lapsed; the step starts again`);
  }
}

type Judge = ReturnType<typeof activitiesFor>['assessStep'];

async function holdStep({
  canary,
  step,
  revision,
  judge,
}: {
  canary: CanaryInput;
  step: CanaryStep;
  revision: number;
  judge: Judge;
}): Promise<'passed' | 'lapsed'> {
  const { input, progress, verdicts, messages } = canary;
  const begun = Date.now();
  const duration = milliseconds(step.duration);
  const maximum = milliseconds(step.maximum);
  if (duration > 0) await sleep(duration, { summary: `canary at ${step.share * 100} %` });
  for (let waited = false; ;) {
    const assessed: StepAssessment = await judge({
      releaseId: input.releaseId,
      model: input.model,
      revision,
      fromRevision: canary.watch.fromRevision,
      step,
      rollout: input.rollout,
    });
    progress.update({ verdicts: assessed.verdicts });
    if (assessed.leaseLapsed) return 'lapsed';
    if (assessed.verdict === 'pass') {
      verdicts.push(...assessed.verdicts);
      return 'passed';
    }
    if (assessed.verdict === 'fail') throw new StageEnded('rolledBack', [assessed.reason]);
    const elapsed = Date.now() - begun;
    if (elapsed < maximum) {
      await sleep(Math.min(Math.max(duration / 4, 1000), maximum - elapsed), { summary: assessed.reason });
      continue;
    }
    const policy =
      assessed.verdict === 'unmeasured' ? input.rollout.canary.onUnmeasured : input.rollout.canary.onInconclusive;
    if (policy === 'rollback') throw new StageEnded('rolledBack', [assessed.reason]);
    if (!waited) await notifyHeld({ canary, step, assessed, asks: policy === 'ask' });
    waited = true;
    if (policy === 'ask') {
      const answer = await messages.ask({
        what: `a decision at ${step.share * 100} %: ${assessed.reason}. Approving goes on`,
        evidenceDigest: assessed.evidenceDigest,
        required: input.rollout.approval.required,
        expires: null,
      });
      if (answer.kind === 'approved') return 'passed';
      throw new StageEnded('rolledBack', [answer.reason]);
    }
    progress.update({
      waiting: {
        for: `evidence at ${step.share * 100} %`,
        how: `${assessed.reason}; \`understudy rollback ${input.model}\` ends it`,
        evidenceDigest: null,
        until: null,
      },
    });
    await sleep(Math.max(duration, 60_000), { summary: `holds: ${assessed.reason}` });
  }
}

async function notifyHeld({
  canary,
  step,
  assessed,
  asks,
}: {
  canary: CanaryInput;
  step: CanaryStep;
  assessed: StepAssessment;
  asks: boolean;
}): Promise<void> {
  const { releaseId, model } = canary.input;
  await activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: 'tell people that the canary holds',
  }).sendNotification({
    key: `${releaseId}/held-${step.share}`,
    severity: 'warning',
    title: `${releaseId} ${asks ? 'asks' : 'holds'} at ${step.share * 100} %`,
    body: assessed.reason,
    model,
    releaseId,
  });
}
