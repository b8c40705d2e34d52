import { Parser } from 'htmlparser2';

const hidden = new Set(['script', 'style', 'template', 'noscript', 'head', 'nav', 'svg']);
const blocks = new Set(
  'address article aside blockquote br div dl dt dd figure footer form header hr li main ol p pre section table tr ul'.split(
    ' ',
  ),
);

/** The text of a page as Markdown knows it: headings with their marks, blocks on lines of their own, nothing hidden. */
export function htmlText(html: string): string {
  let text = '';
  let depth = 0;
  const parser = new Parser({
    onopentag: (name) => {
      if (hidden.has(name)) depth += 1;
      const level = /^h([1-6])$/.exec(name)?.[1];
      if (level) text += `\n\n${'#'.repeat(Number(level))} `;
      else if (blocks.has(name)) text += name === 'li' ? '\n- ' : '\n';
      else if (name === 'td' || name === 'th') text += ' ';
    },
    ontext: (part) => {
      if (depth === 0) text += part.replace(/\s+/gu, ' ');
    },
    onclosetag: (name) => {
      if (hidden.has(name)) depth = Math.max(0, depth - 1);
      if (/^h[1-6]$/.test(name) || name === 'p') text += '\n\n';
    },
  });
  parser.write(html);
  parser.end();
  return text
    .replace(/[^\S\n]+/gu, ' ')
    .replace(/ ?\n ?/gu, '\n')
    .replace(/\n{3,}/gu, '\n\n')
    .trim();
}
