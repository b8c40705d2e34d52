import ipaddr from 'ipaddr.js';
import { saysVersion } from '../cues.js';
import type { Detector, Finding } from './detector.js';

const type = 'IP';
const version4 = /(?<![\p{L}\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\p{L}\d]|\.\d)/gu;
const version6 = /(?<![\p{L}\d:.])(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})/giu;
const leadingZero = /(?:^|\.)0\d/;
/** Fewer hexadecimal digits are `::1` and the like, which point at nobody, or a slip of the keyboard. */
const fewestHexDigits = 4;

function findVersion4(text: string): Finding[] {
  return [...text.matchAll(version4)].flatMap((match) => {
    const [key] = match;
    const numbers = key.split('.').map(Number);
    if (leadingZero.test(key) || numbers.some((part) => part > 255)) return [];
    if (saysVersion({ before: text.slice(Math.max(0, match.index - 60), match.index), numbers })) return [];
    return [{ type, start: match.index, end: match.index + key.length, key }];
  });
}

function findVersion6(text: string): Finding[] {
  return [...text.matchAll(version6)].flatMap((match) => {
    const written = match[0].endsWith('::') ? match[0] : match[0].replace(/:$/, '');
    const end = match.index + written.length;
    if (/^[\p{L}\d]/u.test(text.slice(end, end + 1))) return [];
    if (written.replace(/[:.]/g, '').length < fewestHexDigits || !ipaddr.IPv6.isValid(written)) return [];
    return [{ type, start: match.index, end, key: ipaddr.IPv6.parse(written).toNormalizedString() }];
  });
}

/** IP addresses, version 4 (not behind a word for a software version) and 6. */
export const findIpAddresses: Detector = (text) => [
  ...(text.includes('.') ? findVersion4(text) : []),
  ...(text.includes(':') ? findVersion6(text) : []),
];
