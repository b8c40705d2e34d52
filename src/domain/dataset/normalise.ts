import { Parser } from 'htmlparser2';

const lineTags = new Set(['br', 'p', 'div', 'li', 'ul', 'ol', 'tr', 'table', 'blockquote', 'hr', 'h1', 'h2', 'h3']);
const emptyTags = new Set(['br', 'hr']);
const hiddenTags = new Set(['script', 'style']);
const url = /\b(?:https?:\/\/|ftp:\/\/|www\.)[^\s<>"'()[\]{}]+/giu;
const loneSurrogates = /\p{Surrogate}/gu;
const invisible = /[\p{Cc}\p{Cf}]/gu;
const joinersThatShow = new Set(['\n', '\t', '\u200c', '\u200d']);

/** The text a reader of the markup would see; a tag that ends a line becomes one. Bare < and & are kept. */
function withoutMarkup(text: string): string {
  if (!/[<&]/.test(text)) return text;
  const parts: string[] = [];
  let hidden = 0;
  const parser = new Parser({
    onopentagname: (name) => {
      if (hiddenTags.has(name)) hidden += 1;
      if (lineTags.has(name)) parts.push('\n');
    },
    onclosetag: (name) => {
      if (hiddenTags.has(name)) hidden -= 1;
      if (lineTags.has(name) && !emptyTags.has(name)) parts.push('\n');
    },
    ontext: (seen) => {
      if (hidden === 0) parts.push(seen);
    },
  });
  parser.end(text.replace(/&(?:amp;)+/gi, '&'));
  return parts.join('');
}

const once = (text: string): string =>
  withoutMarkup(text.replace(loneSurrogates, '\ufffd'))
    .replace(url, ' ')
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(invisible, (character) => (joinersThatShow.has(character) ? character : ''))
    .replace(/[^\S\n]+/gu, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/**
 * Plain text: no HTML tags, entities or URLs, Unicode NFC, single spaces, at most one empty line in a row. Case stays.
 * Doing it again changes nothing, also where taking a tag away brings another one to light.
 */
export function normaliseText(text: string): string {
  let before = text;
  for (;;) {
    const after = once(before);
    if (after === before) return after;
    before = after;
  }
}
