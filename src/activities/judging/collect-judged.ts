import { auditOf } from '../../domain/evaluation/judge/tiers.js';
import type { Score } from '../../domain/evaluation/scorer.js';
import { encoded } from '../stored-json.js';
import type { JudgedArm, JudgedCase } from './judge-one-case.js';
import type { Task } from './judge-tasks.js';
import type { JudgedRow, Judging } from './judged-file.js';

/** What was judged, in the order of the tasks whenever each was done. */
export interface CollectedJudgements {
  add(input: { index: number; task: Pick<Task, 'one' | 'rubric'>; result: JudgedCase }): void;
  /** `judged.jsonl`. */
  rows(): Uint8Array;
  summary(): Pick<Judging, 'unmeasured' | 'strong' | 'audit'>;
}

/** Keeps each judgement as the lines it will be: as objects they take several times the memory. */
export function collectJudged({ count }: { count: number }): CollectedJudgements {
  const lines = new Array<string>(count);
  const strong = new Map<number, { metric: string } & NonNullable<JudgedCase['strong']>>();
  let unmeasured = 0;
  return {
    add({ index, task: { one, rubric }, result: { scores, strong: second } }) {
      const rows = (Object.entries(scores) as [JudgedArm, Score][]).map(([arm, score]): JudgedRow => ({
        arm,
        id: one.id,
        cluster: one.cluster,
        tags: one.tags,
        metric: rubric.metric,
        score: score.score,
        reason: score.reason,
        details: score.details,
      }));
      lines[index] = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
      unmeasured += rows.filter(({ score }) => score === null).length;
      if (second !== null) strong.set(index, { metric: rubric.metric, ...second });
    },
    rows: () => encoded(lines),
    summary: () => ({
      unmeasured,
      ...tiersOf([...strong].sort(([one], [other]) => one - other).map(([, one]) => one)),
    }),
  };
}

function tiersOf(
  seen: readonly ({ metric: string } & NonNullable<JudgedCase['strong']>)[],
): Pick<Judging, 'strong' | 'audit'> {
  const strong: Record<string, number> = {};
  const pairs = new Map<string, { cheap: number | null; strong: number | null }[]>();
  for (const { metric, reason, pairs: both } of seen) {
    strong[reason] = (strong[reason] ?? 0) + 1;
    if (reason === 'audit') pairs.set(metric, [...(pairs.get(metric) ?? []), ...both]);
  }
  return { strong, audit: Object.fromEntries([...pairs].map(([metric, both]) => [metric, auditOf(both)])) };
}
