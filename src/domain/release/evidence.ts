import { createHash } from 'node:crypto';

/**
 * The one JSON text of a value: keys in code-unit order, no spaces. Equal values give equal bytes on every machine,
 * so a digest of it can be signed.
 *
 * @throws TypeError, naming the path, for what JSON would silently change: undefined, NaN, infinities, bigint,
 * functions, symbols, and objects that are neither plain nor arrays (Map, Date ...).
 */
export function canonicalJson(value: unknown): string {
  return write({ value, path: '$' });
}

/** SHA-256, in hexadecimal, of a value's canonical JSON. Throws as `canonicalJson` does. */
export const digestOf = (value: unknown): string => sha256Hex(canonicalJson(value));

/** SHA-256, in hexadecimal, of a text's UTF-8 bytes or of bytes. */
export const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

const plainPrototypes: readonly unknown[] = [Object.prototype, null];

function write({ value, path }: { value: unknown; path: string }): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return JSON.stringify(value);
    throw refusal({ path, found: String(value) });
  }
  if (Array.isArray(value)) {
    const items = Array.from(value, (item: unknown, index) => write({ value: item, path: `${path}[${index}]` }));
    return `[${items.join(',')}]`;
  }
  if (typeof value === 'object' && plainPrototypes.includes(Object.getPrototypeOf(value))) {
    const fields = value as Record<string, unknown>;
    const members = Object.keys(fields)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${write({ value: fields[key], path: `${path}.${key}` })}`);
    return `{${members.join(',')}}`;
  }
  throw refusal({ path, found: typeof value === 'object' ? value.constructor.name : typeof value });
}

const refusal = ({ path, found }: { path: string; found: string }): TypeError =>
  new TypeError(
    `${path} is ${found}: expected null, a boolean, a finite number, a string, an array or a plain object; ` +
      'use null for what is not there',
  );
