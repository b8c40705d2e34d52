import type { Detector, Finding } from './detector.js';

const type = 'EMAIL';
/** RFC 5322 atoms, letters of any script (RFC 6531) and dots; quoted local parts are too rare to look for. */
const localCharacter = /[\p{L}\p{M}\p{N}.!#$%&'*+/=?^_`{|}~-]/u;
const localEdge = /^[^\p{L}\p{N}]+/u;
const domain = /(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{N}])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|\p{L}{2,24})/iuy;
const fileEnding = /\.(?:png|jpe?g|gif|svg|webp|pdf|css|js|json|txt|zip|mp[34])$/i;
const localLimit = 64;

const spelledAt = /[([{] ?(?:at|@|ät|arroba|arobase|chiocciola|apenstaartje) ?[)\]}]/i;
const spelledDot = String.raw`(?:\.|[([{] ?(?:dot|punkt|point|punto|punt) ?[)\]}])`;
const spelled = new RegExp(
  String.raw`[\p{L}\p{N}._+-]{1,64} ?${spelledAt.source} ?[\p{L}\p{N}-]{1,63}(?: ?${spelledDot} ?[\p{L}\p{N}-]{2,63}){1,4}`,
  'giu',
);

/** Start of the local part that ends before `at`; `at` where there is none. */
function localStart({ text, at }: { text: string; at: number }): number {
  let start = at;
  while (start > 0 && at - start < localLimit && localCharacter.test(text[start - 1]!)) start -= 1;
  return start + (localEdge.exec(text.slice(start, at))?.[0].length ?? 0);
}

/** E-mail addresses: from each @ outwards, so that the time is linear; `name (at) host (dot) org` too. */
export const findEmails: Detector = (text) => {
  const findings: Finding[] = [];
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = localStart({ text, at });
    if (start === at) continue;
    domain.lastIndex = at + 1;
    const host = domain.exec(text)?.[0];
    if (host === undefined || fileEnding.test(host)) continue;
    const end = at + 1 + host.length;
    findings.push({ type, start, end, key: text.slice(start, end).toLowerCase() });
  }
  if (!spelledAt.test(text)) return findings;
  for (const match of text.matchAll(spelled)) {
    const key = match[0].toLowerCase().replace(spelledAt, '@').replace(/ /g, '');
    findings.push({ type, start: match.index, end: match.index + match[0].length, key });
  }
  return findings;
};
