import { html, type Markup } from './html.js';

/**
 * A measured value on a line from `low` to `high`, with its limit dashed across.
 *
 * @param said what a reader without the picture is told
 * @param bar what stands beside the value, such as its interval; `x` gives the place of a number
 */
export function gauge({
  width,
  scale: { low, high },
  value,
  limit,
  said,
  bar,
}: {
  width: number;
  scale: { low: number; high: number };
  value: number;
  limit: number | null;
  said: string;
  bar: (x: (at: number) => string) => Markup | null;
}): Markup {
  const x = (at: number): string => (((at - low) / (high - low)) * width).toFixed(1);
  return html`<svg width="${width}" height="30" viewBox="0 0 ${width} 30" role="img" aria-label="${said}">
    <line x1="0" x2="${width}" y1="15" y2="15" stroke="var(--line)" stroke-width="1" />
    ${bar(x)}
    <circle cx="${x(value)}" cy="15" r="5" fill="var(--challenger)" />
    ${
      limit === null
        ? null
        : html`<line
            x1="${x(limit)}"
            x2="${x(limit)}"
            y1="2"
            y2="28"
            stroke="var(--ink)"
            stroke-width="2"
            stroke-dasharray="4 3"
          />`
    }
  </svg>`;
}
