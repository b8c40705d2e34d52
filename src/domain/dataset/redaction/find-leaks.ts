import validator from 'validator';
import { findAddressTokens } from './leak-addresses.js';
import { type Token, tokensOf } from './leak-tokens.js';
import type { Span } from './personal-data.js';

/** IBANs of 34 characters come in nine groups of four. */
const longestGroups = 9;
/** Words between a software version and the word that says so. */
const versionReach = 8;
const doubleSizeImage = /@\dx\.\w+$/i;
const joiners = /[ \u00a0.()/\u2010-\u2015-]/g;
const cardGroups = /^(?:\d{14,19}|\d{4}([ -])\d{4}\1\d{4}\1\d{4}|\d{4}([ -])\d{6}\2\d{4,5})$/;
const ibanGroups = /^[A-Za-z]{2}\d{2}(?:[A-Za-z\d]{11,30}|(?: [A-Za-z\d]{4}){2,7}(?: [A-Za-z\d]{1,4})?)$/;
/** ITU-T E.164: a plus sign and up to 15 digits, the first of which is no zero. */
const international = /^\+[1-9]\d{7,14}$/;
const versionWord =
  /(?:^|['’])(?:v|version|versione|versión|versie|firmware|release|build|driver|update|jour|actualización|aggiornamento|kernel|bios)(?!\p{L})/iu;

function typeOfGroups(groups: string): 'CARD' | 'IBAN' | 'PHONE' | null {
  const joined = groups.replace(joiners, '');
  if (/^\+[1-9]/.test(groups) && international.test(joined)) return 'PHONE';
  if (/^[2-8]/.test(joined) && cardGroups.test(groups) && validator.isCreditCard(joined)) return 'CARD';
  return ibanGroups.test(groups) && validator.isIBAN(joined.toUpperCase()) ? 'IBAN' : null;
}

/** Numbers that are written in groups: the longest run of words from here that is a card, an account or a phone. */
function groupedAt({ tokens, from }: { tokens: readonly Token[]; from: number }): Span | null {
  const first = tokens[from]!;
  if (!/^(?:\+|\d|[A-Za-z]{2}\d{2})/.test(first.text)) return null;
  let groups = '';
  let longest: Span | null = null;
  for (const token of tokens.slice(from, from + longestGroups)) {
    if (!/\d/.test(token.text) || (groups !== '' && !token.joined)) break;
    groups += groups === '' ? token.text : ` ${token.text}`;
    const type = typeOfGroups(groups);
    if (type !== null) longest = { type, start: first.start, end: token.end };
  }
  return longest;
}

function singleAt({ tokens, from }: { tokens: readonly Token[]; from: number }): Span | null {
  const { text, start, end } = tokens[from]!;
  const address = text.slice(text.lastIndexOf(':') + 1);
  if (/[\p{L}\p{N}]@/u.test(address) && !doubleSizeImage.test(address) && validator.isEmail(address)) {
    return { type: 'EMAIL', start: end - address.length, end };
  }
  if (/^\d/.test(text) && validator.isIP(text, 4)) {
    const before = tokens.slice(Math.max(0, from - versionReach), from);
    return before.some((token) => versionWord.test(token.text)) ? null : { type: 'IP', start, end };
  }
  const isSixth = text.length > 6 && text.split(':').length > 3 && validator.isIP(text, 6);
  return isSixth ? { type: 'IP', start, end } : null;
}

/**
 * What a second detector still finds in a text that was redacted. It shares no code with the first: it cuts the text
 * into words and asks validator.js about each word and each run of words, knows phone numbers by ITU-T E.164 alone and
 * addresses by a street word, its house number and a postcode. It is narrower than the first on purpose: whatever it
 * finds stops a dataset, so it only knows what nobody can take for an order number.
 */
export function findLeaks({ text }: { text: string }): Span[] {
  if (!/[@\d]/.test(text)) return [];
  const tokens = tokensOf(text);
  const leaks: Span[] = [];
  for (let from = 0; from < tokens.length; from += 1) {
    const leak = singleAt({ tokens, from }) ?? groupedAt({ tokens, from });
    if (leak === null) continue;
    leaks.push(leak);
    while (from + 1 < tokens.length && tokens[from + 1]!.end <= leak.end) from += 1;
  }
  return [...leaks, ...findAddressTokens({ tokens })];
}
