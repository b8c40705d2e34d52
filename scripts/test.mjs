import { reportFailure } from './setup/failure.mjs';
import { runTests } from './setup/mocha.mjs';

try {
  process.exitCode = await runTests({
    files: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    ignore: ['test/long/**', '**/node_modules/**'],
    args: process.argv.slice(2),
  });
} catch (error) {
  process.exitCode = reportFailure({ error });
}
