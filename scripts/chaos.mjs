import { join } from 'node:path';
import { reportFailure } from './setup/failure.mjs';
import { projectRoot } from './setup/paths.mjs';
import { runScript } from './setup/run-script.mjs';

/** `npm run chaos -- --seed S --releases N [--json]`: whole releases while everything around them breaks. */
try {
  process.exitCode = await runScript({
    file: join(projectRoot, 'test', 'chaos', 'main.ts'),
    args: process.argv.slice(2),
  });
} catch (error) {
  process.exitCode = reportFailure({ error });
}
