import { reportFailure } from './setup/failure.mjs';
import { runTests } from './setup/mocha.mjs';

const workflows = 'test/workflows/**/*.test.ts';

try {
  process.exitCode = await runTests({
    groups: [
      {
        files: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
        ignore: ['test/long/**', workflows, '**/node_modules/**'],
      },
      // What hundreds of workers and gateways leave in a process makes workflows ten times slower in it.
      { files: [workflows], ignore: [] },
    ],
    args: process.argv.slice(2),
  });
} catch (error) {
  process.exitCode = reportFailure({ error });
}
