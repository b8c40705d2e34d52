import { PortError } from '../../activities/ports.js';

/** The store's own folder for half-written files; no key may begin with it. */
export const temporaryFolder = '.tmp';

const versionName = /^@v(\d{1,15})$/;

/** The file name of a version; padded so that people see them in order. */
export const nameOfVersion = (number: number): string => `@v${String(number).padStart(8, '0')}`;

/** The number in a version's file name; null for any other name. */
export function versionOfName(name: string): number | null {
  const match = versionName.exec(name);
  return match ? Number(match[1]) : null;
}

/**
 * Refuses a key that would leave the store's folder or meet the store's own files.
 * Rejects with type `InvalidInput`.
 */
export function checkKey(key: string): string {
  const problem = problemOf(key);
  if (problem)
    throw new PortError('InvalidInput', `store key ${JSON.stringify(key)}: ${problem}; expected names joined by "/"`);
  return key;
}

function problemOf(key: string): string | null {
  if (key === '') return 'is empty';
  if (key.startsWith('/')) return 'is absolute';
  if (/[\0\\]/.test(key)) return 'holds a backslash or a zero byte';
  const names = key.split('/');
  if (names[0] === temporaryFolder) return `begins with the store's own folder ${temporaryFolder}`;
  for (const name of names) {
    if (name === '') return 'holds an empty name';
    if (name === '.' || name === '..') return `holds "${name}"`;
    if (Buffer.byteLength(name) > 255) return 'holds a name longer than 255 bytes';
    if (versionName.test(name)) return `holds "${name}", which is how the store names versions`;
  }
  return null;
}
