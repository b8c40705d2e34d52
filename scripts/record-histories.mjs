import { join } from 'node:path';
import { reportFailure } from './setup/failure.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runScript } from './setup/run-script.mjs';

try {
  process.exitCode = await runScript({
    file: join(projectRoot, 'test', 'replay', 'record-histories.ts'),
    args: process.argv.slice(2),
  });
} catch (error) {
  process.exitCode = reportFailure({ error });
}
