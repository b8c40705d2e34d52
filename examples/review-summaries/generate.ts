import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { exampleFiles } from './generator/files.js';

/** Writes the example's reviews, summaries and golden sets: `npx tsx examples/review-summaries/generate.ts`. */
const folder = path.dirname(fileURLToPath(import.meta.url));
for (const [name, text] of exampleFiles()) {
  const file = path.join(folder, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}
