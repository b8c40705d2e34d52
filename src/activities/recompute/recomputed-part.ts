import type { Difference } from '../../domain/evaluation/recompute.js';
import type { VerdictKind } from '../../domain/release/verdict.js';

/** One decision of a release, made again from what it left. */
export interface RecomputedPart {
  /** Such as `shadow`, `guards` or `step at revision 5`. */
  part: string;
  verdict: VerdictKind;
  /** What it was made from, for people. */
  from: string;
  /** Everything that comes out otherwise, bit for bit. */
  differences: Difference[];
  /** Gates taken as they were recorded: they rest on what was true for a moment only, such as the age of telemetry. */
  asRecorded: string[];
}
