import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { LRUCache } from 'lru-cache';
import { canonicalJson } from '../release/evidence.js';

/** Golden sets use a handful of schemas; a generated one a case must not be kept for ever. */
const kept = 100;
const compiled = new LRUCache<string, ValidateFunction>({ max: kept });

/**
 * A validator of a JSON Schema (draft 2020-12, formats included), the first problem only.
 * @throws Error where the schema is none.
 */
export function compileJsonSchema(schema: boolean | Readonly<Record<string, unknown>>): ValidateFunction {
  const key = canonicalJson(schema);
  const known = compiled.get(key);
  if (known) return known;
  const ajv = new Ajv2020({ strict: false, logger: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  compiled.set(key, validate);
  return validate;
}
