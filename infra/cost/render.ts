import { costSheet } from './cost-sheet.js';
import { type PriceFile, pricesOf, type Teams } from './inputs.js';

const dollars = (usd: number): string => usd.toLocaleString('en-US', { maximumFractionDigits: 0 });

/** The sheet of all teams as a table of Markdown, with the sum of each. */
export function renderCosts({ teams, priceFile }: { teams: Teams; priceFile: PriceFile }): string {
  const prices = pricesOf(priceFile);
  const sheets = Object.entries(teams).map(([name, team]) => ({ name, lines: costSheet({ team, prices }) }));
  const [first] = sheets;
  if (first === undefined) throw new Error('teams: none is named; expected at least one');
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    row(['US dollars a month', ...sheets.map(({ name }) => name)]),
    row(['---', ...sheets.map(() => '---:')]),
    ...first.lines.map(({ group, what }, index) =>
      row([`${group}: ${what}`, ...sheets.map(({ lines }) => dollars(lines[index]!.usd))]),
    ),
    row(['**sum**', ...sheets.map(({ lines }) => `**${dollars(lines.reduce((sum, { usd }) => sum + usd, 0))}**`)]),
  ].join('\n');
}
