import { RE2JS } from 're2js';
import type { RedactionPattern } from '../personal-data.js';
import { builtInTypes } from '../personal-data.js';
import type { Detector, Finding } from './detector.js';

const typeName = /^[A-Z][A-Z_]*$/;

function problemOf({ type, pattern }: RedactionPattern): string | null {
  if (!typeName.test(type)) return `type is "${type}": expected capitals and _, such as ORDER_ID`;
  if ((builtInTypes as readonly string[]).includes(type)) return `type is "${type}": that is a built-in type`;
  try {
    return RE2JS.compile(pattern).matches('') ? `pattern is "${pattern}": expected one that needs a character` : null;
  } catch (error) {
    const expected = 'expected a regular expression in RE2 syntax (no back-references, no look-around)';
    return `pattern is "${pattern}": ${expected}: ${(error as Error).message}`;
  }
}

/**
 * Detectors for the patterns of the spec. They run on RE2's automata, so that no pattern can take more than linear time.
 *
 * @throws Error naming every pattern that can't be used
 */
export function customDetectors(patterns: readonly RedactionPattern[]): Detector[] {
  const problems = patterns.flatMap((pattern, index) => {
    const problem = problemOf(pattern);
    return problem === null ? [] : [`data.redaction.patterns.${index}: ${problem}`];
  });
  if (problems.length > 0) throw new Error(problems.join('; '));
  return patterns.map(({ type, pattern }) => {
    const compiled = RE2JS.compile(pattern);
    return (text) => {
      if (!compiled.test(text)) return [];
      const findings: Finding[] = [];
      const matcher = compiled.matcher(text);
      while (matcher.find()) {
        const [start, end] = [matcher.start(), matcher.end()];
        if (end > start) findings.push({ type, start, end, key: text.slice(start, end) });
      }
      return findings;
    };
  });
}
