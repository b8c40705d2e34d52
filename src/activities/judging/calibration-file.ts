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
import { loadVerified } from '../specifications.js';
import { linesOf } from '../stored-json.js';

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
 * The calibration of a judge for a metric: of the file that the spec names, where it names one, else the newest of the
 * store. Null where there is none.
 * @throws PortError `InvalidInput` where a file can't be read, naming it; as `loadVerified` where the spec's is another.
 */
export async function loadCalibration({
  store,
  judge,
  metric,
  named = null,
}: {
  store: Pick<ArtifactStore, 'get'>;
  judge: string;
  metric: string;
  /** What the spec names. */
  named?: ArtifactRef | null;
}): Promise<StoredCalibration | null> {
  const found = named
    ? await calibrationNamed({ store, judge, metric, named })
    : await newestCalibration({ store, judge, metric });
  if (found === null) return null;
  const { rubricDigest, expires, passAt, ordered, seed, rows } = found.file;
  const calibration = calibrateJudge({ judge, metric, rubricDigest, expires, passAt, ordered, seed, rows });
  return { ...found, calibration };
}

interface Wanted {
  store: Pick<ArtifactStore, 'get'>;
  judge: string;
  metric: string;
}

async function newestCalibration({
  store,
  judge,
  metric,
}: Wanted): Promise<Omit<StoredCalibration, 'calibration'> | null> {
  const key = storeKeys.judgeCalibration({ judge, metric });
  const stored = await store.get({ key });
  if (stored === null) return null;
  return { file: readCalibration({ name: key, text: Buffer.from(stored.body).toString('utf8') }), ref: stored.ref };
}

async function calibrationNamed({
  store,
  judge,
  metric,
  named,
}: Wanted & { named: ArtifactRef }): Promise<Omit<StoredCalibration, 'calibration'> | null> {
  const files = readCalibrations({ name: named.uri, body: await loadVerified({ store, ref: named }) });
  const file = files.find((one) => one.judge === judge && one.metric === metric);
  return file ? { file, ref: named } : null;
}

/**
 * A file of calibrations, one a line, as `judge calibrate --out` writes it.
 * @throws PortError `InvalidInput` with every problem of the first line that is none, and for two of one judge and metric.
 */
export function readCalibrations({ name, body }: { name: string; body: Uint8Array }): CalibrationFile[] {
  const files = [...linesOf(body)].map((text, index) => readCalibration({ name: `${name}:${index + 1}`, text }));
  if (files.length === 0) throw new PortError('InvalidInput', `${name}: expected calibrations, found none; ${mend}`);
  const seen = new Set<string>();
  for (const { judge, metric } of files) {
    const one = `${judge} on ${metric}`;
    if (seen.has(one)) throw new PortError('InvalidInput', `${name}: ${one} is there twice; remove one of the lines`);
    seen.add(one);
  }
  return files;
}

/** The lines of such a file with another calibration in it, in the place of one of the same judge and metric. */
export const withCalibration = ({
  files,
  added,
}: {
  files: readonly CalibrationFile[];
  added: CalibrationFile;
}): string =>
  [...files.filter(({ judge, metric }) => judge !== added.judge || metric !== added.metric), added]
    .map((one) => `${canonicalJson(one)}\n`)
    .sort()
    .join('');

const mend = 'run understudy judge calibrate again';

function readCalibration({ name, text }: { name: string; text: string }): CalibrationFile {
  try {
    const read = calibrationFileSchema.safeParse(JSON.parse(text));
    if (read.success) return read.data;
    const problems = read.error.issues.map((one) => `${one.path.join('.')}: ${one.message}`);
    throw new PortError('InvalidInput', `${name}: ${problems.join('; ')}; ${mend}`);
  } catch (error) {
    if (error instanceof PortError) throw error;
    throw new PortError('InvalidInput', `${name}: expected JSON (${(error as Error).message}); ${mend}`);
  }
}
