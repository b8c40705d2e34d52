import type { RolloutInput } from '../contracts/release.js';
import { ownerName, type Cause } from '../domain/audit/cause.js';
import { cutText } from '../domain/cut-text.js';
import type { ApprovalEvidence } from './approval.js';

/** Bytes of why a rollout ended, in a traffic plan that says so; the whole of it stands in the record. */
const mostWhy = 2500;

/** Why a rollout changes traffic and aliases, for the audit log. */
export interface RolloutCause {
  /** On what evidence, and who asked for it: whoever has stopped the rollout, else the rollout itself. */
  now(): Cause;
  /** Follows the reason of what is undone; empty until the rollout ends. */
  readonly why: string;
  /** It ends other than promoted; `by` is the person who stopped it. */
  ends(ending: { reasons: readonly string[]; by: string | null }): void;
}

export function keepCause({
  input: { owner, releaseId },
  evidence,
}: {
  input: RolloutInput;
  evidence: { readonly current: ApprovalEvidence };
}): RolloutCause {
  let actor = ownerName(owner);
  let why = '';
  return {
    now: () => ({ actor, releaseId, evidenceDigest: evidence.current.digest }),
    get why() {
      return why;
    },
    ends: ({ reasons, by }) => {
      why = cutText({ text: `: ${reasons.join('; ')}`, bytes: mostWhy });
      actor = by ?? actor;
    },
  };
}
