import { z } from 'zod';
import { integer } from './common.js';

export const artifactList = z.object({
  files: z
    .array(z.object({ path: z.string(), is_dir: z.boolean().default(false), file_size: integer.default(0) }))
    .default([]),
});

/** One entry of a listing. */
export interface ArtifactEntry {
  /** Below the run's artifacts, e.g. `evaluation/scores.json`. */
  path: string;
  isDirectory: boolean;
  /** Bytes; 0 for a directory. */
  size: number;
}
