import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { projectRoot } from './setup/paths.mjs';

/**
 * Bundles the compiled workflows once, so that a worker starts without doing it itself: as they are, and with failures
 * that a payload codec can encrypt.
 */
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn: console.error, error: console.error };
const dist = join(projectRoot, 'dist');
const { workflowSource } = await import(join(dist, 'workers', 'workflow-code.js'));
const failureConverterPath = join(dist, 'adapters', 'payload-codec', 'failure-converter.js');
for (const [name, options] of [
  ['workflow-bundle', {}],
  ['workflow-bundle-encrypted', { failureConverterPath }],
]) {
  const { code } = await bundleWorkflowCode({ ...workflowSource(), logger: silent, ...options });
  const file = join(dist, `${name}.js`);
  await writeFile(`${file}.new`, code);
  await rename(`${file}.new`, file);
}
