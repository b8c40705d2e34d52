import type { RolloutInput } from '../contracts/release.js';
import { activitiesFor } from './activity-options.js';
import { auditAnswers } from './audited-answers.js';
import { nowIso, type ProgressKeeper } from './progress.js';
import type { RolloutMessages } from './rollout-messages.js';
import { StageEnded } from './stage-ended.js';

/** What an approval signs, with what people read beside it. */
export type ApprovalEvidence = RolloutInput['evidence'];

/**
 * Waits until enough people have approved the evidence, or approves where the spec allows it by name; throws
 * `StageEnded` on a refusal or the expiry.
 */
export async function awaitApproval({
  input,
  evidence,
  progress,
  messages,
  note,
}: {
  input: RolloutInput;
  evidence: ApprovalEvidence;
  progress: ProgressKeeper;
  messages: RolloutMessages;
  note: (event: string) => void;
}): Promise<void> {
  const { automatic, required, expires } = input.rollout.approval;
  const { digest, summary, halts = [] } = evidence;
  progress.update({ evidenceDigest: digest });
  progress.explain(summary);
  if (automatic && halts.length === 0) {
    messages.approvals.push({
      by: 'spec: approval.automatic',
      decision: 'approve',
      evidenceDigest: digest,
      reason: 'the spec allows it',
      at: nowIso(),
      channel: 'automatic',
    });
    await auditAnswers({ model: input.model, releaseId: input.releaseId, approvals: messages.approvals });
    note('approved automatically, as the spec allows');
    return;
  }
  await activitiesFor({
    profile: 'quickCall',
    queue: 'orchestration',
    summary: 'ask for approval',
  }).sendNotification({
    key: `${input.releaseId}/approval`,
    severity: 'info',
    title: `${input.releaseId} waits for approval`,
    body: [...halts, ...summary].join('\n'),
    model: input.model,
    releaseId: input.releaseId,
  });
  const answer = await messages.ask({
    what: 'approval of the promotion',
    evidenceDigest: digest,
    required,
    expires,
    halts,
  });
  if (answer.kind !== 'approved') throw new StageEnded('rejected', [answer.reason]);
  progress.explain([]);
  note(`approved by ${messages.approvals.map((one) => one.by).join(', ')}`);
}
