import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { searchAttributes } from '../contracts/names.js';
import type { Progress } from '../contracts/release.js';
import type { Stage } from '../domain/release/kinds.js';
import type { VerdictKind } from '../domain/release/verdict.js';
import { showDetails } from './shown-text.js';

/** The time as workflow code may read it. */
export const nowIso = (): string => new Date().toISOString();

const marks: Record<VerdictKind, string> = { pass: '✔', fail: '✘', inconclusive: '?', unmeasured: '–' };

/** The status of a release as an operator reads it in the Temporal UI; `evidence` is what a decision rests on. */
export function progressMarkdown({ progress, evidence }: { progress: Progress; evidence: string[] }): string {
  const lines = [`### ${progress.releaseId}: ${progress.stage}`, `since ${progress.since}`];
  if (progress.share > 0) lines.push(`challenger share: **${(progress.share * 100).toFixed(1)} %**`);
  if (progress.waiting) {
    const { for: what, how, evidenceDigest, until } = progress.waiting;
    lines.push(`**Waits for ${what}.** ${how}`);
    if (evidenceDigest && !how.includes(evidenceDigest)) lines.push(`Evidence: \`${evidenceDigest}\``);
    if (until) lines.push(`Until ${until}`);
  }
  if (progress.waiting && evidence.length > 0)
    lines.push('What the evaluation found:', evidence.map((line) => `- ${line}`).join('\n'));
  if (progress.verdicts.length > 0) {
    lines.push('| gate | verdict | reason |', '|---|---|---|');
    for (const { gate, verdict, reason } of progress.verdicts)
      lines.push(`| ${gate} | ${marks[verdict]} ${verdict} | ${reason.replaceAll('|', '\\|')} |`);
  }
  return lines
    .map((line, index) => (line.startsWith('|') && lines[index + 1]?.startsWith('|') ? line : `${line}\n`))
    .join('\n');
}

export interface ProgressKeeper {
  readonly current: Progress;
  /** Enters a stage: search attribute, UI details and query answer together. */
  enter(stage: Stage): void;
  update(change: Partial<Progress>): void;
  /** Shows the verdict of its evaluation as a search attribute from the next stage on. */
  judged(verdict: VerdictKind): void;
  /** What people read beside the question while the workflow waits for them. */
  explain(evidence: string[]): void;
}

/** Keeps what a workflow shows of itself. */
export function keepProgress({ releaseId, model }: { releaseId: string; model: string }): ProgressKeeper {
  let current: Progress = {
    releaseId,
    model,
    stage: 'opening',
    since: nowIso(),
    verdicts: [],
    waiting: null,
    share: 0,
    evidenceDigest: null,
  };
  let evidence: string[] = [];
  let verdict: VerdictKind | null = null;
  // Whoever starts a workflow may say where it begins: an upsert costs the server a write.
  let startedIn = workflowInfo().typedSearchAttributes.get(searchAttributes.stage);
  const show = (): void => showDetails(progressMarkdown({ progress: current, evidence }));
  return {
    get current() {
      return current;
    },
    enter: (stage) => {
      current = { ...current, stage, since: nowIso(), waiting: null };
      if (stage !== startedIn)
        upsertSearchAttributes([
          { key: searchAttributes.stage, value: stage },
          ...(verdict === null ? [] : [{ key: searchAttributes.verdict, value: verdict }]),
        ]);
      startedIn = undefined;
      show();
    },
    update: (change) => {
      current = { ...current, ...change };
      show();
    },
    judged: (found) => {
      verdict = found;
    },
    explain: (lines) => {
      evidence = lines;
      show();
    },
  };
}
