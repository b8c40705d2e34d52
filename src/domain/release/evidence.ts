import { createHash } from 'node:crypto';

/**
 * The one JSON text of a value: keys in code-unit order, no spaces. Equal values give equal bytes on every machine,
 * so a digest of it can be signed.
 *
 * @throws TypeError, naming the path, for what JSON would silently change: undefined, NaN, infinities, bigint,
 * functions, symbols, and objects that are neither plain nor arrays (Map, Date ...).
 */
export function canonicalJson(value: unknown): string {
  const text = write(value);
  if (text !== null) return text;
  const { path, found } = problemOf({ value, path: '$' })!;
  throw refusal({ path, found });
}

/** SHA-256, in hexadecimal, of a value's canonical JSON. Throws as `canonicalJson` does. */
export const digestOf = (value: unknown): string => sha256Hex(canonicalJson(value));

/** SHA-256, in hexadecimal, of a text's UTF-8 bytes or of bytes. */
export const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

const plainPrototypes: readonly unknown[] = [Object.prototype, null];

const isPlain = (value: object): value is Record<string, unknown> =>
  plainPrototypes.includes(Object.getPrototypeOf(value));

/** Null where something in the value can't be written. */
function write(value: unknown): string | null {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') return Number.isFinite(value) ? JSON.stringify(value) : null;
  if (typeof value !== 'object') return null;
  let text = '';
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const item = write(value[index]);
      if (item === null) return null;
      text += index === 0 ? item : `,${item}`;
    }
    return `[${text}]`;
  }
  if (!isPlain(value)) return null;
  for (const key of Object.keys(value).sort()) {
    const member = write(value[key]);
    if (member === null) return null;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${member}`;
  }
  return `{${text}}`;
}

/** The first thing that can't be written, and where; looked for only once there is one, as most values have none. */
function problemOf({ value, path }: { value: unknown; path: string }): { path: string; found: string } | null {
  if (typeof value !== 'object' || value === null)
    return write(value) === null ? { path, found: typeof value === 'number' ? String(value) : typeof value } : null;
  if (!Array.isArray(value) && !isPlain(value)) return { path, found: value.constructor.name };
  const members = Array.isArray(value)
    ? Array.from(value, (item: unknown, index) => ({ value: item, path: `${path}[${index}]` }))
    : Object.keys(value)
        .sort()
        .map((key) => ({ value: value[key], path: `${path}.${key}` }));
  for (const member of members) {
    const problem = problemOf(member);
    if (problem !== null) return problem;
  }
  return null;
}

const refusal = ({ path, found }: { path: string; found: string }): TypeError =>
  new TypeError(
    `${path} is ${found}: expected null, a boolean, a finite number, a string, an array or a plain object; ` +
      'use null for what is not there',
  );
