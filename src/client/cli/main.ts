#!/usr/bin/env node
import { processContext } from './command-context.js';
import { runCommandLine } from './program.js';

// A terminal or reader that is gone must not keep a stop from going through.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

await runCommandLine(process.argv.slice(2), processContext);
