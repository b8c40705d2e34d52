import type { Progress } from '../../../contracts/release.js';
import type { VerdictKind } from '../../../domain/release/verdict.js';

export const verdictMarks: Record<VerdictKind, string> = { pass: '✓', fail: '✗', inconclusive: '?', unmeasured: '-' };

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** What is worth a line between two states of a release; nothing where a reader would learn nothing. */
export function narrate({ before, now }: { before: Progress | null; now: Progress }): string[] {
  const lines: string[] = [];
  if (before?.stage !== now.stage) lines.push(`${now.releaseId}: ${now.stage}`);
  if (now.share !== (before?.share ?? 0)) lines.push(`${now.releaseId}: ${percent(now.share)} of the users on it`);
  const known = new Set(before?.verdicts.map((one) => `${one.gate} ${one.verdict}`));
  for (const { gate, verdict, reason } of now.verdicts)
    if (!known.has(`${gate} ${verdict}`)) lines.push(`  ${verdictMarks[verdict]} ${gate}: ${verdict} (${reason})`);
  if (now.waiting !== null && before?.waiting?.for !== now.waiting.for)
    lines.push(`${now.releaseId} waits for ${now.waiting.for}`);
  return lines;
}
