/**
 * What Lambda's own runtime does with a function: loads the module, calls its handler with each event. Events come as JSON
 * lines; for each stands the answer's status on stdout, with the milliseconds since this process began.
 */
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { handler } = await import(pathToFileURL(process.argv[2]).href);
const loaded = performance.now();
for await (const line of createInterface({ input: process.stdin })) {
  const began = performance.now();
  const { statusCode } = await handler(JSON.parse(line), {});
  const ended = performance.now();
  process.stdout.write(
    `${JSON.stringify({ statusCode, loaded, took: ended - began, since: ended, cpu: process.cpuUsage() })}\n`,
  );
}
