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
const failureConverterPath = join(dist, 'adapters', 'payload-codec', 'failure-converter.js');
for (const [name, options] of [
  ['workflow-bundle', {}],
  ['workflow-bundle-encrypted', { failureConverterPath }],
]) {
  const workflowsPath = join(dist, 'workflows', 'index.js');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: silent, ...options });
  const file = join(dist, `${name}.js`);
  await writeFile(`${file}.new`, code);
  await rename(`${file}.new`, file);
}
