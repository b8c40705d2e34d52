import { ApplicationFailure, log, setHandler } from '@temporalio/workflow';
import {
  abortSchema,
  approvePromotionSchema,
  decideSchema,
  rolloutMessages,
  type Abort,
  type Approval,
  type Decide,
  type RolloutInput,
} from '../contracts/release.js';
import { samePerson } from '../domain/release/person.js';
import { activitiesFor } from './activity-options.js';
import { problemsIn } from './lifecycle-messages.js';
import { nowIso, type ProgressKeeper } from './progress.js';
import { createQuestions, type Questions } from './questions.js';

export interface RolloutMessages {
  readonly approvals: Approval[];
  readonly aborted: Abort | null;
  /** Asks people and waits for enough approvals, one refusal, or the expiry. */
  ask: Questions['ask'];
}

const refuse = (message: string): never => {
  throw ApplicationFailure.nonRetryable(message, 'Refused');
};

/** Sets up everything a rollout answers to. Call it before the first await. */
export function receiveRolloutMessages({
  input,
  progress,
}: {
  input: RolloutInput;
  progress: ProgressKeeper;
}): RolloutMessages {
  const { unsigned, signed, roles } = input.rollout.approval;
  const questions = createQuestions({ input, progress });
  let aborted: Abort | null = null;

  const record = (answer: Omit<Approval, 'at'>): void => {
    if (questions.answers().some((one) => samePerson(one.by, answer.by) && one.decision === answer.decision)) return;
    questions.approvals.push({ ...answer, at: nowIso() });
  };
  const check = (by: string, evidenceDigest: string): void => {
    const { asked } = questions;
    if (!asked) return refuse(`${input.releaseId} waits for no decision now; its stage is ${progress.current.stage}`);
    if (asked.evidenceDigest !== evidenceDigest)
      return refuse(
        `evidence digest ${evidenceDigest} is not the one to decide on, ${asked.evidenceDigest}; read the report again`,
      );
    if (input.requestedBy.some((one) => samePerson(one, by)))
      return refuse(`${by} requested ${input.releaseId} and so can't decide on it`);
  };

  /** The roles that a token proves; refuses one that proves nobody or nobody who may decide. */
  async function rolesOf({
    token,
    ...answer
  }: Pick<Approval, 'by' | 'decision' | 'evidenceDigest'> & { token: string }) {
    const { by, decision, evidenceDigest } = answer;
    const { verifyApprover } = activitiesFor({
      profile: 'briefCall',
      queue: 'orchestration',
      summary: `who answers as ${by}`,
    });
    const proven = await verifyApprover({
      token,
      by,
      answer: { releaseId: input.releaseId, decision, evidenceDigest },
    });
    if ('problem' in proven) return refuse(proven.problem);
    if (!proven.roles.some((role) => roles.includes(role)))
      return refuse(`${by} is ${proven.roles.join(', ')}; approval.roles asks for ${roles.join(' or ')}`);
    // The question may have changed while the token was checked.
    check(by, evidenceDigest);
    return proven.roles;
  }

  setHandler(
    rolloutMessages.decide,
    async (message) => {
      const { token, ...answer } = decideSchema.parse(message);
      if (token === undefined) record({ ...answer, channel: 'update' });
      else record({ ...answer, channel: 'signedUpdate', roles: await rolesOf({ ...answer, token }) });
      return { approvals: questions.approved(), required: questions.asked?.required ?? 0 };
    },
    {
      validator: (message: Decide) => {
        const parsed = decideSchema.safeParse(message);
        if (!parsed.success) return refuse(problemsIn(parsed.error));
        check(parsed.data.by, parsed.data.evidenceDigest);
        if (signed && parsed.data.token === undefined)
          refuse('approval.signed asks for an approver token; set UNDERSTUDY_APPROVER_TOKEN to the one you were given');
      },
    },
  );
  async function takeSignal(message: unknown): Promise<void> {
    const parsed = approvePromotionSchema.safeParse(message);
    if (!parsed.success) return refuse('expected {"by": "<name>", "evidenceDigest": "<digest>", "token": "<token>"}');
    const { by, token } = parsed.data;
    const answer = {
      by,
      decision: 'approve' as const,
      reason: '',
      evidenceDigest: parsed.data.evidenceDigest ?? questions.asked?.evidenceDigest ?? '',
    };
    if (token !== undefined) {
      check(by, answer.evidenceDigest);
      return record({ ...answer, channel: 'signedSignal', roles: await rolesOf({ ...answer, token }) });
    }
    if (!unsigned || signed)
      return refuse(
        'a bare signal proves no identity and approval.unsigned is false; use `understudy approve`, or a token of `understudy token --for`',
      );
    const halts = questions.asked?.halts ?? [];
    if (halts.length > 0)
      return refuse(
        `a bare signal proves no identity and a person has to look at it; use \`understudy approve\`: ${halts.join('; ')}`,
      );
    check(by, answer.evidenceDigest);
    record({ ...answer, channel: 'unsignedSignal' });
  }
  setHandler(rolloutMessages.approvePromotion, async (message) => {
    await takeSignal(message).catch((error: unknown) =>
      log.warn('approvePromotion refused', { reason: (error as Error).message }),
    );
  });
  const takeAbort = (message: Abort): void => {
    aborted ??= message;
  };
  setHandler(rolloutMessages.abort, (message) => {
    const parsed = abortSchema.safeParse(message);
    if (parsed.success) takeAbort(parsed.data);
    else log.warn('abort refused', { reason: 'expected {"by": "<name>", "reason": "<why>"}' });
  });
  setHandler(rolloutMessages.abortUpdate, (message) => takeAbort(abortSchema.parse(message)), {
    validator: (message) => {
      if (!abortSchema.safeParse(message).success) refuse('expected {"by": "<name>", "reason": "<why>"}');
    },
  });
  setHandler(rolloutMessages.progress, () => progress.current);

  return {
    approvals: questions.approvals,
    get aborted() {
      return aborted;
    },
    ask: questions.ask,
  };
}
