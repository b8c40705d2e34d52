import type { EvaluationView, JudgingSummary } from '../domain/report/evaluation-view.js';
import { formatCount, formatDifference, formatNumber, formatUsd } from '../domain/report/format.js';
import type { Tone } from '../domain/report/verdict-sentence.js';
import { html, type Markup } from './html.js';
import { badge, section } from './page.js';

const tones: Readonly<Record<string, Tone>> = { calibrated: 'good', allowed: 'warning', informs: 'neutral' };

const auditOf = ({ audit }: JudgingSummary, metric: string): string => {
  const seen = audit[metric];
  return seen === undefined || seen.meanDifference === null
    ? '–'
    : `${formatDifference(seen.meanDifference)} on average, ${formatNumber(seen.meanDistance ?? 0)} apart, ${formatCount(seen.cases)} answers`;
};

/** What may be made of the judge, by metric, and what it cost; null where nothing was judged. */
export function evaluationJudgeSection({
  judged,
  judging,
  report,
}: Pick<EvaluationView, 'judged' | 'judging' | 'report'>): Markup | null {
  if (judging === null) return null;
  const jury = new Map(report?.jury?.map((one) => [one.metric, one]));
  const agreed = (metric: string): string => {
    const one = jury.get(metric);
    return one === undefined ? '–' : `${formatNumber(one.agreement)} on average, ${formatCount(one.answers)} answers`;
  };
  const { judge, calls, cached, spentUsd, capUsd, cases, unmeasured, strong } = judging;
  const seen = Object.entries(strong).map(
    ([reason, count]) =>
      `${formatCount(count)} (${reason === 'audit' ? 'to check the first' : 'where the first was unsure'})`,
  );
  return section({
    title: 'Judge',
    lead: `${judge} scored ${formatCount(cases)} cases with ${formatCount(calls)} calls and ${formatCount(cached)} answers from the cache, for ${formatUsd(spentUsd)} of ${formatUsd(capUsd)}; ${formatCount(unmeasured)} scores are unmeasured.${seen.length === 0 ? '' : ` The strong judge saw ${seen.join(' and ')}.`}`,
    body: html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Metric</th>
            <th>Standing</th>
            ${jury.size === 0 ? null : html`<th>Agreement of the jury, of 1</th>`}
            <th>First judge less the strong one</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          ${judged.map(
            ({ metric, standing, reason }) =>
              html`<tr>
                <td class="strong">${metric}</td>
                <td>${badge({ tone: tones[standing] ?? 'neutral', text: standing })}</td>
                ${jury.size === 0 ? null : html`<td>${agreed(metric)}</td>`}
                <td>${auditOf(judging, metric)}</td>
                <td class="reason">${reason}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`,
  });
}
