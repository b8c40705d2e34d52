import { marked, type Token } from 'marked';
import type { AnswerFormat } from './expected-answer.js';

/** What an answer is made of, as a Markdown reader sees it. */
interface Reading {
  text: string;
  /** Blocks at the top, blank lines left out. */
  blocks: readonly Token[];
  /** Types of all tokens at any depth. */
  types: ReadonlySet<string>;
}

const plainTypes: ReadonlySet<string> = new Set(['paragraph', 'text', 'space', 'escape', 'br']);

/** A text as a Markdown reader sees it; null where it is nested too deeply to be read, as a model in a loop may write. */
export function readMarkdown(text: string): Reading | null {
  const trimmed = text.trim();
  try {
    const blocks = marked.lexer(trimmed).filter((token) => token.type !== 'space');
    const types = new Set<string>();
    void marked.walkTokens(blocks, (token) => {
      types.add(token.type);
    });
    return { text: trimmed, blocks, types };
  } catch (error) {
    // The reader calls itself for each level, until there is no more stack.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const hasList = ({ blocks }: Reading, ordered: boolean): boolean =>
  blocks.some((token) => token.type === 'list' && token.ordered === ordered);

/** Whether a text keeps one rule of form. A text without a character keeps none. */
export const formatRules: Readonly<Record<AnswerFormat, (reading: Reading) => boolean>> = {
  json: ({ text }) => isJson(text),
  plainText: ({ types }) => [...types].every((type) => plainTypes.has(type)),
  oneLine: ({ text }) => !text.includes('\n'),
  oneParagraph: ({ blocks }) => blocks.length === 1 && blocks[0]!.type === 'paragraph',
  bulletList: (reading) => hasList(reading, false),
  numberedList: (reading) => hasList(reading, true),
  table: ({ types }) => types.has('table'),
  noHeadings: ({ types }) => !types.has('heading'),
  noLinks: ({ types }) => !types.has('link') && !types.has('image'),
  noCode: ({ types }) => !types.has('code') && !types.has('codespan'),
};
