import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { EvaluationView } from '../../../domain/report/evaluation-view.js';
import { CannotRun, type Result } from '../command-context.js';

export const formats = ['text', 'json', 'github', 'junit', 'html'] as const;
export type Format = (typeof formats)[number];

/** What `--json` prints of an evaluation. */
function dataOf({ id, gates, word: _word, tone: _tone, ...view }: EvaluationView) {
  const { model, candidate, against, verdict, golden, attempt, judged, judging, flags, leftOut } = view;
  const slices = view.report?.slices ?? [];
  return {
    ...{ evaluation: id, model, candidate, against, verdict },
    verdicts: gates.map(({ tone: _gateTone, ...gate }) => gate),
    ...{
      flags,
      slices,
      golden,
      attempt,
      judged,
      judging,
      leftOut,
      seed: view.seed,
      evidenceDigest: view.evidenceDigest,
    },
  };
}

async function written({ view, format }: { view: EvaluationView; format: Format }): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('../../../report/evaluation-text.js')).evaluationText(view);
    case 'json':
      return JSON.stringify(dataOf(view));
    case 'github':
      return (await import('../../../report/evaluation-markdown.js')).evaluationMarkdown(view);
    case 'junit':
      return (await import('../../../report/evaluation-junit.js')).evaluationJunit(view);
    case 'html':
      return (await import('../../../report/render-evaluation.js')).renderEvaluation(view);
  }
}

/** An evaluation in the format asked for, on standard output or in a file; then the text is what is printed. */
export async function evaluationResult({
  view,
  format,
  out,
}: {
  view: EvaluationView;
  format: Format;
  out: string | undefined;
}): Promise<Result> {
  const body = await written({ view, format });
  const result = { code: view.verdict === 'pass' ? 0 : 1, data: dataOf(view) } as const;
  if (out === undefined) return { ...result, text: body.trimEnd() };
  const file = resolve(out);
  await writeFile(file, body.endsWith('\n') ? body : `${body}\n`).catch((error: unknown) => {
    throw new CannotRun(`--out ${file} can't be written: ${(error as Error).message}`);
  });
  const text = await written({ view, format: 'text' });
  return { ...result, text: `${text}\n${format}: ${file}` };
}
