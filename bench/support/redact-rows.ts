import { readFile } from 'node:fs/promises';
import { createRedactor } from '../../src/domain/dataset/redaction/redactor.js';
import type { RedactionPattern } from '../../src/domain/dataset/redaction/personal-data.js';

/** Our redaction in a process of its own, as Presidio's is, over one file of rows; prints its peak memory as JSON. */
const [path] = process.argv.slice(2) as [string];
const { patterns, rows } = JSON.parse(await readFile(path, 'utf8')) as {
  patterns: RedactionPattern[];
  rows: { text: string }[];
};
const redactor = createRedactor({ patterns });
for (const { text } of rows) redactor.redact({ texts: [text] });
process.stdout.write(JSON.stringify({ peakMegabytes: (process.resourceUsage().maxRSS * 1024) / 1e6 }));
