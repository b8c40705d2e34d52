import type { DatasetManifest } from '../domain/dataset/manifest.js';
import { datasetView } from '../domain/report/dataset-view.js';
import { shortDigest } from '../domain/report/format.js';
import {
  contaminationSection,
  distributionsSection,
  driftSection,
  examplesSection,
  funnelSection,
  originSection,
} from './dataset-sections.js';
import { html } from './html.js';
import { icon, page } from './page.js';

/**
 * The page about one version of a data set: the way from rows read to rows published, what the columns hold, drift
 * against the version before, and examples of what the steps changed. One self-contained HTML file without a script;
 * everything that came from outside is escaped. The same manifests give the same bytes.
 *
 * @param previous manifest of the version before, null for a first one
 */
export function renderDatasetProfile({
  current,
  previous,
}: {
  current: DatasetManifest;
  previous: DatasetManifest | null;
}): string {
  const view = datasetView({ current, previous });
  const body = html`<h1>${view.name} · version ${shortDigest(current.digest)}</h1>
    <section class="banner ${view.tone}">
      <div class="word">${icon(view.tone)}${view.word}</div>
      <p class="why">${view.sentence}</p>
      <p class="about">
        Recipe ${current.recipe} · ${current.source.kind} source · golden set ${current.golden.name}
        ${current.golden.version}
      </p>
    </section>
    <div class="tiles">
      ${view.tiles.map(
        ({ label, value, note }) =>
          html`<div class="tile">
            <div class="label">${label}</div>
            <div class="value">${value}</div>
            <div class="note">${note}</div>
          </div>`,
      )}
    </div>
    ${funnelSection(view)} ${distributionsSection(view)} ${driftSection(view)} ${examplesSection(current)}
    ${contaminationSection(current)} ${originSection(current)}
    <footer>Made by Understudy from the manifest of this version.</footer>`;
  return page({ title: `${view.name}: data set ${shortDigest(current.digest)}`, body });
}
