import type { ReportInput } from './report-input.js';

/**
 * What this release does not show, in plain sentences: gates without data, parts that were never reached, comparisons
 * that had no other side, and overlays that loosened the spec.
 */
export function notMeasured({ record, evaluation, training, canary }: ReportInput): string[] {
  const said: string[] = [];
  for (const { gate, reason, informs } of record.verdicts.filter(({ verdict }) => verdict === 'unmeasured'))
    said.push(
      informs ? `The preset promises a metric that was left out. ${reason}` : `Gate ${gate} has no data: ${reason}`,
    );
  if (evaluation === null) said.push('Offline quality was not measured: no evaluation was finished.');
  else {
    if (evaluation.metrics.every(({ champion }) => champion === null))
      said.push('There was no champion to compare with: only absolute limits and the baseline were held against it.');
    if (evaluation.metrics.every(({ baseline }) => baseline === null))
      said.push('No baseline was measured, so a simple rule may do as well.');
    if (evaluation.slices.length === 0) said.push('No slice was compared, so harm to a small group may be hidden.');
  }
  if (record.kind !== 'training')
    said.push(`Nothing was trained: a ${record.kind} release keeps the adapter it found.`);
  else if (training === null)
    said.push('Training left no curves: it was not reached or its metrics could not be read.');
  else if (training.validationLoss.length === 0) said.push('Loss on held-out rows was not measured during training.');
  if (canary === null || canary.looks.length === 0) {
    said.push(
      record.champion === null && record.outcome === 'promoted'
        ? 'There was no canary: the first release has no champion to share users with, so only absolute limits watched it.'
        : 'There was no canary: no user was served by it step by step.',
    );
  }
  if (record.codeCommit === null) said.push('The commit of the code that ran is unknown.');
  for (const overlay of record.overlays)
    said.push(`The overlay ${overlay} replaced parts of the spec; its limits are not those of production.`);
  return said;
}
