import type { Verdict, VerdictKind } from '../release/verdict.js';
import { concludeEvaluation } from './conclude-evaluation.js';
import { evidenceDigestOf, type SignedEvidence } from './evidence-digest.js';

/** Something that was recorded and does not come out again. */
export interface Difference {
  /** Such as `superior tokenF1: bound`. */
  what: string;
  recorded: string | number | null;
  recomputed: string | number | null;
}

export interface Recomputed {
  verdict: VerdictKind;
  evidenceDigest: string;
  differences: Difference[];
}

const fields = ['verdict', 'value', 'bound', 'limit', 'n', 'reason'] as const satisfies readonly (keyof Verdict)[];

/**
 * Repeats a recorded decision from its raw scores, by the rules and the seed it was made with, and names everything that
 * comes out otherwise. Numbers are compared bit for bit.
 */
export function recomputeDecision({
  recorded,
  from,
}: {
  recorded: SignedEvidence & { verdict: VerdictKind };
  /** What it was made from, but for seed and rules, which are the record's. */
  from: Omit<Parameters<typeof concludeEvaluation>[0], 'seed' | 'rules'>;
}): Recomputed {
  const { seed, rules, inputs } = recorded;
  const { verdict, verdicts } = concludeEvaluation({ ...from, seed, rules: rules ?? 1 });
  const differences = differencesOf({ recorded: recorded.verdicts, recomputed: verdicts });
  if (verdict !== recorded.verdict)
    differences.push({ what: 'verdict', recorded: recorded.verdict, recomputed: verdict });
  const evidenceDigest = evidenceDigestOf({ inputs, verdicts, seed, rules });
  return { verdict, evidenceDigest, differences };
}

/** Each gate that is missing on one side, and each of its fields that is not the same, bit for bit. */
export function differencesOf({
  recorded,
  recomputed,
}: {
  recorded: readonly Verdict[];
  recomputed: readonly Verdict[];
}): Difference[] {
  const gates = [...new Set([...recorded, ...recomputed].map((one) => one.gate))];
  return gates.flatMap((gate) => {
    const [before, after] = [recorded, recomputed].map((all) => all.find((one) => one.gate === gate));
    if (!before || !after)
      return [
        { what: gate, recorded: before?.verdict ?? 'no such gate', recomputed: after?.verdict ?? 'no such gate' },
      ];
    return fields.flatMap((field) =>
      Object.is(before[field], after[field])
        ? []
        : [{ what: `${gate}: ${field}`, recorded: before[field], recomputed: after[field] }],
    );
  });
}
