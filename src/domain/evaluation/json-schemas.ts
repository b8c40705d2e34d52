import { Ajv2020, type FuncKeywordDefinition, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import { RE2JS } from 're2js';
import { canonicalJson } from '../release/evidence.js';

/** What a schema makes of a value; an `unchecked` one could not be looked at whole, such as one nested too deeply. */
export type SchemaVerdict =
  { accepted: true } | { accepted: false; unchecked: boolean; /** The first one. */ problem: string };
type SchemaCheck = (value: unknown) => SchemaVerdict;

/** Golden sets use a handful of schemas; a generated one a case must not be kept for ever. */
const kept = 100;
const compiled = new LRUCache<string, SchemaCheck>({ max: kept });

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

/** Ajv holds every item against every other, 10,000 objects for seconds; this takes time in proportion to them. */
const uniqueItems: FuncKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  validate: (isWanted: boolean, items: readonly unknown[]) =>
    !isWanted || new Set(items.map(canonicalJson)).size === items.length,
  error: { message: 'must NOT have duplicate items' },
};

/**
 * What tells whether a value is as a JSON Schema (draft 2020-12, formats included) has it. Patterns are RE2's.
 * @throws Error where the schema is none.
 */
export function compileJsonSchema(schema: boolean | Readonly<Record<string, unknown>>): SchemaCheck {
  const key = canonicalJson(schema);
  const known = compiled.get(key);
  if (known) return known;
  const ajv = new Ajv2020({ strict: false, logger: false, code: { regExp: patternEngine } });
  addFormats.default(ajv);
  ajv.removeKeyword(uniqueItems.keyword as string).addKeyword(uniqueItems);
  const check = checkBy(ajv.compile(schema));
  compiled.set(key, check);
  return check;
}

const checkBy =
  (validate: ValidateFunction): SchemaCheck =>
  (value) => {
    try {
      if (validate(value)) return { accepted: true };
    } catch (error) {
      return { accepted: false, unchecked: true, problem: (error as Error).message };
    }
    const { instancePath = '', message = 'not accepted' } = validate.errors?.[0] ?? {};
    return { accepted: false, unchecked: false, problem: `${instancePath || '(whole)'} ${message}` };
  };
