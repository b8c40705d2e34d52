import { condition, log, patched } from '@temporalio/workflow';
import type { Approval, RolloutInput } from '../contracts/release.js';
import { milliseconds } from '../domain/spec/quantities.js';
import { activitiesFor } from './activity-options.js';
import { auditAnswers } from './audited-answers.js';
import type { ProgressKeeper } from './progress.js';
import { rootMessage } from './root-message.js';

/** A question put to people: what it is about, which evidence the answer signs, how many must agree, until when. */
export interface Question {
  what: string;
  evidenceDigest: string;
  required: number;
  /** Answers before this one answered another question, even one about the same evidence. */
  since: number;
  /** Why only a person who is known decides; empty where nothing asks for that. */
  halts: string[];
}

export type Answer = { kind: 'approved' } | { kind: 'rejected'; reason: string } | { kind: 'expired'; reason: string };

export interface Questions {
  /** Every answer of the release, to whatever question. */
  readonly approvals: Approval[];
  /** Null while nothing is asked. */
  readonly asked: Question | null;
  /** Answers to the question that is asked. */
  answers(): Approval[];
  /** How many of them approve. */
  approved(): number;
  /** Asks people and waits for enough approvals, one refusal, or the expiry; reminds them while nobody answers. */
  ask: (input: {
    what: string;
    evidenceDigest: string;
    required: number;
    /** Null is never. */
    expires: string | null;
    halts?: string[];
  }) => Promise<Answer>;
}

/** The questions of one rollout, one at a time. */
export function createQuestions({
  input: { releaseId, model, rollout },
  progress,
}: {
  input: RolloutInput;
  progress: ProgressKeeper;
}): Questions {
  const approvals: Approval[] = [];
  let asked: Question | null = null;
  const answers = (): Approval[] =>
    approvals.slice(asked?.since ?? 0).filter((one) => one.evidenceDigest === asked?.evidenceDigest);
  const approved = (): number => answers().filter((one) => one.decision === 'approve').length;

  return {
    approvals,
    get asked() {
      return asked;
    },
    answers,
    approved,
    ask: async ({ what, evidenceDigest, required, expires, halts = [] }) => {
      const until = expires === null ? null : Date.now() + milliseconds(expires);
      const question: Question = { what, evidenceDigest, required, since: approvals.length, halts };
      asked = question;
      let given: Approval[] = [];
      const { unsigned, signed } = rollout.approval;
      const signal = unsigned && !signed && halts.length === 0;
      const bySignal = signal ? ', or the signal `approvePromotion` with {"by": "NAME"}' : '';
      progress.update({
        waiting: {
          for: what,
          how: `\`understudy approve ${releaseId} --by NAME --digest ${evidenceDigest}\`, or \`understudy reject\` with a reason${bySignal}`,
          evidenceDigest,
          until: until === null ? null : new Date(until).toISOString(),
        },
      });
      const refusal = (): Approval | undefined => answers().find((one) => one.decision === 'reject');
      const answered = (): boolean => refusal() !== undefined || approved() >= required;
      try {
        const inTime = await wait({ question, answered, until });
        given = answers();
        const no = refusal();
        if (no) return { kind: 'rejected', reason: `refused by ${no.by}: ${no.reason}` };
        if (!inTime)
          return {
            kind: 'expired',
            reason: `${approved()} of ${required} approvals by ${new Date(until!).toISOString()}`,
          };
        return { kind: 'approved' };
      } finally {
        // What comes from here on answers no question.
        asked = null;
        progress.update({ waiting: null });
        await auditAnswers({ model, releaseId, approvals: given });
      }
    },
  };

  /** Whether it was answered before the expiry. */
  async function wait({
    question,
    answered,
    until,
  }: {
    question: Question;
    answered: () => boolean;
    until: number | null;
  }): Promise<boolean> {
    // Rollouts of 0.1.0 reminded nobody.
    const every = patched('approval-reminders') ? milliseconds(rollout.approval.remindEvery) : null;
    for (let reminders = 1; ; reminders += 1) {
      const left = until === null ? null : until - Date.now();
      if (every === null || (left !== null && left <= every)) {
        if (left === null) return await condition(answered).then(() => true);
        return await condition(answered, left, { summary: 'the approval expires' });
      }
      if (await condition(answered, every, { summary: 'people are reminded' })) return true;
      await remind({ question, reminders, until });
    }
  }

  async function remind({
    question: { what, evidenceDigest, required },
    reminders,
    until,
  }: {
    question: Question;
    reminders: number;
    until: number | null;
  }): Promise<void> {
    const { sendNotification } = activitiesFor({
      profile: 'briefCall',
      queue: 'orchestration',
      summary: 'remind people of the question',
    });
    const ends = until === null ? '' : `; it expires at ${new Date(until).toISOString()}`;
    await sendNotification({
      ...{ key: `${releaseId}/reminder-${evidenceDigest}-${reminders}`, severity: 'warning', model, releaseId },
      title: `${releaseId} still waits for ${what}`,
      body: `${approved()} of ${required} approvals${ends}`,
    }).catch((error: unknown) => log.error('nobody was reminded', { error: rootMessage(error) }));
  }
}
