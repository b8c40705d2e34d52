import type { DatasetManifest } from '../domain/dataset/manifest.js';
import type { DatasetView } from '../domain/report/dataset-view.js';
import { formatBytes, formatCount, formatShare, shortDigest } from '../domain/report/format.js';
import type { Tone } from '../domain/report/verdict-sentence.js';
import { distributionChart, versionColours } from './dataset-charts.js';
import { html, type Markup } from './html.js';
import { badge, colourKey, figure, section } from './page.js';

const width = 480;
const shownLeaks = 10;

export function funnelSection({ funnel, idle }: DatasetView): Markup {
  return section({
    title: 'From rows read to rows published',
    lead: 'Rows that are left after each step. Every row that is not published is a dead letter with its reason.',
    body: html`<div class="spans">
        ${funnel.map(
          ({ step, rows, removed, share }) =>
            html`<span>${step}</span
              ><span class="track users"
                ><span class="bar" style="left:0;width:${(share * 100).toFixed(2)}%"></span></span
              ><span class="time"
                >${formatCount(rows)}${removed === 0 ? null : html` (−${formatCount(removed)})`}</span
              >`,
        )}
      </div>
      ${idle.length === 0 ? null : html`<p class="lead below">No row was left out by: ${idle.join(', ')}.</p>`}`,
  });
}

const titles = { values: '', numbers: '', lengths: ': length of texts' } as const;

export function distributionsSection({ distributions, constant, drift }: DatasetView): Markup | null {
  if (distributions.length === 0) return null;
  const versions: { colour: string; text: string }[] = [{ colour: versionColours.current, text: 'this version' }];
  if (drift !== null) versions.push({ colour: versionColours.previous, text: 'version before' });
  return section({
    title: 'What the columns hold',
    lead: 'Lengths and numbers far above the others are counted in the last bar.',
    body: html`${colourKey(versions)}
      <div class="charts top">
        ${distributions.map((view) =>
          figure({
            title: `${view.column}${titles[view.kind]}`,
            caption: view.sentence,
            chart: distributionChart({ view, width }),
          }),
        )}
      </div>
      ${constant.length === 0 ? null : html`<p class="lead below">In every row: ${constant.join(', ')}.</p>`}`,
  });
}

const shiftTones: Record<'none' | 'moderate' | 'large', Tone> = { none: 'good', moderate: 'warning', large: 'bad' };
const compared = { values: 'values', numbers: 'numbers, in tenths', lengths: 'lengths of texts, in tenths' } as const;

export function driftSection({ drift }: DatasetView): Markup | null {
  if (drift === null) return null;
  const cameAndWent = [
    ...drift.added.map((column) => `${column} is new`),
    ...drift.removed.map((column) => `${column} is gone`),
  ];
  return section({
    title: 'Drift against the version before',
    lead: 'A stability index (PSI) of 0.1 is a moderate shift, 0.25 a large one, unless chance explains it (p over 0.01).',
    body: html`<div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Column</th>
              <th>Shift</th>
              <th class="number">PSI</th>
              <th class="number">Chi-square</th>
              <th class="number">p</th>
              <th class="number">Empty before</th>
              <th class="number">Empty now</th>
              <th>Compared</th>
            </tr>
          </thead>
          <tbody>
            ${drift.columns.map(
              ({ column, shift, stabilityIndex, chiSquare, nulls, of }) =>
                html`<tr>
                  <td class="strong name">${column}</td>
                  <td>${badge({ tone: shiftTones[shift], text: shift })}</td>
                  <td class="number">${stabilityIndex.toFixed(3)}</td>
                  <td class="number">
                    ${chiSquare === null ? '–' : `${chiSquare.statistic.toFixed(1)} (${chiSquare.degrees} df)`}
                  </td>
                  <td class="number">
                    ${chiSquare === null ? '–' : chiSquare.pValue < 0.001 ? '< 0.001' : chiSquare.pValue.toFixed(3)}
                  </td>
                  <td class="number">${formatShare(nulls.previous)}</td>
                  <td class="number">${formatShare(nulls.current)}</td>
                  <td class="reason">${compared[of]}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${cameAndWent.length === 0 ? null : html`<p class="lead below">Columns: ${cameAndWent.join(', ')}.</p>`}`,
  });
}

const stepTitles: Record<string, string> = { normalise: 'Normalised', redact: 'Personal data replaced' };

export function examplesSection({ examples }: DatasetManifest): Markup | null {
  if (examples.length === 0) return null;
  const text = (who: string, content: string, colour: string): Markup =>
    html`<div class="answer" style="--swatch:${colour}">
      <b>${who}</b>
      <div class="text">${content}</div>
    </div>`;
  return section({
    title: 'Examples of what the steps changed',
    lead: 'A text that held personal data is shown only as it was published.',
    body: html`${examples
      .toSorted((one, other) => (one.step < other.step ? -1 : one.step > other.step ? 1 : 0))
      .map(
        ({ step, row, column, before, after }) =>
          html`<article class="case">
            <p class="id">${stepTitles[step] ?? step} · row ${row}, ${column}</p>
            <div class="answers">
              ${before === null ? null : text('Before', before, versionColours.previous)}
              ${text(before === null ? 'Published as' : 'After', after, versionColours.current)}
            </div>
          </article>`,
      )}`,
  });
}

const ways: Record<string, string> = {
  ngram: 'runs of 8 words',
  nearDuplicate: 'near-duplicate of the question',
  embedding: 'similar meaning',
};

export function contaminationSection({ contamination, golden }: DatasetManifest): Markup | null {
  const { removed, removeAt, share } = contamination;
  if (removed.length === 0) return null;
  const more = removed.length > shownLeaks ? `, the first ${shownLeaks} of them` : '';
  return section({
    title: 'Rows removed for golden cases',
    lead: `${formatCount(removed.length)} rows (${formatShare(share)}) overlap with golden set ${golden.name} ${golden.version} by ${removeAt} or more${more}:`,
    body: html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Row</th>
            <th>Golden case</th>
            <th class="number">Overlap</th>
            <th>Found by</th>
          </tr>
        </thead>
        <tbody>
          ${removed.slice(0, shownLeaks).map(
            ({ row, caseId, overlap, by }) =>
              html`<tr>
                <td class="name">${row}</td>
                <td class="strong">${caseId}</td>
                <td class="number">${overlap.toFixed(2)}</td>
                <td class="reason">${ways[by] ?? by}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`,
  });
}

export function originSection({
  digest,
  settingsDigest,
  source,
  golden,
  parents,
  pseudonyms,
  provenance,
  counts,
  files,
}: DatasetManifest): Markup {
  const redacted = Object.entries(counts.redacted).map(([type, count]) => `${type} ${formatCount(count)}`);
  const window = source.window === null ? '' : `, rows from ${source.window.from} to ${source.window.to}`;
  const facts: [string, string][] = [
    ['Digest', digest],
    ['Source', `${source.kind}, ${formatBytes(source.bytes)}, SHA-256 ${shortDigest(source.sha256)}${window}`],
    ['Settings', shortDigest(settingsDigest)],
    ['Golden set', `${golden.name} ${golden.version}`],
    [
      'Replayed rows',
      counts.replayed === 0 ? 'none' : `${formatCount(counts.replayed)} from ${parents.map(shortDigest).join(', ')}`,
    ],
    ['Replaced by type', redacted.join(', ') || 'none'],
    ['Pseudonyms', pseudonyms === 'keyed' ? 'with a secret key' : 'without a key: a guessed value can be checked'],
    ['Version before', provenance.previous === null ? 'none' : shortDigest(provenance.previous)],
    ['Code', provenance.codeCommit === null ? 'unknown' : shortDigest(provenance.codeCommit)],
    ...files.map(({ file, rows, bytes }): [string, string] => [
      file,
      `${formatCount(rows)} rows, ${formatBytes(bytes)}`,
    ]),
  ];
  return section({
    title: 'Where it comes from',
    lead: null,
    body: html`<dl>
      ${facts.map(
        ([label, value]) =>
          html`<dt>${label}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>`,
  });
}
