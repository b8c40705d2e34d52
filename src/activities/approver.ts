import { readBoundToken, type BoundAnswer } from '../domain/release/approver-token.js';
import { systemClock, type Clock } from './clock.js';

/** Whether a token proves who has answered; `problem` says why it does not. */
export type VerifiedApprover = { roles: string[] } | { problem: string };

/** Checks approver tokens, for which a workflow has no key. */
export function createApproverActivities({
  approverKey,
  clock = systemClock,
}: {
  /** Null where none is set: then no token proves anything. */
  approverKey: string | null;
  clock?: Clock;
}) {
  return {
    async verifyApprover({
      token,
      by,
      answer,
    }: {
      token: string;
      by: string;
      answer: BoundAnswer;
    }): Promise<VerifiedApprover> {
      if (approverKey === null)
        return { problem: 'the worker can check no token: set UNDERSTUDY_APPROVER_KEY for the workers' };
      const read = readBoundToken({ token, key: approverKey, by, answer, now: clock.now() });
      return 'problem' in read ? read : { roles: read.claims.roles };
    },
  };
}
