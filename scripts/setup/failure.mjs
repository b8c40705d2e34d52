/**
 * A set-up step that cannot go on for a reason that the user can mend; the message says what was found, what was
 * expected and how to mend it. The commands print the message alone and exit with 2.
 */
export class SetupFailure extends Error {
  exitCode = 2;
}

/** Prints a failure for people on stderr and gives the exit code: 2 where the user can mend it; else the error goes on. */
export function reportFailure({ error }) {
  if (!(error instanceof SetupFailure)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  return error.exitCode;
}
