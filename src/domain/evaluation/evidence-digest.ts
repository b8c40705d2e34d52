import { digestOf } from '../release/evidence.js';
import type { Rules } from '../release/rules.js';
import type { Verdict } from '../release/verdict.js';

/** The part of an evaluation's evidence that an approval signs. */
export interface SignedEvidence {
  /** Digests of everything that was looked at. */
  inputs: Readonly<Record<string, string | null>>;
  verdicts: readonly Verdict[];
  seed: number;
  /** Absent in what version 0.1.0 recorded. */
  rules?: Rules | undefined;
}

/** The digest that an approval names: of all inputs, all verdicts with their reasons, the seed and the rules. */
export const evidenceDigestOf = ({ inputs, verdicts, seed, rules }: SignedEvidence): string =>
  digestOf({ ...inputs, verdicts, seed, ...(rules !== undefined && { rules }) });
