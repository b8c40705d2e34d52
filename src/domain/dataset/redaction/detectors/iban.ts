import { countrySpecs } from 'ibantools';
import type { Detector, Finding } from './detector.js';

const beginning = /(?<![\p{L}\d])[A-Za-z]{2}[ \u00a0]?\d{2}/gu;
const separator = /[ \u00a0.\u2011-]/;
const letterOrDigit = /[\p{L}\d]/u;
const lengths: ReadonlyMap<string, number> = new Map(
  Object.entries(countrySpecs).flatMap(([country, { chars }]) => (chars ? [[country, chars]] : [])),
);

/**
 * The checksum of ISO 7064, MOD 97-10. Check digits inside the account number, which some countries have too, are not
 * looked at: a number that a form takes for an IBAN is personal data even where a bank would refuse it.
 */
export function passesMod97(iban: string): boolean {
  let remainder = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}

/** The account number of `length` characters that starts here; null where more than one separator stands in a row. */
function readAccount({ text, start, length }: { text: string; start: number; length: number }): Finding | null {
  let key = '';
  let at = start;
  for (; key.length < length && at < text.length; at += 1) {
    const character = text[at]!;
    if (/[A-Za-z0-9]/.test(character)) key += character.toUpperCase();
    else if (!separator.test(character) || separator.test(text[at - 1]!)) return null;
  }
  if (key.length < length || letterOrDigit.test(text[at] ?? '') || !passesMod97(key)) return null;
  return { type: 'IBAN', start, end: at, key };
}

/** International bank account numbers (ISO 13616) with the length of their country and a right checksum. */
export const findIbans: Detector = (text) => {
  const findings: Finding[] = [];
  for (const match of text.matchAll(beginning)) {
    const length = lengths.get(match[0].slice(0, 2).toUpperCase());
    if (length === undefined) continue;
    const found = readAccount({ text, start: match.index, length });
    if (found !== null) findings.push(found);
  }
  return findings;
};
