import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { numberCue, type NumberCue } from '../cues.js';
import { type Detector, digitsOf, type Finding } from './detector.js';

/** A slash before a zero parts two numbers; any other gap may stand within one. */
const candidate = /(?:\(?\+ ?|\()?\d(?:(?! ?\/ ?\(?0)[ \u00a0()./\u2011\u2013-]{0,3}\d){6,17}/gu;
const barredBefore = /[\p{L}\d_#$€£%=*@]$|[\p{L}\d][-/,]$|\d[.:]$|[€$£] $/u;
const barredAfter = /^(?:[\p{L}\d_@]|[.,:/-]\d| ?(?:[€$£%]|(?:EUR|USD|GBP|CHF|kg|km|mm|cm|ml)\b))/u;
const barredAfterPlus = /^[\p{L}\d]/u;
const isoDate = /^(?:19|20)\d{2}[-./ ](?:0?[1-9]|1[0-2])[-./ ](?:0?[1-9]|[12]\d|3[01])(?!\d)/;
const dayDate =
  /^(?:0?[1-9]|[12]\d|3[01])[-./ ]{1,2}(?:0?[1-9]|1[0-2])[-./ ]{1,2}(?:(?:19|20)\d{2}|\d{2}(?![-./ ]?\d))(?!\d)/;
const timeRange = /^\d{1,2}[.:]\d{2} ?[-\u2013] ?\d{1,2}[.:]\d{2}$/;
const monthDate = /^(?:0?[1-9]|1[0-2])[-/](?:[12]\d|3[01])[-/](?:19|20)\d{2}(?!\d)/;

/** Where the customers of the six languages live, most first: the order decides which plan reads a national number. */
const zeroCountries: readonly CountryCode[] = ['DE', 'FR', 'GB', 'NL', 'IT', 'BE', 'AT', 'CH', 'IE', 'LU'];
const plainCountries: readonly CountryCode[] = ['US', 'ES', 'IT', 'MX', 'LU'];
/** Writings by which a number without a leading zero is known without any word beside it. */
const groupings: readonly RegExp[] = [
  /^1?[ .-]?\(?[2-9]\d{2}\)?[ .\u2011-]{1,2}\d{3}[ .\u2011-]\d{4}$/,
  /^[6-9]\d{2}[ .-]\d{2}[ .-]\d{2}[ .-]\d{2}$/,
  /^[89]00[ .-]\d{3}[ .-]\d{3}$/,
  /^9\d[ .-]\d{3}[ .-]\d{2}[ .-]\d{2}$/,
  /^[67]\d{2}[ -]\d{3}[ -]\d{3}$/,
  /^3\d{2}[ .-]\d{3}[ .-]?\d{4}$|^3\d{2}[ ./-]\d{6,7}$|^3\d{2}[ .-]\d{2}[ .-]\d{2}[ .-]\d{3}$/,
];
const digitLimits = { fewest: 7, most: 15, fewestWithPlus: 8, fewestWithoutWord: 9, mostWithoutWord: 12 };

const isDate = (written: string): boolean =>
  isoDate.test(written) || dayDate.test(written) || monthDate.test(written) || timeRange.test(written);

function nationalKey({ written, countries }: { written: string; countries: readonly CountryCode[] }): string | null {
  for (const country of countries) {
    const parsed = parsePhoneNumberFromString(written, { defaultCountry: country, extract: false });
    if (parsed?.isValid()) return parsed.number;
  }
  return null;
}

/** The canonical number, or null where the writing is none. */
function phoneKey({ written, cueOf }: { written: string; cueOf: () => NumberCue }): string | null {
  const digits = digitsOf(written);
  if (digits.length < digitLimits.fewest || digits.length > digitLimits.most) return null;
  const plus = /^\(?\+/.test(written);
  if (plus) {
    if (digits.length < digitLimits.fewestWithPlus || /^\(?\+ ?0/.test(written)) return null;
    return parsePhoneNumberFromString(`+${digits}`)?.number ?? `+${digits}`;
  }
  const bare = written.replace(/^\(/, '');
  const cue = cueOf();
  if (cue === 'other' || (isDate(bare) && !(cue === 'phone' && digits.length > 8))) return null;
  if (/^00[1-9]/.test(digits)) {
    const parsed = parsePhoneNumberFromString(`+${digits.slice(2)}`);
    if (parsed?.isPossible()) return parsed.number;
  }
  const isFree = /^0[89]00[ -]/.test(bare);
  if (
    cue === null &&
    !isFree &&
    (digits.length < digitLimits.fewestWithoutWord || digits.length > digitLimits.mostWithoutWord)
  ) {
    return null;
  }
  if (digits.startsWith('0')) return nationalKey({ written: digits, countries: zeroCountries });
  if (cue !== 'phone' && !groupings.some((grouping) => grouping.test(bare))) return null;
  return nationalKey({ written: digits, countries: plainCountries }) ?? (cue === 'phone' ? localKey(bare) : null);
}

/** A number without its area code, as people of one town write it: 555-0143. */
const localKey = (written: string): string | null => (/^[2-9]\d{2}-\d{4}$/.test(written) ? digitsOf(written) : null);

/** Cuts a writing at its last gap, or gives null where there is none. */
const shorter = (written: string): string | null => /^(.*\d)[^\d]+\d+$/s.exec(written)?.[1] ?? null;

/**
 * Phone numbers: international ones by their plus sign or 00, national ones by the numbering plans of the countries of
 * the six languages (libphonenumber). A number that no word and no writing marks as a phone number is left alone.
 */
export const findPhones: Detector = (text) => {
  const findings: Finding[] = [];
  for (const match of text.matchAll(candidate)) {
    const before = text.slice(Math.max(0, match.index - 60), match.index);
    const plus = /^\(?\+/.test(match[0]);
    if (plus ? /[\p{L}\d]$/u.test(before) : barredBefore.test(before)) continue;
    let cue: NumberCue | undefined;
    // Once for all writings of a candidate: looking for words is what costs, and a text of digits has many of them.
    const cueOf = (): NumberCue => (cue === undefined ? (cue = numberCue(before)) : cue);
    for (let written: string | null = match[0]; written !== null; written = shorter(written)) {
      const end = match.index + written.length;
      if ((plus ? barredAfterPlus : barredAfter).test(text.slice(end, end + 8))) continue;
      const key = phoneKey({ written, cueOf });
      if (key === null) continue;
      const start = match.index + (written.startsWith('(') && !written.includes(')') ? 1 : 0);
      findings.push({ type: 'PHONE', start, end, key });
      break;
    }
  }
  return findings;
};
