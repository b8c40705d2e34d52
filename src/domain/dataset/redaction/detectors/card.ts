import type { Detector, Finding } from './detector.js';

const run = /(?<![\p{L}\d])\d(?:[ \u00a0.\u2011-]?\d){13,}/gu;
const separator = /[ \u00a0.\u2011-]/;
const letterOrDigit = /[\p{L}\d]/u;
const lengths = { fewest: 14, most: 19 };
/** Issuer prefixes and lengths (ISO/IEC 7812) in use today; 13-digit numbers are bar codes, no cards any more. */
const issuers: readonly RegExp[] = [
  /^4\d{15,18}$/,
  /^5[0-8]\d{14,17}$/,
  /^2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}$/,
  /^3[47]\d{13}$/,
  /^3(?:0[0-5]|[689]\d)\d{11,16}$/,
  /^35\d{14,17}$/,
  /^6\d{15,18}$/,
  /^81\d{14,17}$/,
];

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= '0' && character <= '9';

/** The check of ISO/IEC 7812-1, annex B (Luhn 1960). */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = digit * 2;
    sum += index % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const isCard = (digits: string): boolean => issuers.some((issuer) => issuer.test(digits)) && passesLuhn(digits);

/** The card number that starts here, up to the end of one of the groups of digits that follow. */
function cardAt({ text, start }: { text: string; start: number }): Finding | null {
  let best: Finding | null = null;
  let key = '';
  for (let at = start; at < text.length && key.length < lengths.most; at += 1) {
    if (!isDigit(text[at])) {
      if (!separator.test(text[at]!) || separator.test(text[at - 1]!)) break;
      continue;
    }
    key += text[at];
    if (key.length < lengths.fewest || letterOrDigit.test(text[at + 1] ?? '') || !isCard(key)) continue;
    best = { type: 'CARD', start, end: at + 1, key };
  }
  return best;
}

/** Payment card numbers; an expiry date or a check value behind the number, or a number before it, is left alone. */
export const findCards: Detector = (text) => {
  const findings: Finding[] = [];
  for (const match of text.matchAll(run)) {
    const last = match.index + match[0].length - lengths.fewest;
    for (let start = match.index; start <= last; start += 1) {
      if (!isDigit(text[start]) || isDigit(text[start - 1])) continue;
      const found = cardAt({ text, start });
      if (found === null) continue;
      findings.push(found);
      start = found.end;
    }
  }
  return findings;
};
