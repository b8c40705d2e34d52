import Table from 'cli-table3';
import type { Story, StorySection } from '../domain/audit/release-story.js';
import { printable } from '../domain/report/format.js';
import { markdownTable, plainMarkdown } from '../domain/report/markdown.js';

const narrowColumns = 60;

/** How wide each column may be where all of them together would be wider than the terminal. */
function widthsOf({ head, rows }: NonNullable<StorySection['table']>, columns: number): number[] {
  const longest = head.map((name, index) =>
    Math.max(name.length, ...rows.map((row) => Math.max(...(row[index] ?? '').split('\n').map((line) => line.length)))),
  );
  const padding = 3;
  const room = Math.max(narrowColumns, columns) - 1 - head.length * padding;
  const widths = [...longest];
  while (widths.reduce((sum, width) => sum + width, 0) > room) {
    const widest = widths.indexOf(Math.max(...widths));
    if (widths[widest]! <= 8) break;
    widths[widest]! -= 1;
  }
  return widths;
}

/** Breaks between words, and a word that is longer than a line where the line ends. */
function wrapped(text: string, columns: number): string {
  const lines = [''];
  for (const word of printable(text).split(' ')) {
    const parts = word.match(new RegExp(`.{1,${columns}}`, 'gsu')) ?? [''];
    for (const part of parts) {
      const line = lines.at(-1)!;
      if (line !== '' && line.length + 1 + part.length > columns) lines.push(part);
      else lines[lines.length - 1] = line === '' ? part : `${line} ${part}`;
    }
  }
  return lines.join('\n');
}

function tableText(table: NonNullable<StorySection['table']>, columns: number): string {
  const widths = widthsOf(table, columns);
  const drawn = new Table({ head: table.head, style: { head: [], border: [] } });
  for (const row of table.rows) drawn.push(row.map((cell, index) => wrapped(cell, widths[index]!)));
  return drawn.toString();
}

/** The story for a terminal so many columns wide. */
export const storyText = (story: Story, { columns }: { columns: number }): string =>
  [
    `${story.title}\n${'='.repeat(Math.min(columns, story.title.length))}`,
    ...story.sections.map(({ title, lines, table }) =>
      [
        `${title}\n${'-'.repeat(title.length)}`,
        ...lines.map((line) => wrapped(line, columns)),
        ...(table && table.rows.length > 0 ? [tableText(table, columns)] : []),
      ].join('\n'),
    ),
  ].join('\n\n');

/** The story as Markdown, for an issue or a wiki. */
export const storyMarkdown = (story: Story): string =>
  [
    `# ${plainMarkdown(story.title)}`,
    ...story.sections.map(({ title, lines, table }) =>
      [
        `## ${title}`,
        lines.map((line) => `- ${plainMarkdown(line)}`).join('\n'),
        ...(table && table.rows.length > 0 ? [markdownTable(table)] : []),
      ].join('\n\n'),
    ),
  ].join('\n\n');
