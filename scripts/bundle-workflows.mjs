import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { projectRoot } from './setup/paths.mjs';

/** Bundles the compiled workflows once, so that a worker starts without doing it itself. */
const silent = { log() {}, trace() {}, debug() {}, info() {}, warn: console.error, error: console.error };
const { code } = await bundleWorkflowCode({
  workflowsPath: join(projectRoot, 'dist', 'workflows', 'index.js'),
  logger: silent,
});
const file = join(projectRoot, 'dist', 'workflow-bundle.js');
await writeFile(`${file}.new`, code);
await rename(`${file}.new`, file);
