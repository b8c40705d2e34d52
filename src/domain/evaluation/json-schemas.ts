import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { canonicalJson } from '../release/evidence.js';

/** Golden sets use a handful of schemas; a generated one a case must not be kept for ever. */
const kept = 100;
const compiled = new LRUCache<string, ValidateFunction>({ max: kept });

/**
 * Ajv's own engine of patterns takes exponential time for some (`^(a+)+$`), and what it reads is a model's answer. This one
 * takes linear time, and refuses what can't be had in it, such as look-ahead.
 */
const patternEngine = Object.assign(
  (pattern: string) => {
    const compiledPattern = RE2JS.compile(RE2JS.translateRegExp(pattern));
    const test = (text: string): boolean => compiledPattern.matcher(text).find();
    // Ajv tells patterns apart by their text.
    return { test, toString: () => pattern };
  },
  { code: 're2js' },
);

/**
 * A validator of a JSON Schema (draft 2020-12, formats included), the first problem only. Patterns are RE2's.
 * @throws Error where the schema is none.
 */
export function compileJsonSchema(schema: boolean | Readonly<Record<string, unknown>>): ValidateFunction {
  const key = canonicalJson(schema);
  const known = compiled.get(key);
  if (known) return known;
  const ajv = new Ajv2020({ strict: false, logger: false, code: { regExp: patternEngine } });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  compiled.set(key, validate);
  return validate;
}
