import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { codeOf, fileError } from '../directory-store/atomic-files.js';
import { type JobFolder, readJson } from './job-folder.js';

const count = z.number().int().min(0);

const progressSchema = z.object({ step: count, totalSteps: count, loss: z.number().nullable() });

const relativePath = z
  .string()
  .min(1)
  .refine((path) => !path.startsWith('/') && !path.split('/').includes('..'), 'expected a path inside the output');

const resultSchema = z.object({
  /** `stopped` where a signal ended it between two steps; a checkpoint of the last step is there. */
  status: z.enum(['completed', 'stopped']),
  steps: count,
  trainLoss: z.number().nullable(),
  validationLoss: z.number().nullable(),
  files: z.array(z.object({ path: relativePath, sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: count })),
  rows: count,
  truncated: count,
  seconds: z.number().min(0),
  /** Of a training by pairs of answers: its loss, by how much the preferred answers lead, and how many of them do. */
  preferences: z
    .object({ loss: z.number().nullable(), margin: z.number().nullable(), accuracy: z.number().nullable() })
    .nullish(),
});
/** What a job's process wrote last, once everything it names was complete. */
export type JobResult = z.infer<typeof resultSchema>;

/** How much of the log's end is read to find the last lines. */
const tailBytes = 16 * 1024;
const tailLines = 20;

export const readProgress = (folder: JobFolder): Promise<z.infer<typeof progressSchema> | null> =>
  readJson({ path: join(folder.output, 'progress.json'), schema: progressSchema });

/** Null until the job's process has ended by itself. */
export const readResult = (folder: Pick<JobFolder, 'output'>): Promise<JobResult | null> =>
  readJson({ path: join(folder.output, 'result.json'), schema: resultSchema });

/** The last lines that the job's process wrote; empty where it wrote none. */
export async function lastLines(folder: JobFolder): Promise<string> {
  try {
    const file = await open(folder.log, 'r');
    try {
      const { size } = await file.stat();
      const start = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
      return buffer
        .subarray(0, bytesRead)
        .toString()
        .trimEnd()
        .split(/\r?\n|\r/)
        .slice(-tailLines)
        .join('\n');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return '';
    throw fileError({ error, what: `reading ${folder.log}` });
  }
}
