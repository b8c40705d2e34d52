import { costOf, type TokenPrice } from '../../evaluation/judge/budget.js';
import type { ShadowRow } from './shadow-row.js';

/** One arm's figures over all pairs, repeated ones included. Latency in milliseconds, null where no pair has one. */
export interface ArmFigures {
  pairs: number;
  errors: Record<string, number>;
  empty: number;
  refusals: number;
  latencyP50: number | null;
  latencyP95: number | null;
  promptTokens: number;
  completionTokens: number;
  /** US dollars; null where the spec names no price. */
  costUsd: number | null;
}

/** The smallest value that a share of all values does not exceed. */
export function quantileOf({ values, share }: { values: readonly number[]; share: number }): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** What both releases did with the same requests. */
export function shadowFigures({ rows, price }: { rows: readonly ShadowRow[]; price: TokenPrice | null }): {
  champion: ArmFigures;
  challenger: ArmFigures;
} {
  const of = (arm: 'champion' | 'challenger'): ArmFigures => {
    const facts = rows.map((row) => row[arm]);
    const errors: Record<string, number> = {};
    for (const { error } of facts) if (error !== null) errors[error] = (errors[error] ?? 0) + 1;
    // Only pairs with both latencies, so that both arms speak of the same requests.
    const values = rows.flatMap(({ champion, challenger }) =>
      champion.latencyMs === null || challenger.latencyMs === null || challenger.error !== null
        ? []
        : [(arm === 'champion' ? champion : challenger).latencyMs!],
    );
    const promptTokens = facts.reduce((sum, one) => sum + one.promptTokens, 0);
    const completionTokens = facts.reduce((sum, one) => sum + one.completionTokens, 0);
    return {
      pairs: rows.length,
      errors,
      empty: facts.filter((one) => one.empty).length,
      refusals: facts.filter((one) => one.refused).length,
      latencyP50: quantileOf({ values, share: 0.5 }),
      latencyP95: quantileOf({ values, share: 0.95 }),
      promptTokens,
      completionTokens,
      costUsd: price && costOf({ price, promptTokens, completionTokens }),
    };
  };
  return { champion: of('champion'), challenger: of('challenger') };
}
