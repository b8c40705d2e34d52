import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

const isSource = import.meta.url.endsWith('.ts');

/**
 * Opens a thread. Run from its source, a thread has to be told of the loader, which only the first thread of a process
 * gets by itself.
 * @param entry URL of the thread's module without its ending.
 */
export function openThread({ entry, options }: { entry: URL; options: WorkerOptions }): Worker {
  if (!isSource) return new Worker(new URL(`${entry.href}.js`), options);
  const required = createRequire(import.meta.url).resolve('tsx/esm/api');
  const tsx = pathToFileURL(required.replace(/\.cjs$/, '.mjs')).href;
  const [loader, module] = [tsx, `${entry.href}.ts`].map((url) => JSON.stringify(url));
  return new Worker(`import(${loader}).then(({ register }) => (register(), import(${module})))`, {
    ...options,
    eval: true,
  });
}
