import { findAddresses } from './detectors/address.js';
import { findCards } from './detectors/card.js';
import { customDetectors } from './detectors/custom-patterns.js';
import type { Detector, Finding } from './detectors/detector.js';
import { findEmails } from './detectors/email.js';
import { findIbans } from './detectors/iban.js';
import { findIpAddresses } from './detectors/ip.js';
import { findPhones } from './detectors/phone.js';
import { builtInTypes, type PersonalData, type RedactionPattern, type Redactor } from './personal-data.js';
import { createNumbering, stretchesOf } from './placeholders.js';

const cardDigits = 14;
const ibanDigits = 4;
const phoneDigits = 7;

const digitsIn = (text: string): number => {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 48 && code <= 57) count += 1;
  }
  return count;
};

/** The built-in detectors that can find anything at all; the first of two that overlap wins. */
function builtInDetectors(text: string): Detector[] {
  const digits = digitsIn(text);
  const detectors: Detector[] = [];
  if (text.includes('@') || /[([{]/.test(text)) detectors.push(findEmails);
  if (digits >= ibanDigits) detectors.push(findIbans);
  if (digits >= cardDigits) detectors.push(findCards);
  if (digits > 0) detectors.push(findIpAddresses);
  if (digits >= phoneDigits) detectors.push(findPhones);
  if (digits > 0) detectors.push(findAddresses);
  return detectors;
}

/** Findings that don't overlap, in the order of the text: earlier lists win, within a list the longer finding. */
function withoutOverlaps({ found, length }: { found: readonly Finding[][]; length: number }): Finding[] {
  if (found.every((findings) => findings.length === 0)) return [];
  const taken = new Uint8Array(length);
  const kept: Finding[] = [];
  for (const findings of found) {
    for (const finding of [...findings].sort((one, other) => other.end - other.start - (one.end - one.start))) {
      if (taken[finding.start] === 1 || taken[finding.end - 1] === 1) continue;
      taken.fill(1, finding.start, finding.end);
      kept.push(finding);
    }
  }
  return kept.sort((one, other) => one.start - other.start);
}

/**
 * All findings between `start` and `end`, which hold no placeholder. What lies between two findings is looked at again
 * by itself, as a second redaction would see it: that is what makes redaction idempotent.
 */
function findAll({
  text,
  start,
  end,
  custom,
}: {
  text: string;
  start: number;
  end: number;
  custom: readonly Detector[];
}): Finding[] {
  const stretch = text.slice(start, end);
  const detectors = [...custom, ...builtInDetectors(stretch)];
  const found = withoutOverlaps({ found: detectors.map((detector) => detector(stretch)), length: stretch.length });
  if (found.length === 0) return [];
  const moved = found.map((one) => ({ ...one, start: one.start + start, end: one.end + start }));
  const between = moved.flatMap((one, index) =>
    findAll({ text, start: index === 0 ? start : moved[index - 1]!.end, end: one.start, custom }),
  );
  return [...moved, ...between, ...findAll({ text, start: moved.at(-1)!.end, end, custom })].sort(
    (one, other) => one.start - other.start,
  );
}

/**
 * Makes a redactor that replaces e-mail addresses, phone, card and bank account numbers, IP and postal addresses and
 * what the given patterns match by typed placeholders such as `[EMAIL_1]`. Names are not looked for.
 *
 * @throws Error naming every pattern that can't be used
 */
export function createRedactor({ patterns }: { patterns: readonly RedactionPattern[] }): Redactor {
  const custom = customDetectors(patterns);
  const types = new Set<string>([...builtInTypes, ...patterns.map(({ type }) => type)]);
  const findingsIn = (text: string): Finding[] =>
    stretchesOf({ text, types }).flatMap(({ start, end, isPlaceholder }) =>
      isPlaceholder ? [] : findAll({ text, start, end, custom }),
    );
  return {
    redact: ({ texts }) => {
      const numbering = createNumbering({ texts });
      const found: PersonalData[] = [];
      const redacted = texts.map((text, index) => {
        const findings = findingsIn(text);
        if (findings.length === 0) return text;
        let result = '';
        let from = 0;
        for (const { type, start, end, key } of findings) {
          const placeholder = numbering({ type, key });
          found.push({ type, text: index, start, end, placeholder });
          result += text.slice(from, start) + placeholder;
          from = end;
        }
        return result + text.slice(from);
      });
      return { texts: redacted, found };
    },
  };
}
