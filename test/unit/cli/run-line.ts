import type { CommandContext, ExitCode } from '../../../src/client/cli/command-context.js';
import { runCommandLine } from '../../../src/client/cli/program.js';
import { readSettings } from '../../../src/config/settings.js';

/** Runs a command line in this process; what it printed where, and its exit code. */
export async function runLine(line: string[], environment: Record<string, string> = {}, typed: string[] = []) {
  const out: string[] = [];
  const said: string[] = [];
  let code: ExitCode | null = null;
  const context: CommandContext = {
    out: (text) => out.push(text),
    say: (text) => said.push(text),
    lines: async function* () {
      yield* typed;
    },
    settings: () => readSettings({ environment }),
    exit: (exit) => {
      code = exit;
    },
  };
  await runCommandLine(line, context);
  const stdout = out.join('');
  return { code, stdout, stderr: said.join('\n'), json: <Value>() => JSON.parse(stdout) as Value };
}
