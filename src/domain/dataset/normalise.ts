import { Parser } from 'htmlparser2';

const lineTags = new Set(['br', 'p', 'div', 'li', 'ul', 'ol', 'tr', 'table', 'blockquote', 'hr', 'h1', 'h2', 'h3']);
const emptyTags = new Set(['br', 'hr']);
const hiddenTags = new Set(['script', 'style']);
const url = /\b(?:https?:\/\/|ftp:\/\/|www\.)[^\s<>"'()[\]{}]+/giu;
/** Control tokens of chats that are no tags: ChatML, Llama 3, DeepSeek and the like between bars, Mistral in brackets. */
const controlTokens =
  /<[|\uff5c][^<>|\uff5c\s]{1,60}[|\uff5c]>|\[\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]/gu;
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
    .replace(controlTokens, ' ')
    .replace(url, ' ')
    .normalize('NFC')
    .replace(/\r\n?/g, '\n')
    .replace(invisible, (character) => (joinersThatShow.has(character) ? character : ''))
    .replace(/[^\S\n]+/gu, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** What people write takes three; a text made to take one for each of its characters loses its markup signs instead. */
const mostPasses = 20;

/**
 * Plain text: no HTML tags, entities or URLs, no control tokens of chats, which would end a turn or forge one in what is
 * trained on; Unicode NFC, single spaces, at most one empty line in a row. Case stays.
 * Doing it again changes nothing, also where taking a tag away brings another one to light.
 */
export function normaliseText(text: string): string {
  let before = text;
  for (let pass = 1; ; pass += 1) {
    const after = once(pass > mostPasses ? before.replace(/[<&]/g, ' ') : before);
    if (after === before) return after;
    before = after;
  }
}
