import { writeFile } from 'node:fs/promises';
import { makeLabelled } from './labelled.js';

/** Writes test/fixtures/redaction/labelled.jsonl: `node --import tsx test/support/redaction/write-labelled.ts`. */
const lines = (await makeLabelled({ seed: 20_261_121 })).map((one) => `${JSON.stringify(one)}\n`);
await writeFile(new URL('../../fixtures/redaction/labelled.jsonl', import.meta.url), lines.join(''));
