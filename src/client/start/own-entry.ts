import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Root of the project: this file lies three folders under it, in src as in dist. */
export const projectRoot = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

const runsFromSource = import.meta.url.endsWith('.ts');

/**
 * How to run one of our own programs, such as `workers/main`, with the Node that runs this: the built file, or the
 * source through tsx where this itself runs from source.
 */
export function ownEntry(name: string): { command: string; arguments: string[] } {
  const file = fileURLToPath(new URL(`../../${name}${runsFromSource ? '.ts' : '.js'}`, import.meta.url));
  if (!runsFromSource) return { command: process.execPath, arguments: [file] };
  // By its place: the program may run in another folder.
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { command: process.execPath, arguments: ['--import', loader, file] };
}
