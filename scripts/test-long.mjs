import { reportFailure } from './setup/failure.mjs';
import { runTests } from './setup/mocha.mjs';

try {
  process.exitCode = await runTests({
    groups: [{ files: ['test/long/**/*.test.ts'], ignore: [] }],
    args: process.argv.slice(2),
  });
} catch (error) {
  process.exitCode = reportFailure({ error });
}
