import type { Progress } from '../../../contracts/release.js';
import type { Stage } from '../../../domain/release/kinds.js';
import type { VerdictKind } from '../../../domain/release/verdict.js';

export const verdictMarks: Record<VerdictKind, string> = { pass: '✓', fail: '✗', inconclusive: '?', unmeasured: '-' };

/** Stages in which users are on the release. */
export const liveStages: ReadonlySet<Stage> = new Set<Stage>(['canary', 'promote', 'bake']);

/** What was said of a release already, so that nothing is said twice. */
export type Told = Set<string>;

const leftOut = 'left out ';
const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

/** A line for each verdict, and one for all that the preset leaves out. */
export function verdictLines(verdicts: Progress['verdicts']): string[] {
  const without = verdicts.filter(({ gate }) => gate.startsWith(leftOut));
  const names = without.map(({ gate }) => gate.slice(leftOut.length)).join(', ');
  return [
    ...verdicts
      .filter((one) => !without.includes(one))
      .map(({ gate, verdict, reason }) => `  ${verdictMarks[verdict]} ${gate}: ${verdict} (${reason})`),
    ...(without.length > 0 ? [`  ${verdictMarks.unmeasured} left out: ${names} (the report says why)`] : []),
  ];
}

/** The verdicts that were not told, which count as told from now on. */
export const untold = ({ verdicts, told }: { verdicts: Progress['verdicts']; told: Told }): Progress['verdicts'] =>
  verdicts.filter(({ gate, verdict }) => {
    const key = `${gate} ${verdict}`;
    return !told.has(key) && told.add(key);
  });

/** What is worth a line between two states of a release; nothing where a reader would learn nothing. */
export function narrate({ before, now, told }: { before: Progress | null; now: Progress; told: Told }): string[] {
  const { releaseId, stage, share, verdicts, waiting } = now;
  return [
    ...(before?.stage === stage ? [] : [`${releaseId}: ${stage}`]),
    // In other stages nobody has said how many there are.
    ...(liveStages.has(stage) && share !== (before?.share ?? 0)
      ? [`${releaseId}: ${percent(share)} of the users on it`]
      : []),
    ...verdictLines(untold({ verdicts, told })),
    ...(waiting !== null && before?.waiting?.for !== waiting.for ? [`${releaseId} waits for ${waiting.for}`] : []),
  ];
}
