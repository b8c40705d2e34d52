import { ApplicationFailure, condition, setHandler, log } from '@temporalio/workflow';
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
import { milliseconds } from '../domain/spec/quantities.js';
import { nowIso, type ProgressKeeper } from './progress.js';

/** A question put to people: what it is about, which evidence the answer signs, how many must agree, until when. */
interface Question {
  evidenceDigest: string;
  required: number;
  expiresAt: number | null;
  /** Answers before this one answered another question, even one about the same evidence. */
  since: number;
  /** Why only a person who is known decides; empty where nothing asks for that. */
  halts: string[];
}

export type Answer = { kind: 'approved' } | { kind: 'rejected'; reason: string } | { kind: 'expired'; reason: string };

export interface RolloutMessages {
  readonly approvals: Approval[];
  readonly aborted: Abort | null;
  /** Asks people and waits for enough approvals, one refusal, or the expiry. */
  ask(input: {
    what: string;
    evidenceDigest: string;
    required: number;
    expires: string | null;
    /** Why only a person who is known decides. */
    halts?: string[];
  }): Promise<Answer>;
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
  const approvals: Approval[] = [];
  let question: Question | null = null;
  let aborted: Abort | null = null;

  const answers = (): Approval[] =>
    approvals.slice(question?.since ?? 0).filter((one) => one.evidenceDigest === question?.evidenceDigest);
  const approved = (): number => answers().filter((one) => one.decision === 'approve').length;
  const record = (answer: Omit<Approval, 'at'>): void => {
    if (answers().some((one) => samePerson(one.by, answer.by) && one.decision === answer.decision)) return;
    approvals.push({ ...answer, at: nowIso() });
  };
  const check = (by: string, evidenceDigest: string): void => {
    if (!question)
      return refuse(`${input.releaseId} waits for no decision now; its stage is ${progress.current.stage}`);
    if (question.evidenceDigest !== evidenceDigest)
      return refuse(
        `evidence digest ${evidenceDigest} is not the one to decide on, ${question.evidenceDigest}; read the report again`,
      );
    if (input.requestedBy.some((one) => samePerson(one, by)))
      return refuse(`${by} requested ${input.releaseId} and so can't decide on it`);
  };

  setHandler(
    rolloutMessages.decide,
    (message) => {
      record({ ...decideSchema.parse(message), channel: 'update' });
      return { approvals: approved(), required: question?.required ?? 0 };
    },
    {
      validator: (message: Decide) => {
        const parsed = decideSchema.safeParse(message);
        if (!parsed.success)
          refuse(parsed.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; '));
        else check(parsed.data.by, parsed.data.evidenceDigest);
      },
    },
  );
  setHandler(rolloutMessages.approvePromotion, (message) => {
    const parsed = approvePromotionSchema.safeParse(message);
    try {
      if (!parsed.success) return refuse('expected {"by": "<name>", "evidenceDigest": "<digest>"}');
      if (!input.rollout.approval.unsigned)
        return refuse('a bare signal proves no identity and approval.unsigned is false; use `understudy approve`');
      if (question && question.halts.length > 0)
        return refuse(
          `a bare signal proves no identity and a person has to look at it; use \`understudy approve\`: ${question.halts.join('; ')}`,
        );
      const evidenceDigest = parsed.data.evidenceDigest ?? question?.evidenceDigest ?? '';
      check(parsed.data.by, evidenceDigest);
      record({ by: parsed.data.by, decision: 'approve', evidenceDigest, reason: '', channel: 'unsignedSignal' });
    } catch (error) {
      log.warn('approvePromotion refused', { reason: (error as Error).message });
    }
  });
  const takeAbort = (message: Abort): void => {
    aborted ??= message;
  };
  setHandler(rolloutMessages.abort, (message) => {
    const parsed = abortSchema.safeParse(message);
    if (parsed.success) takeAbort(parsed.data);
    else log.warn('abort refused', { reason: 'expected {"by": "<name>", "reason": "<why>"}' });
  });
  setHandler(rolloutMessages.abortUpdate, takeAbort, {
    validator: (message) => {
      if (!abortSchema.safeParse(message).success) refuse('expected {"by": "<name>", "reason": "<why>"}');
    },
  });
  setHandler(rolloutMessages.progress, () => progress.current);

  return {
    approvals,
    get aborted() {
      return aborted;
    },
    ask: async ({ what, evidenceDigest, required, expires, halts = [] }) => {
      const until = expires === null ? null : Date.now() + milliseconds(expires);
      question = { evidenceDigest, required, expiresAt: until, since: approvals.length, halts };
      const signal = input.rollout.approval.unsigned && halts.length === 0;
      const bySignal = signal ? ', or the signal `approvePromotion` with {"by": "NAME"}' : '';
      progress.update({
        waiting: {
          for: what,
          how: `\`understudy approve ${input.releaseId} --by NAME --digest ${evidenceDigest}\`, or \`understudy reject\` with a reason${bySignal}`,
          evidenceDigest,
          until: until === null ? null : new Date(until).toISOString(),
        },
      });
      const refusal = (): Approval | undefined => answers().find((one) => one.decision === 'reject');
      const enough = (): boolean => approved() >= required;
      const answered = (): boolean => refusal() !== undefined || enough();
      try {
        const inTime =
          until === null
            ? await condition(answered).then(() => true)
            : await condition(answered, until - Date.now(), { summary: 'the approval expires' });
        const no = refusal();
        if (no) return { kind: 'rejected', reason: `refused by ${no.by}: ${no.reason}` };
        if (!inTime)
          return {
            kind: 'expired',
            reason: `${approved()} of ${required} approvals by ${new Date(until!).toISOString()}`,
          };
        return { kind: 'approved' };
      } finally {
        question = null;
        progress.update({ waiting: null });
      }
    },
  };
}
