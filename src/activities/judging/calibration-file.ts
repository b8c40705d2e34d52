import { z } from 'zod';
import { storeKeys } from '../../contracts/store-keys.js';
import type { ArtifactRef } from '../../domain/artifact-ref.js';
import {
  calibrateJudge,
  calibrationRowSchema,
  type JudgeCalibration,
} from '../../domain/evaluation/judge-calibration.js';
import { canonicalJson } from '../../domain/release/evidence.js';
import { PortError, type ArtifactStore } from '../ports.js';

/**
 * `judge/calibrations/<metric>/<digest of the judge>.json`: what people and a judge said of the same answers. What
 * follows from it is computed anew at each use, so that the labels are the only truth.
 */
export const calibrationFileSchema = z.object({
  version: z.literal(1),
  /** The models as `judgeNameOf` names them. */
  judge: z.string().min(1),
  metric: z.string().min(1),
  rubricDigest: z.string().min(1),
  calibratedAt: z.iso.datetime(),
  expires: z.iso.datetime(),
  /** From here on a rating is a yes, on the metric's scale. */
  passAt: z.number(),
  /** Whether ratings have an order, such as 1 to 5. */
  ordered: z.boolean(),
  seed: z.number().int(),
  rows: z.array(calibrationRowSchema).min(1),
});
export type CalibrationFile = z.infer<typeof calibrationFileSchema>;

export interface StoredCalibration {
  file: CalibrationFile;
  calibration: JudgeCalibration;
  ref: ArtifactRef;
}

/** Stores a judge's calibration; one of the same judge and metric is replaced. */
export const saveCalibration = async ({
  store,
  file,
}: {
  store: Pick<ArtifactStore, 'put'>;
  file: CalibrationFile;
}): Promise<ArtifactRef> =>
  await store.put({ key: storeKeys.judgeCalibration(file), body: Buffer.from(canonicalJson(file)) });

/**
 * The newest calibration of a judge for a metric; null where it was never calibrated.
 * @throws PortError `InvalidInput` where the file can't be read, naming its key.
 */
export async function loadCalibration({
  store,
  judge,
  metric,
}: {
  store: Pick<ArtifactStore, 'get'>;
  judge: string;
  metric: string;
}): Promise<StoredCalibration | null> {
  const key = storeKeys.judgeCalibration({ judge, metric });
  const stored = await store.get({ key });
  if (stored === null) return null;
  const file = readFile({ key, body: stored.body });
  const { rubricDigest, expires, passAt, ordered, seed, rows } = file;
  const calibration = calibrateJudge({ judge, metric, rubricDigest, expires, passAt, ordered, seed, rows });
  return { file, calibration, ref: stored.ref };
}

function readFile({ key, body }: { key: string; body: Uint8Array }): CalibrationFile {
  const mend = 'run understudy judge calibrate again';
  try {
    const read = calibrationFileSchema.safeParse(JSON.parse(Buffer.from(body).toString('utf8')));
    if (read.success) return read.data;
    const problems = read.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`);
    throw new PortError('InvalidInput', `${key}: ${problems.join('; ')}; ${mend}`);
  } catch (error) {
    if (error instanceof PortError) throw error;
    throw new PortError('InvalidInput', `${key}: expected JSON (${(error as Error).message}); ${mend}`);
  }
}
