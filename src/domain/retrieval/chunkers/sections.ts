import { chunkRecursively } from './recursive.js';
import type { ChunkSize, Piece, Span } from './piece.js';

interface Section extends Span {
  headings: string[];
}

const heading = /^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$/u;
const fence = /^ {0,3}(```+|~~~+)/u;

/** The sections of a Markdown text under their headings; a heading inside a code block is code. */
export function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  const path: { level: number; title: string }[] = [];
  let open: string | null = null;
  let start = 0;
  let at = 0;
  const end = (until: number): void => {
    if (until > start) sections.push({ start, end: until, headings: path.map(({ title }) => title) });
  };
  for (const line of text.split('\n')) {
    const mark = fence.exec(line)?.[1] ?? null;
    if (mark && open === null) open = mark[0]!;
    else if (mark?.startsWith(open ?? '\0')) open = null;
    const found = open === null ? heading.exec(line) : null;
    if (found) {
      end(at);
      const level = found[1]!.length;
      while (path.length > 0 && path.at(-1)!.level >= level) path.pop();
      path.push({ level, title: found[2]! });
      start = Math.min(at + line.length + 1, text.length);
    }
    at += line.length + 1;
  }
  end(text.length);
  return sections;
}

/** Sections of Markdown, each under its headings, long ones cut as `chunkRecursively` does. */
export const chunkBySections = ({ text, size }: { text: string; size: ChunkSize }): Piece[] =>
  sectionsOf(text).flatMap(({ headings, start, end }) =>
    chunkRecursively({ text, span: { start, end }, size }).map((span) => ({ ...span, headings })),
  );
