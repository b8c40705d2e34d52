import type { VerdictKind } from '../domain/release/verdict.js';
import type { Tile } from '../domain/report/report-model.js';
import type { Tone } from '../domain/report/verdict-sentence.js';
import { html, type Markup, trusted } from './html.js';
import { styles } from './styles.js';

/** One self-contained HTML file: nothing is loaded from anywhere, and nothing in it runs. */
export function page({ title, body }: { title: string; body: Markup }): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <title>${title}</title>
        <style>
          ${trusted(styles)}
        </style>
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html> `.text
  }`;
}

const strokes: Record<Tone, string> = {
  good: '<path d="M4 10.5l4 4 8-9"/>',
  bad: '<path d="M5 5l10 10M15 5L5 15"/>',
  warning: '<path d="M10 4v8M10 15.2v.6"/>',
  neutral: '<path d="M5 10h10"/>',
};

/** A sign that tells a tone without colour; decoration beside a word that says the same. */
export const icon = (tone: Tone): Markup =>
  trusted(
    `<svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round">${strokes[tone]}</svg>`,
  );

export const toneOfVerdict: Record<VerdictKind, Tone> = {
  pass: 'good',
  fail: 'bad',
  inconclusive: 'warning',
  unmeasured: 'neutral',
};

export const badge = ({ tone, text }: { tone: Tone; text: string }): Markup =>
  html`<span class="badge ${tone}">${icon(tone)}${text}</span>`;

/** A figure worth reading first. */
export const tile = ({ label, value, note }: Tile): Markup =>
  html`<div class="tile">
    <div class="label">${label}</div>
    <div class="value">${value}</div>
    <div class="note">${note}</div>
  </div>`;

/** A part of the page; `lead` says in a sentence how to read it. */
export const section = ({ title, lead, body }: { title: string; lead: Markup | string | null; body: Markup }): Markup =>
  html`<section>
    <h2>${title}</h2>
    ${lead === null ? null : html`<p class="lead">${lead}</p>`}${body}
  </section>`;

/** What the colours of a figure stand for. */
export const colourKey = (entries: readonly { colour: string; text: string }[]): Markup =>
  html`<div class="key">
    ${entries.map(({ colour, text }) => html`<span><i style="--swatch:${colour}"></i>${text}</span>`)}
  </div>`;

/** A chart with its caption; `label` is what a screen reader says instead of the drawing. */
export const figure = ({ title, caption, chart }: { title: string; caption: string; chart: Markup }): Markup =>
  html`<figure>
    <figcaption><strong>${title}</strong>${caption}</figcaption>
    ${chart}
  </figure>`;
